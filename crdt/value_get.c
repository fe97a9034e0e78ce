/* Typed access. A caller that expects a type wants one line: the status says whether to ask for the
 * value elsewhere (NOT_FOUND) or that the data is of another making (CRDT_TYPE). */
#include "crdt/value.h"

static eid_status value_check(const eid_value *value, eid_value_type type)
{
    if (value == NULL) return EID_E_NOT_FOUND;
    if (value->type == type) return EID_OK;
    if (value->type == EID_VALUE_DELETED) return EID_E_NOT_FOUND;
    return EID_FAIL(EID_KIND_CRDT_TYPE, "Type mismatch: expected %s, found %s",
                    eid_value_type_name(type), eid_value_type_name(value->type));
}

static bool value_is(const eid_value *value, eid_value_type type)
{
    return value != NULL && value->type == type;
}

eid_status eid_value_get_bool(const eid_value *value, bool *out)
{
    eid_status status = value_check(value, EID_VALUE_BOOL);

    if (status == EID_OK) *out = value->boolean;
    return status;
}

eid_status eid_value_get_int(const eid_value *value, int64_t *out)
{
    eid_status status = value_check(value, EID_VALUE_INT);

    if (status == EID_OK) *out = value->integer;
    return status;
}

eid_status eid_value_get_text(const eid_value *value, eid_slice *out)
{
    eid_status status = value_check(value, EID_VALUE_TEXT);

    if (status == EID_OK) *out = eid_value_text(value);
    return status;
}

eid_status eid_value_get_doc(const eid_value *value, const eid_doc **out)
{
    eid_status status = value_check(value, EID_VALUE_DOC);

    if (status == EID_OK) *out = value->doc;
    return status;
}

eid_status eid_value_get_list(const eid_value *value, const eid_list **out)
{
    eid_status status = value_check(value, EID_VALUE_LIST);

    if (status == EID_OK) *out = value->list;
    return status;
}

bool eid_value_bool_or(const eid_value *value, bool other)
{
    return value_is(value, EID_VALUE_BOOL) ? value->boolean : other;
}

int64_t eid_value_int_or(const eid_value *value, int64_t other)
{
    return value_is(value, EID_VALUE_INT) ? value->integer : other;
}

eid_slice eid_value_text_or(const eid_value *value, eid_slice other)
{
    return value_is(value, EID_VALUE_TEXT) ? eid_value_text(value) : other;
}

bool eid_value_is_bool(const eid_value *value, bool other)
{
    return value_is(value, EID_VALUE_BOOL) && value->boolean == other;
}

bool eid_value_is_int(const eid_value *value, int64_t other)
{
    return value_is(value, EID_VALUE_INT) && value->integer == other;
}

bool eid_value_is_text(const eid_value *value, const char *other)
{
    return value_is(value, EID_VALUE_TEXT) && eid_slice_is(eid_value_text(value), other);
}
