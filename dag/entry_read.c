/* Reads the one canonical form: keys are asked for in their order, so an unknown, repeated or
 * misplaced key is what is left over at the end of a map, and nothing has to be encoded again to
 * know that it would come out the same. */
#include <stdio.h>

#include "dag/dag_internal.h"

bool eid__read_key(eid__reader *reader, size_t *left, const char *name)
{
    eid_cbor *cbor = &reader->cbor;
    size_t len = strlen(name);

    if (*left == 0 || cbor->status != EID_OK) return false;
    if ((size_t)(cbor->end - cbor->at) <= len || cbor->at[0] != (0x60 | len)) return false;
    if (memcmp(cbor->at + 1, name, len) != 0) return false;
    cbor->at += 1 + len;
    --*left;
    return true;
}

void eid__read_need(eid__reader *reader, size_t *left, const char *name)
{
    char why[64];

    if (eid__read_key(reader, left, name)) return;
    (void)snprintf(why, sizeof why, "no key \"%s\" where it belongs", name);
    eid_cbor_fail(&reader->cbor, why);
}

void eid__read_map_end(eid__reader *reader, size_t left)
{
    if (left > 0) eid_cbor_fail(&reader->cbor, "an unknown, repeated or misplaced key");
}

size_t eid__read_count(eid__reader *reader, size_t max, const char *what)
{
    size_t count = eid_cbor_array(&reader->cbor);
    char why[64];

    if (count <= max) return count;
    (void)snprintf(why, sizeof why, "%zu %s, %zu at most,", count, what, max);
    eid_cbor_fail(&reader->cbor, why);
    reader->too_big = true;
    return 0;
}

eid_ids eid__read_ids(eid__reader *reader)
{
    size_t count = eid__read_count(reader, EID_ENTRY_PARENTS_MAX, "ids in a list");
    eid_id *ids = reader->ids ? reader->ids + reader->id_count : NULL;
    eid_id unused;

    for (size_t i = 0; i < count && reader->cbor.status == EID_OK; i++) {
        eid_id *out = ids ? &ids[i] : &unused;

        if (eid_cbor_peek(&reader->cbor) == EID_CBOR_NULL) {
            eid_cbor_null(&reader->cbor);
            *out = EID_ID_EMPTY;
        } else {
            eid_cbor_link(&reader->cbor, out);
        }
    }
    reader->id_count += count;
    return (eid_ids){ids, count};
}

static void read_signature_info(eid__reader *reader, eid_entry *out)
{
    size_t left = eid_cbor_map(&reader->cbor);

    eid__read_need(reader, &left, "key");
    eid__read_sigkey(reader, &out->key);
    out->sig_from = (size_t)(reader->cbor.at - reader->cbor.start);
    out->parts.has_signature = eid__read_key(reader, &left, "sig");
    if (out->parts.has_signature) out->parts.signature = eid_cbor_text(&reader->cbor);
    out->sig_end = (size_t)(reader->cbor.at - reader->cbor.start);
    eid__read_map_end(reader, left);
}

static void read_tree(eid__reader *reader, eid_entry *out)
{
    size_t left = eid_cbor_map(&reader->cbor);

    if (eid__read_key(reader, &left, "h")) {
        out->parts.height = eid_cbor_uint(&reader->cbor);
        if (out->parts.height == 0) eid_cbor_fail(&reader->cbor, "a height of 0 that is written");
    }
    if (eid__read_key(reader, &left, "root")) {
        eid_cbor_link(&reader->cbor, &out->root);
        out->parts.root = &out->root;
    }
    eid__read_need(reader, &left, "parents");
    out->parts.parents = eid__read_ids(reader);
    out->parts.has_metadata = eid__read_key(reader, &left, "metadata");
    if (out->parts.has_metadata) out->parts.metadata = eid_cbor_bytes(&reader->cbor);
    eid__read_map_end(reader, left);
}

static void read_subtree(eid__reader *reader, uint64_t tree_height, eid_subtree *out)
{
    size_t left = eid_cbor_map(&reader->cbor);

    *out = (eid_subtree){.height = tree_height};
    out->has_height = eid__read_key(reader, &left, "h");
    if (out->has_height) out->height = eid_cbor_uint(&reader->cbor);
    out->has_data = eid__read_key(reader, &left, "data");
    if (out->has_data) out->data = eid_cbor_bytes(&reader->cbor);
    eid__read_need(reader, &left, "name");
    out->name = eid_cbor_text(&reader->cbor);
    eid__read_need(reader, &left, "parents");
    out->parents = eid__read_ids(reader);
    eid__read_map_end(reader, left);
}

static void read_subtrees(eid__reader *reader, eid_entry *out)
{
    size_t count = eid__read_count(reader, EID_ENTRY_STORES_MAX, "stores");
    eid_subtree unused;

    for (size_t i = 0; i < count && reader->cbor.status == EID_OK; i++) {
        read_subtree(reader, out->parts.height, reader->subtrees ? &reader->subtrees[i] : &unused);
    }
    reader->subtree_count = count;
    out->parts.subtrees = reader->subtrees;
    out->parts.subtree_count = count;
}

void eid__entry_read(eid__reader *reader, eid_entry *out)
{
    size_t left = eid_cbor_map(&reader->cbor);

    if (eid__read_key(reader, &left, "_v")) {
        eid_cbor_fail(&reader->cbor, "an unsupported entry version, or version 0 that is written");
    }
    eid__read_need(reader, &left, "sig");
    read_signature_info(reader, out);
    eid__read_need(reader, &left, "tree");
    read_tree(reader, out);
    eid__read_need(reader, &left, "subtrees");
    read_subtrees(reader, out);
    eid__read_map_end(reader, left);
    out->parts.key = &out->key;
}
