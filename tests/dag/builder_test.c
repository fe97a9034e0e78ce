/* Builder: example B from its parts in any order, the rules of spec 01 §8, signatures, limits. */
#include "dag/builder.h"

#include "dag/alloc.h"
#include "dag/cbor.h"
#include "tests/dag/examples.h"

static eid_id raw(const char *text)
{
    return eid_id_of_raw(eid_slice_text(text));
}

static void must(eid_status status)
{
    if (status != EID_OK) fail_msg("%s", eid_status_detail(status).text);
}

static eid_builder *child(void)
{
    eid_id root = raw("test_root"), parent = raw("parent1");
    eid_builder *builder;

    must(eid_builder_new(&root, &builder));
    must(eid_builder_add_parent(builder, &parent));
    return builder;
}

/* Seal and give the kind of the failure; on success the entry is dropped. */
static eid_kind sealed_kind(eid_builder *builder)
{
    eid_entry *entry = NULL;
    eid_status status = eid_builder_seal(builder, NULL, NULL, &entry);

    eid_entry_free(entry);
    return status == EID_OK ? EID_KIND_NONE : eid_status_detail(status).kind;
}

static void test_builder_seal__sorts_and_dedups_to_example_b(void **state)
{
    eid_id sub_parent = raw("sub_parent1"),
           parents[] = {raw("parent1"), raw("parent2"), raw("parent1")};
    eid_builder *builder = child();
    eid_entry *entry;

    must(eid_builder_set_data(builder, eid_slice_text("subtree2"), eid_slice_text("data2")));
    must(eid_builder_add_store_parent(builder, eid_slice_text("subtree1"), &sub_parent));
    must(eid_builder_add_store_parent(builder, eid_slice_text("subtree1"), &sub_parent));
    must(eid_builder_set_data(builder, eid_slice_text("subtree1"), eid_slice_text("old")));
    must(eid_builder_set_data(builder, eid_slice_text("subtree1"), eid_slice_text("data1")));
    must(eid_builder_set_parents(builder, (eid_ids){parents, 3}));
    assert_true(eid_slice_is(eid_builder_store(builder, 0)->name, "subtree2"));
    for (int twice = 0; twice < 2; twice++) {
        must(eid_builder_seal(builder, NULL, NULL, &entry));
        assert_bytes(eid_entry_bytes(entry), EXAMPLE_B_HEX);
        eid_entry_free(entry);
    }
    eid_builder_free(builder);
}

static void test_builder_seal__refuses_in_the_order_of_the_rules(void **state)
{
    eid_id empty = EID_ID_EMPTY, parent = raw("parent1");
    eid_builder *builder = child();

    must(eid_builder_set_data(builder, eid_slice_text(""), eid_slice_text("x")));
    assert_int_equal(sealed_kind(builder), EID_KIND_ENTRY_STRUCTURE);
    assert_non_null(strstr(eid_status_detail(EID_E_MALFORMED).text, "empty name"));
    eid_builder_remove_store(builder, eid_slice_text(""));
    must(eid_builder_add_store_parent(builder, eid_slice_text("s"), &empty));
    assert_int_equal(sealed_kind(builder), EID_KIND_ENTRY_STRUCTURE);
    assert_non_null(strstr(eid_status_detail(EID_E_MALFORMED).text, "\"s\""));
    must(eid_builder_touch(builder, eid_slice_text(EID_STORE_ROOT)));
    assert_int_equal(sealed_kind(builder), EID_KIND_ENTRY_STRUCTURE);
    assert_non_null(
        strstr(eid_status_detail(EID_E_MALFORMED).text, "has _root marker but also has parents"));
    eid_builder_remove_store(builder, eid_slice_text(EID_STORE_ROOT));
    eid_builder_remove_store(builder, eid_slice_text("s"));
    must(eid_builder_set_parents(builder, (eid_ids){NULL, 0}));
    assert_int_equal(sealed_kind(builder), EID_KIND_ENTRY_STRUCTURE);
    assert_non_null(strstr(eid_status_detail(EID_E_MALFORMED).text, "empty main tree parents"));
    must(eid_builder_add_parent(builder, &parent));
    must(eid_builder_add_parent(builder, &empty));
    assert_int_equal(sealed_kind(builder), EID_KIND_ENTRY_STRUCTURE);
    assert_non_null(strstr(eid_status_detail(EID_E_MALFORMED).text, "empty parent ID"));
    eid_builder_free(builder);
}

static void test_builder_seal__makes_a_root_entry(void **state)
{
    eid_builder *builder;
    eid_entry *entry;

    must(eid_builder_new(NULL, &builder));
    must(eid_builder_set_metadata(builder, eid_slice_text("{\"entropy\":42}")));
    must(eid_builder_set_data(builder, eid_slice_text(EID_STORE_ROOT), EID_SLICE_EMPTY));
    must(eid_builder_seal(builder, NULL, NULL, &entry));
    assert_bytes(eid_entry_bytes(entry), EXAMPLE_A_HEX);
    assert_true(eid_entry_is_root(entry));
    assert_true(eid_entry_is_unsigned(entry));
    assert_true(eid_entry_is_in_tree(entry, eid_entry_id(entry)));
    eid_entry_free(entry);
    eid_builder_free(builder);
}

/* Keeps the message, and signs it with bytes that count up. */
static eid_status sign_counting(void *self, eid_slice message, uint8_t signature[64])
{
    eid_buf *kept = self;

    eid_buf_append(kept, message);
    for (unsigned i = 0; i < 64; i++) signature[i] = (uint8_t)i;
    return EID_OK;
}

static eid_status sign_refusing(void *self, eid_slice message, uint8_t signature[64])
{
    return EID_FAIL(EID_KIND_AUTH_KEY_NOT_FOUND, "no key");
}

static void test_builder_seal__signs_what_the_entry_says_is_signed(void **state)
{
    eid_builder *builder = child();
    eid_sigkey key = {.hint = {.has_name = true, .name = eid_slice_text("ann")}};
    eid_entry *entry;
    eid_buf message, covered;
    eid_slice text;

    eid_buf_init(&message, 10000);
    eid_buf_init(&covered, 10000);
    must(eid_builder_set_sigkey(builder, &key));
    must(eid_builder_set_data(builder, eid_slice_text("s"), eid_slice_text("data")));
    must(eid_builder_seal(builder, sign_counting, &message, &entry));
    must(eid_entry_signing_bytes(entry, &covered));
    assert_true(eid_slice_equal(eid_buf_slice(&message), eid_buf_slice(&covered)));
    assert_true(eid_entry_signature(entry, &text));
    assert_true(eid_slice_has_prefix(text, eid_slice_text("AAECAwQF")));
    assert_int_equal(eid_entry_bytes(entry).len, message.len + 4 + 2 + 88);
    eid_entry_free(entry);
    assert_int_equal(eid_builder_seal(builder, sign_refusing, NULL, &entry), EID_E_NOT_FOUND);
    assert_null(entry);
    eid_buf_fini(&message);
    eid_buf_fini(&covered);
    eid_builder_free(builder);
}

static void test_builder_set_sigkey__copies_hint_and_path(void **state)
{
    eid_builder *builder = child();
    eid_id tips[] = {raw("tip2"), raw("tip1"), raw("tip2")};
    eid_delegation_step path[] = {{raw("tree"), {tips, 3}}};
    char name[] = "alice";
    eid_sigkey key = {.is_delegation = true, .path = path, .path_count = 1};
    eid_entry *entry;

    key.hint = (eid_hint){.has_name = true, .name = eid_slice_text(name), .has_pubkey = true};
    key.hint.pubkey[0] = 1; /* the identity point: a key without a text */
    must(eid_builder_set_sigkey(builder, &key));
    must(eid_builder_set_signature(builder, eid_slice_text("AA==")));
    memset(name, 'x', 5);
    memset(tips, 0, sizeof tips);
    must(eid_builder_seal(builder, NULL, NULL, &entry));
    assert_true(eid_slice_is(eid_entry_sigkey(entry)->hint.name, "alice"));
    assert_true(eid_slice_is(eid_entry_sigkey(entry)->hint.pubkey_text,
                             "ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    assert_int_equal(eid_entry_sigkey(entry)->path[0].tips.count, 3);
    eid_entry_free(entry);
    eid_builder_free(builder);
}

static void test_builder__heights_are_inherited_until_set(void **state)
{
    eid_builder *builder = child();
    uint64_t own = 0;

    must(eid_builder_touch(builder, eid_slice_text("s")));
    eid_builder_set_height(builder, 7);
    assert_true(eid_builder_find(builder, eid_slice_text("s"))->height == 7);
    must(eid_builder_set_store_height(builder, eid_slice_text("s"), &own));
    assert_true(eid_builder_find(builder, eid_slice_text("s"))->height == 0);
    must(eid_builder_set_store_height(builder, eid_slice_text("s"), NULL));
    assert_true(eid_builder_find(builder, eid_slice_text("s"))->height == 7);
    eid_builder_free(builder);
}

static void test_builder_seal__refuses_more_than_the_limits(void **state)
{
    eid_builder *builder = child();
    uint8_t *data = eid_alloc(EID_ENTRY_BYTES_MAX);

    must(eid_builder_set_data(builder, eid_slice_text("s"),
                              eid_slice_of(data, EID_ENTRY_BYTES_MAX)));
    assert_int_equal(sealed_kind(builder), EID_KIND_ENTRY_TOO_BIG);
    eid_builder_remove_store(builder, eid_slice_text("s"));
    for (unsigned i = 0; i < EID_ENTRY_STORES_MAX + 1; i++) {
        uint8_t name[2] = {(uint8_t)('a' + i / 26), (uint8_t)('a' + i % 26)};

        must(eid_builder_touch(builder, eid_slice_of(name, 2)));
    }
    assert_int_equal(sealed_kind(builder), EID_KIND_ENTRY_TOO_BIG);
    eid_free(data);
    eid_builder_free(builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_builder_seal__sorts_and_dedups_to_example_b),
        cmocka_unit_test(test_builder_seal__refuses_in_the_order_of_the_rules),
        cmocka_unit_test(test_builder_seal__makes_a_root_entry),
        cmocka_unit_test(test_builder_seal__signs_what_the_entry_says_is_signed),
        cmocka_unit_test(test_builder_set_sigkey__copies_hint_and_path),
        cmocka_unit_test(test_builder__heights_are_inherited_until_set),
        cmocka_unit_test(test_builder_seal__refuses_more_than_the_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
