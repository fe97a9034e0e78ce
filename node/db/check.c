/* Everything that is kept by increments is computed again from the entries alone, by the plainest
 * means: hashes and verdicts entry by entry, tips by listing who is a parent, state by the fold.
 * Slow on purpose; what it says must not rest on the code that it checks. */
#include <stdio.h>

#include "crdt/fold.h"
#include "node/db/local.h"
#include "node/db/repair.h"
#include "node/db/revoke.h"
#include "node/db/state_rows.h"

typedef struct check {
    eid_at at;
    eid_id root;
    bool strict;
    uint32_t database;
    const eid_graph *graph;
    eid_revocations *history; /* NULL if the database is not enforced */
    eid_order all;            /* every entry of the tree */
    eid_buf *report;
    uint64_t findings;
} check;

static void check_say(check *self, const char *what, eid_slice name, const char *text)
{
    self->findings++;
    eid_buf_append_format(self->report, "%s %.*s: %s\n", what, EID_SLICE_ARG(name), text);
}

static void check_say_entry(check *self, const eid_id *id, const char *text)
{
    check_say(self, "entry", eid_slice_text(eid_id_str(id)), text);
}

/* -- entries ----------------------------------------------------------------------------------- */

static eid_status check_verdict(check *self, const eid_entry *entry, eid_verdict stored)
{
    char text[160];
    eid_verdict verdict;
    bool is_ours = false;
    const char *reason = NULL;
    eid_status status = eid_verify_explain(&self->at, entry, self->strict, &verdict, &reason);

    if (status != EID_OK || verdict == stored) return status;
    if (stored == EID_VERIFIED) {
        status = eid__repair_has(self->at.kv, eid_entry_tree(entry), eid_entry_id(entry), &is_ours);
        if (status != EID_OK || is_ours) return status;
    }
    snprintf(text, sizeof(text), "is stored as %s, but should be %s%s%s", eid_verdict_name(stored),
             eid_verdict_name(verdict), reason != NULL ? ": " : "", reason != NULL ? reason : "");
    check_say_entry(self, eid_entry_id(entry), text);
    return EID_OK;
}

/* Whether the mark is what the rule says, with all ancestors walked. */
static eid_status check_void(check *self, const eid_entry *entry, eid_verdict stored)
{
    eid_revocation_answer answer = {.is_void = false};
    bool is_void;
    eid_status status = eid_index_is_void(&self->at, self->database, eid_entry_id(entry), &is_void);

    if (status == EID_OK && stored == EID_VERIFIED && self->history != NULL) {
        status = eid__revoke_judge(&self->at, &self->root, self->history, entry, &answer);
    }
    if (status == EID_OK && is_void != answer.is_void) {
        check_say_entry(self, eid_entry_id(entry),
                        is_void ? "is marked void, but should count" : "should be marked void");
    }
    return status;
}

static eid_status check_entry(check *self, const eid_order_item *item, eid_verdict stored)
{
    eid_entry *entry = NULL;
    eid_status status = eid_index_entry(&self->at, &item->id, &entry); /* hashes it */

    if (status == EID_E_NOT_FOUND || status == EID_E_CORRUPT) {
        check_say_entry(self, &item->id, "cannot be read, or its bytes are not its own");
        return EID_OK;
    }
    if (status != EID_OK) return status;
    if (eid_entry_height(entry) != item->height) {
        check_say_entry(self, &item->id, "is listed under another height");
    }
    if (!eid_id_equal(eid_entry_tree(entry), &self->root)) {
        check_say_entry(self, &item->id, "is of another database");
    } else {
        status = check_verdict(self, entry, stored);
        if (status == EID_OK) status = check_void(self, entry, stored);
    }
    eid_entry_free(entry);
    return status;
}

static eid_status check_entries(check *self)
{
    eid_index_scan *scan = NULL;
    eid_order_item item;
    eid_verdict verdict;
    eid_status status = eid_index_scan_new(&self->at, &self->root, &scan);

    if (status != EID_OK) return status;
    for (;;) {
        status = eid_index_scan_next(scan, &item, &verdict);
        if (status != EID_OK) break;
        status = eid_order_push(&self->all, item.height, &item.id);
        if (status == EID_OK) status = check_entry(self, &item, verdict);
        if (status != EID_OK) break;
    }
    eid_index_scan_free(scan);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* -- tips -------------------------------------------------------------------------------------- */

/* Whether an entry counts at a level, and what it lists as parents in a store (EMPTY = the tree).
 */
static eid_status check_node(check *self, const eid_id *id, eid_level level, eid_slice store,
                             bool *counts, eid_ids *parents)
{
    eid_index_info info;
    eid_node node;
    eid_status status = eid_index_find(&self->at, id, &info);

    if (status == EID_OK) status = self->graph->find(self->graph->self, id, store, &node);
    *counts = false;
    if (status == EID_E_NOT_FOUND) return EID_OK; /* reported before */
    if (status != EID_OK) return status;
    *counts = (level == EID_LEVEL_RAW || info.verdict == EID_VERIFIED) &&
              (store.len == 0 || node.in_store);
    *parents = store.len == 0 ? node.parents : node.store_parents;
    return EID_OK;
}

static eid_status check_collect_parents(check *self, eid_level level, eid_slice store,
                                        eid_visited *out)
{
    for (size_t i = 0; i < self->all.count; i++) {
        eid_ids parents = {NULL, 0};
        bool counts, is_new;
        eid_status status = check_node(self, &self->all.at[i].id, level, store, &counts, &parents);

        if (status != EID_OK) return status;
        for (size_t p = 0; counts && p < parents.count && status == EID_OK; p++) {
            status = eid_visited_add(out, &parents.at[p], &is_new);
        }
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

static eid_status check_collect_tips(check *self, eid_level level, eid_slice store,
                                     const eid_visited *parents, eid_idset *out)
{
    for (size_t i = 0; i < self->all.count; i++) {
        const eid_id *id = &self->all.at[i].id;
        eid_ids own;
        bool counts;
        eid_status status = check_node(self, id, level, store, &counts, &own);

        if (status == EID_OK && counts && !eid_visited_has(parents, id)) {
            status = eid_idset_add(out, id);
        }
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

static eid_status check_tips(check *self, eid_level level, eid_slice store)
{
    const char *text = level == EID_LEVEL_RAW ? "its tips are not those of a full walk"
                                              : "its visible tips are not those of a full walk";
    eid_visited *parents = NULL;
    eid_idset tips = EID_IDSET_EMPTY, kept = EID_IDSET_EMPTY;
    eid_status status = eid_visited_new(&parents);

    if (status != EID_OK) return status;
    status = check_collect_parents(self, level, store, parents);
    if (status != EID_OK) goto done;
    status = check_collect_tips(self, level, store, parents, &tips);
    if (status != EID_OK) goto done;
    status = eid_index_tips(&self->at, &self->root, level, store, &kept);
    if (status == EID_OK && !eid_idset_equal(&tips, &kept)) {
        check_say(self, store.len == 0 ? "database" : "store",
                  store.len == 0 ? eid_slice_text(eid_id_str(&self->root)) : store, text);
    }

done:
    eid_visited_free(parents);
    eid_idset_fini(&tips);
    eid_idset_fini(&kept);
    return status;
}

/* -- state ------------------------------------------------------------------------------------- */

/* The fold of all visible entries; *is_doc false if one of them is no document. */
static eid_status check_fold(check *self, eid_slice store, eid_doc *state, bool *is_doc)
{
    eid_order order = EID_ORDER_EMPTY;
    eid_status status = eid_index_store_entries(&self->at, &self->root, store, true, &order);

    *is_doc = true;
    for (size_t i = 0; i < order.count && status == EID_OK && *is_doc; i++) {
        const eid_subtree *subtree;
        eid_entry *entry = NULL;
        bool is_void;

        status = eid_index_is_void(&self->at, self->database, &order.at[i].id, &is_void);
        if (status != EID_OK || is_void) continue;
        status = eid_index_entry(&self->at, &order.at[i].id, &entry);
        if (status != EID_OK) break;
        subtree = eid_entry_find_subtree(entry, store);
        if (subtree != NULL && subtree->has_data && subtree->data.len > 0) {
            status = eid_fold_payload(state, subtree->data);
        }
        if (status == EID_E_MALFORMED || status == EID_E_TOO_BIG) {
            *is_doc = false;
            status = EID_OK;
        }
        eid_entry_free(entry);
    }
    eid_order_fini(&order);
    return status;
}

/* What is kept of the store; an empty Doc if nothing is. */
static eid_status check_kept(check *self, eid_slice store, bool *is_opaque, eid_doc **out)
{
    eid__state_rows rows;
    uint32_t number;
    eid_status status = eid_index_store_number_find(&self->at, self->database, store, &number);

    *is_opaque = false;
    if (status == EID_E_NOT_FOUND) return eid_doc_new(out);
    if (status == EID_OK) {
        status = eid__state_is_opaque(&self->at, self->database, number, is_opaque);
    }
    if (status != EID_OK) return status;
    eid__state_rows_init(&rows, &self->at, self->database, number);
    status = eid_state_read(&rows.rows, out);
    eid__state_rows_fini(&rows);
    return status;
}

static eid_status check_state(check *self, eid_slice store)
{
    eid_doc *state = NULL, *kept = NULL;
    bool is_doc, is_opaque;
    eid_status status = eid_doc_new(&state);

    if (status != EID_OK || eid_slice_is(store, EID_STORE_ROOT)) goto done;
    status = check_fold(self, store, state, &is_doc);
    if (status != EID_OK) goto done;
    status = check_kept(self, store, &is_opaque, &kept);
    if (status != EID_OK) goto done;
    if (!is_doc && !is_opaque) check_say(self, "store", store, "holds what is no document");
    if (is_doc && !is_opaque && !eid_doc_equal(state, kept)) {
        check_say(self, "store", store, "its state is not the fold of its entries");
    }

done:
    eid_doc_free(state);
    eid_doc_free(kept);
    return status;
}

static eid_status check_store(void *arg, eid_slice name)
{
    check *self = arg;
    eid_status status = check_tips(self, EID_LEVEL_RAW, name);

    if (status == EID_OK) status = check_tips(self, EID_LEVEL_VISIBLE, name);
    return status == EID_OK ? check_state(self, name) : status;
}

static eid_status check_all(check *self)
{
    bool is_enforced;
    eid_status status = eid_index_database(&self->at, &self->root, &self->database);

    if (status == EID_OK) status = eid__revoke_is_enforced(&self->at, &self->root, &is_enforced);
    if (status == EID_OK && is_enforced) {
        status = eid__revoke_load(&self->at, &self->root, &self->history);
    }
    if (status == EID_OK) status = check_entries(self);
    if (status == EID_OK) status = check_tips(self, EID_LEVEL_RAW, EID_SLICE_EMPTY);
    if (status == EID_OK) status = check_tips(self, EID_LEVEL_VISIBLE, EID_SLICE_EMPTY);
    if (status != EID_OK) return status;
    return eid_index_stores(&self->at, &self->root, check_store, self);
}

eid_status eid__check(eid_engine *engine, const eid_id *root, eid_buf *report, uint64_t *findings)
{
    check self = {.at = {.kv = engine->kv}, .root = *root, .report = report};
    eid_kv_view *view = NULL;
    eid_index_graph *graph = NULL;
    eid_status status = eid_kv_view_new(engine->kv, &view);

    *findings = 0;
    if (status != EID_OK) return status;
    self.at.view = view;
    status = eid__option_get(engine->kv, root, EID__OPTION_STRICT, true, &self.strict);
    if (status == EID_OK) status = eid_index_graph_new(&self.at, root, &graph);
    if (status == EID_OK) {
        self.graph = eid_index_graph_source(graph);
        status = check_all(&self);
    }
    *findings = self.findings;
    eid_order_fini(&self.all);
    eid_revocations_free(self.history);
    eid_index_graph_free(graph);
    eid_kv_view_free(engine->kv, view);
    return status;
}
