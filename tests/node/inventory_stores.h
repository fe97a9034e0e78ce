/* What the inventories of stores share, beside inventory.h: values in payload form ("{\"Int\":1}")
 * go in and come out, and whole transactions are one call. */
#ifndef EID_TESTS_NODE_INVENTORY_STORES_H
#define EID_TESTS_NODE_INVENTORY_STORES_H

#include "crdt/payload.h"
#include "node/db/password_store.h"
#include "node/db/table_search.h"
#include "node/db/value_editor.h"
#include "node/db/ydoc_store.h"
#include "tests/node/inventory.h"

/* A reader of what is visible now. New: eid_txn_free(). */
static inline eid_txn *stores_reader(test_world *world)
{
    eid_txn *txn = NULL;

    assert_ok(eid_txn_begin(world->seam, &world->root, NULL, NULL, &txn));
    return txn;
}

static inline eid_value stores_value(const char *json)
{
    eid_value value = EID_VALUE_NULL_INIT;

    assert_ok(eid_payload_read_value(text(json), &value));
    return value;
}

static inline eid_doc *stores_doc(const char *json)
{
    eid_doc *doc = NULL;

    assert_ok(eid_payload_read_doc(text(json), &doc));
    return doc;
}

static inline void stores_set(eid_txn *txn, const char *store, const char *path, const char *json)
{
    eid_value value = stores_value(json);

    assert_ok(eid_docstore_set_take(txn, text(store), text(path), &value));
}

static inline bool stores_delete(eid_txn *txn, const char *store, const char *path)
{
    bool was_live = false;

    assert_ok(eid_docstore_delete(txn, text(store), text(path), &was_live));
    return was_live;
}

static inline void stores_expect_value(const eid_value *value, const char *json)
{
    eid_value wanted = stores_value(json);
    eid_buf buf;

    eid_buf_init(&buf, 1u << 20);
    assert_ok(eid_payload_write_value(value, &buf));
    if (!eid_value_equal(value, &wanted)) {
        fail_msg("wanted %s, found %.*s", json, EID_SLICE_ARG(eid_buf_slice(&buf)));
    }
    eid_buf_fini(&buf);
    eid_value_fini(&wanted);
}

/* What the transaction finds at a path; NULL = nothing. */
static inline void stores_expect(eid_txn *txn, const char *store, const char *path,
                                 const char *json)
{
    eid_value value;

    if (!json) {
        assert_kind(KEY_NOT_FOUND, eid_docstore_get(txn, text(store), text(path), &value));
        return;
    }
    assert_ok(eid_docstore_get(txn, text(store), text(path), &value));
    stores_expect_value(&value, json);
    eid_value_fini(&value);
}

/* The whole store, staged over committed. */
static inline void stores_expect_all(eid_txn *txn, const char *store, const char *json)
{
    eid_doc *doc = NULL, *wanted = stores_doc(json);
    eid_buf buf;

    assert_ok(eid_txn_doc(txn, text(store), &doc));
    eid_buf_init(&buf, 1u << 20);
    assert_ok(eid_payload_write_doc(doc, &buf));
    if (!eid_doc_equal(doc, wanted)) {
        fail_msg("wanted %s, found %.*s", json, EID_SLICE_ARG(eid_buf_slice(&buf)));
    }
    eid_buf_fini(&buf);
    eid_doc_free(doc);
    eid_doc_free(wanted);
}

/* The same for a fresh reader. */
static inline void stores_expect_now(test_world *world, const char *store, const char *path,
                                     const char *json)
{
    eid_txn *txn = stores_reader(world);

    stores_expect(txn, store, path, json);
    eid_txn_free(txn);
}

static inline void stores_expect_all_now(test_world *world, const char *store, const char *json)
{
    eid_txn *txn = stores_reader(world);

    stores_expect_all(txn, store, json);
    eid_txn_free(txn);
}

/* Write one value in one entry. */
static inline eid_id stores_write(test_world *world, const char *store, const char *path,
                                  const char *json)
{
    eid_txn *txn = world_begin(world);

    stores_set(txn, store, path, json);
    return world_commit(txn);
}

/* The names of a store's row type in the index; NULL = not there. */
static inline void stores_expect_type(eid_txn *txn, const char *store, const char *type)
{
    eid_registry_row row;

    if (!type) {
        world_expect(EID_E_NOT_FOUND, eid_registry_find(txn, text(store), &row), store, __LINE__);
        return;
    }
    assert_ok(eid_registry_find(txn, text(store), &row));
    assert_string_equal(row.type, type);
    eid_registry_row_fini(&row);
}

#define STORES_MAIN(tests) return cmocka_run_group_tests(tests, NULL, NULL)

#endif
