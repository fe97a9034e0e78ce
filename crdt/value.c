/* Values are merged and copied by plain recursion: their depth is that of the JSON they came from,
 * at most 127 levels, so a stack of our own would only be longer. */
#include "crdt/value.h"

#include "crdt/crdt_internal.h"
#include "dag/alloc.h"

eid_status eid_value_set_text(eid_value *value, eid_slice text)
{
    char *copy = eid_memdup(text.at, text.len);

    if (copy == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "text of %zu bytes", text.len);
    eid_value_fini(value);
    value->type = EID_VALUE_TEXT;
    value->text.at = copy;
    value->text.len = text.len;
    return EID_OK;
}

eid_value eid_value_of_doc_take(eid_doc **doc)
{
    eid_value value = {.type = EID_VALUE_DOC, .doc = *doc};

    *doc = NULL;
    return value;
}

eid_value eid_value_of_list_take(eid_list **list)
{
    eid_value value = {.type = EID_VALUE_LIST, .list = *list};

    *list = NULL;
    return value;
}

void eid_value_fini(eid_value *value)
{
    if (value->type == EID_VALUE_TEXT) eid_free(value->text.at);
    if (value->type == EID_VALUE_DOC) eid_doc_free(value->doc);
    if (value->type == EID_VALUE_LIST) eid_list_free(value->list);
    *value = EID_VALUE_NULL_INIT;
}

eid_status eid_value_copy(const eid_value *value, eid_value *out)
{
    eid_status status = EID_OK;

    *out = EID_VALUE_NULL_INIT;
    switch (value->type) {
    case EID_VALUE_NULL:
    case EID_VALUE_BOOL:
    case EID_VALUE_INT:
    case EID_VALUE_DELETED:
        *out = *value;
        break;
    case EID_VALUE_TEXT:
        return eid_value_set_text(out, eid_value_text(value));
    case EID_VALUE_DOC: {
        eid_doc *doc = NULL;

        status = eid_doc_copy(value->doc, &doc);
        if (status == EID_OK) *out = eid_value_of_doc_take(&doc);
        break;
    }
    case EID_VALUE_LIST: {
        eid_list *list = NULL;

        status = eid_list_copy(value->list, &list);
        if (status == EID_OK) *out = eid_value_of_list_take(&list);
        break;
    }
    }
    return status;
}

bool eid_value_equal(const eid_value *a, const eid_value *b)
{
    if (a->type != b->type) return false;
    switch (a->type) {
    case EID_VALUE_NULL:
    case EID_VALUE_DELETED:
        return true;
    case EID_VALUE_BOOL:
        return a->boolean == b->boolean;
    case EID_VALUE_INT:
        return a->integer == b->integer;
    case EID_VALUE_TEXT:
        return eid_slice_equal(eid_value_text(a), eid_value_text(b));
    case EID_VALUE_DOC:
        return eid_doc_equal(a->doc, b->doc);
    case EID_VALUE_LIST:
        return eid_list_equal(a->list, b->list);
    }
    return false;
}

const char *eid_value_type_name(eid_value_type type)
{
    static const char *const names[] = {
        [EID_VALUE_NULL] = "null",       [EID_VALUE_BOOL] = "bool", [EID_VALUE_INT] = "int",
        [EID_VALUE_TEXT] = "text",       [EID_VALUE_DOC] = "doc",   [EID_VALUE_LIST] = "list",
        [EID_VALUE_DELETED] = "deleted",
    };

    return names[type];
}

eid_status eid_value_merge(eid_value *self, const eid_value *other)
{
    eid_value copy;
    eid_status status;

    if (self->type == EID_VALUE_DOC && other->type == EID_VALUE_DOC) {
        return eid_doc_merge(self->doc, other->doc);
    }
    if (self->type == EID_VALUE_LIST && other->type == EID_VALUE_LIST) {
        return eid_list_merge(self->list, other->list);
    }
    status = eid_value_copy(other, &copy);
    if (status != EID_OK) return status;
    eid_value_fini(self);
    *self = copy;
    return EID_OK;
}

size_t eid__doc_levels(const eid_doc *doc)
{
    size_t deepest = 0;

    for (size_t i = 0; i < eid_doc_total(doc); i++) {
        size_t levels = eid__value_levels(eid_doc_at(doc, i, NULL));

        if (levels > deepest) deepest = levels;
    }
    return EID__DOC_LEVELS + deepest;
}

static size_t list_levels(const eid_list *list)
{
    size_t deepest = 1; /* the position beside each element */

    if (eid_list_total(list) == 0) return 2; /* {"List":, array */
    for (size_t i = 0; i < eid_list_total(list); i++) {
        size_t levels = eid__value_levels(eid_list_at(list, i, NULL));

        if (levels > deepest) deepest = levels;
    }
    return 3 + deepest; /* and the pair */
}

size_t eid__value_levels(const eid_value *value)
{
    switch (value->type) {
    case EID_VALUE_NULL:
    case EID_VALUE_DELETED:
        return 0;
    case EID_VALUE_BOOL:
    case EID_VALUE_INT:
    case EID_VALUE_TEXT:
        return 1;
    case EID_VALUE_DOC:
        return 1 + eid__doc_levels(value->doc); /* the tag */
    case EID_VALUE_LIST:
        return list_levels(value->list);
    }
    return 0;
}
