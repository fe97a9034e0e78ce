/* Reads go straight to the index, now; no lock is taken. For ranges the visible items of one
 * database are listed once with running sums, and kept while its tips stay the same: comparing asks
 * many questions about one moment. */
#include "node/sync/source.h"

#include "dag/alloc.h"
#include "dag/graph.h"
#include "dag/hash.h"

typedef struct source_ranges {
    eid_id root;
    eid_idset tips;      /* of the moment */
    eid_order items;     /* visible, in order */
    uint8_t (*sums)[32]; /* of the items before this one; count + 1 of them */
} source_ranges;

#define SOURCE_PROOFS 256u /* signatures that were found good, remembered by their hash */

struct eid_sync_source {
    eid_engine *engine;
    eid_at at;
    eid_idset shared;
    source_ranges ranges;
    uint8_t proofs[SOURCE_PROOFS][EID_HASH_BYTES];
    size_t next_proof;
};

static eid_status source_add_shared(void *arg, const eid_db_info *info)
{
    eid_sync_source *source = arg;

    return info->shared ? eid_idset_add(&source->shared, &info->root) : EID_OK;
}

eid_status eid_sync_source_new(eid_engine *engine, eid_sync_source **out)
{
    eid_sync_source *source = eid_alloc(sizeof *source);
    const eid_seam *seam = eid_engine_seam(engine);
    eid_status status;

    if (!source) return EID_FAIL(EID_KIND_NO_MEMORY, "sync source");
    source->engine = engine;
    source->at.kv = eid_engine_kv(engine);
    status = seam->databases(seam->self, source_add_shared, source);
    if (status != EID_OK)
        eid_sync_source_free(source);
    else
        *out = source;
    return status;
}

static void source_forget_ranges(eid_sync_source *source)
{
    eid_idset_fini(&source->ranges.tips);
    eid_order_fini(&source->ranges.items);
    eid_free(source->ranges.sums);
    memset(&source->ranges, 0, sizeof source->ranges);
}

void eid_sync_source_free(eid_sync_source *source)
{
    if (!source) return;
    source_forget_ranges(source);
    eid_idset_fini(&source->shared);
    eid_free(source);
}

eid_status eid_sync_source_share(eid_sync_source *source, const eid_id *root, bool shared)
{
    if (shared) return eid_idset_add(&source->shared, root);
    eid_idset_remove(&source->shared, root);
    return EID_OK;
}

bool eid_sync_source_is_shared(const eid_sync_source *source, const eid_id *root)
{
    return eid_idset_has(&source->shared, root);
}

typedef struct source_question {
    eid_sync_source *source;
    const eid_id *root;
    const uint8_t *device;
    const eid_sync_proof *proofs;
    size_t count;
    bool answer;
    bool has_delegations; /* a key may read through another database */
} source_question;

static bool source_knows_proof(const eid_sync_source *source, const uint8_t hash[EID_HASH_BYTES])
{
    for (size_t i = 0; i < SOURCE_PROOFS; i++) {
        if (memcmp(source->proofs[i], hash, EID_HASH_BYTES) == 0) return true;
    }
    return false;
}

/* The same proof is asked about at every write, so a signature that held is not checked again. */
static bool source_proof_holds(const source_question *question, const eid_sync_proof *proof)
{
    eid_sync_source *source = question->source;
    eid_slice signature = eid_slice_of(proof->signature, sizeof proof->signature);
    uint8_t hash[EID_HASH_BYTES];
    bool holds = false;
    eid_buf message, all;

    eid_buf_init(&message, 256);
    eid_buf_init(&all, 512);
    eid_sync_proof_message(question->root, question->device, &message);
    eid_buf_append(&all, eid_buf_slice(&message));
    eid_buf_append(&all, eid_slice_of(proof->key.bytes, sizeof proof->key.bytes));
    eid_buf_append(&all, signature);
    if (eid_buf_status(&message) == EID_OK && eid_buf_status(&all) == EID_OK) {
        eid_hash_blake3(eid_buf_slice(&all), hash);
        holds = source_knows_proof(source, hash);
        if (!holds && eid_key_verify(&proof->key, eid_buf_slice(&message), signature)) {
            memcpy(source->proofs[source->next_proof++ % SOURCE_PROOFS], hash, sizeof hash);
            holds = true;
        }
    }
    eid_buf_fini(&message);
    eid_buf_fini(&all);
    return holds;
}

static void source_ask_policy(void *arg, const eid_policy *policy)
{
    source_question *question = arg;

    question->has_delegations = eid_policy_delegation_count(policy) > 0;
    question->answer = !eid_policy_is_private(policy);
    for (size_t i = 0; i < question->count && !question->answer; i++) {
        const eid_sync_proof *proof = &question->proofs[i];

        question->answer = eid_policy_allows(policy, &proof->key, EID_PERMISSION_READ) &&
                           source_proof_holds(question, proof);
    }
}

/* Keys that may read through a database that this one delegates to. */
static void source_ask_delegated(source_question *question)
{
    for (size_t i = 0; i < question->count && !question->answer; i++) {
        const eid_sync_proof *proof = &question->proofs[i];
        eid_permission permission;
        bool has;

        if (!source_proof_holds(question, proof)) continue;
        question->answer = eid_engine_access(question->source->engine, question->root, &proof->key,
                                             &has, &permission) == EID_OK &&
                           has;
    }
}

bool eid_sync_source_may_read(eid_sync_source *source, const eid_id *root, const uint8_t device[32],
                              const eid_sync_proof *proofs, size_t count)
{
    source_question question = {source, root, device, proofs, count, false, false};

    if (!eid_idset_has(&source->shared, root)) return false;
    if (eid_engine_with_policy(source->engine, root, source_ask_policy, &question) != EID_OK) {
        return false;
    }
    if (!question.answer && question.has_delegations) source_ask_delegated(&question);
    return question.answer;
}

eid_status eid_sync_source_tips(eid_sync_source *source, const eid_id *root, eid_idset *tips,
                                uint64_t *count)
{
    eid_index_counts counts;
    eid_status status = eid_index_tips(&source->at, root, EID_LEVEL_VISIBLE, EID_SLICE_EMPTY, tips);

    if (status != EID_OK) return status;
    status = eid_index_count(&source->at, root, &counts);
    *count = status == EID_OK ? counts.verified : 0;
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* Whether an entry is held in this tree and visible. */
static eid_status source_is_visible(eid_sync_source *source, uint32_t database, const eid_id *id,
                                    bool *out)
{
    eid_index_info info;
    eid_status status = eid_index_find(&source->at, id, &info);

    *out = false;
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    *out = info.database == database && info.verdict == EID_VERIFIED;
    return EID_OK;
}

eid_status eid_sync_source_held(eid_sync_source *source, const eid_id *root, eid_ids ids,
                                bool *flags)
{
    uint32_t database = 0;
    eid_status status = eid_index_database(&source->at, root, &database);

    if (status == EID_E_NOT_FOUND) {
        for (size_t i = 0; i < ids.count; i++) flags[i] = false;
        return EID_OK;
    }
    for (size_t i = 0; i < ids.count && status == EID_OK; i++) {
        status = source_is_visible(source, database, &ids.at[i], &flags[i]);
    }
    return status;
}

eid_status eid_sync_source_missing(eid_sync_source *source, const eid_id *root, eid_ids have,
                                   eid_order *out)
{
    eid_index_graph *graph = NULL;
    eid_idset tips = EID_IDSET_EMPTY;
    eid_status status =
        eid_index_tips(&source->at, root, EID_LEVEL_VISIBLE, EID_SLICE_EMPTY, &tips);

    if (status == EID_OK) status = eid_index_graph_new(&source->at, root, &graph);
    if (status == EID_OK) {
        status = eid_graph_diff(eid_index_graph_source(graph), have, eid_idset_ids(&tips), out);
    }
    eid_index_graph_free(graph);
    eid_idset_fini(&tips);
    return status;
}

eid_status eid_sync_source_scan(eid_sync_source *source, const eid_id *root,
                                const eid_order_item *after, size_t max, eid_order *out)
{
    eid_index_scan *scan = NULL;
    eid_order_item item;
    eid_verdict verdict;
    eid_status status = eid_index_scan_new(&source->at, root, &scan);

    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status == EID_OK && after) eid_index_scan_seek(scan, after->height, &after->id);
    while (status == EID_OK && out->count < max) {
        status = eid_index_scan_next(scan, &item, &verdict);
        if (status != EID_OK || verdict != EID_VERIFIED) continue;
        if (after && item.height == after->height && eid_id_equal(&item.id, &after->id)) continue;
        status = eid_order_push(out, item.height, &item.id);
    }
    eid_index_scan_free(scan);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* sum = a ± b modulo 2^256, big-endian. */
static void sum_add(uint8_t sum[32], const uint8_t *digest)
{
    unsigned carry = 0;

    for (int i = 31; i >= 0; i--) {
        carry += (unsigned)sum[i] + digest[i];
        sum[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static void sum_subtract(uint8_t sum[32], const uint8_t *other)
{
    int borrow = 0;

    for (int i = 31; i >= 0; i--) {
        int value = (int)sum[i] - (int)other[i] - borrow;

        borrow = value < 0;
        sum[i] = (uint8_t)(value & 0xff);
    }
}

static eid_status source_list(eid_sync_source *source, const eid_id *root)
{
    source_ranges *ranges = &source->ranges;
    eid_status status = eid_sync_source_scan(source, root, NULL, SIZE_MAX, &ranges->items);

    if (status != EID_OK) return status;
    ranges->sums = eid_alloc_array(ranges->items.count + 1, sizeof *ranges->sums);
    if (!ranges->sums) return EID_FAIL(EID_KIND_NO_MEMORY, "%zu sums", ranges->items.count);
    for (size_t i = 0; i < ranges->items.count; i++) {
        eid_id_parts parts;

        memcpy(ranges->sums[i + 1], ranges->sums[i], 32);
        eid_id_parts_of(&ranges->items.at[i].id, &parts);
        if (parts.digest.len == 32) sum_add(ranges->sums[i + 1], parts.digest.at);
    }
    return EID_OK;
}

/* The list of this database as of now. */
static eid_status source_load_ranges(eid_sync_source *source, const eid_id *root)
{
    source_ranges *ranges = &source->ranges;
    eid_idset tips = EID_IDSET_EMPTY;
    eid_status status =
        eid_index_tips(&source->at, root, EID_LEVEL_VISIBLE, EID_SLICE_EMPTY, &tips);

    if (status == EID_OK && ranges->sums && eid_id_equal(&ranges->root, root) &&
        eid_idset_equal(&ranges->tips, &tips)) {
        eid_idset_fini(&tips);
        return EID_OK;
    }
    source_forget_ranges(source);
    if (status == EID_OK) status = source_list(source, root);
    if (status != EID_OK) {
        eid_idset_fini(&tips);
        source_forget_ranges(source);
        return status;
    }
    ranges->root = *root;
    ranges->tips = tips;
    return EID_OK;
}

/* Number of items before a bound. */
static size_t source_rank(const eid_sync_source *source, const eid_order_item *bound)
{
    const eid_order *items = &source->ranges.items;
    size_t low = 0, high = items->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const eid_order_item *item = &items->at[middle];
        bool before = item->height != bound->height ? item->height < bound->height
                                                    : eid_id_compare(&item->id, &bound->id) < 0;

        if (before)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void source_span(const eid_sync_source *source, const eid_order_item *low,
                        const eid_order_item *high, size_t *first, size_t *end)
{
    *first = low ? source_rank(source, low) : 0;
    *end = high ? source_rank(source, high) : source->ranges.items.count;
    if (*end < *first) *end = *first;
}

eid_status eid_sync_source_fingerprint(eid_sync_source *source, const eid_id *root,
                                       const eid_order_item *low, const eid_order_item *high,
                                       uint64_t *count, uint8_t sum[32])
{
    size_t first, end;
    eid_status status = source_load_ranges(source, root);

    if (status != EID_OK) return status;
    source_span(source, low, high, &first, &end);
    *count = end - first;
    memcpy(sum, source->ranges.sums[end], 32);
    sum_subtract(sum, source->ranges.sums[first]);
    return EID_OK;
}

eid_status eid_sync_source_item_at(eid_sync_source *source, const eid_id *root,
                                   const eid_order_item *low, const eid_order_item *high,
                                   uint64_t rank, eid_order_item *out)
{
    size_t first, end;
    eid_status status = source_load_ranges(source, root);

    if (status != EID_OK) return status;
    source_span(source, low, high, &first, &end);
    if (rank >= end - first) return EID_E_NOT_FOUND;
    *out = source->ranges.items.at[first + rank];
    return EID_OK;
}

eid_status eid_sync_source_bytes(eid_sync_source *source, const eid_id *root, const eid_id *id,
                                 eid_buf *out)
{
    eid_buf bytes;
    eid_status status;

    (void)root;
    eid_buf_init(&bytes, EID_ENTRY_BYTES_MAX + 1024);
    status = eid_index_bytes(&source->at, id, &bytes);
    if (status == EID_OK) {
        eid_buf_append(out, eid_buf_slice(&bytes));
        status = eid_buf_status(out);
    }
    eid_buf_fini(&bytes);
    return status;
}
