/* Lookups and writes by path, over the operations on one doc: what a path means is said here once,
 * for docs in memory; the state engine is asked by child names. */
#include "crdt/doc.h"

#include "crdt/crdt_internal.h"
#include "crdt/path.h"
#include "dag/json.h"

/* A list index as the reference reads it: digits, a leading '+' tolerated, within 64 bits. */
static bool index_parse(eid_slice text, uint64_t *out)
{
    size_t i = text.len > 0 && text.at[0] == '+' ? 1 : 0;
    uint64_t value = 0;

    if (i == text.len) return false;
    for (; i < text.len; i++) {
        unsigned digit = (unsigned)text.at[i] - '0';

        if (digit > 9) return false;
        if (__builtin_mul_overflow(value, 10u, &value)) return false;
        if (__builtin_add_overflow(value, digit, &value)) return false;
    }
    *out = value;
    return true;
}

/* One step down; NULL where there is nothing. Tombstones are given, except from lists. */
static const eid_value *value_step(const eid_value *value, eid_slice component)
{
    uint64_t index;

    if (value->type == EID_VALUE_DOC) return eid_doc_child(value->doc, component);
    if (value->type != EID_VALUE_LIST || !index_parse(component, &index)) return NULL;
    return index < SIZE_MAX ? eid_list_get(value->list, (size_t)index) : NULL;
}

/* The value at a path, tombstones included; NULL if none, or below a list if those are not entered.
 */
static const eid_value *doc_walk(const eid_doc *doc, eid_slice text, bool lists)
{
    eid_path path;
    eid_slice component;
    const eid_value *value;

    eid_path_init(&path, text);
    if (!eid_path_next(&path, &component)) return NULL;
    value = eid_doc_child(doc, component);
    while (value != NULL && eid_path_next(&path, &component)) {
        if (!lists && value->type == EID_VALUE_LIST) return NULL;
        value = value_step(value, component);
    }
    return value;
}

const eid_value *eid_doc_get(const eid_doc *doc, eid_slice path)
{
    const eid_value *value = doc_walk(doc, path, true);

    return value != NULL && value->type != EID_VALUE_DELETED ? value : NULL;
}

eid_value *eid_doc_get_mutable(eid_doc *doc, eid_slice text)
{
    eid_path path;
    eid_slice name;
    eid_value *value = NULL;

    eid_path_init(&path, text);
    while (eid_path_next(&path, &name)) {
        if (value != NULL && value->type != EID_VALUE_DOC) return NULL;
        value = eid_doc_child_mutable(value != NULL ? value->doc : doc, name);
        if (value == NULL) return NULL;
    }
    return value != NULL && value->type != EID_VALUE_DELETED ? value : NULL;
}

bool eid_doc_is_tombstone(const eid_doc *doc, eid_slice path)
{
    const eid_value *value = doc_walk(doc, path, true);

    return value != NULL && value->type == EID_VALUE_DELETED;
}

/* The doc under a name, made (in place of anything else) if it is none. */
static eid_status doc_enter(eid_doc *doc, eid_slice name, eid_doc **out)
{
    eid_value *value = eid_doc_child_mutable(doc, name);
    eid_value made;
    eid_doc *fresh = NULL;
    eid_status status;

    if (value != NULL && value->type == EID_VALUE_DOC) {
        *out = value->doc;
        return EID_OK;
    }
    status = eid_doc_new(&fresh);
    if (status != EID_OK) return status;
    *out = fresh;
    made = eid_value_of_doc_take(&fresh);
    status = eid_doc_put_child_take(doc, name, &made);
    eid_value_fini(&made);
    return status;
}

/* `levels` = what the value put at the path costs (spec 03 §3.2). */
static eid_status path_check_depth(eid_slice path, size_t levels)
{
    size_t count = eid_path_count(path);

    if (count == 0) return EID_OK;
    if (count > EID_DOC_DEPTH_MAX ||
        EID__DOC_LEVELS + EID__CHILD_LEVELS * (count - 1) + levels > EID_JSON_DEPTH_MAX) {
        return EID_FAIL(EID_KIND_CRDT_DEPTH,
                        "the value would lie %zu names deep and be %zu levels high; no node could "
                        "read it back",
                        count, levels);
    }
    return EID_OK;
}

eid_status eid_doc_set_take(eid_doc *doc, eid_slice text, eid_value *value)
{
    eid_path path;
    eid_slice name, next;
    eid_status status = path_check_depth(text, eid__value_levels(value));

    if (status != EID_OK) return status;
    eid_path_init(&path, text);
    if (!eid_path_next(&path, &name)) {
        eid_value_fini(value);
        return EID_OK;
    }
    while (eid_path_next(&path, &next)) {
        status = doc_enter(doc, name, &doc);
        if (status != EID_OK) return status;
        name = next;
    }
    return eid_doc_put_child_take(doc, name, value);
}

eid_status eid_doc_exchange_take(eid_doc *doc, eid_slice path, eid_value *value, eid_value *old)
{
    eid_status status = path_check_depth(path, eid__value_levels(value));
    eid_value *live = eid_doc_get_mutable(doc, path);

    *old = EID_VALUE_DELETED_INIT;
    if (status != EID_OK) return status;
    if (live == NULL) return eid_doc_set_take(doc, path, value);
    *old = *live;
    *live = *value;
    *value = EID_VALUE_NULL_INIT;
    return EID_OK;
}

eid_status eid_doc_set_text(eid_doc *doc, eid_slice path, eid_slice text)
{
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status = eid_value_set_text(&value, text);

    if (status == EID_OK) status = eid_doc_set_take(doc, path, &value);
    eid_value_fini(&value);
    return status;
}

eid_status eid_doc_set_int(eid_doc *doc, eid_slice path, int64_t integer)
{
    eid_value value = eid_value_of_int(integer);

    return eid_doc_set_take(doc, path, &value);
}

eid_status eid_doc_remove(eid_doc *doc, eid_slice path, bool *was_live)
{
    eid_value tombstone = EID_VALUE_DELETED_INIT;
    const eid_value *old = doc_walk(doc, path, false);

    if (was_live != NULL) *was_live = old != NULL && old->type != EID_VALUE_DELETED;
    return eid_doc_set_take(doc, path, &tombstone);
}

eid_status eid_doc_ensure_doc(eid_doc *doc, eid_slice text, eid_doc **out)
{
    eid_path path;
    eid_slice name;
    eid_status status = path_check_depth(text, EID__CHILD_LEVELS);

    if (status != EID_OK) return status;
    eid_path_init(&path, text);
    while (eid_path_next(&path, &name)) {
        status = doc_enter(doc, name, &doc);
        if (status != EID_OK) return status;
    }
    *out = doc;
    return EID_OK;
}
