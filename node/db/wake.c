/* A record for each pair of an awaited entry and a waiting database, found by the former's prefix.
 * It goes in the batch that judges the database again, so a crash in between loses nothing: what
 * was found then is found again at the first write of the next process. */
#include "node/db/wake.h"

#include "dag/alloc.h"
#include "dag/log.h"
#include "node/db/write.h"

#define WAKE_PREFIX "await/"
#define WAKE_PREFIX_LEN (sizeof(WAKE_PREFIX) - 1)
#define WAKE_KEY_MAX (WAKE_PREFIX_LEN + 1 + 2 * (size_t)EID_ID_BYTES_MAX)

/* engine->awaits */
enum { WAKE_UNKNOWN, WAKE_NONE, WAKE_SOME };

static eid_status wake_push(eid__wake_pairs *pairs, const eid__wake_pair *pair)
{
    if (pairs->count == pairs->cap) {
        size_t cap = pairs->cap == 0 ? 4 : pairs->cap * 2;
        eid__wake_pair *at = eid_realloc(pairs->at, cap * sizeof(*at));

        if (at == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for databases that wait");
        pairs->at = at;
        pairs->cap = cap;
    }
    pairs->at[pairs->count++] = *pair;
    return EID_OK;
}

eid_status eid__wake_note(eid__wake *wake, const eid_id *id)
{
    if (wake->settled_count == wake->settled_cap) {
        size_t cap = wake->settled_cap == 0 ? 4 : wake->settled_cap * 2;
        eid_id *settled = eid_realloc(wake->settled, cap * sizeof(*settled));

        if (settled == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu ids", cap);
        wake->settled = settled;
        wake->settled_cap = cap;
    }
    wake->settled[wake->settled_count++] = *id;
    return EID_OK;
}

/* -- records ----------------------------------------------------------------------------------- */

/* The key of a pair; `root` NULL gives the prefix of all that wait for the entry. */
static eid_slice wake_key(uint8_t out[WAKE_KEY_MAX], const eid_id *awaited, const eid_id *root)
{
    size_t len = WAKE_PREFIX_LEN;

    memcpy(out, WAKE_PREFIX, len);
    out[len++] = awaited->len;
    memcpy(out + len, awaited->bytes, awaited->len);
    len += awaited->len;
    if (root == NULL) return eid_slice_of(out, len);
    memcpy(out + len, root->bytes, root->len);
    return eid_slice_of(out, len + root->len);
}

static eid_status wake_read_key(eid_slice key, eid__wake_pair *out)
{
    const uint8_t *at = key.at + WAKE_PREFIX_LEN;
    size_t left = key.len - WAKE_PREFIX_LEN;

    *out = (eid__wake_pair){.awaited = EID_ID_EMPTY, .root = EID_ID_EMPTY};
    if (left > 0) out->awaited.len = *at;
    if (left < 1 || out->awaited.len > EID_ID_BYTES_MAX || left - 1 < out->awaited.len ||
        left - 1 - out->awaited.len > EID_ID_BYTES_MAX) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "a record of a database that waits");
    }
    memcpy(out->awaited.bytes, at + 1, out->awaited.len);
    out->root.len = (uint8_t)(left - 1 - out->awaited.len);
    memcpy(out->root.bytes, at + 1 + out->awaited.len, out->root.len);
    return EID_OK;
}

/* How an entry stands, as a number to compare: 0 = not held. */
static eid_status wake_standing(eid_kv *kv, const eid_id *id, int *out)
{
    const eid_at at = {.kv = kv};
    eid_index_info info;
    eid_status status = eid_index_find(&at, id, &info);

    *out = status == EID_OK ? 1 + (int)info.verdict : 0;
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

eid_status eid__wake_await(eid__write *write, const eid_awaited *awaited)
{
    const eid__wake_pair pair = {.awaited = awaited->id,
                                 .root = write->tree->root,
                                 .stood = awaited->is_held ? 1 + (int)awaited->verdict : 0};
    uint8_t key[WAKE_KEY_MAX];
    eid_status status;

    atomic_store(&write->engine->awaits, WAKE_SOME); /* before the record can be seen */
    status = eid_batch_put(write->batch, EID_FAMILY_META, wake_key(key, &pair.awaited, &pair.root),
                           eid_slice_text("1"));
    return status == EID_OK ? wake_push(&write->wake.asked, &pair) : status;
}

/* -- finding ----------------------------------------------------------------------------------- */

/* All records with a prefix; with `held_only` those whose awaited entry is held. */
static eid_status wake_scan(eid__write *write, eid_slice prefix, bool held_only, bool *has_any)
{
    eid_kv *kv = write->engine->kv;
    eid_kv_iter *iter = NULL;
    eid_slice key, value;
    eid_status status = eid_kv_iter_new(kv, NULL, EID_FAMILY_META, prefix, &iter);

    if (status != EID_OK) return status;
    eid_kv_iter_seek(iter, EID_SLICE_EMPTY);
    for (; status == EID_OK && eid_kv_iter_pair(iter, &key, &value); eid_kv_iter_next(iter)) {
        eid__wake_pair pair;
        int stands = 1;

        *has_any = true;
        status = wake_read_key(key, &pair);
        if (status == EID_OK && held_only) status = wake_standing(kv, &pair.awaited, &stands);
        if (status == EID_OK && stands != 0) status = wake_push(&write->wake.woken, &pair);
    }
    if (status == EID_OK) status = eid_kv_iter_status(iter);
    eid_kv_iter_free(iter);
    return status;
}

/* The first write of the process: whether anything waits, and what a crash left to be done. */
static eid_status wake_load(eid__write *write)
{
    int unknown = WAKE_UNKNOWN;
    bool has_any = false;
    eid_status status = wake_scan(write, eid_slice_text(WAKE_PREFIX), true, &has_any);

    if (status != EID_OK) return status;
    atomic_compare_exchange_strong(&write->engine->awaits, &unknown,
                                   has_any ? WAKE_SOME : WAKE_NONE);
    return EID_OK;
}

static eid_status wake_find(eid__write *write)
{
    eid__wake *wake = &write->wake;
    bool has_any = false;
    eid_status status = EID_OK;

    if (atomic_load(&write->engine->awaits) == WAKE_UNKNOWN) status = wake_load(write);
    if (status != EID_OK || atomic_load(&write->engine->awaits) != WAKE_SOME) return status;
    for (size_t i = 0; i < wake->settled_count && status == EID_OK; i++) {
        uint8_t key[WAKE_KEY_MAX];

        status = wake_scan(write, wake_key(key, &wake->settled[i], NULL), false, &has_any);
    }
    for (size_t i = 0; i < wake->asked.count && status == EID_OK; i++) {
        const eid__wake_pair *pair = &wake->asked.at[i];
        int stands;

        status = wake_standing(write->engine->kv, &pair->awaited, &stands);
        if (status == EID_OK && stands != pair->stood) status = wake_push(&wake->woken, pair);
    }
    return status;
}

void eid__wake_find(eid__write *write)
{
    eid_status status = wake_find(write);

    if (status != EID_OK) {
        eid_log_warn("wake.lost", "reason=%s", eid_status_detail(status).text);
    }
    write->wake.settled_count = 0;
    write->wake.asked.count = 0;
}

/* -- waking ------------------------------------------------------------------------------------ */

/* Take the pairs of a database out of the list; their records go with this write. */
static eid_status wake_take(eid__wake_pairs *pairs, eid__write *write)
{
    eid_status status = EID_OK;
    size_t kept = 0;

    for (size_t i = 0; i < pairs->count; i++) {
        eid__wake_pair pair = pairs->at[i];
        uint8_t key[WAKE_KEY_MAX];

        if (!eid_id_equal(&pair.root, &write->tree->root)) {
            pairs->at[kept++] = pair;
        } else if (status == EID_OK) {
            status = eid_batch_delete(write->batch, EID_FAMILY_META,
                                      wake_key(key, &pair.awaited, &pair.root));
        }
    }
    pairs->count = kept;
    return status;
}

static eid_status wake_tree(eid_engine *engine, eid__wake *wake, const eid_id *root)
{
    eid__dbtree *tree;
    eid__write write;
    eid_status status = eid__dbtree_ref(engine->trees, root, &tree), taken;

    if (status != EID_OK) {
        wake->woken.count = 0;
        return status;
    }
    status = eid__write_begin(engine, tree, &write);
    taken = wake_take(&wake->woken, &write);
    write.is_woken = true;
    write.is_remote = true;
    write.must_pass = true;
    if (status == EID_OK) status = taken;
    if (status == EID_OK) status = eid__write_commit(&write, EID_DURABLE_ASYNC);
    for (size_t i = 0; i < write.wake.woken.count && status == EID_OK; i++) {
        status = wake_push(&wake->woken, &write.wake.woken.at[i]);
    }
    eid__write_end(&write);
    eid__dbtree_unref(engine->trees, tree);
    return status;
}

void eid__wake_run(eid_engine *engine, eid__wake *wake)
{
    while (wake->woken.count > 0) {
        eid_id root = wake->woken.at[wake->woken.count - 1].root;
        eid_status status = wake_tree(engine, wake, &root);

        if (status == EID_OK) continue;
        eid_log_warn("wake.failed", "db=%s reason=%s", eid_id_str(&root),
                     eid_status_detail(status).text);
    }
    eid_free(wake->settled);
    eid_free(wake->asked.at);
    eid_free(wake->woken.at);
}
