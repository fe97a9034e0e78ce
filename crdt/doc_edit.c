/* Edits that read before they write. They work on a copy and put it back whole, so that an edit
 * that fails halfway, or whose result could not be read back, leaves the doc as it was. */
#include "crdt/doc.h"

#include "crdt/path.h"
#include "dag/assert.h"
#include "dag/json.h"

/* What is there for an edit to work on: NULL where something can be put. An element of a list is
 * not edited by path, since writing to it would replace the list by a doc. */
static eid_status edit_find(eid_doc *doc, eid_slice path, eid_value **out)
{
    *out = eid_doc_get_mutable(doc, path);
    if (*out != NULL) return EID_OK;
    if (eid_path_count(path) == 0) {
        return EID_FAIL(EID_KIND_CRDT_PATH, "the path \"%.*s\" names nothing", EID_SLICE_ARG(path));
    }
    if (eid_doc_get(doc, path) == NULL) return EID_OK;
    return EID_FAIL(EID_KIND_CRDT_TYPE, "\"%.*s\" lies in a list; change the list itself",
                    EID_SLICE_ARG(path));
}

eid_status eid_doc_get_or_insert_take(eid_doc *doc, eid_slice path, eid_value *value,
                                      eid_value **out)
{
    eid_status status = edit_find(doc, path, out);

    EID_ASSERT(value->type != EID_VALUE_DELETED);
    if (status == EID_OK && *out == NULL) {
        status = eid_doc_set_take(doc, path, value);
        if (status == EID_OK) *out = eid_doc_get_mutable(doc, path);
    }
    eid_value_fini(value);
    return status;
}

static eid_status edit_not_found(eid_slice path)
{
    return EID_FAIL(EID_KIND_CRDT_NOT_FOUND, "nothing at \"%.*s\"", EID_SLICE_ARG(path));
}

/* Edit *value, which is ours, and put it at the path. */
static eid_status edit_put(eid_doc *doc, eid_slice path, eid_value *value, eid_value_edit_fn edit,
                           void *self)
{
    eid_status status = edit(self, value);

    return status == EID_OK ? eid_doc_set_take(doc, path, value) : status;
}

eid_status eid_doc_modify(eid_doc *doc, eid_slice path, eid_value_edit_fn edit, void *self)
{
    eid_value copy = EID_VALUE_NULL_INIT, *live;
    eid_status status = edit_find(doc, path, &live);

    if (status == EID_OK && live == NULL) status = edit_not_found(path);
    if (status == EID_OK) status = eid_value_copy(live, &copy);
    if (status == EID_OK) status = edit_put(doc, path, &copy, edit, self);
    eid_value_fini(&copy);
    return status;
}

eid_status eid_doc_modify_or_insert_take(eid_doc *doc, eid_slice path, eid_value *value,
                                         eid_value_edit_fn edit, void *self)
{
    eid_value *live;
    eid_status status = edit_find(doc, path, &live);

    if (status == EID_OK) {
        status = live != NULL ? eid_doc_modify(doc, path, edit, self)
                              : edit_put(doc, path, value, edit, self);
    }
    eid_value_fini(value);
    return status;
}

static eid_status edit_add(void *self, eid_value *value)
{
    int64_t *sum = self, old;
    eid_status status = eid_value_get_int(value, &old);

    if (status != EID_OK) return status;
    if (__builtin_add_overflow(old, *sum, sum)) {
        return EID_FAIL(EID_KIND_ARGUMENT, "the sum does not fit an integer of 64 bits");
    }
    value->integer = *sum;
    return EID_OK;
}

eid_status eid_doc_add_int(eid_doc *doc, eid_slice path, int64_t delta, int64_t *sum)
{
    eid_value zero = eid_value_of_int(0);
    eid_status status = eid_doc_modify_or_insert_take(doc, path, &zero, edit_add, &delta);

    if (status == EID_OK && sum != NULL) *sum = delta;
    return status;
}

static eid_status json_check(eid_slice text)
{
    eid_json json;
    eid_status status;

    eid_json_init(&json, text);
    do {
        (void)eid_json_next(&json);
    } while (json.event != EID_JSON_ERROR && json.event != EID_JSON_END);
    status = eid_json_finish(&json);
    eid_json_fini(&json);
    return status;
}

eid_status eid_doc_set_json(eid_doc *doc, eid_slice path, eid_slice json)
{
    eid_status status = json_check(json);

    return status == EID_OK ? eid_doc_set_text(doc, path, json) : status;
}

eid_status eid_doc_get_json(const eid_doc *doc, eid_slice path, eid_slice *json)
{
    eid_status status = eid_value_get_text(eid_doc_get(doc, path), json);

    if (status == EID_E_NOT_FOUND) return edit_not_found(path);
    if (status != EID_OK || json_check(*json) == EID_OK) return status;
    return EID_FAIL(EID_KIND_CRDT_DECODE, "the text at \"%.*s\" is no JSON", EID_SLICE_ARG(path));
}
