/* Applying an entry, by the rule of the design ("What each path keeps"):
 *
 * Each path keeps the stamp and value of its latest write, the latest stamp that ended what a doc
 * here held (a leaf, a delete, a list or an atomic doc) and the one that ended what a list here
 * held (a leaf, a delete or any doc). Stamps only rise, so every step commutes with itself and with
 * every other, and entries may come in any order and twice. Reading is in state_read.c.
 *
 * Two of the three stamps always tell the third (eid__record), so a row keeps at most two.
 *
 * Merging keeps the first spelling of a list position (2/4 or 1/2). Which write was first depends
 * on the floor one reads over, so each write of an element is kept: the earliest in its row, others
 * in rows of a stamp each. They are looked at only where some spelling was not in lowest terms,
 * which no node writes, and an element that is written once has none. */
#include "crdt/crdt_internal.h"

typedef struct state_apply {
    const eid_state_rows *rows;
    const eid_stamp *stamp;
    eid_buf key;  /* of the path at hand */
    eid_buf old;  /* its row */
    eid_buf row;  /* the row that is written */
    eid_buf leaf; /* the new value's bytes */
    unsigned depth;
    eid__loss loss;
} state_apply;

/* What a write is to the record it meets. */
typedef struct state_write {
    const eid_value *value;
    eid_slice leaf;
    eid_slice name;               /* of a child whose key is cut */
    const eid_position *spelling; /* of an element, as written */
    eid_position reduced;
} state_write;

static eid_status apply_value(state_apply *apply, state_write *write);

static bool write_is_atomic(const eid_value *value)
{
    return value->type == EID_VALUE_DOC && eid_doc_is_atomic(value->doc);
}

/* Whether a write ends what a container of this kind held before. */
static bool write_ends(const eid_value *value, eid_value_type kind)
{
    return value->type != kind || write_is_atomic(value);
}

/* The write is the latest here: it becomes the record; the old one leaves the floor of its kind. */
static void record_succeed(eid__record *record, const eid_stamp *stamp, const state_write *write)
{
    eid_value_type kind = write->value->type;
    bool is_container = kind == EID_VALUE_DOC || kind == EID_VALUE_LIST;

    if (write_is_atomic(write->value)) {
        record->floor = *stamp;
    } else if (record->kind != kind) {
        record->floor = record->last;
    }
    if (!is_container) {
        record->has_floor = record->atomic = false;
    } else if (write_is_atomic(write->value) || record->kind != kind) {
        record->has_floor = true;
        record->atomic = write_is_atomic(write->value);
    }
    record->last = *stamp;
    record->kind = kind;
    record->leaf = write->leaf;
}

/* Join a write into the record of its path; false if nothing changed. */
static bool record_join(eid__record *record, const eid_stamp *stamp, const state_write *write)
{
    int order = eid_stamp_compare(stamp, &record->last);

    if (order > 0) {
        record_succeed(record, stamp, write);
        return true;
    }
    if (order == 0 || !write_ends(write->value, record->kind)) return false;
    if (record->kind != EID_VALUE_DOC && record->kind != EID_VALUE_LIST) return false;
    if (record->has_floor && eid_stamp_compare(stamp, &record->floor) <= 0) return false;
    record->has_floor = true;
    record->floor = *stamp;
    record->atomic = record->kind == EID_VALUE_DOC && write_is_atomic(write->value);
    return true;
}

static bool spelling_is_odd(const state_write *write)
{
    return write->spelling->numerator != write->reduced.numerator ||
           write->spelling->denominator != write->reduced.denominator;
}

static void record_begin(eid__record *record, const eid_stamp *stamp, const state_write *write)
{
    bool atomic = write_is_atomic(write->value);

    *record = (eid__record){.last = *stamp,
                            .kind = write->value->type,
                            .leaf = write->leaf,
                            .has_floor = atomic,
                            .atomic = atomic,
                            .name = write->name};
    if (atomic) record->floor = *stamp;
    if (write->spelling == NULL) return;
    record->is_element = true;
    record->is_odd = spelling_is_odd(write);
    record->first = *stamp;
    record->numerator = write->spelling->numerator;
    record->denominator = write->spelling->denominator;
}

/* Keep one more write of the element at hand: a row of its own, empty if in lowest terms. */
static eid_status apply_keep_write(state_apply *apply, const eid_stamp *stamp,
                                   const eid_position *spelling, const eid_position *reduced)
{
    size_t len = apply->key.len;
    eid_status status;

    eid__key_push_write(&apply->key, stamp);
    eid_buf_clear(&apply->row);
    if (spelling->numerator != reduced->numerator ||
        spelling->denominator != reduced->denominator) {
        eid_buf_append_u64(&apply->row, (uint64_t)spelling->numerator);
        eid_buf_append_u64(&apply->row, spelling->denominator);
    }
    status = eid_buf_status(&apply->key);
    if (status == EID_OK) status = eid_buf_status(&apply->row);
    if (status == EID_OK) {
        status = apply->rows->put(apply->rows->self, eid_buf_slice(&apply->key),
                                  eid_buf_slice(&apply->row));
    }
    eid_buf_truncate(&apply->key, len);
    return status;
}

/* Join how an element is spelled. */
static eid_status apply_spelling(state_apply *apply, eid__record *record, const state_write *write,
                                 bool *changed)
{
    eid_position first = {.numerator = record->numerator, .denominator = record->denominator};
    int order = eid_stamp_compare(apply->stamp, &record->first);
    eid_stamp later = order > 0 ? *apply->stamp : record->first;

    if (order == 0) return EID_OK;
    if (spelling_is_odd(write) && !record->is_odd) record->is_odd = *changed = true;
    if (order < 0) {
        record->first = *apply->stamp;
        record->numerator = write->spelling->numerator;
        record->denominator = write->spelling->denominator;
        *changed = true;
    }
    return apply_keep_write(apply, &later, order > 0 ? write->spelling : &first, &write->reduced);
}

static eid_status apply_join(state_apply *apply, const state_write *write, eid__record *record,
                             bool *changed)
{
    const eid_position *reduced = write->spelling != NULL ? &write->reduced : NULL;
    eid_status status = eid__record_read(eid_buf_slice(&apply->old), reduced, record);

    if (status != EID_OK) return status;
    if (record->is_element != (write->spelling != NULL)) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "a row of a store's state is of the wrong kind");
    }
    status = eid__loss_meet(&apply->loss, eid_buf_slice(&apply->key), write->value, record);
    if (status != EID_OK) return status;
    *changed = record_join(record, apply->stamp, write);
    return write->spelling != NULL ? apply_spelling(apply, record, write, changed) : EID_OK;
}

/* The record of the path at hand: read, join, and write back if it changed. */
static eid_status apply_record(state_apply *apply, const state_write *write, eid__record *record)
{
    const eid_state_rows *rows = apply->rows;
    bool changed = true;
    eid_status status = eid_buf_status(&apply->key);

    if (status != EID_OK) return status;
    eid_buf_clear(&apply->old);
    status = rows->get(rows->self, eid_buf_slice(&apply->key), &apply->old);
    if (status == EID_E_NOT_FOUND) {
        record_begin(record, apply->stamp, write);
        status = eid__loss_meet(&apply->loss, eid_buf_slice(&apply->key), write->value, NULL);
    } else if (status == EID_OK) {
        status = apply_join(apply, write, record, &changed);
    }
    if (status != EID_OK || !changed) return status;
    eid_buf_clear(&apply->row);
    eid__record_write(record, &write->reduced, &apply->row);
    status = eid_buf_status(&apply->row);
    if (status != EID_OK) return status;
    return rows->put(rows->self, eid_buf_slice(&apply->key), eid_buf_slice(&apply->row));
}

static eid_status apply_children(state_apply *apply, const eid_doc *doc)
{
    size_t len = apply->key.len;
    eid_status status = EID_OK;

    for (size_t i = 0; i < eid_doc_total(doc) && status == EID_OK; i++) {
        eid_slice name;
        state_write write = {.value = eid_doc_at(doc, i, &name)};

        if (name.len > EID__KEY_NAME_MAX) write.name = name;
        eid__key_push_child(&apply->key, name);
        status = apply_value(apply, &write);
        eid_buf_truncate(&apply->key, len);
    }
    return status;
}

static eid_status apply_elements(state_apply *apply, const eid_list *list)
{
    size_t len = apply->key.len;
    eid_status status = EID_OK;

    for (size_t i = 0; i < eid_list_total(list) && status == EID_OK; i++) {
        eid_position position;
        state_write write = {.value = eid_list_at(list, i, &position), .spelling = &position};

        write.reduced = eid__position_reduce(&position);
        eid__key_push_element(&apply->key, &write.reduced);
        status = apply_value(apply, &write);
        eid_buf_truncate(&apply->key, len);
    }
    return status;
}

/* What a value holds that has joined its record. */
static eid_status apply_held(state_apply *apply, const eid_value *value, const eid__record *record)
{
    eid__loss_floor before;
    eid_status status;

    if (value->type != EID_VALUE_DOC && value->type != EID_VALUE_LIST) return EID_OK;
    before = eid__loss_enter(&apply->loss, apply->key.len, value, record);
    apply->depth++;
    status = value->type == EID_VALUE_DOC ? apply_children(apply, value->doc)
                                          : apply_elements(apply, value->list);
    apply->depth--;
    eid__loss_leave(&apply->loss, &before);
    return status;
}

/* One value at the path at hand, then what it holds. */
static eid_status apply_value(state_apply *apply, state_write *write)
{
    const eid_value *value = write->value;
    eid__record record;
    eid_status status;

    if (apply->depth == EID_DOC_DEPTH_MAX) {
        return EID_FAIL(EID_KIND_CRDT_DEPTH, "a payload of more than %u names in a path",
                        EID_DOC_DEPTH_MAX);
    }
    eid_buf_clear(&apply->leaf);
    eid__leaf_write(value, &apply->leaf);
    status = eid_buf_status(&apply->leaf);
    write->leaf = eid_buf_slice(&apply->leaf);
    if (status == EID_OK) status = apply_record(apply, write, &record);
    return status == EID_OK ? apply_held(apply, value, &record) : status;
}

/* An atomic payload ends the whole store. Any other leaves the root's row alone: the root is a doc
 * whatever is written, so nothing but its floor is kept. */
static eid_status apply_root(state_apply *apply, const eid_doc *payload)
{
    const eid_state_rows *rows = apply->rows;
    eid__record record;
    eid_status status;

    if (!eid_doc_is_atomic(payload)) return EID_OK;
    status = eid__state_root(rows, &apply->old, &record);
    if (status != EID_OK) return status;
    if (record.has_floor && eid_stamp_compare(apply->stamp, &record.floor) <= 0) return EID_OK;
    record.has_floor = record.atomic = true;
    record.floor = *apply->stamp;
    eid__record_write(&record, NULL, &apply->row);
    status = eid_buf_status(&apply->row);
    if (status != EID_OK) return status;
    return rows->put(rows->self, EID_SLICE_EMPTY, eid_buf_slice(&apply->row));
}

eid_status eid_state_apply(const eid_state_rows *rows, const eid_stamp *stamp,
                           const eid_doc *payload)
{
    return eid_state_apply_noting(rows, stamp, payload, NULL);
}

eid_status eid_state_apply_noting(const eid_state_rows *rows, const eid_stamp *stamp,
                                  const eid_doc *payload, const eid_state_notes *notes)
{
    state_apply apply = {.rows = rows, .stamp = stamp, .loss = {.notes = notes}};
    eid_status status;

    eid_buf_init(&apply.key, EID__STATE_KEY_BYTES_MAX);
    eid_buf_init(&apply.old, EID__STATE_ROW_BYTES_MAX);
    eid_buf_init(&apply.row, EID__STATE_ROW_BYTES_MAX);
    eid_buf_init(&apply.leaf, EID__STATE_ROW_BYTES_MAX);
    status = eid__loss_begin(&apply.loss, rows, stamp, payload);
    if (status == EID_OK) status = apply_root(&apply, payload);
    if (status == EID_OK) status = apply_children(&apply, payload);
    eid_buf_fini(&apply.key);
    eid_buf_fini(&apply.old);
    eid_buf_fini(&apply.row);
    eid_buf_fini(&apply.leaf);
    return status;
}
