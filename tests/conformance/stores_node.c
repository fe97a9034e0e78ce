/* Entries come as from a peer, so their verdicts and states are made by the node. */
#include "tests/conformance/stores_node.h"

#include <stdlib.h>

#include "node/db/password_store.h"
#include "node/db/registry.h"
#include "node/db/ydoc_store.h"

#define VIEW_MAX ((size_t)1 << 26)

bool stores_node_open(stores_node *node, const json_t *test)
{
    eid_engine_config config = {.url = "memory://", .create = true, .verify_inline = true};

    node->root = eid_get_id(test, "root");
    node->types = json_object_get(test, "stores");
    node->passwords = json_object_get(test, "passwords");
    if (!eid_case_ok(node->suite, "open", eid_engine_open(&config, &node->engine))) return false;
    node->seam = eid_engine_seam(node->engine);
    return true;
}

void stores_node_close(stores_node *node)
{
    if (node->engine != NULL) eid_engine_close(node->engine);
}

void stores_node_hold(stores_node *node, size_t count)
{
    for (; node->held < count && node->held < node->entry_count; node->held++) {
        eid_slice bytes = eid_entry_bytes(node->entries[node->held]);
        uint64_t stored = 0, visible = 0;

        (void)eid_case_ok(node->suite, "ingest",
                          node->seam->ingest(node->seam->self, &bytes, 1, &stored, &visible));
        (void)eid_case_u64(node->suite, "visible", 1, visible);
    }
}

/* -- text documents ---------------------------------------------------------------------------- */

static json_t *view_text(const eid_ydoc *doc, const char *root)
{
    eid_buf text;
    json_t *view = NULL;

    eid_buf_init(&text, VIEW_MAX);
    if (eid_ydoc_view_text(doc, root, &text) == EID_OK) {
        view = json_stringn(text.len > 0 ? (const char *)text.at : "", text.len);
    }
    eid_buf_fini(&text);
    return view;
}

static json_t *view_json(const eid_ydoc *doc, const char *root,
                         eid_status (*write)(const eid_ydoc *, const char *, eid_json_writer *))
{
    eid_json_writer writer;
    eid_buf text;
    json_t *view = NULL;

    eid_buf_init(&text, VIEW_MAX);
    eid_json_writer_init(&writer, &text);
    if (write(doc, root, &writer) == EID_OK) {
        view = json_loadb((const char *)text.at, text.len, JSON_ALLOW_NUL, NULL);
    }
    eid_buf_fini(&text);
    return view;
}

static void check_json(eid_suite *suite, const char *what, const json_t *expected, json_t *actual)
{
    if (!json_equal(expected, actual)) {
        char *want = json_dumps(expected, JSON_COMPACT | JSON_ENCODE_ANY);
        char *got = actual ? json_dumps(actual, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

        eid_case_fail(suite, "%s: expected %s, got %s", what, want, got ? got : "nothing");
        free(want);
        free(got);
    }
    json_decref(actual);
}

void stores_check_ydoc(eid_suite *suite, const json_t *expected, const eid_ydoc *doc)
{
    const char *name;
    json_t *value;

    json_object_foreach(json_object_get(expected, "text"), name, value)
        check_json(suite, name, value, view_text(doc, name));
    json_object_foreach(json_object_get(expected, "map"), name, value)
        check_json(suite, name, value, view_json(doc, name, eid_ydoc_view_map));
    json_object_foreach(json_object_get(expected, "array"), name, value)
        check_json(suite, name, value, view_json(doc, name, eid_ydoc_view_array));
}

static json_t *state_vector(const eid_ydoc *doc)
{
    eid_json_writer writer;
    eid_buf text;
    json_t *state = NULL;

    eid_buf_init(&text, VIEW_MAX);
    eid_json_writer_init(&writer, &text);
    if (eid_ydoc_view_state(doc, &writer) == EID_OK) {
        state = json_loadb((const char *)text.at, text.len, 0, NULL);
    }
    eid_buf_fini(&text);
    return state;
}

/* The recorded merge reads as ours. */
static void check_update(eid_suite *suite, const json_t *expected, const eid_ydoc *doc)
{
    eid_buf update = eid_get_b64(expected, "update_b64");
    eid_ydoc *reference = NULL;
    json_t *state;

    if (eid_case_ok(suite, "update", eid_ydoc_new(1, &reference)) &&
        eid_case_ok(suite, "update", eid_ydoc_apply(reference, eid_buf_slice(&update)))) {
        state = state_vector(reference);
        check_json(suite, "state vector", state, state_vector(doc));
        json_decref(state);
        stores_check_ydoc(suite, json_object_get(expected, "ydoc"), reference);
    }
    eid_ydoc_free(reference);
    eid_buf_fini(&update);
}

/* -- states ------------------------------------------------------------------------------------ */

static const char *store_type(const stores_node *node, const char *store)
{
    const char *type = json_string_value(json_object_get(node->types, store));

    return type ? type : EID_TYPE_DOCSTORE;
}

static bool store_is(const stores_node *node, const char *store, const char *type)
{
    return strcmp(store_type(node, store), type) == 0;
}

eid_status stores_unlock(const stores_node *node, eid_txn *txn, const char *store)
{
    eid_slice name = eid_slice_text(store);
    eid_password_state state = EID_PASSWORD_UNINITIALIZED;
    eid_status status;

    if (!store_is(node, store, EID_TYPE_PASSWORD)) return EID_OK;
    status = eid_password_store_load(txn, name, &state);
    if (status != EID_OK || state != EID_PASSWORD_LOCKED) return status;
    return eid_password_store_open(txn, name, eid_get_slice(node->passwords, store), NULL);
}

/* What a store that needs unlocking says of itself before that; false if there is no more to it. */
static bool check_password(stores_node *node, eid_txn *txn, const char *store,
                           const json_t *expected)
{
    eid_slice name = eid_slice_text(store);
    eid_password_state state = EID_PASSWORD_LOCKED;
    eid_registry_row row;
    eid_status status = eid_registry_find(txn, name, &row);

    if (status == EID_OK) eid_registry_row_fini(&row);
    if (eid_has(expected, "error")) {
        (void)eid_case_text(node->suite, store, eid_get_text(expected, "error"),
                            eid_slice_text("KeyNotFound"));
        (void)eid_case_u64(node->suite, store, EID_E_NOT_FOUND, status);
        return false;
    }
    if (!eid_case_ok(node->suite, store, eid_password_store_load(txn, name, &state))) return false;
    (void)eid_case_bool(node->suite, "uninitialized", eid_has(expected, "uninitialized"),
                        state == EID_PASSWORD_UNINITIALIZED);
    return eid_has(expected, "doc") &&
           eid_case_ok(node->suite, "unlock", stores_unlock(node, txn, store));
}

static void check_text(stores_node *node, eid_txn *txn, const char *store, const json_t *expected)
{
    const eid_ydoc *doc = NULL;

    if (!eid_case_ok(node->suite, store, eid_ydoc_store_read(txn, eid_slice_text(store), &doc)) ||
        !eid_has(expected, "ydoc")) {
        return;
    }
    stores_check_ydoc(node->suite, json_object_get(expected, "ydoc"), doc);
    check_update(node->suite, expected, doc);
}

static void check_doc(stores_node *node, eid_txn *txn, const char *store, const json_t *expected)
{
    eid_doc *doc = NULL, *wanted = NULL;

    if (eid_case_ok(node->suite, store, eid_txn_doc(txn, eid_slice_text(store), &doc)) &&
        eid_has(expected, "doc")) {
        wanted = eid_case_read_doc(node->suite, expected, "doc");
        (void)eid_case_doc_equal(node->suite, store, wanted, doc);
    }
    eid_doc_free(wanted);
    eid_doc_free(doc);
}

void stores_node_check(stores_node *node, const char *store, const json_t *expected)
{
    eid_txn *txn = NULL;
    eid_status status = eid_txn_begin(node->seam, &node->root, NULL, NULL, &txn);

    if (!eid_case_ok(node->suite, "begin", status)) return;
    if (store_is(node, store, EID_TYPE_YDOC)) {
        check_text(node, txn, store, expected);
    } else if (!store_is(node, store, EID_TYPE_PASSWORD) ||
               check_password(node, txn, store, expected)) {
        check_doc(node, txn, store, expected);
    }
    eid_txn_free(txn);
}
