/* The encoder. The signature covers the encoding without itself, so it is written without and the
 * signature is put in afterwards: one map head changes, the rest moves up, nothing is encoded
 * twice. */
#include "dag/assert.h"
#include "dag/dag_internal.h"

static void write_ids(eid_ids ids, eid_buf *out)
{
    eid_cbor_put_array(out, ids.count);
    for (size_t i = 0; i < ids.count; i++) eid_cbor_put_link(out, &ids.at[i]);
}

static void write_tree(const eid__parts *parts, eid_buf *out)
{
    bool has_height = parts->height != 0;
    bool has_root = parts->root != NULL;

    eid_cbor_put_map(out, 1u + has_height + has_root + parts->has_metadata);
    if (has_height) {
        eid_cbor_put_string(out, "h");
        eid_cbor_put_uint(out, parts->height);
    }
    if (has_root) {
        eid_cbor_put_string(out, "root");
        eid_cbor_put_link(out, parts->root);
    }
    eid_cbor_put_string(out, "parents");
    write_ids(parts->parents, out);
    if (parts->has_metadata) {
        eid_cbor_put_string(out, "metadata");
        eid_cbor_put_bytes(out, parts->metadata);
    }
}

static void write_subtree(const eid_subtree *subtree, eid_buf *out)
{
    eid_cbor_put_map(out, 2u + subtree->has_height + subtree->has_data);
    if (subtree->has_height) {
        eid_cbor_put_string(out, "h");
        eid_cbor_put_uint(out, subtree->height);
    }
    if (subtree->has_data) {
        eid_cbor_put_string(out, "data");
        eid_cbor_put_bytes(out, subtree->data);
    }
    eid_cbor_put_string(out, "name");
    eid_cbor_put_text(out, subtree->name);
    eid_cbor_put_string(out, "parents");
    write_ids(subtree->parents, out);
}

void eid__parts_write(const eid__parts *parts, eid_buf *out, size_t *sig_at)
{
    size_t start = out->len;

    eid_cbor_put_map(out, 3);
    eid_cbor_put_string(out, "sig");
    EID_ASSERT(out->status != EID_OK || out->len - start == EID__SIG_MAP_AT);
    eid_cbor_put_map(out, 1);
    eid_cbor_put_string(out, "key");
    eid__sigkey_write(parts->key, out);
    *sig_at = out->len - start;
    eid_cbor_put_string(out, "tree");
    write_tree(parts, out);
    eid_cbor_put_string(out, "subtrees");
    eid_cbor_put_array(out, parts->subtree_count);
    for (size_t i = 0; i < parts->subtree_count; i++) write_subtree(&parts->subtrees[i], out);
}

/* Append the member, then turn it round with what stands behind its place: both lie in the one
 * buffer. */
void eid__parts_put_signature(eid_buf *out, size_t sig_at, eid_slice text)
{
    size_t tail = out->len - sig_at;
    size_t end = out->len;
    size_t member;

    eid_cbor_put_string(out, "sig");
    eid_cbor_put_text(out, text);
    member = out->len - end;
    if (!eid_buf_extend(out, member)) return; /* room to hold the member while the tail moves */
    memmove(out->at + end + member, out->at + end, member);
    memmove(out->at + sig_at + member, out->at + sig_at, tail);
    memmove(out->at + sig_at, out->at + end + member, member);
    eid_buf_truncate(out, end + member);
    out->at[EID__SIG_MAP_AT] = 0xa2;
}

eid_status eid_entry_signing_bytes(const eid_entry *entry, eid_buf *out)
{
    eid_slice bytes = entry->bytes;
    size_t start = out->len;

    eid_buf_append(out, eid_slice_of(bytes.at, entry->sig_from));
    eid_buf_append(out, eid_slice_of(bytes.at + entry->sig_end, bytes.len - entry->sig_end));
    if (out->status == EID_OK) out->at[start + EID__SIG_MAP_AT] = 0xa1;
    return eid_buf_status(out);
}
