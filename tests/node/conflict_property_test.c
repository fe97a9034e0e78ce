/* The ledger of conflicts against an oracle that looks at all pairs of writes, over random
 * histories delivered in random topological orders, with lists in between (which forget
 * candidates):
 *
 *   must  an edit that somebody's later one covers, and that no covering edit descends from
 *   may   an edit that a later one covers which does not descend from it
 *
 * Everything that must be listed is, nothing is that may not. In stores without nesting the open
 * conflicts are exactly those that must be listed, so that they are the same at every node. Making
 * the state again loses none, nor does taking entries out of it; what was pruned never comes back.
 *
 * Heights that do not rise from parent to child (spec 02 §3.4) hide ancestors from walks, so more
 * may be listed then, never less.
 *
 * EID_PROPERTY_RUNS = number of histories (2000), EID_PROPERTY_SEED = the first seed (1): a failure
 * prints the seed to replay with EID_PROPERTY_RUNS=1. */
#include <stdlib.h>

#include "node/db/conflict_notes.h"
#include "node/db/revoke.h"
#include "node/db/state_rows.h"
#include "tests/node/conflict_history.h"

#define LISTED_MAX 512
#define ORDERS 2

typedef struct listed {
    char path[PATH_TEXT];
    eid_id entry;
    bool is_settled;
} listed;

typedef struct listing {
    listed at[LISTED_MAX];
    size_t count;
} listing;

/* -- the oracle -------------------------------------------------------------------------------- */

/* Whether a write of another entry, if it is the later one, ends what `edit` says. */
static bool write_covers(const write *other, const write *edit)
{
    size_t len = strlen(other->path);
    eid_value_type needed;

    if (strcmp(other->path, edit->path) == 0) {
        if (edit->type != EID_VALUE_DOC && edit->type != EID_VALUE_LIST) return true;
        return other->type != edit->type || other->is_atomic;
    }
    if (strncmp(other->path, edit->path, len) != 0) return false;
    if (len > 0 && edit->path[len] != '.') return false;
    needed = edit->path[len == 0 ? 0 : len + 1] == '[' ? EID_VALUE_LIST : EID_VALUE_DOC;
    return other->type != needed || other->is_atomic;
}

typedef struct judgement {
    bool must, may;
} judgement;

static judgement judge(const history *h, size_t loser, const write *edit)
{
    judgement out = {.must = false};
    bool is_last = true;
    const member *top = &h->members[loser];
    const write *above = edit;

    for (size_t i = 0; i < h->count; i++) {
        const member *other = &h->members[i];

        for (size_t w = 0; w < other->write_count && i != loser && !other->is_void; w++) {
            if (!write_covers(&other->writes[w], edit)) continue;
            if (other->ancestors[loser]) is_last = false;
            if (eid_stamp_compare(&other->stamp, &h->members[loser].stamp) > 0) {
                if (!other->ancestors[loser]) out.may = true;
                out.must = true;
            }
            if (eid_stamp_compare(&other->stamp, &top->stamp) <= 0) continue;
            top = other;
            above = &other->writes[w];
        }
    }
    out.must = out.must && is_last && (edit->type < EID_VALUE_DOC || edit->type > EID_VALUE_LIST);
    /* What was deleted and is not there has not been lost. */
    if (edit->type == EID_VALUE_DELETED &&
        (above->type == EID_VALUE_DELETED || strcmp(above->path, edit->path) != 0)) {
        out.must = false;
    }
    return out;
}

static const listed *listing_find(const listing *list, const char *path, const eid_id *entry)
{
    for (size_t i = 0; i < list->count; i++) {
        const listed *item = &list->at[i];

        if (strcmp(item->path, path) == 0 && eid_id_equal(&item->entry, entry)) return item;
    }
    return NULL;
}

static void check_listing(const history *h, const listing *list)
{
    size_t known = 0;

    for (size_t i = 0; i < h->count; i++) {
        for (size_t w = 0; w < h->members[i].write_count; w++) {
            const write *edit = &h->members[i].writes[w];
            const listed *item;
            judgement judged;

            if (!edit->is_edit || h->members[i].is_void) continue;
            judged = judge(h, i, edit);
            item = listing_find(list, edit->path, &h->members[i].stamp.id);
            known += item != NULL;
            if (judged.must != (item != NULL)) {
                bool is_wrong = judged.must || (!judged.may && !h->is_odd);
                if (h->is_flat && !h->is_odd && item != NULL) is_wrong = !item->is_settled;
                if (is_wrong) print_error("entry %zu path %s\n", i, edit->path);
                CHECK(h, !is_wrong);
            }
        }
    }
    CHECK(h, known == list->count);
}

/* -- a node ------------------------------------------------------------------------------------ */

static eid_status on_conflict(void *arg, const eid_conflict *conflict)
{
    listing *list = arg;
    listed *item = &list->at[list->count++];

    assert_true(list->count < LISTED_MAX);
    item->path[0] = 0;
    for (size_t i = 0; i < conflict->path_count; i++) {
        size_t len = strlen(item->path);

        snprintf(item->path + len, PATH_TEXT - len, "%s%.*s", i > 0 ? "." : "",
                 EID_SLICE_ARG(conflict->path[i]));
    }
    item->entry = conflict->lost.entry;
    item->is_settled = conflict->is_settled;
    return EID_OK;
}

static void list_all(eid_engine *engine, const history *h, listing *out)
{
    const eid_seam *seam = eid_engine_seam(engine);
    const eid_conflict_query query = {.path = EID_SLICE_EMPTY};

    out->count = 0;
    assert_ok(seam->conflicts(seam->self, &h->root, &query, on_conflict, out));
}

static void apply(eid_batch *batch, const eid_entry *entry)
{
    const eid_at at = {.kv = eid_batch_kv(batch), .batch = batch};
    bool is_new, is_marked = false;
    uint32_t database;

    assert_ok(eid_index_put(batch, entry, EID_VERIFIED, 1, &is_new));
    assert_ok(eid_index_database(&at, eid_entry_tree(entry), &database));
    assert_ok(eid__state_apply_entry(batch, database, entry, &is_marked));
}

/* Deliver parents first, some in one batch, with a list now and then. */
static void deliver(eid_engine *engine, history *h, eid_batch *batch)
{
    bool done[ENTRIES_MAX] = {false};
    listing list;

    apply(batch, h->genesis);
    for (size_t left = h->count; left > 0;) {
        size_t i = pick(h, h->count);
        bool is_ready = !done[i];

        for (size_t p = 0; p < h->count; p++) {
            if (h->members[i].ancestors[p] && !done[p]) is_ready = false;
        }
        if (!is_ready) continue;
        apply(batch, h->members[i].entry);
        done[i] = true;
        left--;
        if (pick(h, 2) == 0) assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
        if (eid_batch_count(batch) == 0 && pick(h, 3) == 0) list_all(engine, h, &list);
    }
    if (eid_batch_count(batch) > 0) assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
}

/* Make the store's state again, and the ledger too if that `forgets`; entries are numbered parents
 * first. */
static void rebuild(const history *h, eid_batch *batch, bool forgets)
{
    const eid_at at = {.kv = eid_batch_kv(batch), .batch = batch};
    uint8_t prefix[EID__LEDGER_PREFIX_BYTES];
    eid__replay replay = {0};
    eid__ledger ledger;
    bool is_marked = false;
    uint32_t database, store;

    assert_ok(eid_index_database(&at, &h->root, &database));
    assert_ok(eid_index_store_number_find(&at, database, eid_slice_text("data"), &store));
    assert_ok(eid__state_drop(batch, database, store));
    eid__ledger_init(&ledger, &at, database, store);
    for (size_t i = 0; i < 2 && forgets; i++) { /* not what was pruned */
        eid__ledger_prefix(&ledger, i == 0 ? EID__LEDGER_LOSS : EID__LEDGER_HIDE, prefix);
        assert_ok(
            eid_batch_delete_prefix(batch, EID_FAMILY_STATE, eid_slice_of(prefix, sizeof(prefix))));
    }
    eid__ledger_fini(&ledger);
    for (size_t i = 0; i < h->count; i++) {
        assert_ok(
            eid__state_replay_entry(batch, database, h->members[i].entry, &replay, &is_marked));
    }
    eid__replay_fini(&replay);
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
}

/* Some entries are taken out, as by a revocation. */
static void withdraw(history *h, eid_batch *batch)
{
    const eid_at at = {.kv = eid_batch_kv(batch), .batch = batch};
    eid_order gone = EID_ORDER_EMPTY;
    bool is_opaque = false;
    uint32_t database;

    assert_ok(eid_index_database(&at, &h->root, &database));
    for (size_t i = 0; i < h->count; i++) {
        if (pick(h, 4) != 0) continue;
        h->members[i].is_void = true;
        assert_ok(eid_index_set_void(batch, database, &h->members[i].stamp.id, true));
        assert_ok(eid_order_push(&gone, h->members[i].stamp.height, &h->members[i].stamp.id));
    }
    assert_ok(eid__revoke_withdraw(batch, &h->root, database, &gone, &is_opaque));
    eid_order_fini(&gone);
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
}

static void history_run_order(history *h)
{
    const eid_engine_config config = {.url = "memory://", .create = true, .verify_inline = true};
    const eid_conflict_query everything = {.path = EID_SLICE_EMPTY};
    eid_engine *engine;
    eid_batch *batch;
    listing list;
    uint64_t pruned;
    bool has_void;

    assert_ok(eid_engine_open(&config, &engine));
    assert_ok(eid_batch_new(eid_engine_kv(engine), &batch));
    deliver(engine, h, batch);
    list_all(engine, h, &list);
    check_listing(h, &list);
    rebuild(h, batch, pick(h, 2) == 0);
    list_all(engine, h, &list);
    check_listing(h, &list);
    has_void = !h->is_odd && pick(h, 2) == 0;
    if (has_void) {
        withdraw(h, batch);
        list_all(engine, h, &list);
        check_listing(h, &list);
    }
    assert_ok(eid_engine_seam(engine)->prune_conflicts(engine, &h->root, &everything, &pruned));
    CHECK(h, pruned == list.count);
    /* What was not listed because of an entry that is void now may be, as settled. */
    if (pick(h, 2) == 0 && !h->is_odd && !has_void) rebuild(h, batch, true);
    list_all(engine, h, &list);
    if (list.count > 0) print_error("%s of %s\n", list.at[0].path, eid_id_str(&list.at[0].entry));
    CHECK(h, list.count == 0);
    eid_batch_free(batch);
    eid_engine_close(engine);
}

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void test_conflicts__are_those_of_the_oracle_in_any_order(void **state)
{
    uint64_t runs = number_of("EID_PROPERTY_RUNS", 2000);
    uint64_t seed = number_of("EID_PROPERTY_SEED", 1);
    history h;

    print_message("seeds %llu to %llu\n", (unsigned long long)seed,
                  (unsigned long long)(seed + runs - 1));
    for (uint64_t i = 0; i < runs; i++) {
        history_begin(&h, seed + i);
        for (unsigned order = 0; order < ORDERS; order++) {
            for (size_t m = 0; m < h.count; m++) h.members[m].is_void = false;
            history_run_order(&h);
        }
        history_end(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conflicts__are_those_of_the_oracle_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
