/* ids.json: hashes, texts, links and order of ids; texts of keys; raw signatures. */
#include "auth/key.h"
#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/cbor.h"
#include "tests/conformance/runner.h"
#include "tests/conformance/spec.h"

static eid_buf hash_data(const json_t *test)
{
    eid_buf data;

    if (eid_has(test, "data_b64")) return eid_get_b64(test, "data_b64");
    eid_buf_init(&data, SIZE_MAX);
    for (uint64_t i = 0; i < eid_get_u64_text(test, "pattern_len"); i++) {
        eid_buf_append_byte(&data, (uint8_t)(i % 251));
    }
    return data;
}

static void hash_case(eid_suite *suite, const json_t *test)
{
    static const struct {
        const char *key;
        uint64_t codec, hash_code;
    } rows[] = {
        {"raw_blake3", EID_CODEC_RAW, EID_HASHCODE_BLAKE3},
        {"raw_sha256", EID_CODEC_RAW, EID_HASHCODE_SHA256},
        {"dagcbor_blake3", EID_CODEC_DAG_CBOR, EID_HASHCODE_BLAKE3},
        {"dagcbor_sha256", EID_CODEC_DAG_CBOR, EID_HASHCODE_SHA256},
    };
    eid_buf data = hash_data(test);

    for (size_t i = 0; i < EID_COUNT(rows); i++) {
        eid_id id = eid_id_of(eid_buf_slice(&data), rows[i].codec, rows[i].hash_code);

        eid_case_id(suite, rows[i].key, eid_get_text(test, rows[i].key), &id);
    }
    eid_buf_fini(&data);
}

static void check_parts(eid_suite *suite, const json_t *test, const eid_id *id)
{
    eid_id_parts parts;

    eid_id_parts_of(id, &parts);
    eid_case_u64(suite, "version", eid_get_u64_text(test, "version"), parts.version);
    if (json_is_integer(json_object_get(test, "codec")) ||
        json_is_string(json_object_get(test, "codec"))) {
        eid_case_u64(suite, "codec", eid_get_u64_text(test, "codec"), parts.codec);
    }
    eid_case_u64(suite, "hash code", eid_get_u64_text(test, "hash_code"), parts.hash_code);
    eid_case_u64(suite, "digest size", eid_get_u64_text(test, "digest_size"), parts.digest.len);
}

static void parse_case(eid_suite *suite, const json_t *test)
{
    eid_id id;
    eid_buf link, expected;
    eid_status status = eid_id_parse(eid_get_slice(test, "text"), &id);

    if (!eid_get_bool(test, "ok")) {
        eid_case_error(suite, "parse", eid_get_text(test, "error"), status);
        return;
    }
    if (!eid_case_ok(suite, "parse", status)) return;
    eid_case_id(suite, "text", eid_get_text(test, "id"), &id);
    eid_case_bool(suite, "empty", eid_get_bool(test, "empty"), eid_id_is_empty(&id));
    if (eid_id_is_empty(&id)) return;
    expected = eid_get_hex(test, "binary_hex");
    eid_case_bytes(suite, "binary", eid_buf_slice(&expected), eid_id_slice(&id));
    eid_buf_fini(&expected);
    expected = eid_get_hex(test, "dagcbor_hex");
    eid_buf_init(&link, SIZE_MAX);
    eid_cbor_put_link(&link, &id);
    eid_case_bytes(suite, "link", eid_buf_slice(&expected), eid_buf_slice(&link));
    check_parts(suite, test, &id);
    eid_buf_fini(&link);
    eid_buf_fini(&expected);
}

/* Our reader takes only what would be written in the same way (spec 01 H3). */
static void link_case(eid_suite *suite, const json_t *test)
{
    eid_buf bytes = eid_get_hex(test, "cbor_hex");
    bool expected = eid_get_bool(test, "ok") && strcmp(eid_get_text(test, "cbor_hex"),
                                                       eid_get_text(test, "reencoded_hex")) == 0;
    eid_id id = EID_ID_EMPTY;
    eid_cbor cbor;

    eid_cbor_init(&cbor, eid_buf_slice(&bytes));
    if (eid_cbor_peek(&cbor) == EID_CBOR_NULL) {
        eid_cbor_null(&cbor);
    } else {
        eid_cbor_link(&cbor, &id);
    }
    if (eid_case_bool(suite, "accepted", expected, eid_cbor_finish(&cbor) == EID_OK) && expected) {
        eid_case_id(suite, "id", eid_get_text(test, "id"), &id);
    }
    eid_buf_fini(&bytes);
}

static void check_list(eid_suite *suite, const char *what, const json_t *expected, eid_ids actual)
{
    eid_case_u64(suite, what, json_array_size(expected), actual.count);
    for (size_t i = 0; i < json_array_size(expected) && i < actual.count; i++) {
        eid_case_id(suite, what, json_string_value(json_array_get(expected, i)), &actual.at[i]);
    }
}

static void order_case(eid_suite *suite, const json_t *test)
{
    eid_idset input = eid_spec_ids(eid_get_array(test, "input"));
    eid_idset set = EID_IDSET_EMPTY;
    const json_t *sorted = eid_get_array(test, "sorted");

    for (size_t i = 0; i + 1 < json_array_size(sorted); i++) {
        eid_id low = eid_id_of_json(json_array_get(sorted, i));
        eid_id high = eid_id_of_json(json_array_get(sorted, i + 1));

        eid_case_bool(suite, "order", true, eid_id_compare(&low, &high) <= 0);
        eid_case_bool(suite, "order reversed", true, eid_id_compare(&high, &low) >= 0);
    }
    for (size_t i = 0; i < input.count + 3; i++) {
        eid_case_ok(suite, "add", eid_idset_add(&set, &input.at[i % input.count]));
    }
    check_list(suite, "set", eid_get_array(test, "snapshot_of_input_plus_first_three"),
               eid_idset_ids(&set));
    eid_idset_fini(&set);
    eid_idset_fini(&input);
}

static void pubkey_text_case(eid_suite *suite, const json_t *test)
{
    char text[EID_KEY_TEXT_MAX];
    eid_pubkey key;
    eid_status status = eid_pubkey_parse(eid_get_slice(test, "text"), &key);

    if (!eid_get_bool(test, "ok")) {
        eid_case_error(suite, "parse", eid_get_text(test, "error"), status);
    } else if (eid_case_ok(suite, "parse", status)) {
        eid_case_text(suite, "text", eid_get_text(test, "text_out"),
                      eid_slice_text(eid_pubkey_text(&key, text)));
    }
}

static void privkey_text_case(eid_suite *suite, const json_t *test)
{
    char text[EID_KEY_TEXT_MAX];
    eid_key key;
    eid_status status = eid_key_parse_secret(eid_get_slice(test, "text"), &key);

    if (!eid_get_bool(test, "ok")) {
        eid_case_error(suite, "parse", eid_get_text(test, "error"), status);
    } else if (eid_case_ok(suite, "parse", status)) {
        eid_case_text(suite, "public key", eid_get_text(test, "pubkey"),
                      eid_slice_text(eid_pubkey_text(&key.pub, text)));
        eid_key_wipe(&key);
    }
}

static void signature_case(eid_suite *suite, const json_t *test)
{
    eid_buf message = eid_get_b64(test, "message_b64");
    eid_buf signature = eid_get_b64(test, "signature_b64");
    eid_pubkey key;

    if (eid_case_ok(suite, "key", eid_pubkey_parse(eid_get_slice(test, "pubkey"), &key))) {
        eid_case_bool(suite, "verify", eid_get_bool(test, "verify"),
                      eid_key_verify(&key, eid_buf_slice(&message), eid_buf_slice(&signature)));
    }
    eid_buf_fini(&signature);
    eid_buf_fini(&message);
}

static void ids_run(const char *path, eid_suite *suite)
{
    json_t *root = eid_suite_load(suite, path);

    if (!root) return;
    eid_suite_each(suite, root, "hashes", hash_case);
    eid_suite_each(suite, root, "parse", parse_case);
    eid_suite_each(suite, root, "links", link_case);
    eid_suite_each(suite, root, "order", order_case);
    eid_suite_each(suite, root, "pubkey_text", pubkey_text_case);
    eid_suite_each(suite, root, "privkey_text", privkey_text_case);
    eid_suite_each(suite, root, "signatures", signature_case);
    json_decref(root);
}

EID_SUITE("ids.json", ids_run)
