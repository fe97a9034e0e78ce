/* Reading is one scan: rows come parents first, in the order of keys, so a stack of the containers
 * above the present row is all that is needed. A row shows if its stamp is not below the floor that
 * its container hands down (the latest of the floors above it). */
#include "crdt/crdt_internal.h"

#include "dag/alloc.h"
#include "dag/assert.h"

/* A path on the way to the present row. At most one of doc and list is set; neither where nothing
 * below shows. Both belong to the frame above, or to the caller. */
typedef struct read_frame {
    size_t key_len;
    eid_doc *doc;
    eid_list *list;
    bool has_floor;
    eid_stamp floor;
    bool wants_spelling; /* an element whose spelling is among the rows of its writes */
    bool has_best;
    eid_stamp best;        /* of the spelling found so far */
    eid_position position; /* of an element, reduced */
} read_frame;

#define READ_FRAMES_MAX (EID_DOC_DEPTH_MAX + 1u)

typedef struct state_reader {
    read_frame frames[READ_FRAMES_MAX];
    unsigned count;
    eid_buf path; /* key of the top frame */
    eid_buf name;
    /* of eid_state_children() only */
    eid_state_child_fn child_fn;
    void *child_self;
    bool stopped;
} state_reader;

static eid_status read_corrupt(const char *what)
{
    return EID_FAIL(EID_KIND_STORE_CORRUPT, "%s among the rows of a store's state", what);
}

static const eid_stamp *frame_floor(const read_frame *frame)
{
    return frame->has_floor ? &frame->floor : NULL;
}

static void frame_set_floor(read_frame *frame, const eid_stamp *floor)
{
    frame->has_floor = floor != NULL;
    if (floor != NULL) frame->floor = *floor;
}

/* New. Begin with the container at `key`, of which `doc` or `list` is to be filled. */
static eid_status reader_new(eid_slice key, const eid_stamp *floor, state_reader **out)
{
    state_reader *reader = eid_alloc(sizeof(*reader));

    if (reader == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "reader of a store's state");
    eid_buf_init(&reader->path, EID__STATE_KEY_BYTES_MAX);
    eid_buf_init(&reader->name, EID__STATE_ROW_BYTES_MAX);
    eid_buf_append(&reader->path, key);
    reader->frames[0].key_len = key.len;
    frame_set_floor(&reader->frames[0], floor);
    reader->count = 1;
    *out = reader;
    return EID_OK;
}

static void reader_free(state_reader *reader)
{
    if (reader == NULL) return;
    eid_buf_fini(&reader->path);
    eid_buf_fini(&reader->name);
    eid_free(reader);
}

static eid_status frame_settle(const read_frame *frame)
{
    if (frame->doc != NULL) return eid__doc_settle(frame->doc);
    return frame->list != NULL ? eid__list_settle(frame->list) : EID_OK;
}

/* Leave all frames that the key does not lie below. */
static eid_status reader_leave(state_reader *reader, eid_slice key)
{
    eid_slice path = eid_buf_slice(&reader->path);
    size_t common = 0;

    while (common < path.len && common < key.len && path.at[common] == key.at[common]) common++;
    while (reader->count > 1 && reader->frames[reader->count - 1].key_len > common) {
        eid_status status = frame_settle(&reader->frames[--reader->count]);

        if (status != EID_OK) return status;
    }
    return reader->frames[0].key_len <= common ? EID_OK : read_corrupt("a foreign row");
}

/* Hand over the child that is complete, if any. */
static eid_status reader_flush(state_reader *reader)
{
    eid_doc *doc = reader->frames[0].doc;
    eid_slice name;
    const eid_value *value;
    eid_status status;

    if (reader->child_fn == NULL || eid_doc_total(doc) == 0) return EID_OK;
    value = eid_doc_at(doc, 0, &name);
    status = reader->child_fn(reader->child_self, name, value);
    if (status != EID_OK) {
        reader->stopped = true;
        return status;
    }
    eid_doc_drop_child(doc, name);
    return EID_OK;
}

/* -- one row ----------------------------------------------------------------------------------- */

static eid_status frame_open(read_frame *frame, const eid__record *record, eid_value *out)
{
    eid_doc *doc = NULL;
    eid_list *list = NULL;
    eid_status status;

    if (record->kind == EID_VALUE_LIST) {
        status = eid_list_new(&list);
        if (status != EID_OK) return status;
        frame->list = list;
        *out = eid_value_of_list_take(&list);
        return EID_OK;
    }
    status = eid_doc_new(&doc);
    if (status != EID_OK) return status;
    frame->doc = doc;
    *out = eid_value_of_doc_take(&doc);
    return EID_OK;
}

/* The value that a visible record stands for: a leaf, or an empty container that `frame` fills.
 * `floor` is what the frame above hands down. */
static eid_status record_value(const eid__record *record, const eid_stamp *floor, read_frame *frame,
                               eid_value *out)
{
    const eid_stamp *own = eid__record_floor(record);
    eid_status status;

    *out = EID_VALUE_NULL_INIT;
    if (record->kind != EID_VALUE_DOC && record->kind != EID_VALUE_LIST) {
        return eid__record_leaf(record, out);
    }
    status = frame_open(frame, record, out);
    if (status != EID_OK) return status;
    if (record->atomic && eid__stamp_shows(own, floor)) eid_doc_set_atomic(frame->doc, true);
    frame_set_floor(frame, eid__floor_max(own, floor));
    return EID_OK;
}

static eid_status reader_add_child(state_reader *reader, const read_frame *parent,
                                   const eid__record *record, eid_value *value)
{
    eid_slice name = record->name.len > 0 ? record->name : eid_buf_slice(&reader->name);
    char *copy = eid_memdup(name.at, name.len);
    eid_status status;

    if (copy == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "name of %zu bytes", name.len);
    status = eid__doc_append_take(parent->doc, &copy, name.len, value);
    eid_free(copy);
    return status;
}

/* The earliest write over the floor spells the fraction. */
static eid_status reader_add_element(const read_frame *parent, read_frame *frame,
                                     const eid__record *record, eid_value *value)
{
    eid_position spelled = frame->position;

    if (record->is_odd && eid__stamp_shows(&record->first, frame_floor(parent))) {
        spelled.numerator = record->numerator;
        spelled.denominator = record->denominator;
    } else {
        frame->wants_spelling = record->is_odd;
    }
    return eid__list_append_take(parent->list, &spelled, value);
}

static eid_status reader_on_value(state_reader *reader, const eid__key_part *part, eid_slice row)
{
    const read_frame *parent = &reader->frames[reader->count - 1];
    read_frame *frame = &reader->frames[reader->count];
    bool is_element = part->type == EID__KEY_ELEMENT;
    eid_value value = EID_VALUE_NULL_INIT;
    eid__record record;
    eid_status status;

    status = eid__record_read(row, is_element ? &part->position : NULL, &record);
    if (status != EID_OK) return status;
    if (record.is_element != is_element || part->is_cut != (record.name.len > 0)) {
        return read_corrupt("a row of the wrong kind");
    }
    if ((is_element ? parent->list == NULL : parent->doc == NULL) ||
        !eid__stamp_shows(&record.last, frame_floor(parent))) {
        return EID_OK;
    }
    status = record_value(&record, frame_floor(parent), frame, &value);
    if (status == EID_OK && is_element) {
        status = reader_add_element(parent, frame, &record, &value);
    } else if (status == EID_OK) {
        status = reader_add_child(reader, parent, &record, &value);
    }
    eid_value_fini(&value);
    return status;
}

/* One more write of the element above. */
static eid_status reader_on_write(state_reader *reader, const eid__key_part *part, eid_slice row)
{
    read_frame *frame = &reader->frames[reader->count - 1];
    const read_frame *parent;
    eid_position spelled = frame->position;

    if (row.len != 0 && row.len != 16) return read_corrupt("a stray write");
    if (reader->count < 2) return EID_OK; /* of the value that is read: its place is not asked */
    parent = &reader->frames[reader->count - 2];
    if (!frame->wants_spelling || !eid__stamp_shows(&part->stamp, frame_floor(parent))) {
        return EID_OK;
    }
    if (frame->has_best && eid_stamp_compare(&part->stamp, &frame->best) > 0) return EID_OK;
    frame->has_best = true;
    frame->best = part->stamp;
    if (row.len == 16) {
        spelled.numerator = (int64_t)eid_get_u64(row.at);
        spelled.denominator = eid_get_u64(row.at + 8);
    }
    eid__list_respell_last(parent->list, spelled.numerator, spelled.denominator);
    return EID_OK;
}

/* Make the path of the row the top frame, hidden until something shows. */
static eid_status reader_enter(state_reader *reader, eid_slice key, const eid__key_part *part)
{
    read_frame *frame = &reader->frames[reader->count];

    if (reader->count == READ_FRAMES_MAX) return read_corrupt("too deep a row");
    *frame = (read_frame){.key_len = key.len, .position = part->position};
    eid_buf_truncate(&reader->path, reader->frames[reader->count - 1].key_len);
    eid_buf_append(&reader->path, eid_slice_of(key.at + reader->path.len, part->len));
    return eid_buf_status(&reader->path);
}

static eid_status reader_on_row(void *self, eid_slice key, eid_slice row)
{
    state_reader *reader = self;
    eid__key_part part;
    size_t above;
    eid_status status = reader_leave(reader, key);

    if (status != EID_OK) return status;
    above = reader->frames[reader->count - 1].key_len;
    if (above == key.len) return EID_OK; /* the container's own row, which the caller has read */
    if (!eid__key_read(eid_slice_of(key.at + above, key.len - above), &part, &reader->name) ||
        part.len != key.len - above) {
        return read_corrupt("a row without the one above it");
    }
    if (part.type == EID__KEY_WRITE) return reader_on_write(reader, &part, row);
    if (reader->count == 1) status = reader_flush(reader);
    if (status == EID_OK) status = reader_enter(reader, key, &part);
    if (status == EID_OK) status = reader_on_value(reader, &part, row);
    if (status == EID_OK) reader->count++;
    return status;
}

/* Scan what lies below the first frame, from `from` on, and settle all. AGAIN = stopped. */
static eid_status reader_run(state_reader *reader, const eid_state_rows *rows, eid_slice prefix,
                             eid_slice from)
{
    eid_status status = eid_buf_status(&reader->path);

    if (status == EID_OK) status = rows->scan(rows->self, prefix, from, reader_on_row, reader);
    if (reader->stopped && status == EID_OK) return EID_E_AGAIN;
    while (status == EID_OK && reader->count > 0) {
        status = frame_settle(&reader->frames[--reader->count]);
    }
    return status == EID_OK ? reader_flush(reader) : status;
}

/* -- whole values ------------------------------------------------------------------------------ */

static eid_status root_begin(const eid_state_rows *rows, state_reader **reader, eid_doc **out)
{
    eid_buf row;
    eid__record root;
    eid_status status;

    eid_buf_init(&row, EID__STATE_ROW_BYTES_MAX);
    status = eid__state_root(rows, &row, &root);
    if (status == EID_OK) {
        status = reader_new(EID_SLICE_EMPTY, eid__record_floor(&root), reader);
    }
    if (status == EID_OK) status = eid_doc_new(out);
    if (status == EID_OK) {
        eid_doc_set_atomic(*out, root.atomic);
        (*reader)->frames[0].doc = *out;
    }
    eid_buf_fini(&row);
    return status;
}

eid_status eid_state_read(const eid_state_rows *rows, eid_doc **out)
{
    state_reader *reader = NULL;
    eid_doc *doc = NULL;
    eid_status status = root_begin(rows, &reader, &doc);

    if (status == EID_OK) status = reader_run(reader, rows, EID_SLICE_EMPTY, EID_SLICE_EMPTY);
    if (status == EID_OK) {
        *out = doc;
        doc = NULL;
    }
    eid_doc_free(doc);
    reader_free(reader);
    return status;
}

eid_status eid_state_children(const eid_state_rows *rows, bool has_after, eid_slice after,
                              eid_state_child_fn fn, void *self)
{
    state_reader *reader = NULL;
    eid_doc *doc = NULL;
    eid_buf from;
    eid_status status = root_begin(rows, &reader, &doc);

    eid_buf_init(&from, EID__STATE_KEY_BYTES_MAX);
    if (status != EID_OK) goto done;
    if (has_after) {
        eid__key_push_child(&from, after);
        eid_buf_append_byte(&from, EID__KEY_AFTER);
        status = eid_buf_status(&from);
        if (status != EID_OK) goto done;
    }
    reader->child_fn = fn;
    reader->child_self = self;
    status = reader_run(reader, rows, EID_SLICE_EMPTY, eid_buf_slice(&from));
    if (status == EID_E_AGAIN) status = EID_OK;

done:
    eid_buf_fini(&from);
    eid_doc_free(doc);
    reader_free(reader);
    return status;
}

eid_status eid__state_value(const eid_state_rows *rows, eid_slice key, const eid__record *record,
                            const eid_stamp *floor, eid_value *out)
{
    state_reader *reader = NULL;
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status;

    if (record->kind != EID_VALUE_DOC && record->kind != EID_VALUE_LIST) {
        return eid__record_leaf(record, out);
    }
    status = reader_new(key, NULL, &reader);
    if (status == EID_OK) status = record_value(record, floor, &reader->frames[0], &value);
    if (status == EID_OK) status = reader_run(reader, rows, key, key);
    reader_free(reader);
    if (status == EID_OK)
        *out = value;
    else
        eid_value_fini(&value);
    return status;
}
