/* Inventory of spec 01, "Entry unit tests", the encoding: lines of entry/tests.rs, and those of
 * entry/version. */
#include "dag/cbor.h"
#include "tests/dag/inventory.h"

#define KEY_HEX "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
#define KEY_TEXT "ed25519:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
#define JSON_OF(store)                                                                             \
    "{\"tree\":{\"parents\":[]},\"subtrees\":[" store "],"                                         \
    "\"sig\":{\"key\":{\"Direct\":{\"hint\":{}}}}}"

static eid_entry *from_json(const char *json)
{
    eid_entry *entry = NULL;

    must(eid_entry_from_json(text(json), &entry));
    return entry;
}

static void assert_json_has(const eid_entry *entry, const char *part, bool wanted)
{
    eid_buf json;

    eid_buf_init(&json, SIZE_MAX);
    must(eid_entry_to_json(entry, &json));
    eid_buf_append_byte(&json, 0);
    must(eid_buf_status(&json));
    if ((strstr((const char *)json.at, part) != NULL) != wanted) {
        fail_msg("%s %s", wanted ? "missing from" : "found in", (const char *)json.at);
    }
    eid_buf_fini(&json);
}

/* Pass into the value of `key` of the map that comes. */
static void enter(eid_cbor *cbor, const char *key)
{
    size_t count = eid_cbor_map(cbor);
    eid_slice last = EID_SLICE_EMPTY;

    for (size_t i = 0; i < count; i++) {
        if (eid_slice_is(eid_cbor_key(cbor, &last), key)) return;
        eid_cbor_skip(cbor);
    }
    fail_msg("no member \"%s\"", key);
}

static eid_cbor reader_of(const eid_entry *entry)
{
    eid_cbor cbor;

    eid_cbor_init(&cbor, eid_entry_bytes(entry));
    return cbor;
}

static void test_subtreenode_serde_roundtrip(void **state)
{
    static const char *const without[] = {JSON_OF("{\"name\":\"s\",\"parents\":[]}"),
                                          JSON_OF("{\"name\":\"s\",\"parents\":[],\"data\":null}")};
    const uint64_t height = 42;
    eid_builder *builder = builder_with_parent("parent1");
    eid_entry *entry;
    eid_cbor cbor;

    for (size_t i = 0; i < 2; i++) {
        entry = from_json(without[i]);
        assert_false(eid_entry_subtree(entry, 0)->has_data);
        assert_json_has(entry, "\"data\"", false);
        cbor = reader_of(entry);
        enter(&cbor, "subtrees");
        assert_int_equal(eid_cbor_array(&cbor), 1);
        assert_int_equal(eid_cbor_map(&cbor), 2); /* name and parents */
        eid_entry_free(entry);
    }
    must(eid_builder_set_data(builder, text("s"), eid_slice_of("\x00\xff\x80", 3)));
    entry = sealed(builder);
    assert_false(eid_entry_subtree(entry, 0)->has_height);
    assert_json_has(entry, "\"h\"", false);
    assert_round_trips(entry);
    assert_memory_equal(eid_entry_subtree(entry, 0)->data.at, "\x00\xff\x80", 3);
    eid_entry_free(entry);
    must(eid_builder_set_store_height(builder, text("s"), &height));
    entry = sealed_last(builder);
    assert_json_has(entry, "\"h\":42", true);
    assert_true(eid_entry_subtree(entry, 0)->has_height);
    assert_round_trips(entry);
    eid_entry_free(entry);
}

static void test_subtree_data_is_cbor_byte_string(void **state)
{
    static const size_t sizes[] = {0, 1, 23, 24, 255, 256, 65535};
    static uint8_t payload[65535];

    memset(payload, 0xa5, sizeof payload);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        eid_slice bytes = eid_slice_of(payload, sizes[i]);
        eid_builder *builder = builder_with_parent("parent1");
        eid_entry *entry;
        eid_cbor cbor;

        must(eid_builder_set_data(builder, text("s"), bytes));
        must(eid_builder_set_metadata(builder, bytes));
        entry = sealed_last(builder);
        cbor = reader_of(entry);
        enter(&cbor, "tree");
        enter(&cbor, "metadata");
        assert_int_equal(eid_cbor_peek(&cbor), EID_CBOR_BYTES);
        assert_true(eid_slice_equal(eid_cbor_bytes(&cbor), bytes));
        cbor = reader_of(entry);
        enter(&cbor, "subtrees");
        assert_int_equal(eid_cbor_array(&cbor), 1);
        enter(&cbor, "data");
        assert_int_equal(eid_cbor_peek(&cbor), EID_CBOR_BYTES);
        assert_true(eid_slice_equal(eid_cbor_bytes(&cbor), bytes));
        assert_round_trips(entry);
        eid_entry_free(entry);
    }
}

static void test_entry_dagcbor_roundtrip_direct_sigkey(void **state)
{
    eid_builder *builder = builder_with_parent("parent1");
    eid_id_parts parts;
    eid_entry *entry;

    builder_put(builder, "messages", "data");
    entry = sealed_last(builder);
    assert_true(eid_entry_is_unsigned(entry));
    eid_id_parts_of(eid_entry_id(entry), &parts);
    assert_int_equal(parts.version, 1);
    assert_int_equal(parts.codec, EID_CODEC_DAG_CBOR);
    assert_round_trips(entry);
    eid_entry_free(entry);
}

/* The parts of example C give its very bytes. */
static void test_entry_dagcbor_roundtrip_delegation_sigkey(void **state)
{
    const eid_id tips[] = {raw("tip1"), raw("tip2")};
    const eid_delegation_step step = {raw("delegated_tree_id"), {tips, 2}};
    const eid_sigkey key = {.is_delegation = true,
                            .hint = {.has_name = true, .name = text("alice")},
                            .path = &step,
                            .path_count = 1};
    eid_id root = raw("tree_root"), parent = raw("parent_entry");
    eid_builder *builder;
    eid_entry *entry;

    must(eid_builder_new(&root, &builder));
    must(eid_builder_add_parent(builder, &parent));
    builder_put(builder, "data_store", "{\"key\":\"value\"}");
    must(eid_builder_set_sigkey(builder, &key));
    must(eid_builder_set_signature(builder, text("dGVzdF9zaWduYXR1cmU=")));
    entry = sealed_last(builder);
    assert_bytes(eid_entry_bytes(entry), EXAMPLE_C_HEX);
    assert_round_trips(entry);
    eid_entry_free(entry);
}

static void test_entry_dagcbor_roundtrip_with_pubkey_sigkey(void **state)
{
    eid_sigkey key = {.hint = {.has_pubkey = true, .pubkey_text = text(KEY_TEXT)}};
    eid_builder *builder = builder_with_parent("parent1");
    eid_buf bytes = bytes_of_hex(KEY_HEX);
    const eid_hint *hint;
    eid_entry *entry;

    memcpy(key.hint.pubkey, bytes.at, EID_PUBKEY_BYTES);
    must(eid_builder_set_sigkey(builder, &key));
    must(eid_builder_set_signature(builder, text("c2lnbmF0dXJl")));
    entry = sealed_last(builder);
    hint = &eid_entry_sigkey(entry)->hint;
    assert_string_equal(eid_hint_type(hint), "pubkey");
    assert_true(eid_slice_is(hint->pubkey_text, KEY_TEXT));
    assert_memory_equal(hint->pubkey, bytes.at, EID_PUBKEY_BYTES);
    assert_round_trips(entry);
    eid_entry_free(entry);
    eid_buf_fini(&bytes);
}

static void test_entry_to_dagcbor_method(void **state)
{
    eid_builder *builder = builder_with_parent("parent1");
    eid_entry *first, *second;
    eid_id hashed;

    builder_put(builder, "s", "payload");
    first = sealed(builder);
    second = sealed_last(builder);
    hashed = eid_id_of_entry(eid_entry_bytes(first));
    assert_true(eid_id_equal(&hashed, eid_entry_id(first)));
    assert_same_id(first, second);
    assert_round_trips(first);
    eid_entry_free(first);
    eid_entry_free(second);
}

static void entry_deserialize_wrong_version_fails(void **state)
{
    eid_entry *entry = NULL;
    eid_status status =
        eid_entry_from_json(text("{\"_v\":99,\"tree\":{\"parents\":[]},\"subtrees\":[],"
                                 "\"sig\":{\"key\":{\"Direct\":{\"hint\":{}}}}}"),
                            &entry);

    assert_int_equal(status, EID_E_MALFORMED);
    assert_non_null(strstr(eid_status_detail(status).text, "version"));
    assert_null(entry);
}

static void entry_deserialize_missing_version_defaults_to_v0(void **state)
{
    eid_entry *entry = from_json(JSON_OF(""));

    assert_int_equal(eid_entry_subtree_count(entry), 0);
    assert_int_equal(eid_entry_height(entry), 0);
    assert_json_has(entry, "_v", false);
    eid_entry_free(entry);
}

static void entry_roundtrip(void **state)
{
    static const char *const hex[] = {EXAMPLE_A_HEX, EXAMPLE_B_HEX, EXAMPLE_C_HEX,
                                      EXAMPLE_D_HEX, EXAMPLE_E_HEX, EXAMPLE_F_HEX};

    for (size_t i = 0; i < sizeof hex / sizeof hex[0]; i++) {
        eid_buf bytes = bytes_of_hex(hex[i]);
        eid_entry *entry = NULL;

        must(eid_entry_decode(eid_buf_slice(&bytes), &entry));
        assert_round_trips(entry);
        eid_entry_free(entry);
        eid_buf_fini(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subtreenode_serde_roundtrip),
        cmocka_unit_test(test_subtree_data_is_cbor_byte_string),
        cmocka_unit_test(test_entry_dagcbor_roundtrip_direct_sigkey),
        cmocka_unit_test(test_entry_dagcbor_roundtrip_delegation_sigkey),
        cmocka_unit_test(test_entry_dagcbor_roundtrip_with_pubkey_sigkey),
        cmocka_unit_test(test_entry_to_dagcbor_method),
        cmocka_unit_test(entry_deserialize_wrong_version_fails),
        cmocka_unit_test(entry_deserialize_missing_version_defaults_to_v0),
        cmocka_unit_test(entry_roundtrip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
