/* Conflicts as a seam lists them, kept as texts, and entries on chosen tips. */
#ifndef EID_TESTS_NODE_CONFLICT_ITEMS_H
#define EID_TESTS_NODE_CONFLICT_ITEMS_H

#include "node/db/conflict_ledger.h"
#include "tests/node/engine_world.h"

#define ITEMS_MAX 400

typedef struct item {
    char store[16], path[40], lost[40], now[40], signer[120];
    eid_id entry, winner;
    bool is_settled;
    uint8_t cursor[200];
    size_t cursor_len;
} item;

typedef struct items {
    item at[ITEMS_MAX];
    size_t count, stop_after;
} items;

static items listed; /* of the last list */

static inline void value_text(const eid_value *value, char out[40])
{
    if (value == NULL) snprintf(out, 40, "-");
    if (value != NULL && value->type == EID_VALUE_INT) {
        snprintf(out, 40, "%lld", (long long)value->integer);
    }
    if (value != NULL && value->type == EID_VALUE_DOC) snprintf(out, 40, "doc");
}

static inline eid_status on_conflict(void *arg, const eid_conflict *conflict)
{
    item *out = &listed.at[listed.count++];

    memset(out, 0, sizeof(*out));
    assert_true(listed.count < ITEMS_MAX);
    snprintf(out->store, sizeof(out->store), "%.*s", EID_SLICE_ARG(conflict->store));
    for (size_t i = 0; i < conflict->path_count; i++) {
        size_t len = strlen(out->path);

        snprintf(out->path + len, sizeof(out->path) - len, "%s%.*s", i > 0 ? "." : "",
                 EID_SLICE_ARG(conflict->path[i]));
    }
    value_text(conflict->lost.value, out->lost);
    value_text(conflict->now.value, out->now);
    snprintf(out->signer, sizeof(out->signer), "%.*s", EID_SLICE_ARG(conflict->lost.signer));
    out->entry = conflict->lost.entry;
    out->winner = conflict->now.entry;
    out->is_settled = conflict->is_settled;
    assert_true(conflict->cursor.len <= sizeof(out->cursor));
    memcpy(out->cursor, conflict->cursor.at, conflict->cursor.len);
    out->cursor_len = conflict->cursor.len;
    return listed.count == listed.stop_after ? EID_E_AGAIN : EID_OK;
}

static inline void list(world *self, const eid_id *root, const eid_conflict_query *query)
{
    static const eid_conflict_query everything;

    listed.count = 0;
    assert_ok(self->seam->conflicts(self->seam->self, root, query != NULL ? query : &everything,
                                    on_conflict, NULL));
}

static inline uint64_t prune(world *self, const eid_id *root, const eid_conflict_query *query)
{
    static const eid_conflict_query everything;
    uint64_t pruned;

    assert_ok(self->seam->prune_conflicts(self->seam->self, root,
                                          query != NULL ? query : &everything, &pruned));
    return pruned;
}

/* An entry on these tips (NULL = the visible ones) is submitted. */
static inline eid_id put(world *self, const eid_id *root, const eid_idset *at, const char *payload)
{
    eid_entry *entry = world_entry(self, root, at, "data", payload, &self->admin);
    eid_id id = *eid_entry_id(entry);
    eid_verdict verdict;

    assert_ok(self->seam->submit(self->seam->self, root, entry, EID_DURABLE_ASYNC, &verdict));
    assert_int_equal(verdict, EID_VERIFIED);
    eid_entry_free(entry);
    return id;
}

static inline eid_id put_on(world *self, const eid_id *root, const eid_id *at, const char *payload)
{
    eid_id copy = *at;
    const eid_idset tips = {&copy, 1, 1};

    return put(self, root, &tips, payload);
}

static inline eid_id put_int(world *self, const eid_id *root, const eid_id *at, const char *key,
                             int64_t number)
{
    char payload[200];

    return put_on(self, root, at, world_payload(payload, key, number));
}

/* Rows of the ledger, of any kind, in the whole store. */
static inline size_t ledger_rows(world *self)
{
    eid_kv *kv = eid_engine_kv(self->engine);
    eid_kv_iter *iter;
    eid_slice key, value;
    size_t count = 0;

    assert_ok(eid_kv_iter_new(kv, NULL, EID_FAMILY_STATE, EID_SLICE_EMPTY, &iter));
    eid_kv_iter_seek(iter, EID_SLICE_EMPTY);
    for (; eid_kv_iter_pair(iter, &key, &value); eid_kv_iter_next(iter)) {
        count += key.at[8] >= EID__LEDGER_LOSS;
    }
    assert_ok(eid_kv_iter_status(iter));
    eid_kv_iter_free(iter);
    return count;
}

#endif
