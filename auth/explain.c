/* The verdict comes from the pass itself, so that an explanation cannot disagree with it. The
 * records are found beside it: a record is atomic, so who decided is who wrote it last in the order
 * in which settings are merged. */
#include "auth/explain.h"

#include <stdio.h>

#include "auth/delegate.h"
#include "auth/verify_parts.h"
#include "crdt/payload.h"
#include "dag/alloc.h"

#define EXPLAIN_POLICIES 8u
#define EXPLAIN_PATH_MAX 512u

typedef struct explaining {
    const eid_at *at;
    const eid_entry *entry;
    eid_policy_cache *cache;
    bool strict;
    eid_explanation *out;
} explaining;

void eid_explanation_fini(eid_explanation *explanation)
{
    for (size_t i = 0; i < explanation->record_count; i++) eid_free(explanation->records[i].path);
    eid_idset_fini(&explanation->pin);
    *explanation = (eid_explanation){.pin = EID_IDSET_EMPTY};
}

/* -- who wrote a record last ------------------------------------------------------------------- */

/* Whether a payload writes what is at `path`, or replaces something above it as a whole. */
static bool explain_writes(const eid_doc *doc, const eid_slice *path, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const eid_value *value = eid_doc_child(doc, path[i]);

        if (!value) return false;
        if (i + 1 == count || value->type != EID_VALUE_DOC) return true;
        doc = value->doc;
        if (eid_doc_is_atomic(doc)) return true;
    }
    return false;
}

static eid_status explain_entry_writes(const eid_at *at, const eid_id *id, const eid_slice *path,
                                       size_t count, bool *out)
{
    eid_entry *entry = NULL;
    eid_doc *doc = NULL;
    const eid_subtree *store;
    eid_status status = eid__verifier_entry(at, id, &entry);

    *out = false;
    if (status != EID_OK) return status;
    store = eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS));
    if (store && store->has_data) status = eid_payload_read_doc(store->data, &doc);
    if (status == EID_OK && doc) *out = explain_writes(doc, path, count);
    eid_doc_free(doc);
    eid_entry_free(entry);
    return status == EID_E_NO_MEMORY ? status : EID_OK; /* others explain themselves */
}

static eid_status explain_find_writer(const eid_at *at, const eid_slice *path, size_t count,
                                      eid_ids tips, eid_explain_record *out)
{
    eid_index_graph *graph = NULL;
    eid_order order = EID_ORDER_EMPTY;
    eid_status status = eid_index_graph_new(at, &out->database, &graph);

    if (status == EID_OK) {
        status = eid_graph_store_closure(eid_index_graph_source(graph),
                                         eid_slice_text(EID_STORE_SETTINGS), tips, &order, NULL);
    }
    for (size_t i = order.count; status == EID_OK && i > 0 && !out->has_entry; i--) {
        out->entry = order.at[i - 1].id;
        status = explain_entry_writes(at, &out->entry, path, count, &out->has_entry);
    }
    eid_order_fini(&order);
    eid_index_graph_free(graph);
    return status;
}

/* Add `auth.<part>.<name>` (name may be empty) of a database, as of some settings tips. */
static eid_status explain_add(explaining *self, const eid_id *database, const char *part,
                              eid_slice name, eid_ids tips)
{
    const eid_slice path[] = {eid_slice_text("auth"), eid_slice_text(part), name};
    eid_explanation *out = self->out;
    eid_explain_record *record = &out->records[out->record_count];
    char text[EXPLAIN_PATH_MAX];

    if (out->record_count == EID_EXPLAIN_RECORDS_MAX) return EID_OK;
    *record = (eid_explain_record){.database = *database};
    (void)snprintf(text, sizeof text, "auth.%s%s%.*s", part, name.len > 0 ? "." : "",
                   EID_SLICE_ARG(name));
    record->path = eid_slice_dup_text(eid_slice_text(text));
    if (!record->path) return EID_FAIL(EID_KIND_NO_MEMORY, "the path of a record");
    out->record_count++;
    return explain_find_writer(self->at, path, name.len > 0 ? 3 : 2, tips, record);
}

/* -- which records counted --------------------------------------------------------------------- */

/* The key of a name that signed it, or else the first of the name. */
static eid_status explain_named(const eid_policy *policy, const eid_entry *entry,
                                const eid_sigkey *key, char out[EID_KEY_TEXT_MAX])
{
    eid_candidates candidates;
    size_t place = 0;
    eid_status status = eid_policy_resolve(policy, key, &candidates);

    out[0] = 0;
    for (size_t i = 0; i < candidates.count; i++) {
        if (eid_key_verify_entry(&candidates.at[i].key, entry)) place = i;
    }
    if (candidates.count > 0) (void)eid_pubkey_text(&candidates.at[place].key, out);
    eid_candidates_fini(&candidates);
    return status == EID_E_NO_MEMORY ? status : EID_OK;
}

/* The record of the key that an entry names, in a database as of some settings tips. */
static eid_status explain_key(explaining *self, const eid_id *database, eid_ids tips)
{
    const eid_hint *hint = &eid_entry_sigkey(self->entry)->hint;
    eid_sigkey direct = {.hint = *hint};
    const eid_policy *policy;
    char text[EID_KEY_TEXT_MAX];
    eid_status status;

    if (hint->is_global) return explain_add(self, database, "global", EID_SLICE_EMPTY, tips);
    if (hint->has_pubkey) return explain_add(self, database, "keys", hint->pubkey_text, tips);
    if (!hint->has_name) return EID_OK;
    status = eid_verify_policy_at(self->cache, self->at, database, tips, &policy);
    if (status == EID_OK) status = explain_named(policy, self->entry, &direct, text);
    if (status != EID_OK || text[0] == 0) return status;
    return explain_add(self, database, "keys", eid_slice_text(text), tips);
}

/* The delegations of the path, each in the settings where it was looked up, then the key. */
static eid_status explain_path(explaining *self, const eid_policy *policy)
{
    const eid_sigkey *key = eid_entry_sigkey(self->entry);
    const eid_delegate_place place = {*self->at, self->strict, self->cache, NULL};
    eid_id database = *eid_entry_tree(self->entry);
    eid_idset tips = EID_IDSET_EMPTY;
    bool goes_on = key->path_count <= EID_DELEGATION_STEPS_MAX;
    eid_status status = eid_idset_assign(&tips, eid_idset_ids(&self->out->pin));

    for (size_t i = 0; status == EID_OK && goes_on && i < key->path_count; i++) {
        eid_sigkey part = {.is_delegation = true, .path = key->path, .path_count = i + 1};
        char text[EID_ID_TEXT_MAX];
        eid_candidates candidates;
        eid_delegate_answer answer;

        (void)eid_id_format(&key->path[i].tree, text);
        status =
            explain_add(self, &database, "delegations", eid_slice_text(text), eid_idset_ids(&tips));
        if (status != EID_OK) break;
        status = eid_delegate_resolve(&place, policy, &part, &candidates, &answer);
        self->out->has_awaited = answer.state == EID_DELEGATE_WAITS;
        self->out->awaited = answer.awaited.id;
        if (answer.state != EID_DELEGATE_FOUND) status = EID_OK;
        goes_on = answer.reason == NULL || answer.reason == EID_WHY(PATH_KEY);
        database = answer.decided_in;
        if (status == EID_OK) status = eid_idset_assign(&tips, eid_idset_ids(&answer.settings));
        eid_candidates_fini(&candidates);
        eid_delegate_answer_fini(&answer);
    }
    if (status == EID_OK && goes_on) status = explain_key(self, &database, eid_idset_ids(&tips));
    eid_idset_fini(&tips);
    return status;
}

static eid_status explain_records(explaining *self)
{
    const eid_id *tree = eid_entry_tree(self->entry);
    eid_ids tips = eid_idset_ids(&self->out->pin);
    eid_policy *policy = NULL;
    eid_doc *settings = NULL;
    eid_status status;

    if (tips.count == 0 || eid_entry_is_unsigned(self->entry)) return EID_OK;
    if (!eid_entry_sigkey(self->entry)->is_delegation) return explain_key(self, tree, tips);
    status = eid_verify_settings_at(self->at, tree, tips, &settings);
    if (status == EID_OK) status = eid_policy_of_settings(settings, &policy);
    if (status == EID_OK) status = explain_path(self, policy);
    eid_policy_free(policy);
    eid_doc_free(settings);
    return status;
}

static eid_status explain_pin(explaining *self)
{
    const eid_entry *entry = self->entry;
    bool is_own = eid_entry_is_root(entry) ||
                  (!self->strict &&
                   eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS)) != NULL);
    eid_pin pin;
    eid_status status = eid_entry_pin(entry, &pin);

    if (status != EID_OK) return status;
    status = eid_idset_assign(&self->out->pin, eid_idset_ids(&pin.tips));
    if (status == EID_OK && pin.tips.count == 0 && (pin.valid || !pin.present) && is_own) {
        status = eid_idset_add(&self->out->pin, eid_entry_id(entry));
    }
    eid_pin_fini(&pin);
    return status;
}

eid_status eid_explain(const eid_at *at, const eid_entry *entry, bool strict, eid_explanation *out)
{
    explaining self = {.at = at, .entry = entry, .strict = strict, .out = out};
    eid_status status;

    *out = (eid_explanation){.pin = EID_IDSET_EMPTY};
    status = eid_verify_explain(at, entry, strict, &out->verdict, &out->reason);
    out->rule = eid_rule_find(out->reason);
    if (status == EID_OK) status = eid_policy_cache_new(EXPLAIN_POLICIES, &self.cache);
    if (status == EID_OK) status = explain_pin(&self);
    if (status == EID_OK) status = explain_records(&self);
    eid_policy_cache_free(self.cache);
    return eid__settings_is_bad(status) ? EID_OK : status; /* the rule says so already */
}
