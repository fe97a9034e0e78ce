/* Views walk the document each time; who needs one often keeps it. Recursion follows types within
 * types, which a peer may nest at will, so its depth is bounded. */
#include <stdlib.h>

#include "crdt/ylib0.h"
#include "crdt/ystore.h"
#include "dag/alloc.h"
#include "dag/assert.h"

#define VIEW_DEPTH_MAX 64u /* types within types; values within them have a bound of their own */

static eid_status view_json(const eid__yitem *item, bool only_last, eid_json_writer *out,
                            unsigned depth);
static eid_status view_xml_children(const eid__ytype *type, eid_buf *out, unsigned depth);

static eid_status view_too_deep(void)
{
    return EID_FAIL(EID_KIND_CRDT_DEPTH, "types of a Y document nested more than %u deep",
                    VIEW_DEPTH_MAX);
}

/* -- text -------------------------------------------------------------------------------------- */

static void view_text(const eid__ytype *type, eid_buf *out)
{
    for (const eid__yitem *item = type->start; item != NULL; item = item->right) {
        if (item->kind == EID__Y_STRING) eid__ycontent_write_text(&item->content, out);
    }
}

eid_status eid_ydoc_view_text(const eid_ydoc *doc, const char *root, eid_buf *out)
{
    const eid__ytype *type = eid__yroot_find(doc, eid_slice_text(root));

    if (type != NULL) view_text(type, out);
    return eid_buf_status(out);
}

/* -- keys -------------------------------------------------------------------------------------- */

static int entry_compare(const void *a, const void *b)
{
    const eid__yentry *const *left = a, *const *right = b;

    return eid_slice_compare((*left)->key, (*right)->key);
}

/* The entries that have a value, sorted by key. New: eid_free(). */
static eid_status entries_sorted(const eid__ytype *type, const eid__yentry ***out, size_t *count)
{
    size_t all = 0;

    *count = 0;
    for (const eid__yentry *entry = type->entries; entry != NULL; entry = entry->next) all++;
    *out = eid_alloc_array(all, sizeof(**out));
    if (*out == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "%zu keys", all);
    for (const eid__yentry *entry = type->entries; entry != NULL; entry = entry->next) {
        if (!entry->last->is_deleted) (*out)[(*count)++] = entry;
    }
    if (*count > 1) qsort(*out, *count, sizeof(**out), entry_compare);
    return EID_OK;
}

/* -- XML --------------------------------------------------------------------------------------- */

static void view_xml_value(const eid__yitem *item, eid_buf *out)
{
    eid_json_writer writer;
    eid_slice text;

    if (item->kind == EID__Y_STRING) {
        eid__ycontent_write_text(&item->content, out);
    } else if (item->kind == EID__Y_ANY && eid__yany_text(item->content.bytes, &text)) {
        eid_buf_append(out, text);
    } else if (item->kind == EID__Y_ANY) {
        eid_json_writer_init(&writer, out);
        eid__yany_view(item->content.bytes, &writer);
    }
}

static eid_status view_xml_element(const eid__yitem *item, eid_buf *out, unsigned depth)
{
    const eid__ytype *type = item->content.type;
    const eid__yentry **entries = NULL;
    size_t count;
    eid_status status = entries_sorted(type, &entries, &count);

    if (status != EID_OK) return status;
    eid_buf_append_byte(out, '<');
    eid_buf_append(out, item->content.name);
    for (size_t i = 0; i < count; i++) {
        eid_buf_append_byte(out, ' ');
        eid_buf_append(out, entries[i]->key);
        eid_buf_append_text(out, "=\"");
        view_xml_value(entries[i]->last, out);
        eid_buf_append_byte(out, '"');
    }
    eid_buf_append_byte(out, '>');
    eid_free(entries);
    status = view_xml_children(type, out, depth + 1);
    eid_buf_append_text(out, "</");
    eid_buf_append(out, item->content.name);
    eid_buf_append_byte(out, '>');
    return status;
}

static eid_status view_xml(const eid__yitem *item, eid_buf *out, unsigned depth)
{
    switch (item->content.ref) {
    case EID__YREF_XML_ELEMENT:
        return view_xml_element(item, out, depth);
    case EID__YREF_XML_FRAGMENT:
        return view_xml_children(item->content.type, out, depth + 1);
    case EID__YREF_TEXT:
    case EID__YREF_XML_TEXT:
        view_text(item->content.type, out);
        return EID_OK;
    default:
        return EID_OK;
    }
}

static eid_status view_xml_children(const eid__ytype *type, eid_buf *out, unsigned depth)
{
    eid_status status = EID_OK;

    if (depth > VIEW_DEPTH_MAX) return view_too_deep();
    for (const eid__yitem *item = type->start; item != NULL && status == EID_OK;
         item = item->right) {
        if (item->kind == EID__Y_TYPE) status = view_xml(item, out, depth);
    }
    return status;
}

eid_status eid_ydoc_view_xml(const eid_ydoc *doc, const char *root, eid_buf *out)
{
    const eid__ytype *type = eid__yroot_find(doc, eid_slice_text(root));
    eid_status status = type == NULL ? EID_OK : view_xml_children(type, out, 1);

    return status == EID_OK ? eid_buf_status(out) : status;
}

/* -- JSON -------------------------------------------------------------------------------------- */

static eid_status view_map(const eid__ytype *type, eid_json_writer *out, unsigned depth)
{
    const eid__yentry **entries = NULL;
    size_t count;
    eid_status status;

    if (depth > VIEW_DEPTH_MAX) return view_too_deep();
    status = entries_sorted(type, &entries, &count);
    if (status != EID_OK) return status;
    eid_json_object(out);
    for (size_t i = 0; i < count && status == EID_OK; i++) {
        eid_json_key_slice(out, entries[i]->key);
        status = view_json(entries[i]->last, true, out, depth);
    }
    eid_json_object_end(out);
    eid_free(entries);
    return status;
}

static eid_status view_array(const eid__ytype *type, eid_json_writer *out, unsigned depth)
{
    eid_status status = EID_OK;

    if (depth > VIEW_DEPTH_MAX) return view_too_deep();
    eid_json_array(out);
    for (const eid__yitem *item = type->start; item != NULL && status == EID_OK;
         item = item->right) {
        if (eid__yitem_counts(item)) status = view_json(item, false, out, depth);
    }
    eid_json_array_end(out);
    return status;
}

static eid_status view_type(const eid__yitem *item, eid_json_writer *out, unsigned depth)
{
    eid_buf text;
    eid_status status = EID_OK;

    if (item->content.ref == EID__YREF_MAP) return view_map(item->content.type, out, depth + 1);
    if (item->content.ref == EID__YREF_ARRAY) return view_array(item->content.type, out, depth + 1);
    eid_buf_init(&text, out->out->max);
    status = view_xml(item, &text, depth + 1);
    if (status == EID_OK) status = eid_buf_status(&text);
    if (status == EID_OK) eid_json_string(out, eid_buf_slice(&text));
    eid_buf_fini(&text);
    return status;
}

/* A JSON text of a peer: as it is if it is one, else as a string. */
static void view_raw(eid_slice text, eid_json_writer *out)
{
    eid_json json;

    if (eid_slice_is(text, "undefined")) {
        eid_json_null(out);
        return;
    }
    eid_json_init(&json, text);
    while (eid_json_next(&json) != EID_JSON_END && json.event != EID_JSON_ERROR) {
    }
    if (eid_json_finish(&json) == EID_OK)
        eid_json_raw(out, text);
    else
        eid_json_string(out, text);
    eid_json_fini(&json);
}

/* A text of content that keeps its length before it. */
static eid_slice content_block(eid_slice bytes)
{
    eid__yreader reader = {bytes, NULL};

    return eid__yread_block(&reader);
}

static void view_values(const eid__yitem *item, bool only_last, eid_json_writer *out)
{
    const eid__ycontent *content = &item->content;

    for (uint32_t i = only_last ? item->len - 1 : 0; i < item->len; i++) {
        uint32_t start = i == 0 ? 0 : content->ends[i - 1] - content->base;
        uint32_t end = content->ends[i] - content->base;
        eid_slice value = eid_slice_of(content->bytes.at + start, end - start);

        if (item->kind == EID__Y_ANY)
            eid__yany_view(value, out);
        else
            view_raw(content_block(value), out);
    }
}

/* A text read as an array is its characters, so that it does not show where blocks were cut. */
static eid_status view_characters(const eid__yitem *item, bool only_last, eid_json_writer *out)
{
    eid_buf text;
    eid_slice rest;
    eid_status status;

    eid_buf_init(&text, out->out->max);
    eid__ycontent_write_text(&item->content, &text);
    status = eid_buf_status(&text);
    rest = eid_buf_slice(&text);
    while (status == EID_OK && rest.len > 0) {
        size_t step = eid_utf8_step(rest);

        EID_ASSERT(step > 0); /* it was checked when it was read */
        if (!only_last || step == rest.len) eid_json_string(out, eid_slice_of(rest.at, step));
        rest = eid_slice_of(rest.at + step, rest.len - step);
    }
    eid_buf_fini(&text);
    return status;
}

static void view_binary(const eid__yitem *item, eid_json_writer *out)
{
    eid_slice bytes = content_block(item->content.bytes);

    eid_json_array(out);
    for (size_t i = 0; i < bytes.len; i++) eid_json_uint(out, bytes.at[i]);
    eid_json_array_end(out);
}

/* The values of a block that shows, or the last of them: that of a key. */
static eid_status view_json(const eid__yitem *item, bool only_last, eid_json_writer *out,
                            unsigned depth)
{
    switch ((eid__ykind)item->kind) {
    case EID__Y_ANY:
    case EID__Y_JSON:
        view_values(item, only_last, out);
        break;
    case EID__Y_STRING:
        return view_characters(item, only_last, out);
    case EID__Y_BINARY:
        view_binary(item, out);
        break;
    case EID__Y_EMBED:
        view_raw(content_block(item->content.bytes), out);
        break;
    case EID__Y_TYPE:
        return view_type(item, out, depth);
    case EID__Y_GC:
    case EID__Y_DELETED:
    case EID__Y_FORMAT:
    case EID__Y_DOC:
    case EID__Y_SKIP:
        eid_json_null(out);
        break;
    }
    return EID_OK;
}

eid_status eid_ydoc_view_map(const eid_ydoc *doc, const char *root, eid_json_writer *out)
{
    static const eid__ytype none;
    const eid__ytype *type = eid__yroot_find(doc, eid_slice_text(root));
    eid_status status = view_map(type == NULL ? &none : type, out, 1);

    return status == EID_OK ? eid_buf_status(out->out) : status;
}

eid_status eid_ydoc_view_array(const eid_ydoc *doc, const char *root, eid_json_writer *out)
{
    static const eid__ytype none;
    const eid__ytype *type = eid__yroot_find(doc, eid_slice_text(root));
    eid_status status = view_array(type == NULL ? &none : type, out, 1);

    return status == EID_OK ? eid_buf_status(out->out) : status;
}
