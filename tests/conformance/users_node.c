/* Snapshots hold entries as JSON, the lists of databases hold their bytes: an id that comes out the
 * same both ways has gone through our reader and writer of either. */
#include "tests/conformance/users_node.h"

#include <stdlib.h>

#include "dag/alloc.h"
#include "node/db/table.h"
#include "node/user/user_rows.h"
#include "storage/batch.h"
#include "tests/conformance/doc_case.h"

#define ROW_MAX (1024u * 1024u)

static json_t *snapshot_read(const json_t *object, const char *key)
{
    eid_buf bytes = eid_get_b64(object, key);
    json_t *snapshot = json_loadb((const char *)bytes.at, bytes.len, JSON_ALLOW_NUL, NULL);

    eid_buf_fini(&bytes);
    if (!snapshot) abort();
    return snapshot;
}

/* -- loading ----------------------------------------------------------------------------------- */

static eid_status load_entry(const json_t *json, eid_entry **out)
{
    char *text = json_dumps(json, JSON_COMPACT);
    eid_status status;

    if (!text) abort();
    status = eid_entry_from_json(eid_slice_text(text), out);
    free(text);
    return status;
}

static void load_entries(eid_suite *suite, const json_t *entries, eid_engine *engine)
{
    size_t count = json_object_size(entries), i = 0;
    eid_entry **held = eid_alloc_array(count + 1, sizeof(eid_entry *));
    eid_slice *bytes = eid_alloc_array(count + 1, sizeof *bytes);
    eid_ingest_report report = {0};
    const char *id;
    json_t *json;

    if (!held || !bytes) abort();
    json_object_foreach((json_t *)(uintptr_t)entries, id, json)
    {
        if (!eid_case_ok(suite, "entry of the snapshot", load_entry(json, &held[i]))) break;
        if (!eid_case_id(suite, "its id", id, eid_entry_id(held[i]))) break;
        bytes[i] = eid_entry_bytes(held[i]);
        i++;
    }
    if (i == count &&
        eid_case_ok(suite, "ingest",
                    eid_engine_ingest(engine, bytes, count, NULL, EID_DURABLE_ASYNC, &report))) {
        (void)eid_case_u64(suite, "verified entries", count, report.verified);
    }
    eid_idset_fini(&report.missing);
    for (i = 0; i < count; i++) eid_entry_free(held[i]);
    eid_free(held);
    eid_free(bytes);
}

static void load_records(eid_suite *suite, const json_t *snapshot, users_node *node)
{
    const json_t *metadata = json_object_get(snapshot, "instance_metadata");
    const json_t *secrets = json_object_get(snapshot, "instance_secrets");
    eid_instance_record record = {.users_db = eid_get_id(metadata, "users_db")};
    eid_batch *batch = NULL;
    eid_pubkey id;
    eid_status status = eid_pubkey_parse(eid_get_slice(metadata, "id"), &id);

    record.databases_db = eid_get_id(metadata, "databases_db");
    record.has_sync_db = eid_has(metadata, "sync_db");
    if (record.has_sync_db) record.sync_db = eid_get_id(metadata, "sync_db");
    node->has_device = json_is_object(secrets);
    if (status == EID_OK) memcpy(record.device, id.bytes, sizeof record.device);
    if (status == EID_OK && node->has_device) {
        status = eid_key_parse_secret(eid_get_slice(secrets, "signing_key"), &node->device);
    }
    if (status == EID_OK) status = eid_batch_new(eid_engine_kv(node->engine), &batch);
    if (status == EID_OK) status = eid_records_set_instance(batch, &record);
    if (status == EID_OK && node->has_device) {
        status = eid_records_set_secret(batch, node->device.seed);
    }
    if (status == EID_OK) status = eid_batch_write(batch, EID_DURABLE_ASYNC);
    (void)eid_case_ok(suite, "records of the instance", status);
    eid_batch_free(batch);
}

bool users_node_open(eid_suite *suite, const json_t *object, const char *key, users_node *out)
{
    eid_engine_config config = {.url = "memory://", .create = true};
    json_t *snapshot = snapshot_read(object, key);

    *out = (users_node){0};
    config.verify_inline = true;
    if (eid_case_ok(suite, "open", eid_engine_open(&config, &out->engine))) {
        out->seam = eid_engine_seam(out->engine);
        load_entries(suite, json_object_get(snapshot, "entries"), out->engine);
        load_records(suite, snapshot, out);
    }
    json_decref(snapshot);
    if (!eid_case_has_failed(suite)) return true;
    users_node_close(out);
    return false;
}

void users_node_close(users_node *node)
{
    eid_key_wipe(&node->device);
    eid_engine_close(node->engine);
    *node = (users_node){0};
}

eid_status users_node_login(const users_node *node, const json_t *object, eid_session **out)
{
    eid_slice password = EID_SLICE_EMPTY;
    bool has_password = eid_has(object, "password");

    if (has_password) password = eid_get_slice(object, "password");
    return eid_session_login(node->seam, node->has_device ? &node->device : NULL,
                             eid_get_slice(object, "username"), has_password ? &password : NULL,
                             out);
}

/* -- keys -------------------------------------------------------------------------------------- */

void users_check_keys(eid_suite *suite, const eid_session *session, const json_t *keys)
{
    size_t count = json_array_size(keys);
    char text[EID_KEY_TEXT_MAX];

    if (!eid_case_u64(suite, "keys", count, eid_session_key_count(session))) return;
    for (size_t i = 0; i < count; i++) {
        const json_t *recorded = json_array_get(keys, i);
        const eid_key *key = eid_session_key(session, i);
        (void)eid_case_text(suite, "key_id", eid_get_text(recorded, "key_id"),
                            eid_slice_text(eid_pubkey_text(&key->pub, text)));
        (void)eid_case_text(suite, "private", eid_get_text(recorded, "private"),
                            eid_slice_text(eid_key_secret_text(key, text)));
    }
}

/* -- databases --------------------------------------------------------------------------------- */

/* Read a row, write it, and compare as JSON values. */
typedef struct row_check {
    eid_suite *suite;
    eid_status (*again)(eid_slice json, eid_buf *out);
} row_check;

static eid_status user_again(eid_slice json, eid_buf *out)
{
    eid_user_info info;
    eid_status status = eid_user_info_read(json, &info);

    if (status != EID_OK) return status;
    eid_user_info_write(&info, out);
    eid_user_info_fini(&info);
    return eid_buf_status(out);
}

static eid_status key_again(eid_slice json, eid_buf *out)
{
    eid_user_key key;
    eid_status status = eid_user_key_read(json, &key);

    if (status != EID_OK) return status;
    eid_user_key_write(&key, out);
    eid_user_key_fini(&key);
    return eid_buf_status(out);
}

static eid_status tracked_again(eid_slice json, eid_buf *out)
{
    eid_tracked tracked;
    eid_status status = eid_tracked_read(json, &tracked);

    if (status != EID_OK) return status;
    eid_tracked_write(&tracked, out);
    eid_tracked_fini(&tracked);
    return eid_buf_status(out);
}

static eid_status on_row(void *arg, eid_slice key, eid_slice json)
{
    row_check *check = arg;
    eid_buf out;
    json_t *expected, *actual;

    (void)key;
    eid_buf_init(&out, ROW_MAX);
    if (eid_case_ok(check->suite, "row", check->again(json, &out))) {
        expected = json_loadb((const char *)json.at, json.len, JSON_ALLOW_NUL, NULL);
        actual = json_loadb((const char *)out.at, out.len, JSON_ALLOW_NUL, NULL);
        if (!expected || !actual || !json_equal(expected, actual)) {
            (void)eid_case_bytes(check->suite, "row written again", json, eid_buf_slice(&out));
        }
        json_decref(expected);
        json_decref(actual);
    }
    eid_buf_fini(&out);
    return EID_OK;
}

static void check_rows(eid_suite *suite, eid_txn *txn, const char *database, const char *store)
{
    row_check check = {suite, NULL};
    bool is_private = strncmp(database, "_user_", 6) == 0;

    if (strcmp(database, "_users") == 0 && strcmp(store, EID_STORE_USERS) == 0) {
        check.again = user_again;
    }
    if (is_private && strcmp(store, EID_STORE_KEYS) == 0) check.again = key_again;
    if (is_private && strcmp(store, EID_STORE_TRACKED) == 0) check.again = tracked_again;
    if (!check.again) return;
    (void)eid_case_ok(
        suite, "rows",
        eid_table_scan(txn, eid_slice_text(store), false, EID_SLICE_EMPTY, on_row, &check));
}

static void check_state(eid_suite *suite, const users_node *node, const eid_id *root,
                        const json_t *database)
{
    const json_t *state = json_object_get(database, "state");
    const char *store;
    json_t *recorded;
    eid_txn *txn = NULL;

    if (!eid_case_ok(suite, "begin", eid_txn_begin(node->seam, root, NULL, NULL, &txn))) return;
    json_object_foreach((json_t *)(uintptr_t)state, store, recorded)
    {
        eid_doc *expected = eid_case_doc_of(suite, recorded), *actual = NULL;
        eid_status status = node->seam->doc(node->seam->self, root, eid_slice_text(store), &actual);
        if (expected && eid_case_ok(suite, store, status)) {
            (void)eid_case_doc_equal(suite, store, expected, actual);
        }
        eid_doc_free(expected);
        eid_doc_free(actual);
        check_rows(suite, txn, eid_get_text(database, "settings_name"), store);
    }
    eid_txn_free(txn);
}

static void check_entries(eid_suite *suite, const users_node *node, const eid_id *root,
                          const json_t *entries)
{
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *recorded = json_array_get(entries, i);
        eid_id id = eid_get_id(recorded, "id");
        eid_buf bytes = eid_get_b64(recorded, "bytes_b64");
        eid_entry *entry = NULL;
        eid_verdict verdict = EID_FAILED;
        eid_status status = node->seam->entry(node->seam->self, root, &id, &entry, &verdict);
        if (eid_case_ok(suite, "entry", status)) {
            (void)eid_case_bytes(suite, "entry", eid_buf_slice(&bytes), eid_entry_bytes(entry));
            (void)eid_case_u64(suite, "verdict", EID_VERIFIED, verdict);
        }
        eid_entry_free(entry);
        eid_buf_fini(&bytes);
    }
}

void users_check_databases(eid_suite *suite, const users_node *node, const json_t *databases)
{
    for (size_t i = 0; i < json_array_size(databases); i++) {
        const json_t *database = json_array_get(databases, i);
        eid_id root = eid_get_id(database, "root");
        check_entries(suite, node, &root, eid_get_array(database, "entries"));
        check_state(suite, node, &root, database);
    }
}
