/* Paths by their row keys, for those who have remembered a key and want to know what was written
 * there, what is there now, and what lies below. A key says less than a path (long names are cut,
 * fractions reduced), so names are taken from the payload that wrote them. */
#include "crdt/crdt_internal.h"

static eid_status trace_corrupt(const char *what)
{
    return EID_FAIL(EID_KIND_STORE_CORRUPT, "%s among the keys of a store's state", what);
}

static bool trace_is_step(uint8_t type)
{
    return type == EID__KEY_CHILD || type == EID__KEY_ELEMENT;
}

eid_status eid_state_key_span(eid_slice bytes, size_t *out)
{
    eid_status status = EID_OK;
    eid_buf name;

    *out = 0;
    eid_buf_init(&name, EID__STATE_KEY_BYTES_MAX);
    while (*out < bytes.len && trace_is_step(bytes.at[*out])) {
        eid__key_part part;

        if (!eid__key_read(eid_slice_of(bytes.at + *out, bytes.len - *out), &part, &name)) {
            status = trace_corrupt("a cut component");
            break;
        }
        *out += part.len;
    }
    eid_buf_fini(&name);
    return status;
}

/* -- in a payload ------------------------------------------------------------------------------ */

typedef struct trace {
    eid_slice rest; /* of the key */
    eid__key_part part;
    eid_buf name, key;
} trace;

static void trace_init(trace *self, eid_slice key)
{
    *self = (trace){.rest = key};
    eid_buf_init(&self->name, EID__STATE_KEY_BYTES_MAX);
    eid_buf_init(&self->key, EID__STATE_KEY_BYTES_MAX);
}

static void trace_fini(trace *self)
{
    eid_buf_fini(&self->name);
    eid_buf_fini(&self->key);
}

/* Take the next component of the key. */
static eid_status trace_next(trace *self)
{
    if (!eid__key_read(self->rest, &self->part, &self->name) || !trace_is_step(self->part.type)) {
        return trace_corrupt("a component that is none");
    }
    self->rest = eid_slice_of(self->rest.at + self->part.len, self->rest.len - self->part.len);
    return eid_buf_status(&self->name);
}

/* The child of a doc whose key is the component: `component` is all of it. */
static const eid_value *trace_child(trace *self, const eid_doc *doc, eid_slice component,
                                    eid_state_step *step)
{
    for (size_t i = 0; self->part.is_cut && i < eid_doc_total(doc); i++) {
        const eid_value *value = eid_doc_at(doc, i, &step->name);

        if (step->name.len <= EID__KEY_NAME_MAX) continue;
        eid_buf_clear(&self->key);
        eid__key_push_child(&self->key, step->name);
        if (eid_slice_equal(eid_buf_slice(&self->key), component)) return value;
    }
    for (size_t low = 0, high = self->part.is_cut ? 0 : eid_doc_total(doc); low < high;) {
        size_t middle = low + (high - low) / 2;
        const eid_value *value = eid_doc_at(doc, middle, &step->name);
        int order = eid_slice_compare(step->name, eid_buf_slice(&self->name));

        if (order == 0) return value;
        if (order < 0) low = middle + 1;
        if (order > 0) high = middle;
    }
    return NULL;
}

static const eid_value *trace_element(const trace *self, const eid_list *list, eid_state_step *step)
{
    const eid_value *value;
    size_t at = 0;

    step->is_element = true;
    value = eid_list_find(list, &self->part.position, &at);
    if (value != NULL) (void)eid_list_at(list, at, &step->position);
    return value;
}

static eid_status trace_step(trace *self, const eid_doc *payload, eid_state_step *step,
                             const eid_value **value)
{
    const eid_doc *doc = *value == NULL ? payload : NULL;
    eid_slice before = self->rest;
    eid_status status = trace_next(self);

    if (status != EID_OK) return status;
    *step = (eid_state_step){.is_element = false};
    if (*value != NULL && (*value)->type == EID_VALUE_DOC) doc = (*value)->doc;
    if (self->part.type == EID__KEY_CHILD) {
        *value = doc == NULL
                     ? NULL
                     : trace_child(self, doc, eid_slice_of(before.at, self->part.len), step);
    } else if (*value != NULL) {
        *value =
            (*value)->type != EID_VALUE_LIST ? NULL : trace_element(self, (*value)->list, step);
    }
    return *value != NULL ? EID_OK : EID_E_NOT_FOUND;
}

eid_status eid_state_locate(const eid_doc *payload, eid_slice key, eid_state_step *steps,
                            size_t *step_count, const eid_value **out)
{
    trace self;
    eid_status status = EID_OK;

    *step_count = 0;
    *out = NULL;
    if (key.len == 0) return EID_E_NOT_FOUND;
    trace_init(&self, key);
    while (status == EID_OK && self.rest.len > 0) {
        if (*step_count == EID_DOC_DEPTH_MAX) {
            status = trace_corrupt("a path that is too deep");
        } else {
            status = trace_step(&self, payload, &steps[*step_count], out);
            (*step_count)++;
        }
    }
    trace_fini(&self);
    return status;
}

/* -- in the state ------------------------------------------------------------------------------ */

/* The walk down, as that of state_get.c, which goes on where nothing shows. */
typedef struct trace_walk {
    trace way;
    size_t key_len; /* of the present record */
    eid__record record;
    eid_buf row;
    bool is_held;   /* the record is there */
    bool has_floor; /* of the containers above it */
    eid_stamp floor;
} trace_walk;

static void walk_raise(trace_walk *walk, const eid_stamp *floor)
{
    if (floor == NULL) return;
    if (walk->has_floor && eid_stamp_compare(floor, &walk->floor) <= 0) return;
    walk->has_floor = true;
    walk->floor = *floor;
}

static eid_status walk_down(trace_walk *walk, const eid_state_rows *rows, eid_slice key)
{
    eid_status status = trace_next(&walk->way);
    eid_value_type wanted = walk->way.part.type == EID__KEY_CHILD ? EID_VALUE_DOC : EID_VALUE_LIST;

    if (status != EID_OK) return status;
    walk_raise(walk,
               walk->record.kind == wanted ? eid__record_floor(&walk->record) : &walk->record.last);
    walk->key_len += walk->way.part.len;
    eid_buf_clear(&walk->row);
    status = rows->get(rows->self, eid_slice_of(key.at, walk->key_len), &walk->row);
    walk->is_held = status == EID_OK;
    if (status != EID_OK) return status;
    return eid__record_read(eid_buf_slice(&walk->row),
                            wanted == EID_VALUE_LIST ? &walk->way.part.position : NULL,
                            &walk->record);
}

static eid_status walk_answer(const trace_walk *walk, const eid_state_rows *rows, eid_slice key,
                              eid_stamp *who, bool *shows, eid_value *out)
{
    const eid_stamp *floor = walk->has_floor ? &walk->floor : NULL;

    *shows = walk->is_held && eid__stamp_shows(&walk->record.last, floor);
    if (*shows) {
        *who = walk->record.last;
        return eid__state_value(rows, key, &walk->record, floor, out);
    }
    if (floor == NULL) return EID_E_NOT_FOUND;
    *who = *floor;
    return EID_OK;
}

eid_status eid_state_look(const eid_state_rows *rows, eid_slice key, eid_stamp *who, bool *shows,
                          eid_value *out)
{
    trace_walk walk = {.is_held = true};
    eid_status status;

    *shows = false;
    *out = EID_VALUE_NULL_INIT;
    trace_init(&walk.way, key);
    eid_buf_init(&walk.row, EID__STATE_ROW_BYTES_MAX);
    status = eid__state_root(rows, &walk.row, &walk.record);
    while (status == EID_OK && walk.way.rest.len > 0) status = walk_down(&walk, rows, key);
    if (status == EID_OK || status == EID_E_NOT_FOUND) {
        status = walk_answer(&walk, rows, key, who, shows, out);
    }
    eid_buf_fini(&walk.row);
    trace_fini(&walk.way);
    return status;
}

/* -- below ------------------------------------------------------------------------------------- */

typedef struct trace_older {
    const eid_stamp *before;
    eid_state_older_fn fn;
    void *self;
    eid_buf name;
    bool stopped;
} trace_older;

/* The last component of a key, and whether all of them are steps of a path. */
static bool older_last(trace_older *older, eid_slice key, eid__key_part *part)
{
    size_t at = 0;

    while (at < key.len) {
        if (!trace_is_step(key.at[at])) return false;
        if (!eid__key_read(eid_slice_of(key.at + at, key.len - at), part, &older->name)) {
            return false;
        }
        at += part->len;
    }
    return key.len > 0;
}

static eid_status older_on_row(void *self, eid_slice key, eid_slice row)
{
    trace_older *older = self;
    eid__key_part part;
    eid__record record;
    eid_status status;

    if (!older_last(older, key, &part)) return EID_OK;
    status = eid__record_read(row, part.type == EID__KEY_ELEMENT ? &part.position : NULL, &record);
    if (status != EID_OK) return status;
    if (record.kind == EID_VALUE_DOC || record.kind == EID_VALUE_LIST) return EID_OK;
    if (eid_stamp_compare(&record.last, older->before) >= 0) return EID_OK;
    status = older->fn(older->self, key, &record.last);
    if (status == EID_E_AGAIN) older->stopped = true;
    return status;
}

eid_status eid_state_older(const eid_state_rows *rows, eid_slice prefix, eid_slice from,
                           const eid_stamp *before, eid_state_older_fn fn, void *self)
{
    trace_older older = {.before = before, .fn = fn, .self = self};
    eid_status status;

    eid_buf_init(&older.name, EID__STATE_KEY_BYTES_MAX);
    status = rows->scan(rows->self, prefix, from.len > 0 ? from : prefix, older_on_row, &older);
    eid_buf_fini(&older.name);
    return older.stopped ? EID_OK : status;
}
