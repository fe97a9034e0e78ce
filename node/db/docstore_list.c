/* A list that is set over another one merges with it, since positions are what lists are made of:
 * to replace one, the new elements take the places of the old ones, or the old ones are buried. */
#include "node/db/docstore_list.h"

#include "crdt/path.h"
#include "node/db/txn_internal.h"

#define LIST_PATH_MAX 64u

/* -- reading ----------------------------------------------------------------------------------- */

/* The staged value at a path, if it adds to what was committed there; NULL if it replaces it. */
static const eid_value *list_staged_part(eid_txn *txn, eid_slice store, const eid_slice *path,
                                         size_t count)
{
    const eid_doc *doc = eid_txn_peek_staged(txn, store);

    for (size_t i = 0; doc && i < count; i++) {
        const eid_value *value = eid_doc_is_atomic(doc) ? NULL : eid_doc_child(doc, path[i]);
        if (!value || i + 1 == count) return value;
        doc = value->type == EID_VALUE_DOC ? value->doc : NULL;
    }
    return NULL;
}

eid_status eid_docstore_get_merged(eid_txn *txn, eid_slice store, eid_slice path, eid_value *out)
{
    eid_slice parts[LIST_PATH_MAX];
    eid_value base = EID_VALUE_NULL_INIT;
    const eid_value *staged;
    eid_path walk;
    size_t count = 0;
    eid_status status = eid_txn_get(txn, store, path, out);

    if (status != EID_OK || !eid_value_is_branch(out)) return status;
    eid_path_init(&walk, path);
    while (count < LIST_PATH_MAX && eid_path_next(&walk, &parts[count])) count++;
    staged = count < LIST_PATH_MAX ? list_staged_part(txn, store, parts, count) : NULL;
    if (!staged || staged->type != out->type) return EID_OK;
    status = eid_txn_base_value(txn, store, parts, count, &base);
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status == EID_OK) status = eid_value_merge(&base, out);
    eid_value_fini(out);
    *out = EID_VALUE_NULL_INIT;
    if (status == EID_OK) {
        *out = base;
    } else {
        eid_value_fini(&base);
    }
    return status;
}

/* -- elements ---------------------------------------------------------------------------------- */

static eid_status list_read(eid_txn *txn, eid_slice store, eid_slice path, eid_value *out)
{
    eid_status status = eid_docstore_get_merged(txn, store, path, out);

    if (status != EID_OK || out->type == EID_VALUE_LIST) return status;
    status = EID_FAIL(EID_KIND_STORE_TYPE, "%.*s in store %.*s is %s, not a list",
                      EID_SLICE_ARG(path), EID_SLICE_ARG(store), eid_value_type_name(out->type));
    eid_value_fini(out);
    return status;
}

/* Stage one element beside what is staged of the list; takes the value on success. */
static eid_status list_stage_take(eid_txn *txn, eid_slice store, eid_slice path,
                                  const eid_position *position, eid_value *value)
{
    const eid_doc *staged = eid_txn_peek_staged(txn, store);
    const eid_value *part = staged ? eid_doc_get(staged, path) : NULL;
    eid_value changed = EID_VALUE_NULL_INIT;
    eid_list *list = NULL;
    eid_status status;

    if (part && part->type == EID_VALUE_LIST) {
        status = eid_list_copy(part->list, &list);
    } else {
        status = eid_list_new(&list);
    }
    if (status == EID_OK) status = eid_list_put_take(list, position, value);
    changed = eid_value_of_list_take(&list);
    if (status == EID_OK) status = eid_docstore_set_take(txn, store, path, &changed);
    eid_value_fini(&changed);
    return status;
}

eid_status eid_docstore_list_insert_take(eid_txn *txn, eid_slice store, eid_slice path,
                                         size_t index, eid_value *value)
{
    eid_value list = EID_VALUE_NULL_INIT, copy = EID_VALUE_NULL_INIT;
    eid_list *empty = NULL;
    eid_position position;
    eid_status status = list_read(txn, store, path, &list);

    if (status == EID_E_NOT_FOUND) {
        status = eid_list_new(&empty);
        if (status == EID_OK) list = eid_value_of_list_take(&empty);
    }
    if (status != EID_OK) return status;
    if (index == EID_LIST_END) index = eid_list_live(list.list);
    status = eid_value_copy(value, &copy);
    if (status == EID_OK) {
        status =
            eid_list_insert_take(list.list, index, &copy, eid_txn_seam(txn)->random, &position);
    }
    if (status == EID_OK) status = list_stage_take(txn, store, path, &position, value);
    eid_value_fini(&copy);
    eid_value_fini(&list);
    return status;
}

eid_status eid_docstore_list_remove(eid_txn *txn, eid_slice store, eid_slice path, size_t index)
{
    eid_value list, gone = EID_VALUE_DELETED_INIT;
    eid_position position;
    size_t at = 0, live = 0;
    eid_status status = list_read(txn, store, path, &list);

    if (status != EID_OK) return status;
    while (eid_list_next(list.list, &at, &position) && live < index) live++;
    if (index >= eid_list_live(list.list)) {
        status = EID_FAIL(EID_KIND_CRDT_LIST_INDEX, "no element %zu: the list has %zu", index,
                          eid_list_live(list.list));
    } else {
        status = list_stage_take(txn, store, path, &position, &gone);
    }
    eid_value_fini(&list);
    return status;
}

/* -- replacing --------------------------------------------------------------------------------- */

static eid_status replace_lists(const eid_value *old, eid_value *value, const eid_random *random);

/* Whether every new element can take an old one's place: two documents, or two lists, would merge.
 */
static bool replace_fits(const eid_list *old, const eid_list *list)
{
    size_t at = 0;

    for (size_t i = 0; i < eid_list_live(list); i++) {
        const eid_value *place = eid_list_next(old, &at, NULL);
        if (!place) return true;
        if (eid_value_is_branch(place) && place->type == eid_list_get(list, i)->type) return false;
    }
    return true;
}

static eid_status replace_list(const eid_list *old, eid_value *value, const eid_random *random)
{
    bool fits = replace_fits(old, value->list);
    size_t at = 0, next = 0, count = eid_list_live(value->list);
    eid_position position;
    eid_list *made = NULL;
    eid_status status = eid_list_new(&made);

    while (status == EID_OK && eid_list_next(old, &at, &position)) {
        eid_value element = EID_VALUE_DELETED_INIT;
        if (fits && next < count) {
            status = eid_value_copy(eid_list_get(value->list, next++), &element);
        }
        if (status == EID_OK) status = eid_list_put_take(made, &position, &element);
        eid_value_fini(&element);
    }
    while (status == EID_OK && next < count) {
        eid_value element = EID_VALUE_NULL_INIT;
        status = eid_value_copy(eid_list_get(value->list, next++), &element);
        if (status == EID_OK) status = eid_list_push_take(made, &element, random, NULL);
        eid_value_fini(&element);
    }
    if (status != EID_OK) {
        eid_list_free(made);
        return status;
    }
    eid_value_fini(value);
    *value = eid_value_of_list_take(&made);
    return EID_OK;
}

static eid_status replace_doc(const eid_doc *old, eid_doc *doc, const eid_random *random)
{
    eid_status status = EID_OK;

    for (size_t i = 0; status == EID_OK && i < eid_doc_total(old); i++) {
        eid_slice key;
        const eid_value *was = eid_doc_at(old, i, &key);
        eid_value *child = eid_doc_child_mutable(doc, key);
        if (child) status = replace_lists(was, child, random);
    }
    return status;
}

static eid_status replace_lists(const eid_value *old, eid_value *value, const eid_random *random)
{
    if (old->type != value->type) return EID_OK;
    if (value->type == EID_VALUE_LIST) return replace_list(old->list, value, random);
    if (value->type == EID_VALUE_DOC) return replace_doc(old->doc, value->doc, random);
    return EID_OK;
}

eid_status eid_docstore_replace_take(eid_txn *txn, eid_slice store, eid_slice path,
                                     eid_value *value)
{
    eid_value old = EID_VALUE_NULL_INIT;
    eid_status status = EID_OK;

    if (eid_value_is_branch(value)) {
        status = eid_docstore_get_merged(txn, store, path, &old);
        if (status == EID_OK) status = replace_lists(&old, value, eid_txn_seam(txn)->random);
        if (status == EID_E_NOT_FOUND) status = EID_OK;
        eid_value_fini(&old);
    }
    return status == EID_OK ? eid_docstore_set_take(txn, store, path, value) : status;
}
