/* Inventory of spec 01, "IDs": the lines of entry/id.rs. */
#include "dag/cbor.h"
#include "dag/json.h"
#include "tests/dag/inventory.h"

static eid_id parsed(const char *string)
{
    eid_id id;

    must(eid_id_parse(text(string), &id));
    return id;
}

static void assert_parts(const eid_id *id, uint64_t codec, uint64_t hash_code)
{
    eid_id_parts parts;

    eid_id_parts_of(id, &parts);
    assert_int_equal(parts.version, 1);
    assert_int_equal(parts.codec, codec);
    assert_int_equal(parts.hash_code, hash_code);
    assert_int_equal(parts.digest.len, 32);
}

/* As a string, which is what an id is in JSON. */
static eid_id through_json(const eid_id *id, const char *expected)
{
    char printed[EID_ID_TEXT_MAX];
    eid_json_writer writer;
    eid_json reader;
    eid_buf json;
    eid_id back;

    eid_buf_init(&json, 1000);
    eid_json_writer_init(&writer, &json);
    eid_json_text(&writer, eid_id_format(id, printed));
    must(eid_buf_status(&json));
    if (expected) assert_true(eid_slice_is(eid_buf_slice(&json), expected));
    eid_json_init(&reader, eid_buf_slice(&json));
    assert_int_equal(eid_json_next(&reader), EID_JSON_STRING);
    must(eid_id_parse(reader.text, &back));
    must(eid_json_finish(&reader));
    eid_json_fini(&reader);
    eid_buf_fini(&json);
    return back;
}

static eid_id through_cbor(const eid_id *id, const char *expected_hex)
{
    eid_cbor cbor;
    eid_buf bytes;
    eid_id back = EID_ID_EMPTY;

    eid_buf_init(&bytes, 1000);
    eid_cbor_put_link(&bytes, id);
    if (expected_hex) assert_bytes(eid_buf_slice(&bytes), expected_hex);
    eid_cbor_init(&cbor, eid_buf_slice(&bytes));
    if (eid_cbor_peek(&cbor) == EID_CBOR_NULL) {
        eid_cbor_null(&cbor);
    } else {
        eid_cbor_link(&cbor, &back);
    }
    must(eid_cbor_finish(&cbor));
    eid_buf_fini(&bytes);
    return back;
}

static void test_from_bytes_produces_cid(void **state)
{
    eid_id id = raw("hello world");

    assert_parts(&id, EID_CODEC_RAW, EID_HASHCODE_BLAKE3);
    assert_string_equal(eid_id_str(&id),
                        "bafkr4igxjga67jykbseaxdmmdgc5a5o3zp3htom2l6mrjznk7fvyggu6eq");
}

static void test_from_bytes_sha256(void **state)
{
    eid_id id = eid_id_of(text("hello world"), EID_CODEC_RAW, EID_HASHCODE_SHA256);

    assert_parts(&id, EID_CODEC_RAW, EID_HASHCODE_SHA256);
    assert_bytes(eid_id_slice(&id), "01551220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088"
                                    "f7ace2efcde9");
}

static void test_parse_roundtrip(void **state)
{
    eid_id ids[] = {raw("hello world"), eid_id_of_entry(text("hello world")),
                    eid_id_of(text("hello world"), EID_CODEC_DAG_CBOR, EID_HASHCODE_SHA256)};

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        eid_id back = parsed(eid_id_str(&ids[i]));

        assert_string_equal(eid_id_str(&back), eid_id_str(&ids[i]));
        assert_true(eid_id_equal(&back, &ids[i]));
    }
}

static void test_parse_empty(void **state)
{
    eid_id id = parsed("");
    const eid_id empty = EID_ID_EMPTY;

    assert_true(eid_id_is_empty(&id));
    assert_true(eid_id_equal(&id, &empty));
}

static void test_from_bytes_deterministic(void **state)
{
    eid_id first = raw("same"), second = raw("same"), other = raw("other");

    assert_true(eid_id_equal(&first, &second));
    assert_false(eid_id_equal(&first, &other));
}

static void test_empty_id(void **state)
{
    const eid_id zeroed = {0}, empty = EID_ID_EMPTY;
    char printed[EID_ID_TEXT_MAX];

    assert_true(eid_id_is_empty(&zeroed));
    assert_true(eid_id_equal(&zeroed, &empty));
    assert_string_equal(eid_id_format(&zeroed, printed), "");
}

static void test_serialization_json(void **state)
{
    eid_id id = raw("hello world");
    eid_id back =
        through_json(&id, "\"bafkr4igxjga67jykbseaxdmmdgc5a5o3zp3htom2l6mrjznk7fvyggu6eq\"");

    assert_true(eid_id_equal(&id, &back));
}

static void test_serialization_dagcbor(void **state)
{
    eid_id id = raw("test_root");
    eid_id back = through_cbor(&id, "d82a58250001551e20d09cfb8565c513d93929a0f581396cb204082f1ee2"
                                    "82eb396a97541475bbebd1");

    assert_true(eid_id_equal(&id, &back));
}

static void test_empty_id_serialization(void **state)
{
    const eid_id empty = EID_ID_EMPTY;
    eid_id json = through_json(&empty, "\"\""), cbor = through_cbor(&empty, "f6");

    assert_true(eid_id_is_empty(&json));
    assert_true(eid_id_is_empty(&cbor));
}

static void test_ordering(void **state)
{
    eid_id ids[] = {raw("x5"), EID_ID_EMPTY, eid_id_of_entry(text("a")), raw("x7"),
                    eid_id_of(text("a"), EID_CODEC_DAG_CBOR, EID_HASHCODE_SHA256)};
    const eid_id x5 = ids[0], x7 = ids[3];

    assert_int_equal(eid_ids_normalize(ids, 5), 5);
    assert_true(eid_id_is_empty(&ids[0]));
    for (size_t i = 1; i < 5; i++) {
        assert_true(eid_id_compare(&ids[i - 1], &ids[i]) < 0);
        assert_true(eid_id_compare(&ids[i], &ids[i - 1]) > 0);
        assert_false(eid_id_equal(&ids[i - 1], &ids[i]));
    }
    /* By digest, and not as their texts would be sorted. */
    assert_true(eid_id_compare(&x7, &x5) < 0);
    assert_true(strcmp(eid_id_str(&x7), eid_id_str(&x5)) > 0);
}

static void test_parse_invalid(void **state)
{
    static const char *const bad[] = {"not-a-valid-cid", "x", "bafkr4i", "sha256:00", "b!!!"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        eid_id id;

        assert_int_equal(eid_id_parse(text(bad[i]), &id), EID_E_MALFORMED);
        assert_int_equal(eid_status_detail(EID_E_MALFORMED).kind, EID_KIND_ID_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_bytes_produces_cid),
        cmocka_unit_test(test_from_bytes_sha256),
        cmocka_unit_test(test_parse_roundtrip),
        cmocka_unit_test(test_parse_empty),
        cmocka_unit_test(test_from_bytes_deterministic),
        cmocka_unit_test(test_empty_id),
        cmocka_unit_test(test_serialization_json),
        cmocka_unit_test(test_serialization_dagcbor),
        cmocka_unit_test(test_empty_id_serialization),
        cmocka_unit_test(test_ordering),
        cmocka_unit_test(test_parse_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
