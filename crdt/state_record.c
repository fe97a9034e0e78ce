/* The value of a row, version 1, with all that can be told from the rest left out:
 *
 *     1 | kind, flags | last | floor? | element? | name? | bytes of a leaf
 *     element = parts | first? | numerator, denominator?
 *     stamp   = height as LEB128 | length of the id | id
 *
 * A leaf written once costs 40 bytes more than itself, almost all of it the writer's id. */
#include "crdt/crdt_internal.h"

#define RECORD_VERSION 1u

#define RECORD_KIND 0x07u
#define RECORD_FLOOR 0x08u
#define RECORD_ATOMIC 0x10u
#define RECORD_ELEMENT 0x20u
#define RECORD_ODD 0x40u
#define RECORD_NAME 0x80u

#define ELEMENT_FIRST 0x01u    /* the earliest write is not the last one */
#define ELEMENT_SPELLING 0x02u /* it was not spelled in lowest terms */

int eid_stamp_compare(const eid_stamp *a, const eid_stamp *b)
{
    if (a->height != b->height) return a->height < b->height ? -1 : 1;
    return eid_id_compare(&a->id, &b->id);
}

bool eid__stamp_shows(const eid_stamp *stamp, const eid_stamp *floor)
{
    return floor == NULL || eid_stamp_compare(stamp, floor) >= 0;
}

const eid_stamp *eid__floor_max(const eid_stamp *a, const eid_stamp *b)
{
    if (a == NULL) return b;
    return b == NULL || eid_stamp_compare(a, b) >= 0 ? a : b;
}

const eid_stamp *eid__record_floor(const eid__record *record)
{
    return record->has_floor ? &record->floor : NULL;
}

/* -- writing ----------------------------------------------------------------------------------- */

static void varint_write(uint64_t value, eid_buf *out)
{
    while (value >= 0x80) {
        eid_buf_append_byte(out, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    eid_buf_append_byte(out, (uint8_t)value);
}

static void stamp_write(const eid_stamp *stamp, eid_buf *out)
{
    varint_write(stamp->height, out);
    eid_buf_append_byte(out, stamp->id.len);
    eid_buf_append(out, eid_id_slice(&stamp->id));
}

static void element_write(const eid__record *record, const eid_position *reduced, eid_buf *out)
{
    bool apart = eid_stamp_compare(&record->first, &record->last) != 0;
    bool spelled =
        record->numerator != reduced->numerator || record->denominator != reduced->denominator;

    eid_buf_append_byte(out,
                        (uint8_t)((apart ? ELEMENT_FIRST : 0) | (spelled ? ELEMENT_SPELLING : 0)));
    if (apart) stamp_write(&record->first, out);
    if (!spelled) return;
    eid_buf_append_u64(out, (uint64_t)record->numerator);
    eid_buf_append_u64(out, record->denominator);
}

void eid__record_write(const eid__record *record, const eid_position *reduced, eid_buf *out)
{
    unsigned flags = (unsigned)record->kind;

    if (record->has_floor) flags |= RECORD_FLOOR;
    if (record->atomic) flags |= RECORD_ATOMIC;
    if (record->is_element) flags |= RECORD_ELEMENT;
    if (record->is_odd) flags |= RECORD_ODD;
    if (record->name.len > 0) flags |= RECORD_NAME;
    eid_buf_append_byte(out, RECORD_VERSION);
    eid_buf_append_byte(out, (uint8_t)flags);
    stamp_write(&record->last, out);
    if (record->has_floor) stamp_write(&record->floor, out);
    if (record->is_element) element_write(record, reduced, out);
    if (record->name.len > 0) {
        varint_write(record->name.len, out);
        eid_buf_append(out, record->name);
    }
    eid_buf_append(out, record->leaf);
}

void eid__leaf_write(const eid_value *value, eid_buf *out)
{
    if (value->type == EID_VALUE_BOOL) eid_buf_append_byte(out, value->boolean);
    if (value->type == EID_VALUE_INT) eid_buf_append_u64(out, (uint64_t)value->integer);
    if (value->type == EID_VALUE_TEXT) eid_buf_append(out, eid_value_text(value));
}

/* -- reading: what is taken beyond the end makes `ok` false, once and for all --------------------
 */

typedef struct row_reader {
    eid_slice rest;
    bool ok;
} row_reader;

static eid_slice row_take(row_reader *row, uint64_t len)
{
    eid_slice taken = EID_SLICE_EMPTY;

    if (len > row->rest.len) row->ok = false;
    if (!row->ok) return taken;
    taken = eid_slice_of(row->rest.at, (size_t)len);
    row->rest = eid_slice_of(row->rest.at + len, row->rest.len - (size_t)len);
    return taken;
}

static uint8_t row_byte(row_reader *row)
{
    eid_slice byte = row_take(row, 1);

    return row->ok ? byte.at[0] : 0;
}

static uint64_t row_u64(row_reader *row)
{
    eid_slice bytes = row_take(row, 8);

    return row->ok ? eid_get_u64(bytes.at) : 0;
}

static uint64_t row_varint(row_reader *row)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = row_byte(row);

        value |= (uint64_t)(byte & 0x7fu) << shift;
        if (byte < 0x80) return value;
    }
    row->ok = false;
    return 0;
}

static void row_stamp(row_reader *row, eid_stamp *out)
{
    size_t used = 0;
    eid_slice id;

    out->height = row_varint(row);
    out->id = EID_ID_EMPTY;
    id = row_take(row, row_byte(row));
    if (id.len == 0) return;
    if (eid_id_from_bytes(id, &out->id, &used) != EID_OK || used != id.len) row->ok = false;
}

static void row_element(row_reader *row, const eid_position *reduced, eid__record *out)
{
    uint8_t parts = row_byte(row);

    if (reduced == NULL || (parts & ~(ELEMENT_FIRST | ELEMENT_SPELLING)) != 0) {
        row->ok = false;
        return;
    }
    out->is_element = true;
    out->first = out->last;
    if (parts & ELEMENT_FIRST) row_stamp(row, &out->first);
    out->numerator = reduced->numerator;
    out->denominator = reduced->denominator;
    if (!(parts & ELEMENT_SPELLING)) return;
    out->numerator = (int64_t)row_u64(row);
    out->denominator = row_u64(row);
}

static bool leaf_fits(eid_value_type kind, size_t len)
{
    if (kind == EID_VALUE_TEXT) return true;
    if (kind == EID_VALUE_INT) return len == 8;
    return len == (kind == EID_VALUE_BOOL);
}

/* Only containers have floors, only docs are atomic, only elements are spelled. */
static bool record_is_sound(const eid__record *record)
{
    bool is_container = record->kind == EID_VALUE_DOC || record->kind == EID_VALUE_LIST;

    if (record->has_floor && !is_container) return false;
    if (record->atomic && (!record->has_floor || record->kind != EID_VALUE_DOC)) return false;
    return record->is_element || !record->is_odd;
}

eid_status eid__record_read(eid_slice bytes, const eid_position *reduced, eid__record *out)
{
    row_reader row = {bytes, true};
    uint8_t version = row_byte(&row), flags = row_byte(&row);

    *out = (eid__record){.kind = (eid_value_type)(flags & RECORD_KIND)};
    if (version != RECORD_VERSION || (flags & RECORD_KIND) > EID_VALUE_DELETED) row.ok = false;
    out->has_floor = flags & RECORD_FLOOR;
    out->atomic = flags & RECORD_ATOMIC;
    out->is_odd = flags & RECORD_ODD;
    row_stamp(&row, &out->last);
    if (out->has_floor) row_stamp(&row, &out->floor);
    if (flags & RECORD_ELEMENT) row_element(&row, reduced, out);
    if (flags & RECORD_NAME) out->name = row_take(&row, row_varint(&row));
    out->leaf = row.rest;
    if (row.ok && record_is_sound(out) && leaf_fits(out->kind, out->leaf.len)) return EID_OK;
    return EID_FAIL(EID_KIND_STORE_CORRUPT, "a row of %zu bytes of a store's state cannot be read",
                    bytes.len);
}

eid_status eid__record_leaf(const eid__record *record, eid_value *out)
{
    *out = (eid_value){.type = record->kind};
    switch (record->kind) {
    case EID_VALUE_NULL:
    case EID_VALUE_DELETED:
        return EID_OK;
    case EID_VALUE_BOOL:
        out->boolean = record->leaf.at[0] != 0;
        return EID_OK;
    case EID_VALUE_INT:
        out->integer = (int64_t)eid_get_u64(record->leaf.at);
        return EID_OK;
    case EID_VALUE_TEXT:
        out->type = EID_VALUE_NULL;
        return eid_value_set_text(out, record->leaf);
    case EID_VALUE_DOC:
    case EID_VALUE_LIST:
        break;
    }
    *out = EID_VALUE_NULL_INIT;
    return EID_FAIL(EID_KIND_INTERNAL, "a %s is no leaf", eid_value_type_name(record->kind));
}

eid_status eid__state_root(const eid_state_rows *rows, eid_buf *row, eid__record *out)
{
    eid_status status;

    eid_buf_clear(row);
    status = rows->get(rows->self, EID_SLICE_EMPTY, row);
    if (status == EID_OK) {
        status = eid__record_read(eid_buf_slice(row), NULL, out);
        if (status != EID_OK || out->kind == EID_VALUE_DOC) return status;
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "the root of a store's state is no doc");
    }
    *out = (eid__record){.kind = EID_VALUE_DOC};
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}
