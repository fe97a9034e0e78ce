/* The book as records of `_sync`: `peers`, `trees` and `sync_state`, as spec 10 §3 names them.
 * Compound values are JSON texts, as there; only this node writes its `_sync`, so no update is lost
 * by that. First and last seen are read back as texts only, a peer that is met again is seen now.
 */
#include "node/sync/book_internal.h"

#include <jansson.h>

#include "auth/key.h"
#include "dag/alloc.h"
#include "dag/log.h"
#include "node/db/docstore.h"

/* ---- reading */

static eid_slice record_text(const eid_doc *doc, const char *key)
{
    const eid_value *value = eid_doc_child(doc, eid_slice_text(key));

    return value && value->type == EID_VALUE_TEXT ? eid_value_text(value) : EID_SLICE_EMPTY;
}

static json_t *record_json(const eid_doc *doc, const char *key)
{
    eid_slice text = record_text(doc, key);

    return text.len ? json_loadb((const char *)text.at, text.len, 0, NULL) : NULL;
}

static void load_addresses(eid__book_peer *peer, const eid_doc *doc)
{
    json_t *list = record_json(doc, "addresses");
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        const char *type = json_string_value(json_object_get(item, "transport_type"));
        const char *text = json_string_value(json_object_get(item, "address"));
        eid_quic_address address;

        if (!type || !text || strcmp(type, "quic") != 0) continue;
        if (eid_quic_address_parse(eid_slice_text(text), &address) != EID_OK) continue;
        if (memcmp(address.node, peer->address.node, 32) == 0) {
            eid_quic_address_merge(&peer->address, &address);
        }
    }
    json_decref(list);
}

static void load_peer(eid_book *book, eid_slice name, const eid_value *value)
{
    eid__book_peer *peer;
    eid_pubkey key;

    if (value->type != EID_VALUE_DOC || eid_pubkey_parse(name, &key) != EID_OK) return;
    peer = eid__book_ensure(book, key.bytes);
    if (!peer) return;
    peer->blocked = eid_slice_is(record_text(value->doc, "status"), "blocked");
    peer->first_seen_ms = peer->last_seen_ms = book->seam->clock->wall_ms(book->seam->clock->self);
    load_addresses(peer, value->doc);
}

static void load_tree(eid_book *book, eid_slice name, const eid_value *value)
{
    eid_id root;
    json_t *list, *item;
    size_t i;

    if (value->type != EID_VALUE_DOC || eid_id_parse(name, &root) != EID_OK) return;
    list = record_json(value->doc, "peer_pubkeys");
    json_array_foreach(list, i, item)
    {
        const char *text = json_string_value(item);
        eid__book_peer *peer;
        eid_pubkey key;

        if (!text || eid_pubkey_parse(eid_slice_text(text), &key) != EID_OK) continue;
        peer = eid__book_ensure(book, key.bytes);
        if (peer && eid_idset_add(&peer->roots, &root) != EID_OK) break;
    }
    json_decref(list);
}

static void load_cursor(eid_book *book, const eid_pubkey *key, eid_slice name,
                        const eid_value *value)
{
    eid__book_cursor *cursor;
    eid_id root, tip;
    json_t *whole, *item;
    size_t i;

    if (value->type != EID_VALUE_TEXT || eid_id_parse(name, &root) != EID_OK) return;
    whole = json_loadb(value->text.at, value->text.len, 0, NULL);
    cursor = eid__book_ensure_cursor(book, key->bytes, &root);
    json_array_foreach(json_object_get(whole, "tips"), i, item)
    {
        const char *text = json_string_value(item);

        if (!cursor || !text || eid_id_parse(eid_slice_text(text), &tip) != EID_OK) continue;
        if (eid_idset_add(&cursor->tips, &tip) != EID_OK) break;
    }
    json_decref(whole);
}

static void load_cursors(eid_book *book, const eid_doc *state)
{
    const eid_value *cursors = eid_doc_child(state, eid_slice_text("cursors"));
    size_t peers = cursors && cursors->type == EID_VALUE_DOC ? eid_doc_total(cursors->doc) : 0;

    for (size_t i = 0; i < peers; i++) {
        eid_slice name, tree;
        eid_pubkey key;
        const eid_value *of_peer = eid_doc_at(cursors->doc, i, &name);

        if (of_peer->type != EID_VALUE_DOC || eid_pubkey_parse(name, &key) != EID_OK) continue;
        for (size_t j = 0; j < eid_doc_total(of_peer->doc); j++) {
            const eid_value *value = eid_doc_at(of_peer->doc, j, &tree);

            load_cursor(book, &key, tree, value);
        }
    }
}

static eid_status load_store(eid_book *book, const char *store,
                             void (*each)(eid_book *book, eid_slice name, const eid_value *value))
{
    eid_doc *doc = NULL;
    eid_status status = book->seam->doc(book->seam->self, &book->root, eid_slice_text(store), &doc);

    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    if (!each) load_cursors(book, doc);
    for (size_t i = 0; each && i < eid_doc_total(doc); i++) {
        eid_slice name;
        const eid_value *value = eid_doc_at(doc, i, &name);

        each(book, name, value);
    }
    eid_doc_free(doc);
    return EID_OK;
}

eid_status eid__book_load(eid_book *book)
{
    eid_status status = load_store(book, BOOK_PEERS, load_peer);

    if (status == EID_OK) status = load_store(book, BOOK_TREES, load_tree);
    if (status == EID_OK) status = load_store(book, BOOK_STATE, NULL);
    return status;
}

/* ---- writing */

/* Stage a text at "<first>.<second>" (three parts if third is given) of a store. */
static eid_status stage_text(eid_txn *txn, const char *store, const char *path, eid_slice text)
{
    return eid_docstore_set_text(txn, eid_slice_text(store), path, text);
}

static eid_status stage_field(eid_txn *txn, const char *key, const char *field, eid_slice text)
{
    char path[128];

    snprintf(path, sizeof path, "%s.%s", key, field);
    return stage_text(txn, BOOK_PEERS, path, text);
}

static eid_status stage_peer(eid_txn *txn, const eid__book_peer *peer)
{
    char key[EID_KEY_TEXT_MAX], seen[40], address[EID_ADDRESS_TEXT_MAX];
    eid_json_writer writer;
    eid_pubkey pubkey;
    eid_buf json;
    eid_status status;

    memcpy(pubkey.bytes, peer->address.node, sizeof pubkey.bytes);
    eid_pubkey_text(&pubkey, key);
    status = stage_field(txn, key, "pubkey", eid_slice_text(key));
    if (status == EID_OK) {
        status =
            stage_field(txn, key, "status", eid_slice_text(peer->blocked ? "blocked" : "active"));
    }
    eid_clock_format_rfc3339(peer->first_seen_ms, seen);
    if (status == EID_OK) status = stage_field(txn, key, "first_seen", eid_slice_text(seen));
    eid_clock_format_rfc3339(peer->last_seen_ms, seen);
    if (status == EID_OK) status = stage_field(txn, key, "last_seen", eid_slice_text(seen));
    if (status != EID_OK || peer->address.count == 0) return status;
    status = eid_quic_address_format(&peer->address, address);
    if (status != EID_OK) return status;
    eid_buf_init(&json, 4096);
    eid_json_writer_init(&writer, &json);
    eid_json_array(&writer);
    eid_json_object(&writer);
    eid_json_key(&writer, "transport_type");
    eid_json_text(&writer, "quic");
    eid_json_key(&writer, "address");
    eid_json_text(&writer, address);
    eid_json_object_end(&writer);
    eid_json_array_end(&writer);
    status = eid_buf_status(&json);
    if (status == EID_OK) status = stage_field(txn, key, "addresses", eid_buf_slice(&json));
    eid_buf_fini(&json);
    return status;
}

/* `trees`: which peers have this database. */
static eid_status stage_tree(eid_book *book, eid_txn *txn, const eid_id *root)
{
    char tree[EID_ID_TEXT_MAX], key[EID_KEY_TEXT_MAX], path[EID_ID_TEXT_MAX + 32];
    eid_json_writer writer;
    eid_buf json;
    eid_status status;

    eid_id_format(root, tree);
    eid_buf_init(&json, 1024 * 1024);
    eid_json_writer_init(&writer, &json);
    eid_json_array(&writer);
    for (size_t i = 0; i < book->peer_count; i++) {
        eid_pubkey pubkey;

        if (!eid_idset_has(&book->peers[i]->roots, root)) continue;
        memcpy(pubkey.bytes, book->peers[i]->address.node, sizeof pubkey.bytes);
        eid_json_text(&writer, eid_pubkey_text(&pubkey, key));
    }
    eid_json_array_end(&writer);
    snprintf(path, sizeof path, "%s.tree_id", tree);
    status = stage_text(txn, BOOK_TREES, path, eid_slice_text(tree));
    snprintf(path, sizeof path, "%s.peer_pubkeys", tree);
    if (status == EID_OK) status = eid_buf_status(&json);
    if (status == EID_OK) status = stage_text(txn, BOOK_TREES, path, eid_buf_slice(&json));
    eid_buf_fini(&json);
    return status;
}

static void write_cursor(const eid__book_cursor *cursor, const char *key, const char *tree,
                         eid_json_writer *writer)
{
    char text[EID_ID_TEXT_MAX], time[40];

    eid_clock_format_rfc3339(cursor->time_ms, time);
    eid_json_object(writer);
    eid_json_key(writer, "peer_pubkey");
    eid_json_text(writer, key);
    eid_json_key(writer, "tree_id");
    eid_json_text(writer, tree);
    eid_json_key(writer, "last_synced_entry");
    eid_json_text(writer, cursor->tips.count
                              ? eid_id_format(&cursor->tips.at[cursor->tips.count - 1], text)
                              : NULL);
    eid_json_key(writer, "last_sync_time");
    eid_json_text(writer, time);
    eid_json_key(writer, "last_sync_count");
    eid_json_uint(writer, 0);
    eid_json_key(writer, "total_synced_count");
    eid_json_uint(writer, 0);
    eid_json_key(writer, "tips"); /* ours: what both sides had */
    eid_json_array(writer);
    for (size_t i = 0; i < cursor->tips.count; i++) {
        eid_json_text(writer, eid_id_format(&cursor->tips.at[i], text));
    }
    eid_json_array_end(writer);
    eid_json_object_end(writer);
}

static eid_status stage_cursor(eid_txn *txn, const eid__book_cursor *cursor)
{
    char key[EID_KEY_TEXT_MAX], tree[EID_ID_TEXT_MAX], path[EID_ID_TEXT_MAX + 96];
    eid_json_writer writer;
    eid_pubkey pubkey;
    eid_buf json;
    eid_status status;

    memcpy(pubkey.bytes, cursor->node, sizeof pubkey.bytes);
    eid_pubkey_text(&pubkey, key);
    eid_id_format(&cursor->root, tree);
    snprintf(path, sizeof path, "cursors.%s.%s", key, tree);
    eid_buf_init(&json, 1024 * 1024);
    eid_json_writer_init(&writer, &json);
    write_cursor(cursor, key, tree, &writer);
    status = eid_buf_status(&json);
    if (status == EID_OK) status = stage_text(txn, BOOK_STATE, path, eid_buf_slice(&json));
    eid_buf_fini(&json);
    return status;
}

eid_status eid__book_stage(eid_book *book, eid_txn *txn, bool *any)
{
    eid_idset trees = EID_IDSET_EMPTY;
    eid_status status = EID_OK;

    for (size_t i = 0; i < book->peer_count && status == EID_OK; i++) {
        eid__book_peer *peer = book->peers[i];

        for (size_t j = 0; peer->roots_dirty && j < peer->roots.count && status == EID_OK; j++) {
            status = eid_idset_add(&trees, &peer->roots.at[j]);
        }
        if (peer->is_dirty && status == EID_OK) status = stage_peer(txn, peer);
        *any = *any || peer->is_dirty || peer->roots_dirty;
        peer->is_dirty = peer->roots_dirty = false;
    }
    for (size_t i = 0; i < trees.count && status == EID_OK; i++) {
        status = stage_tree(book, txn, &trees.at[i]);
    }
    for (size_t i = 0; i < book->cursor_count && status == EID_OK; i++) {
        if (!book->cursors[i]->is_dirty) continue;
        book->cursors[i]->is_dirty = false;
        *any = true;
        status = stage_cursor(txn, book->cursors[i]);
    }
    eid_idset_fini(&trees);
    return status;
}
