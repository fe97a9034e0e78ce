/* The JSON form, member by member in the order that the reference declares its fields. */
#include "dag/dag_internal.h"

static void put_id(eid_json_writer *writer, const eid_id *id)
{
    char text[EID_ID_TEXT_MAX];

    eid_json_text(writer, eid_id_format(id, text));
}

static void put_ids(eid_json_writer *writer, const char *key, eid_ids ids)
{
    eid_json_key(writer, key);
    eid_json_array(writer);
    for (size_t i = 0; i < ids.count; i++) put_id(writer, &ids.at[i]);
    eid_json_array_end(writer);
}

static void put_bytes(eid_json_writer *writer, const char *key, eid_slice bytes)
{
    eid_json_key(writer, key);
    eid_json_array(writer);
    for (size_t i = 0; i < bytes.len; i++) eid_json_uint(writer, bytes.at[i]);
    eid_json_array_end(writer);
}

static void put_tree(eid_json_writer *writer, const eid__parts *parts)
{
    eid_json_key(writer, "tree");
    eid_json_object(writer);
    if (parts->root) {
        eid_json_key(writer, "root");
        put_id(writer, parts->root);
    }
    put_ids(writer, "parents", parts->parents);
    if (parts->has_metadata) put_bytes(writer, "metadata", parts->metadata);
    if (parts->height != 0) {
        eid_json_key(writer, "h");
        eid_json_uint(writer, parts->height);
    }
    eid_json_object_end(writer);
}

static void put_subtree(eid_json_writer *writer, const eid_subtree *subtree)
{
    eid_json_object(writer);
    eid_json_key(writer, "name");
    eid_json_string(writer, subtree->name);
    put_ids(writer, "parents", subtree->parents);
    if (subtree->has_data) put_bytes(writer, "data", subtree->data);
    if (subtree->has_height) {
        eid_json_key(writer, "h");
        eid_json_uint(writer, subtree->height);
    }
    eid_json_object_end(writer);
}

static void put_hint(eid_json_writer *writer, const eid_hint *hint)
{
    eid_json_key(writer, "hint");
    eid_json_object(writer);
    if (hint->has_pubkey) {
        eid_json_key(writer, "pubkey");
        eid_json_string(writer, hint->pubkey_text);
    }
    if (hint->has_name) {
        eid_json_key(writer, "name");
        eid_json_string(writer, hint->name);
    }
    if (hint->is_global) {
        eid_json_key(writer, "is_global");
        eid_json_bool(writer, true);
    }
    eid_json_object_end(writer);
}

static void put_path(eid_json_writer *writer, const eid_sigkey *key)
{
    eid_json_key(writer, "path");
    eid_json_array(writer);
    for (size_t i = 0; i < key->path_count; i++) {
        eid_json_object(writer);
        eid_json_key(writer, "tree");
        put_id(writer, &key->path[i].tree);
        put_ids(writer, "tips", key->path[i].tips);
        eid_json_object_end(writer);
    }
    eid_json_array_end(writer);
}

static void put_signature_info(eid_json_writer *writer, const eid__parts *parts)
{
    eid_json_key(writer, "sig");
    eid_json_object(writer);
    if (parts->has_signature) {
        eid_json_key(writer, "sig");
        eid_json_string(writer, parts->signature);
    }
    eid_json_key(writer, "key");
    eid_json_object(writer);
    eid_json_key(writer, parts->key->is_delegation ? "Delegation" : "Direct");
    eid_json_object(writer);
    if (parts->key->is_delegation) put_path(writer, parts->key);
    put_hint(writer, &parts->key->hint);
    eid_json_object_end(writer);
    eid_json_object_end(writer);
    eid_json_object_end(writer);
}

eid_status eid_entry_to_json(const eid_entry *entry, eid_buf *out)
{
    eid_json_writer writer;

    eid_json_writer_init(&writer, out);
    eid_json_object(&writer);
    put_tree(&writer, &entry->parts);
    eid_json_key(&writer, "subtrees");
    eid_json_array(&writer);
    for (size_t i = 0; i < entry->parts.subtree_count; i++) {
        put_subtree(&writer, &entry->parts.subtrees[i]);
    }
    eid_json_array_end(&writer);
    put_signature_info(&writer, &entry->parts);
    eid_json_object_end(&writer);
    return eid_buf_status(out);
}
