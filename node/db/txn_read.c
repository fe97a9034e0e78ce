/* A read asks for one path and not for the whole store: a value costs what it weighs, not what lies
 * beside it. What is staged is walked first; it has a say over the rest as soon as something in it
 * cannot be merged into: a tombstone, a scalar, a list or an atomic Doc on the way. */
#include "crdt/list.h"
#include "crdt/path.h"
#include "dag/alloc.h"
#include "node/db/txn_internal.h"

#define READ_PATH_MAX 64u /* components; deeper paths cannot be written (crdt/doc.h) */

eid_status eid__txn_past(eid_txn *txn, eid_slice name, const eid_doc **out)
{
    eid__txn_store *store;
    eid_status status = eid__txn_touch(txn, name, &store);

    *out = NULL;
    if (status != EID_OK) return status;
    if (!store->past && store->inner_type) {
        status = eid__txn_fold(txn, name, &store->past);
        if (status != EID_OK) return status;
    } else if (!store->past) {
        status = txn->seam->doc_at(txn->seam->self, &txn->root, name,
                                   eid_idset_ids(&txn->context.parents), &store->past);
        if (status == EID_E_NOT_FOUND) status = eid_doc_new(&store->past);
        if (status != EID_OK) return status;
    }
    *out = store->past;
    return EID_OK;
}

/* Decimal index of a list element. */
static bool read_index(eid_slice text, size_t *out)
{
    size_t index = 0;

    if (text.len == 0 || text.len > 9) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return false;
        index = index * 10 + (size_t)(text.at[i] - '0');
    }
    *out = index;
    return true;
}

/* From a value down along a path; NULL if nothing live is there. */
static const eid_value *read_descend(const eid_value *value, const eid_slice *path, size_t count)
{
    for (size_t i = 0; value && i < count; i++) {
        size_t index;
        if (value->type == EID_VALUE_DOC) {
            value = eid_doc_child(value->doc, path[i]);
        } else if (value->type == EID_VALUE_LIST && read_index(path[i], &index)) {
            value = eid_list_get(value->list, index);
        } else {
            return NULL;
        }
    }
    return value && value->type != EID_VALUE_DELETED ? value : NULL;
}

static eid_status read_in_doc(const eid_doc *doc, const eid_slice *path, size_t count,
                              eid_value *out)
{
    const eid_value *child = count > 0 ? eid_doc_child(doc, path[0]) : NULL;
    const eid_value *value = child ? read_descend(child, path + 1, count - 1) : NULL;

    return value ? eid_value_copy(value, out) : EID_E_NOT_FOUND;
}

/* One path of the present state. */
static eid_status read_now(eid_txn *txn, eid_slice store, const eid_slice *path, size_t count,
                           eid_value *out)
{
    eid_status status = txn->seam->value(txn->seam->self, &txn->root, store, path, count, out);

    if (status == EID_OK && out->type == EID_VALUE_DELETED) {
        *out = EID_VALUE_NULL_INIT;
        return EID_E_NOT_FOUND;
    }
    return status;
}

/* The state does not address elements of lists: read the list that a path leads through. */
static eid_status read_through_list(eid_txn *txn, eid_slice store, const eid_slice *path,
                                    size_t count, eid_value *out)
{
    size_t index;

    for (size_t depth = count - 1; depth > 0; depth--) {
        eid_value outer = EID_VALUE_NULL_INIT;
        const eid_value *found = NULL;
        eid_status status;
        if (!read_index(path[depth], &index)) continue;
        status = read_now(txn, store, path, depth, &outer);
        if (status == EID_E_NOT_FOUND) continue;
        if (status != EID_OK) return status;
        if (outer.type == EID_VALUE_LIST) found = read_descend(&outer, path + depth, count - depth);
        status = found ? eid_value_copy(found, out) : EID_E_NOT_FOUND;
        eid_value_fini(&outer);
        return status;
    }
    return EID_E_NOT_FOUND;
}

/* What is there at present. */
static eid_status read_present(eid_txn *txn, eid_slice store, const eid_slice *path, size_t count,
                               eid_value *out)
{
    eid_status status = read_now(txn, store, path, count, out);

    if (status != EID_E_NOT_FOUND) return status;
    return read_through_list(txn, store, path, count, out);
}

eid_status eid_txn_base_value(eid_txn *txn, eid_slice store, const eid_slice *path, size_t count,
                              eid_value *out)
{
    const eid_doc *past;
    eid_status status;

    *out = EID_VALUE_NULL_INIT;
    if (count == 0 || txn->is_genesis) return EID_E_NOT_FOUND;
    if (eid_slice_is(store, EID_STORE_SETTINGS) || eid_slice_is(store, EID_STORE_INDEX)) {
        status = eid__txn_need_context(txn);
        if (status != EID_OK) return status;
        past = eid_slice_is(store, EID_STORE_INDEX) ? txn->context.index : txn->context.settings;
        return read_in_doc(past, path, count, out);
    }
    if (!eid__txn_inner_type(txn, store)) {
        eid_status checked;
        bool is_now;

        status = read_present(txn, store, path, count, out);
        if (status != EID_OK && status != EID_E_NOT_FOUND) return status;
        checked = eid__txn_is_key_now(txn, store, &path[0], &is_now);
        if (checked == EID_OK && is_now) return status;
        eid_value_fini(out);
        *out = EID_VALUE_NULL_INIT;
        if (checked != EID_OK) return checked;
    }
    status = eid__txn_past(txn, store, &past);
    return status == EID_OK ? read_in_doc(past, path, count, out) : status;
}

typedef enum staged_answer {
    STAGED_HAS,    /* this is the value */
    STAGED_HIDES,  /* there is none, whatever was committed */
    STAGED_SILENT, /* ask what was committed */
} staged_answer;

static staged_answer read_staged(const eid_doc *staged, const eid_slice *path, size_t count,
                                 const eid_value **out)
{
    const eid_doc *doc = staged;

    for (size_t i = 0; doc; i++) {
        const eid_value *value = eid_doc_child(doc, path[i]);
        if (!value) return eid_doc_is_atomic(doc) ? STAGED_HIDES : STAGED_SILENT;
        if (value->type == EID_VALUE_DELETED) return STAGED_HIDES;
        if (i + 1 == count) {
            *out = value;
            return STAGED_HAS;
        }
        if (value->type != EID_VALUE_DOC) {
            *out = read_descend(value, path + i + 1, count - i - 1);
            return *out ? STAGED_HAS : STAGED_HIDES;
        }
        doc = value->doc;
    }
    return STAGED_SILENT;
}

/* Components of a path text; *count 0 = nothing can be there. */
static void read_split(eid_slice text, eid_slice path[READ_PATH_MAX], size_t *count)
{
    eid_path walk;

    *count = 0;
    eid_path_init(&walk, text);
    while (*count < READ_PATH_MAX && eid_path_next(&walk, &path[*count])) (*count)++;
    if (*count == READ_PATH_MAX) *count = 0;
}

eid_status eid_txn_get(eid_txn *txn, eid_slice store, eid_slice path, eid_value *out)
{
    eid_slice parts[READ_PATH_MAX];
    size_t count;
    const eid_value *found = NULL;
    staged_answer answer = STAGED_SILENT;
    eid_status status = eid__txn_check_lock(txn, store); /* T6 */

    *out = EID_VALUE_NULL_INIT;
    if (status != EID_OK) return status;
    status = EID_E_NOT_FOUND;
    read_split(path, parts, &count);
    if (count > 0) {
        answer = read_staged(eid_txn_peek_staged(txn, store), parts, count, &found);
        if (answer == STAGED_HAS) return eid_value_copy(found, out);
        if (answer == STAGED_SILENT) status = eid_txn_base_value(txn, store, parts, count, out);
    }
    if (status != EID_E_NOT_FOUND) return status;
    return EID_FAIL(EID_KIND_KEY_NOT_FOUND, "nothing at %.*s in store %.*s", EID_SLICE_ARG(path),
                    EID_SLICE_ARG(store));
}
