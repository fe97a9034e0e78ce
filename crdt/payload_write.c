/* Sorted keys come for free from sorted docs. Depth is measured before, so that no payload leaves
 * that other nodes, and we, would refuse to read. */
#include "crdt/payload.h"

#include "crdt/crdt_internal.h"
#include "crdt/uuid.h"

static void write_value(const eid_value *value, eid_json_writer *out);

static void write_doc(const eid_doc *doc, eid_json_writer *out)
{
    eid_json_object(out);
    if (eid_doc_is_atomic(doc)) {
        eid_json_key(out, "_a");
        eid_json_bool(out, true);
    }
    eid_json_key(out, "children");
    eid_json_object(out);
    for (size_t i = 0; i < eid_doc_total(doc); i++) {
        eid_slice key;
        const eid_value *value = eid_doc_at(doc, i, &key);

        eid_json_key_slice(out, key);
        write_value(value, out);
    }
    eid_json_object_end(out);
    eid_json_object_end(out);
}

static void write_position(const eid_position *position, eid_json_writer *out)
{
    char uuid[EID_UUID_TEXT];

    eid_uuid_format(position->unique, uuid);
    eid_json_object(out);
    eid_json_key(out, "numerator");
    eid_json_int(out, position->numerator);
    eid_json_key(out, "denominator");
    eid_json_uint(out, position->denominator);
    eid_json_key(out, "unique_id");
    eid_json_string(out, eid_slice_of(uuid, sizeof(uuid)));
    eid_json_object_end(out);
}

static void write_list(const eid_list *list, eid_json_writer *out)
{
    eid_json_array(out);
    for (size_t i = 0; i < eid_list_total(list); i++) {
        eid_position position;
        const eid_value *value = eid_list_at(list, i, &position);

        eid_json_array(out);
        write_position(&position, out);
        write_value(value, out);
        eid_json_array_end(out);
    }
    eid_json_array_end(out);
}

static void write_content(const eid_value *value, eid_json_writer *out)
{
    switch (value->type) {
    case EID_VALUE_NULL:
    case EID_VALUE_DELETED:
        break;
    case EID_VALUE_BOOL:
        eid_json_bool(out, value->boolean);
        break;
    case EID_VALUE_INT:
        eid_json_int(out, value->integer);
        break;
    case EID_VALUE_TEXT:
        eid_json_string(out, eid_value_text(value));
        break;
    case EID_VALUE_DOC:
        write_doc(value->doc, out);
        break;
    case EID_VALUE_LIST:
        write_list(value->list, out);
        break;
    }
}

static void write_value(const eid_value *value, eid_json_writer *out)
{
    static const char *const tags[] = {
        [EID_VALUE_NULL] = "Null",       [EID_VALUE_BOOL] = "Bool", [EID_VALUE_INT] = "Int",
        [EID_VALUE_TEXT] = "Text",       [EID_VALUE_DOC] = "Doc",   [EID_VALUE_LIST] = "List",
        [EID_VALUE_DELETED] = "Deleted",
    };

    if (value->type == EID_VALUE_NULL || value->type == EID_VALUE_DELETED) {
        eid_json_text(out, tags[value->type]);
        return;
    }
    eid_json_object(out);
    eid_json_key(out, tags[value->type]);
    write_content(value, out);
    eid_json_object_end(out);
}

static eid_status payload_check_levels(size_t levels)
{
    if (levels <= EID_JSON_DEPTH_MAX) return EID_OK;
    return EID_FAIL(EID_KIND_CRDT_DEPTH, "%zu levels of JSON, of which nodes read %d", levels,
                    EID_JSON_DEPTH_MAX);
}

eid_status eid_payload_write_value(const eid_value *value, eid_buf *out)
{
    eid_json_writer writer;
    eid_status status = payload_check_levels(eid__value_levels(value));

    if (status != EID_OK) return status;
    eid_json_writer_init(&writer, out);
    write_value(value, &writer);
    return eid_buf_status(out);
}

eid_status eid_payload_write_doc(const eid_doc *doc, eid_buf *out)
{
    eid_json_writer writer;
    eid_status status = payload_check_levels(eid__doc_levels(doc));

    if (status != EID_OK) return status;
    eid_json_writer_init(&writer, out);
    write_doc(doc, &writer);
    return eid_buf_status(out);
}
