/* When settings entries have come, the rule is applied anew, and what it says of revocations and
 * settings entries is compared with what it said before. Whoever changed can only have changed
 * something for entries that are not in its past: for a revocation that is its own sentence, and an
 * entry that rests on another has a hash over it. Those are found by one walk of their own number,
 * and each is judged. In the usual case (a revocation by someone who has seen everything) there is
 * none. */
#include "dag/alloc.h"
#include "dag/log.h"
#include "node/db/conflict_notes.h"
#include "node/db/revoke.h"
#include "node/db/state_rows.h"

/* The entries that one revocation has not seen. */
typedef struct settle_unseen {
    eid_id revocation;
    eid_visited *entries;
} settle_unseen;

typedef struct settle {
    eid__write *write;
    eid_at at;
    uint32_t database;
    const eid_graph *graph;
    eid_idset tips;      /* visible, those of this batch */
    eid_visited *fresh;  /* met in this write: what waits */
    eid_visited *listed; /* those and the others that are to be judged */
    eid_order others;    /* applied or marked before */
    eid_order withdrawn; /* were applied, and are void */
    settle_unseen *unseen;
    size_t unseen_count, unseen_cap;
    bool is_changed;
    eid__replay replay; /* of what waits, for the ledger of conflicts */
} settle;

/* What the rule said. */
typedef struct settle_view {
    eid_order standing; /* the strength in place of a height */
    eid_idset voids, readmitted;
} settle_view;

static eid_status view_take(const eid_revocations *history, settle_view *out)
{
    eid_status status = EID_OK;

    for (size_t i = 0; i < eid_revocations_count(history) && status == EID_OK; i++) {
        eid_revocation revocation = eid_revocations_at(history, i);

        status = eid_order_push(&out->standing, revocation.strength, revocation.id);
    }
    if (status == EID_OK) status = eid_revocations_voids(history, &out->voids);
    return status == EID_OK ? eid_revocations_readmitted(history, &out->readmitted) : status;
}

static void view_fini(settle_view *view)
{
    eid_order_fini(&view->standing);
    eid_idset_fini(&view->voids);
    eid_idset_fini(&view->readmitted);
}

/* -- ancestors --------------------------------------------------------------------------------- */

static eid_status settle_find_unseen(settle *self, const eid_id *revocation, eid_visited **out)
{
    eid_order order = EID_ORDER_EMPTY;
    settle_unseen *unseen = NULL;
    eid_status status;

    for (size_t i = 0; i < self->unseen_count; i++) {
        *out = self->unseen[i].entries;
        if (eid_id_equal(&self->unseen[i].revocation, revocation)) return EID_OK;
    }
    if (self->unseen_count == self->unseen_cap) {
        size_t cap = self->unseen_cap == 0 ? 4 : self->unseen_cap * 2;

        unseen = eid_realloc(self->unseen, cap * sizeof(*unseen));
        if (unseen == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu revocations", cap);
        self->unseen = unseen;
        self->unseen_cap = cap;
    }
    unseen = &self->unseen[self->unseen_count];
    *unseen = (settle_unseen){*revocation, NULL};
    status = eid_visited_new(&unseen->entries);
    if (status != EID_OK) return status;
    self->unseen_count++;
    status =
        eid_graph_diff(self->graph, (eid_ids){revocation, 1}, eid_idset_ids(&self->tips), &order);
    for (size_t i = 0; i < order.count && status == EID_OK; i++) {
        bool is_new;

        status = eid_visited_add(unseen->entries, &order.at[i].id, &is_new);
    }
    eid_order_fini(&order);
    *out = unseen->entries;
    return status;
}

static bool settle_is_fresh_revocation(const settle *self, const eid_id *revocation)
{
    const eid_order *settings = &self->write->revoke.settings;

    for (size_t i = 0; i < settings->count; i++) {
        if (eid_id_equal(&settings->at[i].id, revocation)) return true;
    }
    return false;
}

static eid_status settle_is_before(void *arg, const eid_id *revocation, const eid_id *entry,
                                   bool *out)
{
    settle *self = arg;
    eid_visited *unseen = NULL;
    eid_status status;

    *out = false;
    if (eid_visited_has(self->fresh, entry) && !settle_is_fresh_revocation(self, revocation)) {
        return EID_OK;
    }
    status = settle_find_unseen(self, revocation, &unseen);
    if (status == EID_OK) *out = !eid_visited_has(unseen, entry);
    return status;
}

/* -- whom to look at --------------------------------------------------------------------------- */

static eid_status settle_list(settle *self, const eid_order_item *item)
{
    bool is_new;
    eid_status status = eid_visited_add(self->listed, &item->id, &is_new);

    if (status != EID_OK || !is_new) return status;
    return eid_order_push(&self->others, item->height, &item->id);
}

/* Everything that is not in the past of an entry. */
static eid_status settle_list_after(settle *self, const eid_id *id)
{
    eid_order order = EID_ORDER_EMPTY;
    eid_status status =
        eid_graph_diff(self->graph, (eid_ids){id, 1}, eid_idset_ids(&self->tips), &order);

    if (status == EID_OK) status = settle_list(self, &(eid_order_item){0, *id});
    for (size_t i = 0; i < order.count && status == EID_OK; i++) {
        status = settle_list(self, &order.at[i]);
    }
    eid_order_fini(&order);
    return status;
}

static bool order_has(const eid_order *order, const eid_order_item *item)
{
    for (size_t i = 0; i < order->count; i++) {
        if (order->at[i].height == item->height && eid_id_equal(&order->at[i].id, &item->id)) {
            return true;
        }
    }
    return false;
}

static eid_status settle_compare_standing(settle *self, const eid_order *a, const eid_order *b)
{
    eid_status status = EID_OK;

    for (size_t i = 0; i < a->count && status == EID_OK; i++) {
        if (!order_has(b, &a->at[i])) status = settle_list_after(self, &a->at[i].id);
    }
    return status;
}

static eid_status settle_compare_voids(settle *self, const eid_idset *a, const eid_idset *b)
{
    eid_status status = EID_OK;

    for (size_t i = 0; i < a->count && status == EID_OK; i++) {
        if (!eid_idset_has(b, &a->at[i])) status = settle_list_after(self, &a->at[i]);
    }
    return status;
}

static eid_status settle_compare_readmitted(settle *self, const eid_idset *a, const eid_idset *b)
{
    eid_status status = EID_OK;

    for (size_t i = 0; i < a->count && status == EID_OK; i++) {
        eid_index_info info;

        if (eid_idset_has(b, &a->at[i])) continue;
        status = eid_index_find(&self->at, &a->at[i], &info);
        if (status == EID_OK && info.database == self->database && info.verdict == EID_VERIFIED) {
            status = settle_list(self, &(eid_order_item){info.height, a->at[i]});
        }
        if (status == EID_E_NOT_FOUND) status = EID_OK;
    }
    return status;
}

static eid_status settle_list_all(settle *self)
{
    eid_index_scan *scan = NULL;
    eid_order_item item;
    eid_verdict verdict;
    eid_status status = eid_index_scan_new(&self->at, &self->write->tree->root, &scan);

    while (status == EID_OK) {
        status = eid_index_scan_next(scan, &item, &verdict);
        if (status == EID_OK && verdict == EID_VERIFIED) status = settle_list(self, &item);
    }
    eid_index_scan_free(scan);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

static eid_status settle_compare(settle *self, const settle_view *was, const settle_view *is)
{
    eid_status status;

    if (self->write->revoke.is_again) return settle_list_all(self);
    status = settle_compare_standing(self, &was->standing, &is->standing);
    if (status == EID_OK) status = settle_compare_standing(self, &is->standing, &was->standing);
    if (status == EID_OK) status = settle_compare_voids(self, &was->voids, &is->voids);
    if (status == EID_OK) status = settle_compare_voids(self, &is->voids, &was->voids);
    if (status == EID_OK) {
        status = settle_compare_readmitted(self, &was->readmitted, &is->readmitted);
    }
    if (status != EID_OK) return status;
    return settle_compare_readmitted(self, &is->readmitted, &was->readmitted);
}

/* -- judging ----------------------------------------------------------------------------------- */

static eid_status settle_mark(settle *self, const eid_entry *entry,
                              const eid_revocation_answer *answer, bool was_applied)
{
    eid__write *write = self->write;

    if (write->asked != NULL && eid_id_equal(write->asked, eid_entry_id(entry))) {
        write->asked_void = *answer;
    }
    eid_log_info("entry.void", "entry=%s by=%s", eid_id_str(eid_entry_id(entry)),
                 eid_id_str(&answer->by));
    if (was_applied) {
        eid_status status = eid_order_push(&self->withdrawn, 0, eid_entry_id(entry));
        if (status != EID_OK) return status;
    }
    return eid_index_set_void(write->batch, self->database, eid_entry_id(entry), true);
}

static eid_status settle_judge(settle *self, const eid_id *id, bool is_fresh)
{
    eid__write *write = self->write;
    eid_revocation_answer answer;
    eid_entry *entry = NULL;
    bool was_void = false;
    eid_status status = eid_index_entry(&self->at, id, &entry);

    if (status != EID_OK) return status;
    status =
        eid_revocations_judge(write->tree->revocations, entry, settle_is_before, self, &answer);
    if (status == EID_OK && !is_fresh) {
        status = eid_index_is_void(&self->at, self->database, id, &was_void);
    }
    if (status != EID_OK) goto done;
    if (!is_fresh && was_void == answer.is_void) goto done;
    self->is_changed = self->is_changed || !is_fresh;
    if (answer.is_void) {
        status = settle_mark(self, entry, &answer, !is_fresh);
        goto done;
    }
    if (was_void) status = eid_index_set_void(write->batch, self->database, id, false);
    if (status == EID_OK) {
        status = eid__state_replay_entry(write->batch, self->database, entry,
                                         is_fresh ? &self->replay : NULL, &write->marks_opaque);
    }

done:
    eid_entry_free(entry);
    return status;
}

/* Those that were applied before come first: what waits may write where something is withdrawn. */
static eid_status settle_judge_all(settle *self)
{
    const eid_order *waiting = &self->write->revoke.waiting;
    eid_status status = EID_OK;

    for (size_t i = 0; i < self->others.count && status == EID_OK; i++) {
        status = settle_judge(self, &self->others.at[i].id, false);
    }
    for (size_t i = 0; i < waiting->count && status == EID_OK; i++) {
        status = settle_judge(self, &waiting->at[i].id, true);
    }
    if (status != EID_OK || self->withdrawn.count == 0) return status;
    return eid__revoke_withdraw(self->write->batch, &self->write->tree->root, self->database,
                                &self->withdrawn, &self->write->marks_opaque);
}

/* -- the whole --------------------------------------------------------------------------------- */

static eid_status settle_decide(settle *self)
{
    eid__write *write = self->write;
    eid_revocations *history = write->tree->revocations;
    settle_view was = {.standing = EID_ORDER_EMPTY}, is = {.standing = EID_ORDER_EMPTY};
    eid_status status = view_take(history, &was);

    for (size_t i = 0; i < write->revoke.settings.count && status == EID_OK; i++) {
        eid_entry *entry = NULL;

        status = eid_index_entry(&self->at, &write->revoke.settings.at[i].id, &entry);
        if (status == EID_OK) status = eid_revocations_add(history, entry);
        eid_entry_free(entry);
    }
    if (status == EID_OK) status = eid_revocations_decide(history);
    if (status == EID_OK) status = view_take(history, &is);
    if (status == EID_OK) status = settle_compare(self, &was, &is);
    view_fini(&was);
    view_fini(&is);
    return status;
}

static eid_status settle_begin(settle *self, eid_index_graph **graph)
{
    eid__write *write = self->write;
    const eid_id *root = &write->tree->root;
    const eid_order *waiting = &write->revoke.waiting;
    bool is_new;
    eid_status status = eid_index_database(&self->at, root, &self->database);

    self->replay.at = &self->at;
    self->replay.database = self->database;
    if (status == EID_OK) status = eid_visited_new(&self->fresh);
    if (status == EID_OK) status = eid_visited_new(&self->listed);
    for (size_t i = 0; i < waiting->count && status == EID_OK; i++) {
        status = eid_visited_add(self->fresh, &waiting->at[i].id, &is_new);
        if (status == EID_OK) {
            status = eid_visited_add(self->listed, &waiting->at[i].id, &is_new);
        }
    }
    if (status == EID_OK) {
        status = eid_index_tips(&self->at, root, EID_LEVEL_VISIBLE, EID_SLICE_EMPTY, &self->tips);
    }
    if (status == EID_OK) status = eid_index_graph_new(&self->at, root, graph);
    if (status == EID_OK) self->graph = eid_index_graph_source(*graph);
    return status;
}

static void settle_fini(settle *self)
{
    for (size_t i = 0; i < self->unseen_count; i++) eid_visited_free(self->unseen[i].entries);
    eid_free(self->unseen);
    eid_visited_free(self->fresh);
    eid_visited_free(self->listed);
    eid_order_fini(&self->others);
    eid_order_fini(&self->withdrawn);
    eid_idset_fini(&self->tips);
    eid__replay_fini(&self->replay);
}

/* All anew: what was in memory rests on verdicts that were changed. */
static eid_status settle_reload(eid__write *write)
{
    const eid_at at = {.kv = write->engine->kv, .batch = write->batch};

    eid_revocations_free(write->tree->revocations);
    write->tree->revocations = NULL;
    return eid__revoke_load(&at, &write->tree->root, &write->tree->revocations);
}

eid_status eid__revoke_settle(eid__write *write)
{
    eid__dbtree *tree = write->tree;
    settle self = {.write = write,
                   .at = {.kv = write->engine->kv, .batch = write->batch},
                   .others = EID_ORDER_EMPTY,
                   .withdrawn = EID_ORDER_EMPTY,
                   .tips = EID_IDSET_EMPTY};
    eid_index_graph *graph = NULL;
    eid_status status = EID_OK;

    if (write->revoke.settings.count == 0 && !write->revoke.is_again) return EID_OK;
    if (write->revoke.is_again) {
        status = eid__revoke_need(write);
        if (status != EID_OK || !tree->is_enforced) return status;
        status = settle_reload(write);
    }
    if (status == EID_OK) status = settle_begin(&self, &graph);
    if (status == EID_OK) status = settle_decide(&self);
    if (status == EID_OK && !tree->is_revoked && eid_revocations_is_any(tree->revocations)) {
        status = eid__option_set(write->batch, &tree->root, EID__OPTION_REVOKED, true);
        tree->is_revoked = true;
    }
    if (status == EID_OK) status = settle_judge_all(&self);
    if (status == EID_OK) {
        write->must_clear = write->must_clear || self.is_changed || tree->is_revoked;
        eid__revoke_forget(&write->revoke);
    }
    settle_fini(&self);
    eid_index_graph_free(graph);
    return status;
}
