/* A skip list for each family and not a hash table: what is in the batch is read in order too, when
 * tips or a tree are walked through it (batch_cursor.c). Nodes stay until the batch is cleared, so
 * a cursor survives changes; a deleted key is a node that says so. Source: Pugh, Skip lists (1990).
 *
 * Nodes and values lie in blocks that go all at once, and the first block stays: a commit of a few
 * keys allocates nothing. */
#include "storage/batch_list.h"

#include "dag/alloc.h"
#include "dag/assert.h"
#include "storage/batch_hot.h"

#define BLOCK_FIRST_BYTES ((size_t)4 << 10) /* a usual commit; idle databases keep it */
#define BLOCK_BYTES ((size_t)64 << 10)
#define BLOCK_ALIGN _Alignof(max_align_t)

typedef struct batch_block {
    struct batch_block *next; /* the one before */
    size_t used, size;
    max_align_t bytes[]; /* `size` of them */
} batch_block;

struct eid_batch {
    eid_kv *kv;
    batch_block *block; /* the newest; the first is last */
    eid__hot *hot;      /* NULL = nothing is kept */
    size_t count, bytes;
    uint64_t chance; /* state of a generator; heights need no secrecy, the batch is short-lived */
    eid__batch_node heads[EID_FAMILY_COUNT];
    eid__batch_node *towers[EID_FAMILY_COUNT][EID__BATCH_LEVELS]; /* the heads' next */
};

/* Memory that lives until the batch is cleared; NULL if there is none. Not zeroed. */
static void *batch_take(eid_batch *batch, size_t len)
{
    batch_block *block = batch->block;
    uint8_t *at;

    len = (len + BLOCK_ALIGN - 1) / BLOCK_ALIGN * BLOCK_ALIGN;
    if (block == NULL || block->size - block->used < len) {
        size_t size = block == NULL ? BLOCK_FIRST_BYTES : BLOCK_BYTES;

        if (size < len) size = len;
        block = eid_alloc(sizeof *block + size);
        if (block == NULL) return NULL;
        block->size = size;
        block->next = batch->block;
        batch->block = block;
    }
    at = (uint8_t *)block->bytes + block->used;
    block->used += len;
    return at;
}

/* Give all blocks back, but keep the first if it has the usual size. */
static void batch_drop_blocks(eid_batch *batch, bool keep_first)
{
    batch_block *block = batch->block;

    while (block != NULL && (block->next != NULL || !keep_first)) {
        batch_block *next = block->next;

        eid_free(block);
        block = next;
    }
    if (block != NULL && block->size > BLOCK_FIRST_BYTES) {
        eid_free(block);
        block = NULL;
    }
    if (block != NULL) block->used = 0;
    batch->block = block;
}

/* Number of levels of a new node: each more has a chance of one in four. */
static size_t batch_levels(eid_batch *batch)
{
    size_t levels = 1;

    batch->chance = batch->chance * 6364136223846793005u + 1442695040888963407u;
    for (uint64_t bits = batch->chance >> 33; levels < EID__BATCH_LEVELS && (bits & 3) == 0;) {
        levels++;
        bits >>= 2;
    }
    return levels;
}

eid_status eid_batch_new(eid_kv *kv, eid_batch **out)
{
    eid_batch *batch = eid_alloc(sizeof *batch);

    *out = batch;
    if (batch == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a batch");
    batch->kv = kv;
    batch->chance = 1;
    for (size_t i = 0; i < EID_FAMILY_COUNT; i++) batch->heads[i].next = batch->towers[i];
    return EID_OK;
}

void eid_batch_clear(eid_batch *batch)
{
    for (eid__batch_node *node = batch->towers[EID_FAMILY_META][0]; node != NULL;
         node = node->next[0]) {
        eid_wipe(node->value, node->value_cap); /* secrets */
    }
    memset(batch->towers, 0, sizeof batch->towers);
    batch_drop_blocks(batch, true);
    batch->count = 0;
    batch->bytes = 0;
}

void eid_batch_free(eid_batch *batch)
{
    if (batch == NULL) return;
    eid_batch_clear(batch);
    batch_drop_blocks(batch, false);
    eid__hot_free(batch->hot);
    eid_free(batch);
}

void eid_batch_keep_hot(eid_batch *batch)
{
    if (batch->hot == NULL) batch->hot = eid__hot_new();
}

eid_kv *eid_batch_kv(const eid_batch *batch)
{
    return batch->kv;
}

size_t eid_batch_count(const eid_batch *batch)
{
    return batch->count;
}

/* The last node before `key` on each level, into `before`. */
static void batch_descend(eid_batch *batch, eid_family family, eid_slice key,
                          eid__batch_node **before)
{
    eid__batch_node *node = &batch->heads[family];

    for (size_t level = EID__BATCH_LEVELS; level-- > 0;) {
        while (node->next[level] != NULL && eid_slice_compare(node->next[level]->key, key) < 0) {
            node = node->next[level];
        }
        before[level] = node;
    }
}

eid__batch_node *eid__batch_seek(eid_batch *batch, eid_family family, eid_slice key)
{
    eid__batch_node *before[EID__BATCH_LEVELS];

    batch_descend(batch, family, key, before);
    return before[0]->next[0];
}

/* The node of a key, made if missing; NULL without memory. */
static eid__batch_node *batch_node(eid_batch *batch, eid_family family, eid_slice key)
{
    eid__batch_node *before[EID__BATCH_LEVELS];
    eid__batch_node *node;
    size_t levels, links;

    batch_descend(batch, family, key, before);
    node = before[0]->next[0];
    if (node != NULL && eid_slice_equal(node->key, key)) return node;
    levels = batch_levels(batch);
    links = levels * sizeof(eid__batch_node *);
    node = batch_take(batch, sizeof *node + links + key.len);
    if (node == NULL) return NULL;
    *node = (eid__batch_node){.is_delete = true}; /* until it is set: as if it were not there */
    node->next = (eid__batch_node **)(void *)(node + 1);
    if (key.len > 0) memcpy((uint8_t *)(node + 1) + links, key.at, key.len);
    node->key = eid_slice_of((uint8_t *)(node + 1) + links, key.len);
    for (size_t level = 0; level < levels; level++) {
        node->next[level] = before[level]->next[level];
        before[level]->next[level] = node;
    }
    batch->count++;
    batch->bytes += sizeof *node + links + key.len;
    return node;
}

static eid_status batch_set(eid_batch *batch, eid_family family, eid_slice key, eid_slice value,
                            bool is_delete)
{
    eid__batch_node *node;

    EID_ASSERT(family < EID_FAMILY_COUNT);
    if (key.len + value.len > EID_BATCH_BYTES_MAX ||
        batch->bytes > EID_BATCH_BYTES_MAX - key.len - value.len) {
        return EID_FAIL(EID_KIND_LIMIT, "more than %u MiB of changes at once",
                        EID_BATCH_BYTES_MAX >> 20);
    }
    node = batch_node(batch, family, key);
    if (node == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a change");
    if (value.len > node->value_cap) {
        size_t cap = node->value == NULL ? value.len : 2 * value.len; /* it may grow again */
        uint8_t *bytes = batch_take(batch, cap);

        if (bytes == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a change");
        if (family == EID_FAMILY_META) eid_wipe(node->value, node->value_cap);
        batch->bytes += cap;
        node->value = bytes;
        node->value_cap = cap;
    }
    if (value.len > 0) memcpy(node->value, value.at, value.len);
    node->value_len = value.len;
    node->is_delete = is_delete;
    return EID_OK;
}

eid_status eid_batch_put(eid_batch *batch, eid_family family, eid_slice key, eid_slice value)
{
    return batch_set(batch, family, key, value, false);
}

eid_status eid_batch_delete(eid_batch *batch, eid_family family, eid_slice key)
{
    return batch_set(batch, family, key, EID_SLICE_EMPTY, true);
}

eid_status eid_batch_get(eid_batch *batch, eid_family family, eid_slice key, eid_buf *out)
{
    const eid__batch_node *node = eid__batch_seek(batch, family, key);

    if (node == NULL || !eid_slice_equal(node->key, key)) {
        return eid_kv_get(batch->kv, NULL, family, key, out);
    }
    eid_buf_clear(out);
    if (node->is_delete) return EID_E_NOT_FOUND;
    eid_buf_append(out, eid_slice_of(node->value, node->value_len));
    return eid_buf_status(out);
}

eid_status eid_batch_get_hot(eid_batch *batch, eid_family family, eid_slice key, eid_buf *out)
{
    const eid__batch_node *node = eid__batch_seek(batch, family, key);
    bool is_absent = false;
    eid_slice value;
    eid_status status;

    if (batch->hot == NULL || (node != NULL && eid_slice_equal(node->key, key))) {
        return eid_batch_get(batch, family, key, out);
    }
    if (eid__hot_find(batch->hot, family, key, &value, &is_absent)) {
        eid_buf_clear(out);
        if (is_absent) return EID_E_NOT_FOUND;
        eid_buf_append(out, value);
        return eid_buf_status(out);
    }
    status = eid_kv_get(batch->kv, NULL, family, key, out);
    if (status == EID_OK) eid__hot_keep(batch->hot, family, key, eid_buf_slice(out), false);
    if (status == EID_E_NOT_FOUND) {
        eid__hot_keep(batch->hot, family, key, EID_SLICE_EMPTY, true);
    }
    return status;
}

eid_status eid_batch_delete_prefix(eid_batch *batch, eid_family family, eid_slice prefix)
{
    eid_kv_iter *iter = NULL;
    eid_slice key, value;
    eid_status status = eid_kv_iter_new(batch->kv, NULL, family, prefix, &iter);

    while (status == EID_OK && eid_kv_iter_pair(iter, &key, &value)) {
        status = eid_batch_delete(batch, family, key);
        eid_kv_iter_next(iter);
    }
    if (status == EID_OK) status = eid_kv_iter_status(iter);
    eid_kv_iter_free(iter);
    if (status != EID_OK) return status;
    for (eid__batch_node *node = eid__batch_seek(batch, family, prefix);
         node != NULL && eid_slice_has_prefix(node->key, prefix); node = node->next[0]) {
        node->is_delete = true;
    }
    return EID_OK;
}

eid_status eid_batch_write(eid_batch *batch, eid_durability durability)
{
    eid_kv_write_op *ops = eid_alloc_array(batch->count, sizeof *ops);
    eid_status status;
    size_t count = 0;

    if (ops == NULL)
        return EID_FAIL(EID_KIND_NO_MEMORY, "no memory to write %zu changes", batch->count);
    for (size_t i = 0; i < EID_FAMILY_COUNT; i++) {
        for (const eid__batch_node *node = batch->towers[i][0]; node != NULL;
             node = node->next[0]) {
            ops[count++] = (eid_kv_write_op){
                .family = (eid_family)i,
                .key = node->key,
                .value = eid_slice_of(node->value, node->value_len),
                .is_delete = node->is_delete,
            };
        }
    }
    EID_ASSERT(count == batch->count);
    status = eid_kv_write(batch->kv, ops, count, durability);
    for (size_t i = 0; batch->hot != NULL && status == EID_OK && i < count; i++) {
        eid__hot_change(batch->hot, &ops[i]);
    }
    eid_free(ops);
    if (status == EID_OK) eid_batch_clear(batch);
    return status;
}
