/* Members may come in any order, so they go into a builder, which is then encoded as it is: neither
 * sorted nor merged nor validated, and what the JSON form says is what the entry says. */
#include "dag/assert.h"
#include "dag/dag_internal.h"

#define JSON_BYTES_MAX (8u * EID_ENTRY_BYTES_MAX) /* a byte of payload takes up to four of text */

bool eid__json_next_member(eid_json *json, const char *const *names, unsigned *seen,
                           unsigned *which)
{
    while (eid_json_next(json) == EID_JSON_KEY) {
        for (unsigned i = 0; names[i]; i++) {
            if (!eid_slice_is(json->text, names[i])) continue;
            if (*seen & EID_BIT(i)) eid_json_fail(json, "a repeated member");
            *seen |= EID_BIT(i);
            *which = i;
            return json->status == EID_OK;
        }
        eid_json_skip(json);
    }
    if (json->event != EID_JSON_OBJECT_END) eid_json_fail(json, "no object");
    return false;
}

eid_status eid__json_members_end(eid_json *json, unsigned seen, unsigned needed)
{
    if ((seen & needed) != needed)
        eid_json_fail(json, "the end of an object with a member missing");
    return json->status;
}

eid_status eid__json_open_object(eid_json *json)
{
    if (eid_json_next(json) != EID_JSON_OBJECT) eid_json_fail(json, "no object");
    return json->status;
}

eid_status eid__json_read_id(eid_json *json, eid_id *out)
{
    eid_status status;

    *out = EID_ID_EMPTY;
    if (json->event != EID_JSON_STRING) eid_json_fail(json, "no id");
    if (json->status != EID_OK) return json->status;
    status = eid_id_parse(json->text, out);
    return status;
}

eid_status eid__json_read_ids(eid_json *json, eid__ids *out)
{
    eid_status status = EID_OK;

    if (eid_json_next(json) != EID_JSON_ARRAY) eid_json_fail(json, "no list of ids");
    while (status == EID_OK && eid_json_next(json) != EID_JSON_ARRAY_END) {
        eid_id id;

        status = eid__json_read_id(json, &id);
        if (status == EID_OK) status = eid__ids_append(out, &id);
    }
    return status;
}

/* Bytes as an array of numbers, or as the text that they are; *is_null for null. */
static eid_status read_bytes(eid_json *json, eid_buf *out, bool *is_null)
{
    eid_json_event event = eid_json_next(json);

    *is_null = event == EID_JSON_NULL;
    if (*is_null) return EID_OK;
    if (event == EID_JSON_STRING) {
        eid_buf_append(out, json->text);
        return eid_buf_status(out);
    }
    if (event != EID_JSON_ARRAY) eid_json_fail(json, "no bytes");
    while (eid_json_next(json) == EID_JSON_NUMBER) {
        uint64_t byte = 0;

        if (!eid_json_uint64(json, &byte) || byte > UINT8_MAX) eid_json_fail(json, "no byte");
        eid_buf_append_byte(out, (uint8_t)byte);
    }
    if (json->event != EID_JSON_ARRAY_END) eid_json_fail(json, "no byte");
    return json->status == EID_OK ? eid_buf_status(out) : json->status;
}

static eid_status read_height(eid_json *json, uint64_t *out)
{
    if (!eid_json_uint64(json, out)) eid_json_fail(json, "a height that is no 64-bit number");
    return json->status;
}

static eid_status read_root(eid_json *json, eid_builder *builder)
{
    eid_status status;

    if (eid_json_next(json) == EID_JSON_NULL) return EID_OK;
    status = eid__json_read_id(json, &builder->root);
    if (status != EID_OK) return status;
    if (eid_id_is_empty(&builder->root)) {
        return EID_FAIL(EID_KIND_ID_FORMAT, "Invalid ID in tree root ID: ID is empty");
    }
    builder->has_root = true;
    return EID_OK;
}

static eid_status read_tree(eid_json *json, eid_builder *builder)
{
    static const char *const names[] = {"root", "parents", "metadata", "h", NULL};
    enum { ROOT, PARENTS, METADATA, HEIGHT };
    unsigned seen = 0, which = 0;
    uint64_t height = 0;
    bool is_null;
    eid_status status = eid__json_open_object(json);

    while (status == EID_OK && eid__json_next_member(json, names, &seen, &which)) {
        if (which == ROOT) {
            status = read_root(json, builder);
        } else if (which == PARENTS) {
            status = eid__json_read_ids(json, &builder->parents);
        } else if (which == METADATA) {
            status = read_bytes(json, &builder->metadata, &is_null);
            builder->has_metadata = !is_null;
        } else {
            (void)eid_json_next(json);
            status = read_height(json, &height);
        }
    }
    if (status != EID_OK) return status;
    eid_builder_set_height(builder, height);
    return eid__json_members_end(json, seen, EID_BIT(PARENTS));
}

static eid_status read_name(eid_json *json, eid__node *node)
{
    if (eid_json_next(json) != EID_JSON_STRING) eid_json_fail(json, "no name");
    return json->status == EID_OK ? eid__node_set_name(node, json->text) : json->status;
}

static eid_status read_subtree(eid_json *json, eid_builder *builder)
{
    static const char *const names[] = {"name", "parents", "data", "h", NULL};
    enum { NAME, PARENTS, DATA, HEIGHT };
    unsigned seen = 0, which = 0;
    uint64_t height;
    bool is_null;
    eid__node *node;
    eid_status status = eid__builder_append(builder, EID_SLICE_EMPTY, &node);

    while (status == EID_OK && eid__json_next_member(json, names, &seen, &which)) {
        if (which == NAME) {
            status = read_name(json, node);
        } else if (which == PARENTS) {
            status = eid__json_read_ids(json, &node->parents);
        } else if (which == DATA) {
            status = read_bytes(json, &node->data, &is_null);
            node->view.has_data = !is_null;
        } else if (eid_json_next(json) != EID_JSON_NULL) {
            status = read_height(json, &height);
            if (status == EID_OK) eid__node_set_height(node, &height, 0);
        }
    }
    if (status != EID_OK) return status;
    eid__node_refresh(node);
    return eid__json_members_end(json, seen, EID_BIT(NAME) | EID_BIT(PARENTS));
}

static eid_status read_subtrees(eid_json *json, eid_builder *builder)
{
    eid_status status = EID_OK;

    if (eid_json_next(json) != EID_JSON_ARRAY) eid_json_fail(json, "no list of stores");
    while (status == EID_OK && eid_json_next(json) == EID_JSON_OBJECT) {
        status = read_subtree(json, builder);
    }
    if (status == EID_OK && json->event != EID_JSON_ARRAY_END) eid_json_fail(json, "no store");
    return status == EID_OK ? json->status : status;
}

static eid_status read_entry(eid_json *json, eid_builder *builder)
{
    static const char *const names[] = {"tree", "subtrees", "sig", "_v", NULL};
    enum { TREE, SUBTREES, SIG, VERSION };
    unsigned seen = 0, which = 0;
    uint64_t version;
    eid_status status = eid__json_open_object(json);

    while (status == EID_OK && eid__json_next_member(json, names, &seen, &which)) {
        if (which == TREE) {
            status = read_tree(json, builder);
        } else if (which == SUBTREES) {
            status = read_subtrees(json, builder);
        } else if (which == SIG) {
            status = eid__json_read_signature_info(json, builder);
        } else {
            (void)eid_json_next(json);
            if (!eid_json_uint64(json, &version) || version != 0) {
                eid_json_fail(json, "an unsupported entry version");
            }
        }
    }
    if (status == EID_OK) {
        status =
            eid__json_members_end(json, seen, EID_BIT(TREE) | EID_BIT(SUBTREES) | EID_BIT(SIG));
    }
    return status == EID_OK ? eid_json_finish(json) : status;
}

eid_status eid_entry_from_json(eid_slice json, eid_entry **out)
{
    eid_json reader;
    eid_builder *builder = NULL;
    eid_status status;

    *out = NULL;
    if (json.len > JSON_BYTES_MAX) {
        return EID_FAIL(EID_KIND_ENTRY_TOO_BIG, "%zu bytes of JSON for an entry, %u at most",
                        json.len, JSON_BYTES_MAX);
    }
    eid_json_init(&reader, json);
    status = eid_builder_new(NULL, &builder);
    if (status == EID_OK) status = read_entry(&reader, builder);
    if (status == EID_OK) status = eid__builder_encode(builder, out);
    eid_builder_free(builder);
    eid_json_fini(&reader);
    if (status != EID_E_MALFORMED) return status;
    return EID_FAIL(EID_KIND_ENTRY_BYTES, "%s", eid_status_detail(status).text);
}
