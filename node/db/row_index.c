/* Values are kept as a part of their hash: pairs have one size, whatever the value's, and two
 * values that share it cost one look at a row. */
#include "node/db/row_index.h"

#include "dag/hash.h"
#include "node/db/row_field.h"
#include "node/db/state_rows.h"

#define FIELD_HASH_BYTES 8u
#define VALUE_HASH_BYTES 16u
#define KEY_BYTES_MAX (4u * 1024u * 1024u)
#define MARKS_BYTES_MAX 65536u

_Static_assert(EID__ROW_PREFIX_BYTES ==
                   EID__STATE_PREFIX_BYTES + FIELD_HASH_BYTES + VALUE_HASH_BYTES,
               "a pair's key is the store, the member, the value, then the row's key");

static void index_prefix(eid__row_store store, uint8_t kind, eid_buf *out)
{
    eid_buf_clear(out);
    eid_buf_append_u32(out, store.database);
    eid_buf_append_u32(out, store.store);
    eid_buf_append_byte(out, kind);
}

static void index_hash(eid_slice bytes, size_t len, eid_buf *out)
{
    uint8_t hash[EID_HASH_BYTES];

    eid_hash_blake3(bytes, hash);
    eid_buf_append(out, eid_slice_of(hash, len));
}

/* -- marks ------------------------------------------------------------------------------------- */

eid_status eid__row_marks_read(const eid_at *at, eid__row_store store, eid_buf *out)
{
    eid_buf key;
    eid_slice name;
    eid_status status;

    eid_buf_init(&key, EID__STATE_PREFIX_BYTES);
    index_prefix(store, EID__STATE_INDEX_MARKS, &key);
    name = eid_buf_slice(&key);
    status = eid_buf_status(&key);
    if (status == EID_OK && at->batch) {
        status = eid_batch_get_hot(at->batch, EID_FAMILY_STATE, name, out); /* each entry asks */
    } else if (status == EID_OK) {
        status = eid_kv_get(at->kv, at->view, EID_FAMILY_STATE, name, out);
    }
    eid_buf_fini(&key);
    if (status != EID_E_NOT_FOUND) return status;
    eid_buf_clear(out);
    return EID_OK;
}

bool eid__row_marks_next(eid_slice *marks, eid__row_mark *out)
{
    size_t len;

    if (marks->len < 11) return false;
    len = eid_get_u16(marks->at + 9);
    if (marks->len - 11 < len) return false;
    out->is_ready = marks->at[0] != 0;
    out->generation = eid_get_u64(marks->at + 1);
    out->field = eid_slice_of(marks->at + 11, len);
    *marks = eid_slice_of(marks->at + 11 + len, marks->len - 11 - len);
    return true;
}

bool eid__row_marks_find(eid_slice marks, eid_slice field, eid__row_mark *out)
{
    while (eid__row_marks_next(&marks, out)) {
        if (eid_slice_equal(out->field, field)) return true;
    }
    return false;
}

static void marks_append(eid_buf *out, const eid__row_mark *mark)
{
    eid_buf_append_byte(out, mark->is_ready ? 1 : 0);
    eid_buf_append_u64(out, mark->generation);
    eid_buf_append_u16(out, (uint16_t)mark->field.len);
    eid_buf_append(out, mark->field);
}

eid_status eid__row_marks_put(eid_batch *batch, eid__row_store store, eid_slice field,
                              const eid__row_mark *mark)
{
    const eid_at at = {.kv = eid_batch_kv(batch), .batch = batch};
    eid_buf old, marks, key;
    eid__row_mark one;
    eid_slice rest;
    eid_status status;

    eid_buf_init(&old, MARKS_BYTES_MAX);
    eid_buf_init(&marks, MARKS_BYTES_MAX);
    eid_buf_init(&key, EID__STATE_PREFIX_BYTES);
    status = eid__row_marks_read(&at, store, &old);
    if (status != EID_OK) goto done;
    rest = eid_buf_slice(&old);
    while (eid__row_marks_next(&rest, &one)) {
        if (!eid_slice_equal(one.field, field)) marks_append(&marks, &one);
    }
    if (mark) marks_append(&marks, mark);
    index_prefix(store, EID__STATE_INDEX_MARKS, &key);
    status = eid_buf_status(&marks);
    if (status == EID_OK) status = eid_buf_status(&key);
    if (status != EID_OK) goto done;
    status = marks.len > 0 ? eid_batch_put(batch, EID_FAMILY_STATE, eid_buf_slice(&key),
                                           eid_buf_slice(&marks))
                           : eid_batch_delete(batch, EID_FAMILY_STATE, eid_buf_slice(&key));

done:
    eid_buf_fini(&old);
    eid_buf_fini(&marks);
    eid_buf_fini(&key);
    return status;
}

/* -- pairs ------------------------------------------------------------------------------------- */

void eid__row_field_prefix(eid__row_store store, eid_slice field, eid_buf *out)
{
    index_prefix(store, EID__STATE_INDEX_PAIR, out);
    index_hash(field, FIELD_HASH_BYTES, out);
}

void eid__row_value_prefix(eid__row_store store, eid_slice field, eid_slice scalar, eid_buf *out)
{
    eid__row_field_prefix(store, field, out);
    index_hash(scalar, VALUE_HASH_BYTES, out);
}

/* The key of a row's pair; NOT_FOUND bare if it has none. */
static eid_status pair_key(eid__row_store store, eid_slice field, eid_slice key, eid_slice row,
                           eid_buf *out)
{
    eid_buf scalar;
    eid_status status;

    eid_buf_init(&scalar, EID__ROW_SCALAR_MAX);
    status = eid__row_field(row, field, &scalar);
    if (status == EID_OK) {
        eid__row_value_prefix(store, field, eid_buf_slice(&scalar), out);
        eid_buf_append(out, key);
        status = eid_buf_status(out);
    }
    eid_buf_fini(&scalar);
    return status;
}

eid_status eid__row_pair_put(eid_batch *batch, eid__row_store store, eid_slice field, eid_slice key,
                             eid_slice row)
{
    eid_buf name;
    eid_status status;

    eid_buf_init(&name, KEY_BYTES_MAX);
    status = pair_key(store, field, key, row, &name);
    if (status == EID_OK) {
        status = eid_batch_put(batch, EID_FAMILY_STATE, eid_buf_slice(&name), EID_SLICE_EMPTY);
    }
    eid_buf_fini(&name);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

static eid_status pair_delete(eid_batch *batch, eid__row_store store, eid_slice field,
                              eid_slice key, eid_slice row)
{
    eid_buf name;
    eid_status status;

    eid_buf_init(&name, KEY_BYTES_MAX);
    status = pair_key(store, field, key, row, &name);
    if (status == EID_OK) {
        status = eid_batch_delete(batch, EID_FAMILY_STATE, eid_buf_slice(&name));
    }
    eid_buf_fini(&name);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* -- payloads ---------------------------------------------------------------------------------- */

/* A row is one record and never more: what is below a child that is no text is none of ours. */
static eid_status change_no_scan(void *self, eid_slice prefix, eid_slice from,
                                 eid_status (*fn)(void *arg, eid_slice key, eid_slice value),
                                 void *arg)
{
    (void)self;
    (void)prefix;
    (void)from;
    (void)fn;
    (void)arg;
    return EID_OK;
}

static eid_status change_row(const eid_at *at, eid__row_store store, eid_slice marks, eid_slice key,
                             eid_slice row, bool is_after)
{
    eid__row_mark mark;
    eid_status status = EID_OK;

    while (status == EID_OK && eid__row_marks_next(&marks, &mark)) {
        status = is_after ? eid__row_pair_put(at->batch, store, mark.field, key, row)
                          : pair_delete(at->batch, store, mark.field, key, row);
    }
    return status;
}

eid_status eid__row_index_change(const eid_at *at, eid__row_store store, eid_slice marks,
                                 const eid_doc *payload, bool is_after)
{
    eid__state_rows rows;
    eid_status status = EID_OK;

    if (marks.len == 0) return EID_OK;
    eid__state_rows_init(&rows, at, store.database, store.store);
    rows.rows.scan = change_no_scan;
    for (size_t i = 0; status == EID_OK && i < eid_doc_total(payload); i++) {
        eid_value row = EID_VALUE_NULL_INIT;
        eid_slice key;
        (void)eid_doc_at(payload, i, &key);
        status = eid_state_get(&rows.rows, &key, 1, &row, NULL);
        if (status == EID_OK && row.type == EID_VALUE_TEXT) {
            status = change_row(at, store, marks, key, eid_value_text(&row), is_after);
        }
        if (status == EID_E_NOT_FOUND) status = EID_OK;
        eid_value_fini(&row);
    }
    eid__state_rows_fini(&rows);
    return status;
}
