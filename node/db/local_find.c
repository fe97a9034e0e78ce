/* Indexes of tables: which are wanted is an option of the database at this node; they are made when
 * they are first asked, from a snapshot and in small batches, so that a table of any size costs
 * neither memory nor a stop of its writers. A mark is put first: from then on whatever is written
 * makes its own pairs, and the snapshot, taken later, has all that was there before.
 *
 * A making is named by a random number. Whoever takes the state away (and the marks with it) ends
 * the makings that are under way: they find another number at their end, or none. */
#include <stdio.h>

#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/log.h"
#include "node/db/local.h"
#include "node/db/row_field.h"
#include "node/db/row_index.h"
#include "node/db/state_rows.h"
#include "storage/records.h"

#define FIND_CHUNK_BYTES (1024u * 1024u) /* of rows between two writes while an index is made */
#define FIND_PAIRS_MAX 4096u             /* taken away at once */
#define FIND_OPTION_BYTES_MAX (1024u * 1024u)
#define FIND_OPTION_NAME_BYTES 201u

/* -- which are wanted -------------------------------------------------------------------------- */

static const char *wanted_name(const eid_id *root, char out[FIND_OPTION_NAME_BYTES])
{
    char text[EID_ID_TEXT_MAX];

    snprintf(out, FIND_OPTION_NAME_BYTES, "db/%s/" EID__OPTION_INDEXES, eid_id_format(root, text));
    return out;
}

/* {store: {member: true}} as a Doc. New: eid_doc_free(). */
static eid_status wanted_read(const eid_at *at, const eid_id *root, eid_doc **out)
{
    char name[FIND_OPTION_NAME_BYTES];
    eid_buf bytes;
    eid_status status;

    eid_buf_init(&bytes, FIND_OPTION_BYTES_MAX);
    status = eid_records_get(at, wanted_name(root, name), &bytes);
    if (status == EID_OK) status = eid_payload_read_doc(eid_buf_slice(&bytes), out);
    if (status == EID_E_NOT_FOUND) status = eid_doc_new(out);
    eid_buf_fini(&bytes);
    return status;
}

static eid_status wanted_write(eid_batch *batch, const eid_id *root, const eid_doc *wanted)
{
    char name[FIND_OPTION_NAME_BYTES];
    eid_buf bytes;
    eid_status status;

    eid_buf_init(&bytes, FIND_OPTION_BYTES_MAX);
    status = eid_payload_write_doc(wanted, &bytes);
    if (status == EID_OK) {
        status = eid_records_set(batch, wanted_name(root, name), eid_buf_slice(&bytes));
    }
    eid_buf_fini(&bytes);
    return status;
}

/* The wanted members of a store; NULL if there is none. Borrowed. */
static const eid_doc *wanted_of(const eid_doc *wanted, eid_slice store)
{
    const eid_value *fields = eid_doc_child(wanted, store);

    return fields && fields->type == EID_VALUE_DOC ? fields->doc : NULL;
}

static eid_status wanted_set(eid_doc *wanted, eid_slice store, eid_slice field, bool on)
{
    const eid_doc *now = wanted_of(wanted, store);
    eid_value fields_value = EID_VALUE_NULL_INIT, yes = eid_value_of_bool(true);
    eid_doc *fields = NULL;
    eid_status status = now ? eid_doc_copy(now, &fields) : eid_doc_new(&fields);

    if (status != EID_OK) return status;
    if (!on) {
        eid_doc_drop_child(fields, field);
    } else if (!eid_doc_child(fields, field) && eid_doc_total(fields) == EID__ROW_INDEXES_MAX) {
        status = EID_FAIL(EID_KIND_LIMIT, "a table has at most %u indexes", EID__ROW_INDEXES_MAX);
    } else {
        status = eid_doc_put_child_take(fields, field, &yes);
    }
    fields_value = eid_value_of_doc_take(&fields);
    if (status == EID_OK) status = eid_doc_put_child_take(wanted, store, &fields_value);
    eid_value_fini(&fields_value);
    return status;
}

static eid_status wanted_has(const eid_at *at, const eid_id *root, eid_slice store, eid_slice field,
                             bool *out)
{
    eid_doc *wanted = NULL;
    const eid_doc *fields;
    eid_status status = wanted_read(at, root, &wanted);

    *out = false;
    if (status != EID_OK) return status;
    fields = wanted_of(wanted, store);
    *out = fields && eid_doc_child(fields, field);
    eid_doc_free(wanted);
    return EID_OK;
}

eid_status eid__local_indexes(void *self, const eid_id *root, eid_slice store,
                              eid_status (*fn)(void *arg, eid_slice field), void *arg)
{
    const eid_engine *engine = self;
    const eid_at at = {.kv = engine->kv};
    eid_doc *wanted = NULL;
    const eid_doc *fields;
    eid_status status = eid__local_need_held(self, root);

    if (status == EID_OK) status = wanted_read(&at, root, &wanted);
    if (status != EID_OK) return status;
    fields = wanted_of(wanted, store);
    for (size_t i = 0; fields && status == EID_OK && i < eid_doc_total(fields); i++) {
        eid_slice field;
        (void)eid_doc_at(fields, i, &field);
        status = fn(arg, field);
    }
    eid_doc_free(wanted);
    return status == EID_E_AGAIN ? EID_OK : status;
}

/* -- making and taking away -------------------------------------------------------------------- */

/* A change of one member's mark. */
typedef struct index_change {
    eid__row_store store;
    eid_slice field;
    const eid__row_mark *mark; /* NULL = take it away */
    bool is_end;               /* of the making that `mark` names: another one's is left as it is */
} index_change;

/* Whether the making has been overtaken by another, or ended. */
static eid_status index_is_overtaken(eid_engine *engine, const index_change *change, bool *out)
{
    const eid_at at = {.kv = engine->kv};
    eid__row_mark now;
    eid_buf marks;
    eid_status status;

    eid_buf_init(&marks, FIND_OPTION_BYTES_MAX);
    status = eid__row_marks_read(&at, change->store, &marks);
    *out = !eid__row_marks_find(eid_buf_slice(&marks), change->field, &now) ||
           now.generation != change->mark->generation;
    eid_buf_fini(&marks);
    return status;
}

static eid_status index_mark(eid_engine *engine, const eid_id *root, const index_change *change)
{
    eid__dbtree *tree = NULL;
    bool is_overtaken = false;
    eid_status status = eid__dbtree_ref(engine->trees, root, &tree);

    if (status != EID_OK) return status;
    pthread_mutex_lock(&tree->write);
    if (change->is_end) status = index_is_overtaken(engine, change, &is_overtaken);
    /* Through the database's own batch, which remembers marks. */
    if (status == EID_OK && !is_overtaken) {
        status = eid__row_marks_put(tree->batch, change->store, change->field, change->mark);
    }
    if (status == EID_OK) status = eid_batch_write(tree->batch, EID_DURABLE_ASYNC);
    eid_batch_clear(tree->batch);
    pthread_mutex_unlock(&tree->write);
    eid__dbtree_unref(engine->trees, tree);
    return status;
}

typedef struct index_making {
    eid_batch *batch;
    eid__row_store store;
    eid_slice field;
    size_t bytes; /* of rows since the last write */
} index_making;

static eid_status making_on_row(void *arg, eid_slice key, const eid_value *row)
{
    index_making *making = arg;
    eid_status status;

    if (row->type != EID_VALUE_TEXT) return EID_OK;
    status =
        eid__row_pair_put(making->batch, making->store, making->field, key, eid_value_text(row));
    making->bytes += key.len + eid_value_text(row).len + EID__ROW_PREFIX_BYTES;
    if (status != EID_OK || making->bytes < FIND_CHUNK_BYTES) return status;
    making->bytes = 0;
    return eid_batch_write(making->batch, EID_DURABLE_ASYNC);
}

static eid_status index_fill(eid_engine *engine, eid__row_store store, eid_slice field)
{
    index_making making = {.store = store, .field = field};
    eid__state_rows rows;
    eid_at at = {.kv = engine->kv};
    eid_kv_view *view = NULL;
    eid_status status = eid_kv_view_new(engine->kv, &view);

    if (status != EID_OK) return status;
    at.view = view;
    eid__state_rows_init(&rows, &at, store.database, store.store);
    status = eid_batch_new(engine->kv, &making.batch);
    if (status == EID_OK) {
        status = eid_state_children(&rows.rows, false, EID_SLICE_EMPTY, making_on_row, &making);
    }
    if (status == EID_OK) status = eid_batch_write(making.batch, EID_DURABLE_ASYNC);
    eid_batch_free(making.batch);
    eid__state_rows_fini(&rows);
    eid_kv_view_free(engine->kv, view);
    return status;
}

static eid_status index_make(eid_engine *engine, const eid_id *root, eid__row_store store,
                             eid_slice field)
{
    eid__row_mark mark = {.generation = eid_random_u64(engine->random), .field = field};
    index_change change = {.store = store, .field = field, .mark = &mark};
    eid_status status = index_mark(engine, root, &change);

    if (status == EID_OK) status = index_fill(engine, store, field);
    mark.is_ready = change.is_end = true;
    if (status == EID_OK) status = index_mark(engine, root, &change);
    if (status == EID_OK) return EID_OK; /* or the next one who asks makes it */
    eid_log_warn("index.make", "db=%s field=%.*s error=%s", eid_id_str(root), EID_SLICE_ARG(field),
                 eid_status_detail(status).text);
    return status; /* a full disk, say: rows are still found, one by one */
}

/* Take away all pairs of a member, some at a time. */
static eid_status index_clear(eid_engine *engine, eid__row_store store, eid_slice field)
{
    eid_kv_view *view = NULL;
    eid_kv_iter *iter = NULL;
    eid_batch *batch = NULL;
    eid_slice key, value;
    eid_buf prefix;
    eid_status status;

    eid_buf_init(&prefix, EID__ROW_PREFIX_BYTES);
    eid__row_field_prefix(store, field, &prefix);
    status = eid_buf_status(&prefix);
    if (status == EID_OK) status = eid_batch_new(engine->kv, &batch);
    if (status == EID_OK) status = eid_kv_view_new(engine->kv, &view);
    if (status == EID_OK) {
        status = eid_kv_iter_new(engine->kv, view, EID_FAMILY_STATE, eid_buf_slice(&prefix), &iter);
    }
    if (status != EID_OK) goto done;
    eid_kv_iter_seek(iter, EID_SLICE_EMPTY);
    while (status == EID_OK && eid_kv_iter_pair(iter, &key, &value)) {
        status = eid_batch_delete(batch, EID_FAMILY_STATE, key);
        if (status == EID_OK && eid_batch_count(batch) == FIND_PAIRS_MAX) {
            status = eid_batch_write(batch, EID_DURABLE_ASYNC);
        }
        eid_kv_iter_next(iter);
    }
    if (status == EID_OK) status = eid_kv_iter_status(iter);
    if (status == EID_OK) status = eid_batch_write(batch, EID_DURABLE_ASYNC);

done:
    eid_kv_iter_free(iter);
    eid_kv_view_free(engine->kv, view);
    eid_batch_free(batch);
    eid_buf_fini(&prefix);
    return status;
}

static eid_status index_drop(eid_engine *engine, const eid_id *root, eid_slice store,
                             eid_slice field)
{
    uint32_t numbers[2];
    index_change change = {.field = field};
    eid_status status = eid__local_numbers(engine, root, store, numbers);

    if (status == EID_E_NOT_FOUND || status == EID_E_MALFORMED) return EID_OK;
    if (status != EID_OK) return status;
    change.store = (eid__row_store){numbers[0], numbers[1]};
    status = index_mark(engine, root, &change);
    return status == EID_OK ? index_clear(engine, change.store, field) : status;
}

eid_status eid__local_set_index(void *self, const eid_id *root, eid_slice store, eid_slice field,
                                bool on)
{
    eid_engine *engine = self;
    eid_doc *wanted = NULL;
    eid_batch *batch = NULL;
    eid__dbtree *tree = NULL;
    eid_at at = {.kv = engine->kv};
    eid_status status = eid__local_need_held(engine, root);

    if (status != EID_OK) return status;
    if (field.len > EID__ROW_FIELD_BYTES_MAX || !eid_slice_is_utf8(field)) {
        return EID_FAIL(EID_KIND_STORE_OPERATION, "an index is on a name of at most %u bytes UTF-8",
                        EID__ROW_FIELD_BYTES_MAX);
    }
    status = eid__dbtree_ref(engine->trees, root, &tree);
    if (status != EID_OK) return status;
    pthread_mutex_lock(&tree->write);
    status = eid_batch_new(engine->kv, &batch);
    if (status == EID_OK) status = wanted_read(&at, root, &wanted);
    if (status == EID_OK) status = wanted_set(wanted, store, field, on);
    if (status == EID_OK) status = wanted_write(batch, root, wanted);
    if (status == EID_OK) status = eid_batch_write(batch, EID_DURABLE_SYNC);
    pthread_mutex_unlock(&tree->write);
    if (status == EID_OK && !on) status = index_drop(engine, root, store, field);
    eid_batch_free(batch);
    eid_doc_free(wanted);
    eid__dbtree_unref(engine->trees, tree);
    return status;
}

/* -- asking ------------------------------------------------------------------------------------ */

typedef struct find_walk {
    eid_slice field;
    eid_buf scalar, found;
    eid_status (*fn)(void *arg, eid_slice key, const eid_value *row);
    void *arg;
} find_walk;

/* Give a row if its member is what is looked for. */
static eid_status find_on_row(void *arg, eid_slice key, const eid_value *row)
{
    find_walk *walk = arg;
    eid_status status;

    if (row->type != EID_VALUE_TEXT) return EID_OK;
    status = eid__row_field(eid_value_text(row), walk->field, &walk->found);
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    if (!eid_slice_equal(eid_buf_slice(&walk->found), eid_buf_slice(&walk->scalar))) return EID_OK;
    return walk->fn(walk->arg, key, row);
}

static eid_status find_by_pairs(find_walk *walk, eid__row_store store, const eid_at *at)
{
    eid__state_rows rows;
    eid_kv_iter *iter = NULL;
    eid_slice key, value;
    eid_buf prefix;
    eid_status status;

    eid__state_rows_init(&rows, at, store.database, store.store);
    eid_buf_init(&prefix, EID__ROW_PREFIX_BYTES);
    eid__row_value_prefix(store, walk->field, eid_buf_slice(&walk->scalar), &prefix);
    status = eid_buf_status(&prefix);
    if (status == EID_OK) {
        status = eid_kv_iter_new(at->kv, at->view, EID_FAMILY_STATE, eid_buf_slice(&prefix), &iter);
    }
    if (status != EID_OK) goto done;
    eid_kv_iter_seek(iter, EID_SLICE_EMPTY);
    for (; status == EID_OK && eid_kv_iter_pair(iter, &key, &value); eid_kv_iter_next(iter)) {
        eid_slice name =
            eid_slice_of(key.at + EID__ROW_PREFIX_BYTES, key.len - EID__ROW_PREFIX_BYTES);
        eid_value row = EID_VALUE_NULL_INIT;
        status = eid_state_get(&rows.rows, &name, 1, &row, NULL);
        if (status == EID_OK) status = find_on_row(walk, name, &row);
        if (status == EID_E_NOT_FOUND) status = EID_OK; /* a pair that is left over */
        eid_value_fini(&row);
    }
    if (status == EID_OK) status = eid_kv_iter_status(iter);

done:
    eid_kv_iter_free(iter);
    eid_buf_fini(&prefix);
    eid__state_rows_fini(&rows);
    return status;
}

/* Ask the index as of one moment; *is_ready false (and nothing is given) if there is none yet. */
static eid_status find_in_index(eid_engine *engine, eid__row_store store, find_walk *walk,
                                bool *is_ready)
{
    eid_at at = {.kv = engine->kv};
    eid_kv_view *view = NULL;
    eid__row_mark mark;
    eid_buf marks;
    eid_status status = eid_kv_view_new(engine->kv, &view);

    *is_ready = false;
    if (status != EID_OK) return status;
    at.view = view;
    eid_buf_init(&marks, FIND_OPTION_BYTES_MAX);
    status = eid__row_marks_read(&at, store, &marks);
    if (status == EID_OK) {
        *is_ready = eid__row_marks_find(eid_buf_slice(&marks), walk->field, &mark) && mark.is_ready;
    }
    if (*is_ready) status = find_by_pairs(walk, store, &at);
    eid_buf_fini(&marks);
    eid_kv_view_free(engine->kv, view);
    return status;
}

static eid_status find_run(eid_engine *engine, const eid_id *root, eid_slice store, find_walk *walk)
{
    const eid_at at = {.kv = engine->kv};
    uint32_t numbers[2];
    eid__row_store row_store;
    bool is_wanted = false, is_ready = false;
    eid_status status = eid__local_numbers(engine, root, store, numbers);

    if (status == EID_E_NOT_FOUND) return eid__local_need_held(engine, root);
    if (status != EID_OK) return status;
    row_store = (eid__row_store){numbers[0], numbers[1]};
    status = wanted_has(&at, root, store, walk->field, &is_wanted);
    for (int i = 0; status == EID_OK && is_wanted && !is_ready && i < 2; i++) {
        if (i > 0 && index_make(engine, root, row_store, walk->field) != EID_OK) break;
        status = find_in_index(engine, row_store, walk, &is_ready);
    }
    if (status != EID_OK || is_ready) return status;
    return eid__local_children(engine, root, store, false, EID_SLICE_EMPTY, find_on_row, walk);
}

eid_status eid__local_find(void *self, const eid_id *root, eid_slice store, eid_slice field,
                           eid_slice json,
                           eid_status (*fn)(void *arg, eid_slice key, const eid_value *row),
                           void *arg)
{
    find_walk walk = {.field = field, .fn = fn, .arg = arg};
    eid_status status;

    eid_buf_init(&walk.scalar, EID__ROW_SCALAR_MAX);
    eid_buf_init(&walk.found, EID__ROW_SCALAR_MAX);
    status = eid__row_scalar(json, &walk.scalar);
    if (status == EID_OK) status = find_run(self, root, store, &walk);
    eid_buf_fini(&walk.scalar);
    eid_buf_fini(&walk.found);
    return status == EID_E_AGAIN ? EID_OK : status;
}
