/* Ids: hashing, text, order, sets (spec 01 §1 and the table of §12.1). */
#include "dag/id.h"

#include "dag/alloc.h"
#include "dag/random.h"
#include "tests/dag/examples.h"

static eid_id parsed(const char *text)
{
    eid_id id;

    assert_int_equal(eid_id_parse(eid_slice_text(text), &id), EID_OK);
    return id;
}

static eid_id raw(const char *text)
{
    return eid_id_of_raw(eid_slice_text(text));
}

static void test_id_of_raw__gives_the_ids_of_the_specification(void **state)
{
    static const char *const rows[][2] = {
        {"", "bafkr4ifpcne3t5pzugtkaqcn5i3nzskjtpfslsnnyejlpte2spfoihzsmi"},
        {"hello world", "bafkr4igxjga67jykbseaxdmmdgc5a5o3zp3htom2l6mrjznk7fvyggu6eq"},
        {"test_root", "bafkr4igqtt5ykzofcpmtskna6wats3fsaqec6hxcqlvts2uxkqkhlo7l2e"},
        {"parent1", "bafkr4idfaehtjf7dkyqhn4foohxrns3zy6l2vxt3jlfilwdykuq2xgi5mu"},
        {"parent2", "bafkr4iad5vsfvw5w5epk77mli2bqlrkcwavtagaeqelby6cmqn6auegbnu"},
        {"sub_parent1", "bafkr4ifo6ardxf7okobs6vpopxbrsjje7jlyorjuzpmjden45zezefqwzq"},
        {"aaa", "bafkr4ibqyd44nilh7qvjckc4qw7h5i2bk2ntwop4yx3x7u2fgtfn5fy5ea"},
        {"bbb", "bafkr4id6pkc6iyiz3mx76lcjmm77uurrn2cmd2i3holht5zqcbg5aotjmq"}};
    eid_id empty_map = eid_id_of_entry(eid_slice_of("\xa0", 1));

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        eid_id id = raw(rows[i][0]);

        assert_string_equal(eid_id_str(&id), rows[i][1]);
    }
    assert_string_equal(eid_id_str(&empty_map),
                        "bafyr4ia7stf7ge5tzyrsk6tskhva7sk2erkw5jqr4t4pi5pfjglrxlw3ai");
}

static void test_id_of_raw__makes_a_merge_cache_id(void **state)
{
    eid_id id = raw("merge:bafyr4iegcu4p4w4knkxaymfxjoks5qtn4q5qmn6dktyqrj7bbs4w2u3mqm:"
                    "bafyr4igigp4ptyuuzzytdocv6qs7qk3wanuv6j3vrx7nf6w44xsif5wbbe");

    assert_string_equal(eid_id_str(&id),
                        "bafkr4ieulv26hfnzccrhjdu2hjww4om5hrbjf5tv4hrsasdo6wae6i525m");
}

static void test_id_parse__reads_the_id_of_the_documentation(void **state)
{
    eid_id id = parsed("bafyr4ihkr4ld3m4gqkjf4reryxsy2s5tkbxprqkow6fin2iiyvreuzzab4");

    assert_bytes(eid_id_slice(&id),
                 "01711e20ea8f163db38682925e4491c5e58d4bb3506ef8c14eb78a86e908c5624a67200f");
}

static void test_id_parse__takes_empty_text_as_the_empty_id(void **state)
{
    eid_id id = parsed("");

    assert_true(eid_id_is_empty(&id));
    assert_string_equal(eid_id_str(&id), "");
    assert_true(eid_id_hash(&id) == 0);
}

static void test_id_parse__refuses_what_is_no_id(void **state)
{
    static const char *const bad[] = {
        "b",
        "not-a-valid-cid",
        "/ipfs/",
        " b",
        "12345",
        "bafyr4ia7stf7ge5tzyrsk6tskhva7sk2erkw5jqr4t4pi5pfjglrxlw3aj",
        "bafyr4ia7stf7ge5tzyrsk6tskhva7sk2erkw5jqr4t4pi5pfjglrxlw3ai\n",
        "bafyr4ia7stf7ge5tzyrsk6tskhva7sk2erkw5jqr4t4pi5pfjg"};
    char huge[5000];
    eid_id id;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(eid_id_parse(eid_slice_text(bad[i]), &id), EID_E_MALFORMED);
        assert_int_equal(eid_status_detail(EID_E_MALFORMED).kind, EID_KIND_ID_FORMAT);
    }
    memset(huge, 'b', sizeof huge);
    assert_int_equal(eid_id_parse(eid_slice_of(huge, sizeof huge), &id), EID_E_MALFORMED);
}

static void test_id_from_bytes__refuses_long_varints_and_short_digests(void **state)
{
    static const char *const bad[] = {"",
                                      "01",
                                      "0171",
                                      "01711e",
                                      "01711e20ff",
                                      "02711e00",
                                      "0171ff001e00",
                                      "01711e41",
                                      "00711e00",
                                      "1220ffff",
                                      "01ffffffffffffffffff021e00"};
    eid_id id;
    size_t used;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        eid_buf bytes = bytes_of_hex(bad[i]);

        assert_int_equal(eid_id_from_bytes(eid_buf_slice(&bytes), &id, &used), EID_E_MALFORMED);
        eid_buf_fini(&bytes);
    }
}

static void test_id_from_bytes__tells_how_much_it_used(void **state)
{
    eid_buf bytes = bytes_of_hex("01ffffffffffffffffff011e02aabbcc");
    eid_id id;
    eid_id_parts parts;
    size_t used;

    assert_int_equal(eid_id_from_bytes(eid_buf_slice(&bytes), &id, &used), EID_OK);
    assert_int_equal(used, 15);
    eid_id_parts_of(&id, &parts);
    assert_true(parts.codec == UINT64_MAX);
    assert_bytes(parts.digest, "aabb");
    eid_buf_fini(&bytes);
}

static void test_id_compare__follows_kind_then_size_then_digest(void **state)
{
    static const char *const ascending[] = {
        "01551e20ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "01711220ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "01711e14ffffffffffffffffffffffffffffffffffffffff",
        "01711e200000000000000000000000000000000000000000000000000000000000000000",
        "01711e200000000000000000000000000000000000000000000000000000000000000001"};
    eid_id before = EID_ID_EMPTY;

    for (size_t i = 0; i < sizeof ascending / sizeof ascending[0]; i++) {
        eid_buf bytes = bytes_of_hex(ascending[i]);
        eid_id id;

        assert_int_equal(eid_id_from_bytes(eid_buf_slice(&bytes), &id, NULL), EID_OK);
        assert_true(eid_id_compare(&before, &id) < 0);
        assert_true(eid_id_compare(&id, &before) > 0);
        assert_int_equal(eid_id_compare(&id, &id), 0);
        before = id;
        eid_buf_fini(&bytes);
    }
}

static void test_id_compare__is_not_the_order_of_the_texts(void **state)
{
    eid_id x5 = raw("x5"), x7 = raw("x7");

    assert_true(eid_id_compare(&x7, &x5) < 0);
    assert_true(strcmp(eid_id_str(&x5), eid_id_str(&x7)) < 0);
}

static void test_id_format__reads_back_for_random_ids(void **state)
{
    eid_random_seeded seeded = {7};

    for (size_t i = 0; i < 500; i++) {
        uint64_t word = eid_random_next(&seeded);
        eid_slice data = eid_slice_of(&word, sizeof word);
        eid_id id = eid_id_of(data, eid_random_next(&seeded) >> (i % 64),
                              i % 2 ? EID_HASHCODE_BLAKE3 : EID_HASHCODE_SHA256);
        eid_id back = parsed(eid_id_str(&id));

        assert_true(eid_id_equal(&id, &back));
    }
}

static void test_idset__stays_sorted_without_repeats(void **state)
{
    eid_id ids[] = {raw("a"), raw("b"), raw("c"), raw("a")};
    eid_idset set = EID_IDSET_EMPTY, other = EID_IDSET_EMPTY;

    for (size_t i = 0; i < 4; i++) assert_int_equal(eid_idset_add(&set, &ids[i]), EID_OK);
    assert_int_equal(set.count, 3);
    assert_true(eid_id_compare(&set.at[0], &set.at[1]) < 0);
    assert_true(eid_id_compare(&set.at[1], &set.at[2]) < 0);
    assert_int_equal(eid_idset_assign(&other, (eid_ids){ids, 4}), EID_OK);
    assert_true(eid_idset_equal(&set, &other));
    eid_idset_remove(&set, &ids[1]);
    assert_false(eid_idset_has(&set, &ids[1]));
    assert_true(eid_idset_has(&set, &ids[2]));
    assert_false(eid_idset_equal(&set, &other));
    eid_idset_fini(&set);
    eid_idset_fini(&other);
}

static void test_idset_add__without_memory_changes_nothing(void **state)
{
    eid_idset set = EID_IDSET_EMPTY;
    eid_id id = raw("a");

    eid_alloc_fail_at(1, false);
    assert_int_equal(eid_idset_add(&set, &id), EID_E_NO_MEMORY);
    assert_int_equal(set.count, 0);
    eid_alloc_fail_at(0, false);
    eid_idset_fini(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_id_of_raw__gives_the_ids_of_the_specification),
        cmocka_unit_test(test_id_of_raw__makes_a_merge_cache_id),
        cmocka_unit_test(test_id_parse__reads_the_id_of_the_documentation),
        cmocka_unit_test(test_id_parse__takes_empty_text_as_the_empty_id),
        cmocka_unit_test(test_id_parse__refuses_what_is_no_id),
        cmocka_unit_test(test_id_from_bytes__refuses_long_varints_and_short_digests),
        cmocka_unit_test(test_id_from_bytes__tells_how_much_it_used),
        cmocka_unit_test(test_id_compare__follows_kind_then_size_then_digest),
        cmocka_unit_test(test_id_compare__is_not_the_order_of_the_texts),
        cmocka_unit_test(test_id_format__reads_back_for_random_ids),
        cmocka_unit_test(test_idset__stays_sorted_without_repeats),
        cmocka_unit_test(test_idset_add__without_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
