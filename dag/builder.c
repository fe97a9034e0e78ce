/* Each part is copied into memory of its own when it is given: entries are small, and a caller need
 * not keep anything alive until the seal. Stores are looked up by walking them, 256 at most. */
#include "dag/builder.h"

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/dag_internal.h"

static eid_status copy_set(eid_buf *buf, eid_slice bytes)
{
    eid_buf_clear(buf);
    eid_buf_append(buf, bytes);
    return eid_buf_status(buf);
}

eid_status eid__ids_append(eid__ids *list, const eid_id *id)
{
    size_t cap = list->cap == 0 ? 4 : list->cap * 2;
    eid_id *at;

    if (list->count == list->cap) {
        at = eid_realloc(list->at, cap * sizeof *at);
        if (!at) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for %zu ids", cap);
        list->at = at;
        list->cap = cap;
    }
    list->at[list->count++] = *id;
    return EID_OK;
}

static eid_status ids_assign(eid__ids *list, eid_ids ids)
{
    eid_status status = EID_OK;

    list->count = 0;
    for (size_t i = 0; i < ids.count && status == EID_OK; i++) {
        status = eid__ids_append(list, &ids.at[i]);
    }
    return status;
}

void eid__node_refresh(eid__node *node)
{
    node->view.name = eid_buf_slice(&node->name);
    node->view.data = eid_buf_slice(&node->data);
    node->view.parents = (eid_ids){node->parents.at, node->parents.count};
}

static void node_fini(eid__node *node)
{
    eid_buf_fini(&node->name);
    eid_buf_fini(&node->data);
    eid_free(node->parents.at);
}

eid_status eid__node_set_name(eid__node *node, eid_slice name)
{
    eid_status status = copy_set(&node->name, name);

    eid__node_refresh(node);
    return status;
}

eid_status eid__node_set_data(eid__node *node, eid_slice data)
{
    eid_status status = copy_set(&node->data, data);

    node->view.has_data = true;
    eid__node_refresh(node);
    return status;
}

eid_status eid__node_add_parent(eid__node *node, const eid_id *parent)
{
    eid_status status = eid__ids_append(&node->parents, parent);

    eid__node_refresh(node);
    return status;
}

void eid__node_set_height(eid__node *node, const uint64_t *height, uint64_t tree_height)
{
    node->view.has_height = height != NULL;
    node->view.height = height ? *height : tree_height;
}

eid_status eid_builder_new(const eid_id *root, eid_builder **out)
{
    eid_builder *builder = eid_alloc(sizeof *builder);

    *out = builder;
    if (!builder) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a new entry");
    builder->has_root = root && !eid_id_is_empty(root);
    if (builder->has_root) builder->root = *root;
    eid_buf_init(&builder->metadata, EID_ENTRY_BYTES_MAX);
    eid_buf_init(&builder->signature, EID_ENTRY_BYTES_MAX);
    return EID_OK;
}

void eid_builder_free(eid_builder *builder)
{
    if (!builder) return;
    for (size_t i = 0; i < builder->node_count; i++) node_fini(&builder->nodes[i]);
    eid_free(builder->nodes);
    eid_free(builder->parents.at);
    eid_buf_fini(&builder->metadata);
    eid_buf_fini(&builder->signature);
    eid__owned_key_fini(&builder->key);
    eid_free(builder);
}

eid_status eid_builder_set_parents(eid_builder *builder, eid_ids parents)
{
    return ids_assign(&builder->parents, parents);
}

eid_status eid_builder_add_parent(eid_builder *builder, const eid_id *parent)
{
    return eid__ids_append(&builder->parents, parent);
}

void eid_builder_set_height(eid_builder *builder, uint64_t height)
{
    builder->height = height;
    for (size_t i = 0; i < builder->node_count; i++) {
        eid_subtree *view = &builder->nodes[i].view;

        if (!view->has_height) view->height = height;
    }
}

eid_status eid_builder_set_metadata(eid_builder *builder, eid_slice metadata)
{
    builder->has_metadata = true;
    return copy_set(&builder->metadata, metadata);
}

static eid_status nodes_reserve(eid_builder *builder)
{
    size_t cap = builder->node_cap == 0 ? 4 : builder->node_cap * 2;
    eid__node *nodes;

    if (builder->node_count < builder->node_cap) return EID_OK;
    nodes = eid_realloc(builder->nodes, cap * sizeof *nodes);
    if (!nodes) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for %zu stores", cap);
    builder->nodes = nodes;
    builder->node_cap = cap;
    return EID_OK;
}

eid_status eid__builder_append(eid_builder *builder, eid_slice name, eid__node **out)
{
    eid_status status = nodes_reserve(builder);
    eid__node *node;

    *out = NULL;
    if (status != EID_OK) return status;
    node = &builder->nodes[builder->node_count];
    *node = (eid__node){.view = {.height = builder->height}};
    eid_buf_init(&node->name, EID_ENTRY_BYTES_MAX);
    eid_buf_init(&node->data, EID_ENTRY_BYTES_MAX);
    status = eid__node_set_name(node, name);
    if (status != EID_OK) {
        node_fini(node);
        return status;
    }
    builder->node_count++;
    *out = node;
    return EID_OK;
}

/* Index of the store; node_count if there is none. */
static size_t node_index(const eid_builder *builder, eid_slice store)
{
    size_t i = 0;

    while (i < builder->node_count && !eid_slice_equal(builder->nodes[i].view.name, store)) i++;
    return i;
}

static eid_status node_ensure(eid_builder *builder, eid_slice store, eid__node **out)
{
    size_t i = node_index(builder, store);

    if (i == builder->node_count) return eid__builder_append(builder, store, out);
    *out = &builder->nodes[i];
    return EID_OK;
}

eid_status eid_builder_set_data(eid_builder *builder, eid_slice store, eid_slice data)
{
    eid__node *node;
    eid_status status = node_ensure(builder, store, &node);

    return status == EID_OK ? eid__node_set_data(node, data) : status;
}

eid_status eid_builder_touch(eid_builder *builder, eid_slice store)
{
    eid__node *node;

    return node_ensure(builder, store, &node);
}

eid_status eid_builder_set_store_parents(eid_builder *builder, eid_slice store, eid_ids parents)
{
    eid__node *node;
    eid_status status = node_ensure(builder, store, &node);

    if (status != EID_OK) return status;
    status = ids_assign(&node->parents, parents);
    eid__node_refresh(node);
    return status;
}

eid_status eid_builder_add_store_parent(eid_builder *builder, eid_slice store, const eid_id *parent)
{
    eid__node *node;
    eid_status status = node_ensure(builder, store, &node);

    return status == EID_OK ? eid__node_add_parent(node, parent) : status;
}

eid_status eid_builder_set_store_height(eid_builder *builder, eid_slice store,
                                        const uint64_t *height)
{
    eid__node *node;
    eid_status status = node_ensure(builder, store, &node);

    if (status == EID_OK) eid__node_set_height(node, height, builder->height);
    return status;
}

eid_status eid_builder_set_sigkey(eid_builder *builder, const eid_sigkey *key)
{
    return eid__owned_key_set(&builder->key, key);
}

eid_status eid_builder_set_signature(eid_builder *builder, eid_slice text)
{
    builder->has_signature = true;
    return copy_set(&builder->signature, text);
}

const eid_subtree *eid_builder_find(const eid_builder *builder, eid_slice store)
{
    size_t i = node_index(builder, store);

    return i < builder->node_count ? &builder->nodes[i].view : NULL;
}

size_t eid_builder_store_count(const eid_builder *builder)
{
    return builder->node_count;
}

const eid_subtree *eid_builder_store(const eid_builder *builder, size_t i)
{
    EID_ASSERT(i < builder->node_count);
    return &builder->nodes[i].view;
}

void eid_builder_remove_store(eid_builder *builder, eid_slice store)
{
    size_t i = node_index(builder, store);

    if (i == builder->node_count) return;
    node_fini(&builder->nodes[i]);
    builder->node_count--;
    memmove(&builder->nodes[i], &builder->nodes[i + 1],
            (builder->node_count - i) * sizeof builder->nodes[0]);
}
