/* The shortest form that a person can read; nothing is escaped, so nothing may parse it. */
#include "crdt/value.h"

#include "crdt/doc.h"
#include "crdt/list.h"

static void display_doc(const eid_doc *doc, eid_buf *out)
{
    bool first = true;

    eid_buf_append_byte(out, '{');
    for (size_t i = 0; i < eid_doc_total(doc); i++) {
        eid_slice key;
        const eid_value *value = eid_doc_at(doc, i, &key);

        if (value->type == EID_VALUE_DELETED) continue;
        if (!first) eid_buf_append_text(out, ", ");
        first = false;
        eid_buf_append(out, key);
        eid_buf_append_text(out, ": ");
        eid_value_display(value, out);
    }
    eid_buf_append_byte(out, '}');
}

static void display_list(const eid_list *list, eid_buf *out)
{
    const eid_value *value;
    size_t at = 0;
    bool first = true;

    eid_buf_append_byte(out, '[');
    while ((value = eid_list_next(list, &at, NULL)) != NULL) {
        if (!first) eid_buf_append_text(out, ", ");
        first = false;
        eid_value_display(value, out);
    }
    eid_buf_append_byte(out, ']');
}

void eid_value_display(const eid_value *value, eid_buf *out)
{
    switch (value->type) {
    case EID_VALUE_NULL:
        eid_buf_append_text(out, "null");
        break;
    case EID_VALUE_BOOL:
        eid_buf_append_text(out, value->boolean ? "true" : "false");
        break;
    case EID_VALUE_INT:
        eid_buf_append_format(out, "%lld", (long long)value->integer);
        break;
    case EID_VALUE_TEXT:
        eid_buf_append(out, eid_value_text(value));
        break;
    case EID_VALUE_DOC:
        display_doc(value->doc, out);
        break;
    case EID_VALUE_LIST:
        display_list(value->list, out);
        break;
    case EID_VALUE_DELETED:
        eid_buf_append_text(out, "<deleted>");
        break;
    }
}
