/* From parts to an entry: the encoder runs once, over the sorted parts; what it wrote is what is
 * signed, and the signature goes into the same buffer. Reading the result back makes the entry's
 * tables and is the check that what we write is what we accept. */
#include <stdlib.h>

#include "dag/alloc.h"
#include "dag/base.h"
#include "dag/builder.h"
#include "dag/dag_internal.h"

#define SIGNATURE_BYTES 64

static int subtree_order(const void *a, const void *b)
{
    const eid_subtree *left = a;
    const eid_subtree *right = b;

    return eid_slice_compare(left->name, right->name);
}

static eid_status count_check(size_t count, size_t max, const char *what)
{
    if (count <= max) return EID_OK;
    return EID_FAIL(EID_KIND_ENTRY_TOO_BIG, "an entry with %zu %s, %zu at most", count, what, max);
}

/* Sort the parents where they are. Names differ, since setters look for the store first. */
static eid_status builder_sort(eid_builder *builder)
{
    eid_status status;

    builder->parents.count = eid_ids_normalize(builder->parents.at, builder->parents.count);
    status = count_check(builder->parents.count, EID_ENTRY_PARENTS_MAX, "parents");
    for (size_t i = 0; i < builder->node_count && status == EID_OK; i++) {
        eid__node *node = &builder->nodes[i];

        node->parents.count = eid_ids_normalize(node->parents.at, node->parents.count);
        node->view.parents.count = node->parents.count;
        status = count_check(node->parents.count, EID_ENTRY_PARENTS_MAX, "parents in a store");
    }
    if (status != EID_OK) return status;
    return count_check(builder->node_count, EID_ENTRY_STORES_MAX, "stores");
}

/* The views of the stores, in insertion order. NULL without memory. New: eid_free(). */
static eid_subtree *builder_views(const eid_builder *builder)
{
    eid_subtree *views = eid_alloc_array(builder->node_count, sizeof *views);

    if (!views) return NULL;
    for (size_t i = 0; i < builder->node_count; i++) views[i] = builder->nodes[i].view;
    return views;
}

void eid__builder_parts(const eid_builder *builder, const eid_subtree *subtrees, eid__parts *out)
{
    *out = (eid__parts){
        .root = builder->has_root ? &builder->root : NULL,
        .height = builder->height,
        .parents = {builder->parents.at, builder->parents.count},
        .has_metadata = builder->has_metadata,
        .metadata = eid_buf_slice(&builder->metadata),
        .subtrees = subtrees,
        .subtree_count = builder->node_count,
        .key = &builder->key.view,
        .has_signature = builder->has_signature,
        .signature = eid_buf_slice(&builder->signature),
    };
}

/* The text of a fresh signature of what `bytes` holds. */
static eid_status sign_text(eid_sign_fn sign, void *self, eid_slice bytes, eid_buf *text)
{
    uint8_t signature[SIGNATURE_BYTES];
    eid_status status = sign(self, bytes, signature);

    if (status != EID_OK) return status;
    eid_base64_encode(eid_slice_of(signature, sizeof signature), true, text);
    return eid_buf_status(text);
}

static eid_status parts_encode(const eid__parts *parts, eid_sign_fn sign, void *self,
                               eid_entry **out)
{
    eid_buf bytes, text;
    size_t sig_at;
    eid_status status;

    eid_buf_init(&bytes, EID_ENTRY_BYTES_MAX + 256); /* of work space; the decoder has the limit */
    eid_buf_init(&text, 128);
    eid__parts_write(parts, &bytes, &sig_at);
    status = eid_buf_status(&bytes);
    if (status != EID_OK) goto done;
    if (sign) {
        status = sign_text(sign, self, eid_buf_slice(&bytes), &text);
        if (status != EID_OK) goto done;
        eid__parts_put_signature(&bytes, sig_at, eid_buf_slice(&text));
    } else if (parts->has_signature) {
        eid__parts_put_signature(&bytes, sig_at, parts->signature);
    }
    status = eid_buf_status(&bytes);
    if (status == EID_OK) status = eid_entry_decode(eid_buf_slice(&bytes), out);

done:
    eid_buf_fini(&text);
    eid_buf_fini(&bytes);
    if (status == EID_E_TOO_BIG) {
        return EID_FAIL(EID_KIND_ENTRY_TOO_BIG, "the entry would have more than %u bytes",
                        EID_ENTRY_BYTES_MAX);
    }
    return status;
}

static eid_status views_failed(void)
{
    return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for the stores of an entry");
}

eid_status eid_builder_seal(eid_builder *builder, eid_sign_fn sign, void *self, eid_entry **out)
{
    eid_subtree *views;
    eid__parts parts;
    eid_status status;

    *out = NULL;
    status = builder_sort(builder);
    if (status != EID_OK) return status;
    views = builder_views(builder);
    if (!views) return views_failed();
    qsort(views, builder->node_count, sizeof *views, subtree_order);
    eid__builder_parts(builder, views, &parts);
    status = eid__parts_validate(&parts);
    if (status == EID_OK) status = parts_encode(&parts, sign, self, out);
    eid_free(views);
    return status;
}

eid_status eid__builder_encode(const eid_builder *builder, eid_entry **out)
{
    eid_subtree *views = builder_views(builder);
    eid__parts parts;
    eid_status status;

    *out = NULL;
    if (!views) return views_failed();
    eid__builder_parts(builder, views, &parts);
    status = parts_encode(&parts, NULL, NULL, out);
    eid_free(views);
    return status;
}
