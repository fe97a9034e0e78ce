/* The prefix is written once and the rest of a key appended to it, because a payload of many paths
 * asks for many rows. A payload is read before its first row is put, so that one that is no Doc
 * leaves the mark and nothing else. */
#include "node/db/state_rows.h"

#include "crdt/payload.h"
#include "dag/log.h"

#define STATE_KEY_BYTES_MAX (4u * 1024u * 1024u) /* a whole payload as one key, zeros escaped */

enum { STATE_KIND_OPAQUE = 0, STATE_KIND_ROW = 1 };

static void state_prefix(uint8_t prefix[EID__STATE_PREFIX_BYTES], uint32_t database, uint32_t store,
                         uint8_t kind)
{
    eid_put_u32(prefix, database);
    eid_put_u32(prefix + 4, store);
    prefix[8] = kind;
}

/* The whole key of a row; lent until the next call. */
static eid_status state_rows_key(eid__state_rows *rows, eid_slice key, eid_slice *out)
{
    eid_buf_clear(&rows->key);
    eid_buf_append(&rows->key, eid_slice_of(rows->prefix, sizeof(rows->prefix)));
    eid_buf_append(&rows->key, key);
    *out = eid_buf_slice(&rows->key);
    return eid_buf_status(&rows->key);
}

static eid_status state_get(const eid_at *at, eid_slice key, eid_buf *out)
{
    if (at->batch != NULL) return eid_batch_get(at->batch, EID_FAMILY_STATE, key, out);
    return eid_kv_get(at->kv, at->view, EID_FAMILY_STATE, key, out);
}

static eid_status state_rows_get(void *self, eid_slice key, eid_buf *out)
{
    eid__state_rows *rows = self;
    eid_slice whole;
    eid_status status = state_rows_key(rows, key, &whole);

    return status == EID_OK ? state_get(&rows->at, whole, out) : status;
}

static eid_status state_rows_put(void *self, eid_slice key, eid_slice value)
{
    eid__state_rows *rows = self;
    eid_slice whole;
    eid_status status = state_rows_key(rows, key, &whole);

    if (status != EID_OK) return status;
    rows->bytes += whole.len + value.len;
    if (rows->bytes > EID__STATE_BYTES_MAX) {
        rows->is_over = true;
        return EID_FAIL(EID_KIND_LIMIT, "a payload that makes more than %u bytes of rows",
                        EID__STATE_BYTES_MAX);
    }
    return eid_batch_put(rows->at.batch, EID_FAMILY_STATE, whole, value);
}

static eid_status state_rows_scan(void *self, eid_slice prefix, eid_slice from,
                                  eid_status (*fn)(void *arg, eid_slice key, eid_slice value),
                                  void *arg)
{
    eid__state_rows *rows = self;
    eid_kv_iter *iter = NULL;
    eid_slice whole, key, value;
    eid_status status = state_rows_key(rows, prefix, &whole);

    if (status != EID_OK) return status;
    status = eid_kv_iter_new(rows->at.kv, rows->at.view, EID_FAMILY_STATE, whole, &iter);
    if (status != EID_OK) return status;
    status = state_rows_key(rows, from, &whole);
    if (status != EID_OK) goto done;
    eid_kv_iter_seek(iter, whole);
    for (; eid_kv_iter_pair(iter, &key, &value); eid_kv_iter_next(iter)) {
        key.at += sizeof(rows->prefix);
        key.len -= sizeof(rows->prefix);
        status = fn(arg, key, value);
        if (status != EID_OK) goto done;
    }
    status = eid_kv_iter_status(iter);

done:
    eid_kv_iter_free(iter);
    return status;
}

void eid__state_rows_init(eid__state_rows *rows, const eid_at *at, uint32_t database,
                          uint32_t store)
{
    memset(rows, 0, sizeof(*rows));
    rows->at = *at;
    state_prefix(rows->prefix, database, store, STATE_KIND_ROW);
    eid_buf_init(&rows->key, STATE_KEY_BYTES_MAX);
    rows->rows.self = rows;
    rows->rows.get = state_rows_get;
    rows->rows.put = at->batch != NULL ? state_rows_put : NULL;
    rows->rows.scan = at->batch == NULL ? state_rows_scan : NULL;
}

void eid__state_rows_fini(eid__state_rows *rows)
{
    eid_buf_fini(&rows->key);
}

eid_status eid__state_is_opaque(const eid_at *at, uint32_t database, uint32_t store, bool *out)
{
    uint8_t key[EID__STATE_PREFIX_BYTES];
    eid_buf value;
    eid_status status;

    eid_buf_init(&value, 16);
    state_prefix(key, database, store, STATE_KIND_OPAQUE);
    status = state_get(at, eid_slice_of(key, sizeof(key)), &value);
    eid_buf_fini(&value);
    *out = status == EID_OK;
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

static eid_status state_mark(eid_batch *batch, uint32_t database, uint32_t store)
{
    uint8_t key[EID__STATE_PREFIX_BYTES];

    state_prefix(key, database, store, STATE_KIND_OPAQUE);
    return eid_batch_put(batch, EID_FAMILY_STATE, eid_slice_of(key, sizeof(key)),
                         eid_slice_text("1"));
}

/* *is_theirs tells that the payload is at fault and not our storage. */
static eid_status state_apply_payload(const eid_at *at, const uint32_t numbers[2],
                                      const eid_stamp *stamp, eid_slice payload, bool *is_theirs)
{
    eid__state_rows rows;
    eid_doc *doc = NULL;
    eid_status status = eid_payload_read_doc(payload, &doc);

    *is_theirs = status != EID_OK && status != EID_E_NO_MEMORY;
    if (status != EID_OK) return status;
    eid__state_rows_init(&rows, at, numbers[0], numbers[1]);
    status = eid_state_apply(&rows.rows, stamp, doc);
    *is_theirs = rows.is_over;
    eid__state_rows_fini(&rows);
    eid_doc_free(doc);
    return status;
}

eid_status eid__state_apply_entry(eid_batch *batch, uint32_t database, const eid_entry *entry,
                                  bool *marked)
{
    const eid_at at = {.kv = eid_batch_kv(batch), .batch = batch};
    eid_stamp stamp = {.id = *eid_entry_id(entry)};

    for (size_t i = 0; i < eid_entry_subtree_count(entry); i++) {
        const eid_subtree *subtree = eid_entry_subtree(entry, i);
        uint32_t numbers[2] = {database, 0};
        bool is_theirs = false;
        eid_status status;

        if (!subtree->has_data || subtree->data.len == 0) continue;
        if (eid_slice_is(subtree->name, EID_STORE_ROOT)) continue;
        status = eid_index_store_number(batch, database, subtree->name, &numbers[1]);
        if (status != EID_OK) return status;
        stamp.height = subtree->height;
        status = state_apply_payload(&at, numbers, &stamp, subtree->data, &is_theirs);
        if (is_theirs) {
            eid_log_debug("state.opaque", "entry=%s store=%.*s reason=%s", eid_id_str(&stamp.id),
                          EID_SLICE_ARG(subtree->name), eid_status_detail(status).text);
            *marked = true;
            status = state_mark(batch, database, numbers[1]);
        }
        if (status != EID_OK) return status;
    }
    return EID_OK;
}
