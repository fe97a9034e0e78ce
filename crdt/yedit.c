/* An edit is a block like those of others: it names its neighbours and is put down by the same
 * code, so that nothing is true here that is not true everywhere. */
#include "crdt/crdt_internal.h"
#include "crdt/ylib0.h"
#include "crdt/ystore.h"
#include "dag/alloc.h"
#include "dag/assert.h"

#define EDIT_BYTES_MAX (16u * 1024u * 1024u) /* of values in one edit */

/* -- places ------------------------------------------------------------------------------------ */

static uint64_t root_length(const eid_ydoc *doc, const char *root)
{
    const eid__ytype *type = eid__yroot_find(doc, eid_slice_text(root));

    return type == NULL ? 0 : type->length;
}

uint64_t eid_ydoc_length(const eid_ydoc *doc, const char *root)
{
    return root_length(doc, root);
}

static eid_status edit_check(const eid_ydoc *doc, const char *root, uint64_t index, uint64_t count)
{
    uint64_t length = root_length(doc, root);
    eid_status status = eid__ydoc_usable(doc);

    if (status != EID_OK) return status;
    if (index <= length && count <= length - index) return EID_OK;
    return EID_FAIL(EID_KIND_STORE_OPERATION, "%llu units from %llu on, of %llu",
                    (unsigned long long)count, (unsigned long long)index,
                    (unsigned long long)length);
}

/* The block that ends at `index`, NULL for the beginning. The index is in the sequence. False
 * without memory. */
static bool place_find(eid_ydoc *doc, const eid__ytype *type, uint64_t index, eid__yitem **out)
{
    *out = NULL;
    for (eid__yitem *item = type->start; item != NULL && index > 0; item = item->right) {
        *out = item;
        if (!eid__yitem_counts(item)) continue;
        if (index < item->len) return eid__yitem_cut(doc, item, (uint32_t)index);
        index -= item->len;
    }
    EID_ASSERT(index == 0);
    return true;
}

/* -- making blocks ----------------------------------------------------------------------------- */

typedef struct edit_content {
    eid__ykind kind;
    uint64_t len;
    eid_slice bytes;
    const uint32_t *ends; /* `len` of them, or NULL */
} edit_content;

static bool content_copy(eid_ydoc *doc, const edit_content *content, eid__yitem *item)
{
    uint32_t *ends;

    if (!eid__yarena_copy(&doc->arena, content->bytes, &item->content.bytes)) return false;
    if (content->ends == NULL) return true;
    ends = eid__yarena_alloc(&doc->arena, item->len * sizeof(*ends));
    if (ends == NULL) return false;
    memcpy(ends, content->ends, item->len * sizeof(*ends));
    item->content.ends = ends;
    return true;
}

static eid__ytype *edit_root(eid_ydoc *doc, const char *name)
{
    eid__ytype *root = eid__yroot_find(doc, eid_slice_text(name));
    eid_slice copy;

    if (root != NULL) return root;
    if (!eid__yarena_copy(&doc->arena, eid_slice_text(name), &copy)) return NULL;
    return eid__yroot_make(doc, copy);
}

/* Put new content between `left` and `right`, either of which may be NULL. */
static eid_status edit_put(eid_ydoc *doc, const eid__ytype *root, const eid__yitem *left,
                           const eid__yitem *right, eid__yitem *item)
{
    item->parent_form = EID__YPARENT_ROOT;
    item->parent_root = root->name;
    if (left != NULL) {
        item->has_origin = true;
        item->origin = (eid__yid){left->id.client, eid__yitem_end(left) - 1};
    }
    if (right != NULL) {
        item->has_right_origin = true;
        item->right_origin = right->id;
    }
    return eid__yitem_integrate(doc, item) ? EID_OK : eid__ydoc_break(doc);
}

/* A block of our own with this content, standing nowhere. It belongs to the document. */
static eid_status edit_make(eid_ydoc *doc, const edit_content *content, eid__yitem **out)
{
    uint32_t clock = eid__yclient_state(doc, doc->client);

    if (content->len > UINT32_MAX - clock) {
        return EID_FAIL(EID_KIND_STORE_OPERATION, "client %u has written all it can",
                        (unsigned)doc->client);
    }
    *out = eid__yarena_alloc(&doc->arena, sizeof(**out));
    if (*out == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "edit");
    (*out)->id = (eid__yid){doc->client, clock};
    (*out)->len = (uint32_t)content->len;
    (*out)->kind = (uint8_t)content->kind;
    if (content_copy(doc, content, *out)) return EID_OK;
    return EID_FAIL(EID_KIND_NO_MEMORY, "edit of %zu bytes", content->bytes.len);
}

static eid_status edit_insert(eid_ydoc *doc, const char *name, uint64_t index,
                              const edit_content *content)
{
    eid__yitem *item = NULL, *left = NULL;
    eid__ytype *root;
    eid_status status = edit_check(doc, name, index, 0);

    if (status != EID_OK || content->len == 0) return status;
    root = edit_root(doc, name);
    if (root == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "root of a Y document");
    status = edit_make(doc, content, &item);
    if (status != EID_OK) return status;
    if (!place_find(doc, root, index, &left)) return eid__ydoc_break(doc);
    return edit_put(doc, root, left, left == NULL ? root->start : left->right, item);
}

static eid_status edit_delete(eid_ydoc *doc, const char *name, uint64_t index, uint64_t count)
{
    const eid__ytype *root = eid__yroot_find(doc, eid_slice_text(name));
    eid__yitem *item = NULL;
    eid_status status = edit_check(doc, name, index, count);

    if (status != EID_OK || count == 0) return status;
    EID_ASSERT(root != NULL); /* it has a length */
    if (!place_find(doc, root, index, &item)) return eid__ydoc_break(doc);
    for (item = item == NULL ? root->start : item->right; count > 0; item = item->right) {
        EID_ASSERT(item != NULL);
        if (!eid__yitem_counts(item)) continue;
        if (item->len > count && !eid__yitem_cut(doc, item, (uint32_t)count)) {
            return eid__ydoc_break(doc);
        }
        count -= item->len;
        eid__yitem_delete(item);
    }
    return EID_OK;
}

/* -- values ------------------------------------------------------------------------------------ */

typedef struct edit_values {
    eid_buf bytes;
    uint32_t *ends;
    size_t count, cap;
} edit_values;

static void values_fini(edit_values *values)
{
    eid_buf_fini(&values->bytes);
    eid_free(values->ends);
}

static eid_status values_add(edit_values *values, eid_json *json)
{
    void *ends = values->ends;
    bool grown = eid__array_grow(&ends, values->count, &values->cap, sizeof(*values->ends));

    values->ends = ends;
    if (!grown) return EID_FAIL(EID_KIND_NO_MEMORY, "%zu values", values->count);
    eid__yany_from_json(json, &values->bytes);
    values->ends[values->count++] = (uint32_t)values->bytes.len;
    return eid_buf_status(&values->bytes);
}

/* One value, or the elements of an array. */
static eid_status values_read(eid_slice text, bool is_list, edit_values *values)
{
    eid_json json;
    eid_status status = EID_OK;

    eid_json_init(&json, text);
    if (!is_list && eid_json_next(&json) != EID_JSON_ERROR) {
        status = values_add(values, &json);
    } else if (is_list && eid_json_next(&json) != EID_JSON_ARRAY) {
        eid_json_fail(&json, "values to insert come as an array");
    }
    while (is_list && status == EID_OK && eid_json_next(&json) != EID_JSON_ARRAY_END &&
           json.event != EID_JSON_ERROR) {
        status = values_add(values, &json);
    }
    if (status == EID_OK && eid_json_finish(&json) != EID_OK) {
        status = EID_FAIL(EID_KIND_STORE_OPERATION, "no JSON value to put into a Y document");
    }
    eid_json_fini(&json);
    return status;
}

static edit_content values_content(const edit_values *values)
{
    return (edit_content){EID__Y_ANY, values->count, eid_buf_slice(&values->bytes), values->ends};
}

/* -- public ------------------------------------------------------------------------------------ */

eid_status eid_ydoc_text_insert(eid_ydoc *doc, const char *root, uint64_t index, eid_slice text)
{
    edit_content content = {EID__Y_STRING, eid__yutf16_len(text), text, NULL};

    if (!eid_slice_is_utf8(text)) {
        return EID_FAIL(EID_KIND_STORE_OPERATION, "the text to insert is not UTF-8");
    }
    return edit_insert(doc, root, index, &content);
}

eid_status eid_ydoc_text_delete(eid_ydoc *doc, const char *root, uint64_t index, uint64_t count)
{
    return edit_delete(doc, root, index, count);
}

eid_status eid_ydoc_array_insert(eid_ydoc *doc, const char *root, uint64_t index,
                                 eid_slice json_array)
{
    edit_values values = {.count = 0};
    edit_content content;
    eid_status status;

    eid_buf_init(&values.bytes, EDIT_BYTES_MAX);
    status = values_read(json_array, true, &values);
    if (status == EID_OK) {
        content = values_content(&values);
        status = edit_insert(doc, root, index, &content);
    }
    values_fini(&values);
    return status;
}

eid_status eid_ydoc_array_delete(eid_ydoc *doc, const char *root, uint64_t index, uint64_t count)
{
    return edit_delete(doc, root, index, count);
}

static eid_status map_put(eid_ydoc *doc, const char *name, eid_slice key,
                          const edit_content *content)
{
    eid__ytype *root = edit_root(doc, name);
    const eid__yentry *entry;
    eid__yitem *item = NULL;
    eid_status status;

    if (root == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "root of a Y document");
    status = edit_make(doc, content, &item);
    if (status != EID_OK) return status;
    if (!eid__yarena_copy(&doc->arena, key, &item->sub)) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "key of %zu bytes", key.len);
    }
    item->has_sub = true;
    entry = eid__yentry_find(doc, root, key);
    return edit_put(doc, root, entry == NULL ? NULL : entry->last, NULL, item);
}

eid_status eid_ydoc_map_set(eid_ydoc *doc, const char *root, eid_slice key, eid_slice json)
{
    edit_values values = {.count = 0};
    edit_content content;
    eid_status status = eid__ydoc_usable(doc);

    if (status != EID_OK) return status;
    if (!eid_slice_is_utf8(key)) return EID_FAIL(EID_KIND_STORE_OPERATION, "the key is not UTF-8");
    eid_buf_init(&values.bytes, EDIT_BYTES_MAX);
    status = values_read(json, false, &values);
    if (status == EID_OK) {
        content = values_content(&values);
        status = map_put(doc, root, key, &content);
    }
    values_fini(&values);
    return status;
}

eid_status eid_ydoc_map_delete(eid_ydoc *doc, const char *root, eid_slice key)
{
    const eid__ytype *type = eid__yroot_find(doc, eid_slice_text(root));
    const eid__yentry *entry = type == NULL ? NULL : eid__yentry_find(doc, type, key);
    eid_status status = eid__ydoc_usable(doc);

    if (status == EID_OK && entry != NULL && entry->last != NULL) eid__yitem_delete(entry->last);
    return status;
}
