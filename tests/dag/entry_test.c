/* Entries: the worked examples of spec 01 §12, strictness, limits, predicates, JSON. */
#include "dag/entry.h"

#include "dag/alloc.h"
#include "dag/builder.h"
#include "dag/cbor.h"
#include "tests/dag/examples.h"

static eid_entry *decoded(const char *hex)
{
    eid_buf bytes = bytes_of_hex(hex);
    eid_entry *entry = NULL;
    eid_status status = eid_entry_decode(eid_buf_slice(&bytes), &entry);

    if (status != EID_OK) fail_msg("%s", eid_status_detail(status).text);
    eid_buf_fini(&bytes);
    return entry;
}

static void test_entry_decode__reads_every_worked_example(void **state)
{
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        eid_entry *entry = decoded(examples[i].hex);
        eid_buf message;

        assert_string_equal(eid_id_str(eid_entry_id(entry)), examples[i].id);
        assert_bytes(eid_entry_bytes(entry), examples[i].hex);
        assert_int_equal(eid_entry_validate(entry), EID_OK);
        eid_buf_init(&message, EID_ENTRY_BYTES_MAX);
        assert_int_equal(eid_entry_signing_bytes(entry, &message), EID_OK);
        assert_int_equal(message.len, examples[i].signing_size);
        eid_buf_fini(&message);
        eid_entry_free(entry);
    }
}

static void test_entry_getters__show_example_e(void **state)
{
    eid_entry *entry = decoded(EXAMPLE_E_HEX);
    const eid_subtree *notes = eid_entry_find_subtree(entry, eid_slice_text("notes"));
    eid_slice text;

    assert_string_equal(eid_id_str(eid_entry_root(entry)), examples[3].id);
    assert_true(eid_id_equal(eid_entry_tree(entry), eid_entry_root(entry)));
    assert_int_equal(eid_entry_parents(entry).count, 1);
    assert_true(eid_entry_height(entry) == 1);
    assert_int_equal(eid_entry_subtree_count(entry), 2);
    assert_non_null(notes);
    assert_false(notes->has_data);
    assert_false(notes->has_height);
    assert_true(notes->height == 1);
    assert_null(eid_entry_find_subtree(entry, eid_slice_text("other")));
    assert_true(eid_entry_signature(entry, &text));
    assert_int_equal(text.len, 88);
    assert_false(eid_entry_is_root(entry));
    assert_true(eid_entry_is_in_tree(entry, eid_entry_root(entry)));
    assert_string_equal(eid_hint_type(&eid_entry_sigkey(entry)->hint), "pubkey");
    eid_entry_free(entry);
}

static void test_entry_getters__show_a_global_hint_and_an_own_height(void **state)
{
    eid_entry *entry = decoded(EXAMPLE_F_HEX);
    const eid_subtree *notes = eid_entry_subtree(entry, 0);

    assert_true(notes->has_height);
    assert_true(notes->height == 0);
    assert_true(eid_entry_height(entry) == 2);
    assert_string_equal(eid_hint_type(&eid_entry_sigkey(entry)->hint), "global");
    assert_true(eid_slice_is(eid_hint_display(&eid_entry_sigkey(entry)->hint), "*"));
    eid_entry_free(entry);
}

static void test_entry_getters__show_a_delegation_in_the_given_order(void **state)
{
    eid_entry *entry = decoded(EXAMPLE_C_HEX);
    const eid_sigkey *key = eid_entry_sigkey(entry);
    eid_id tip1 = eid_id_of_raw(eid_slice_text("tip1"));

    assert_true(key->is_delegation);
    assert_int_equal(key->path_count, 1);
    assert_int_equal(key->path[0].tips.count, 2);
    assert_true(eid_id_equal(&key->path[0].tips.at[0], &tip1));
    assert_true(eid_slice_is(key->hint.name, "alice"));
    assert_null(eid_entry_malformed_reason(entry));
    assert_false(eid_entry_is_unsigned(entry));
    eid_entry_free(entry);
}

static void test_entry_decode__refuses_every_shortened_and_every_lengthened_example(void **state)
{
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        eid_buf bytes = bytes_of_hex(examples[i].hex);
        eid_entry *entry;

        for (size_t len = 0; len < bytes.len; len++) {
            assert_int_equal(eid_entry_decode(eid_slice_of(bytes.at, len), &entry),
                             EID_E_MALFORMED);
            assert_null(entry);
        }
        eid_buf_append_byte(&bytes, 0);
        assert_int_equal(eid_entry_decode(eid_buf_slice(&bytes), &entry), EID_E_MALFORMED);
        eid_buf_fini(&bytes);
    }
}

/* Whatever a flipped bit makes: refused, or an entry of exactly these bytes. */
static void test_entry_decode__survives_every_flipped_bit(void **state)
{
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        eid_buf bytes = bytes_of_hex(examples[i].hex);

        for (size_t bit = 0; bit < bytes.len * 8; bit++) {
            eid_entry *entry = NULL;

            bytes.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (eid_entry_decode(eid_buf_slice(&bytes), &entry) == EID_OK) {
                assert_true(eid_slice_equal(eid_entry_bytes(entry), eid_buf_slice(&bytes)));
            }
            eid_entry_free(entry);
            bytes.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        eid_buf_fini(&bytes);
    }
}

static void test_entry_decode__names_place_and_cause(void **state)
{
    eid_buf bytes = bytes_of_hex("a4625f7601637369670000");
    eid_entry *entry;
    eid_detail detail;

    assert_int_equal(eid_entry_decode(eid_buf_slice(&bytes), &entry), EID_E_MALFORMED);
    detail = eid_status_detail(EID_E_MALFORMED);
    assert_int_equal(detail.kind, EID_KIND_ENTRY_BYTES);
    assert_non_null(strstr(detail.text, "unsupported entry version"));
    eid_buf_fini(&bytes);
}

static void test_entry_decode__refuses_more_parents_than_the_limit(void **state)
{
    eid_buf bytes = bytes_of_hex("a363736967a1636b6579a166446972656374a16468696e74a06474726565a167"
                                 "706172656e7473");
    eid_entry *entry;

    eid_cbor_put_array(&bytes, EID_ENTRY_PARENTS_MAX + 1);
    for (unsigned i = 0; i < EID_ENTRY_PARENTS_MAX + 1; i++) eid_cbor_put_null(&bytes);
    eid_cbor_put_string(&bytes, "subtrees");
    eid_cbor_put_array(&bytes, 0);
    assert_int_equal(eid_entry_decode(eid_buf_slice(&bytes), &entry), EID_E_TOO_BIG);
    assert_int_equal(eid_status_detail(EID_E_TOO_BIG).kind, EID_KIND_ENTRY_TOO_BIG);
    eid_buf_fini(&bytes);
}

static void test_entry_decode__refuses_an_entry_of_more_than_a_mebibyte(void **state)
{
    uint8_t *bytes = eid_alloc(EID_ENTRY_BYTES_MAX + 1);
    eid_entry *entry;

    assert_int_equal(eid_entry_decode(eid_slice_of(bytes, EID_ENTRY_BYTES_MAX + 1), &entry),
                     EID_E_TOO_BIG);
    eid_free(bytes);
}

static void test_entry_decode_stored__notices_a_changed_bit(void **state)
{
    eid_buf bytes = bytes_of_hex(EXAMPLE_D_HEX);
    eid_entry *entry = decoded(EXAMPLE_D_HEX);
    eid_entry *stored = NULL;

    assert_int_equal(eid_entry_decode_stored(eid_buf_slice(&bytes), eid_entry_id(entry), &stored),
                     EID_OK);
    eid_entry_free(stored);
    bytes.at[bytes.len - 1] ^= 1;
    assert_int_equal(eid_entry_decode_stored(eid_buf_slice(&bytes), eid_entry_id(entry), &stored),
                     EID_E_CORRUPT);
    assert_null(stored);
    eid_entry_free(entry);
    eid_buf_fini(&bytes);
}

static void test_entry_json__reads_what_it_writes(void **state)
{
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        eid_entry *entry = decoded(examples[i].hex);
        eid_entry *back = NULL;
        eid_buf json;

        eid_buf_init(&json, EID_ENTRY_BYTES_MAX);
        assert_int_equal(eid_entry_to_json(entry, &json), EID_OK);
        assert_int_equal(eid_entry_from_json(eid_buf_slice(&json), &back), EID_OK);
        assert_bytes(eid_entry_bytes(back), examples[i].hex);
        eid_entry_free(back);
        eid_entry_free(entry);
        eid_buf_fini(&json);
    }
}

static void test_entry_to_json__writes_example_a_as_specified(void **state)
{
    eid_entry *entry = decoded(EXAMPLE_A_HEX);
    eid_buf json;

    eid_buf_init(&json, EID_ENTRY_BYTES_MAX);
    assert_int_equal(eid_entry_to_json(entry, &json), EID_OK);
    eid_buf_append_byte(&json, 0);
    assert_string_equal(
        json.at, "{\"tree\":{\"parents\":[],\"metadata\":[123,34,101,110,116,114,111,112,121,34,"
                 "58,52,50,125]},\"subtrees\":[{\"name\":\"_root\",\"parents\":[],\"data\":[]}],"
                 "\"sig\":{\"key\":{\"Direct\":{\"hint\":{}}}}}");
    eid_buf_fini(&json);
    eid_entry_free(entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entry_decode__reads_every_worked_example),
        cmocka_unit_test(test_entry_getters__show_example_e),
        cmocka_unit_test(test_entry_getters__show_a_global_hint_and_an_own_height),
        cmocka_unit_test(test_entry_getters__show_a_delegation_in_the_given_order),
        cmocka_unit_test(test_entry_decode__refuses_every_shortened_and_every_lengthened_example),
        cmocka_unit_test(test_entry_decode__survives_every_flipped_bit),
        cmocka_unit_test(test_entry_decode__names_place_and_cause),
        cmocka_unit_test(test_entry_decode__refuses_more_parents_than_the_limit),
        cmocka_unit_test(test_entry_decode__refuses_an_entry_of_more_than_a_mebibyte),
        cmocka_unit_test(test_entry_decode_stored__notices_a_changed_bit),
        cmocka_unit_test(test_entry_json__reads_what_it_writes),
        cmocka_unit_test(test_entry_to_json__writes_example_a_as_specified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
