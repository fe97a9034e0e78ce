/* it/data of spec 03's inventory, as far as a document alone can show it: path_operations,
 * value_editor, serialization, integration. Here a store is what an editor needs of one: a history
 * and what is staged over it; the same through databases is in tests/node. */
#include "crdt/editor.h"
#include "tests/crdt/inventory.h"

typedef struct store {
    eid_doc *history, *staged;
    eid_editor_target target;
} store;

static eid_status store_read(void *self, eid_doc **out)
{
    const store *s = self;
    eid_status status = eid_doc_copy(s->history, out);

    return status == EID_OK ? eid_doc_merge(*out, s->staged) : status;
}

static eid_status store_set_take(void *self, eid_slice path, eid_value *value)
{
    return eid_doc_set_take(((store *)self)->staged, path, value);
}

static eid_status store_replace_take(void *self, eid_doc **doc)
{
    store *s = self;

    eid_doc_free(s->staged);
    s->staged = *doc;
    *doc = NULL;
    return EID_OK;
}

static void store_init(store *s)
{
    *s = (store){.history = doc_new(), .staged = doc_new()};
    s->target = (eid_editor_target){s, store_read, store_set_take, store_replace_take};
}

/* What is staged becomes a payload and is merged as one: a commit. */
static void store_commit(store *s)
{
    eid_doc *payload = round_trip(s->staged);

    must(eid_doc_merge(s->history, payload));
    eid_doc_free(payload);
    eid_doc_free(s->staged);
    s->staged = doc_new();
}

static void store_fini(store *s)
{
    eid_doc_free(s->history);
    eid_doc_free(s->staged);
}

/* Up to four keys, NULL after the last. */
typedef struct keys {
    eid_editor links[6];
    const eid_editor *last;
} keys;

static const eid_editor *cursor(store *s, keys *k, const char *const *names)
{
    size_t depth = 0;

    k->links[0] = eid_editor_root(&s->target);
    for (; names[depth] != NULL; depth++) {
        k->links[depth + 1] = eid_editor_child(&k->links[depth], text(names[depth]));
    }
    return &k->links[depth];
}

#define AT(s, ...) cursor(s, &(keys){0}, (const char *const[]){__VA_ARGS__, NULL})
#define ROOT(s) cursor(s, &(keys){0}, (const char *const[]){NULL})

static void write_text(const eid_editor *editor, const char *string)
{
    must(eid_editor_set_text(editor, text(string)));
}

static void check_editor(const eid_editor *editor, const char *expected)
{
    eid_value value;

    must(eid_editor_get(editor, &value));
    check_text(&value, expected);
    eid_value_fini(&value);
}

static void check_fails(const eid_editor *editor, eid_kind kind)
{
    eid_value value;

    assert_string_equal(eid_kind_name(kind_of(eid_editor_get(editor, &value))),
                        eid_kind_name(kind));
    assert_int_equal(value.type, EID_VALUE_NULL);
}

static void check_type(const eid_editor *editor, eid_value_type type)
{
    eid_value value;

    must(eid_editor_get(editor, &value));
    assert_int_equal(value.type, type);
    eid_value_fini(&value);
}

/* -- path_operations.rs ------------------------------------------------------------------------ */

static void test_dict_set_at_path_and_get_at_path_simple(void **state)
{
    store s;

    store_init(&s);
    write_text(AT(&s, "key"), "value");
    check_editor(AT(&s, "key"), "value");
    store_commit(&s);
    check_editor(AT(&s, "key"), "value");
    store_fini(&s);
}

static void test_dict_set_at_path_and_get_at_path_nested(void **state)
{
    store s;

    store_init(&s);
    write_text(AT(&s, "user", "profile", "name"), "Alice");
    check_editor(AT(&s, "user", "profile", "name"), "Alice");
    store_commit(&s);
    check_editor(AT(&s, "user", "profile", "name"), "Alice");
    check_editor(AT(&s, "user.profile", "name"), "Alice"); /* a key with a dot is a path */
    store_fini(&s);
}

static void test_dict_set_at_path_and_get_at_path_creates_intermediate_maps(void **state)
{
    store s;

    store_init(&s);
    write_text(AT(&s, "a", "b", "c"), "deep");
    store_commit(&s);
    check_type(AT(&s, "a"), EID_VALUE_DOC);
    check_type(AT(&s, "a", "b"), EID_VALUE_DOC);
    check_editor(AT(&s, "a", "b", "c"), "deep");
    store_fini(&s);
}

static void test_dict_set_at_path_and_get_at_path_overwrites_non_map(void **state)
{
    store s;

    store_init(&s);
    write_text(AT(&s, "user"), "a text");
    store_commit(&s);
    write_text(AT(&s, "user", "name"), "Alice");
    check_editor(AT(&s, "user", "name"), "Alice");
    store_commit(&s);
    check_type(AT(&s, "user"), EID_VALUE_DOC);
    store_fini(&s);
}

static void test_dict_get_at_path_not_found(void **state)
{
    store s;

    store_init(&s);
    check_fails(AT(&s, "none"), EID_KIND_KEY_NOT_FOUND);
    write_text(AT(&s, "a", "b"), "x");
    check_fails(AT(&s, "a", "none"), EID_KIND_KEY_NOT_FOUND);
    check_fails(AT(&s, "none", "b"), EID_KIND_KEY_NOT_FOUND);
    must(eid_editor_delete(AT(&s, "a", "b")));
    check_fails(AT(&s, "a", "b"), EID_KIND_KEY_NOT_FOUND);
    store_fini(&s);
}

static void test_dict_get_at_path_invalid_intermediate_type(void **state)
{
    store s;

    store_init(&s);
    write_text(AT(&s, "text"), "x");
    set(s.staged, "list", value_list(list_new()));
    (void)push_text(eid_doc_get_mutable(s.staged, text("list"))->list, "element");
    check_fails(AT(&s, "text", "in"), EID_KIND_STORE_TYPE);
    check_fails(AT(&s, "list", "0"), EID_KIND_STORE_TYPE); /* keys enter docs only */
    store_commit(&s);
    check_fails(AT(&s, "text", "in", "side"), EID_KIND_STORE_TYPE);
    store_fini(&s);
}

static void test_dict_get_at_path_empty_path(void **state)
{
    store s;
    eid_value whole;

    store_init(&s);
    write_text(AT(&s, "old"), "o");
    store_commit(&s);
    write_text(AT(&s, "new"), "n");
    must(eid_editor_get(ROOT(&s), &whole));
    assert_int_equal(whole.type, EID_VALUE_DOC);
    check_text(at(whole.doc, "old"), "o");
    check_text(at(whole.doc, "new"), "n");
    eid_value_fini(&whole);
    store_fini(&s);
}

static void test_dict_set_at_path_empty_path(void **state)
{
    store s;
    eid_value whole = value_doc(doc_of("{\"children\":{\"only\":{\"Text\":\"this\"}}}"));
    eid_value leaf = value_text("no doc");

    store_init(&s);
    write_text(AT(&s, "committed"), "c");
    store_commit(&s);
    write_text(AT(&s, "staged"), "s");
    must(eid_editor_set_take(ROOT(&s), &whole));
    assert_int_equal(whole.type, EID_VALUE_NULL);
    check_fails(AT(&s, "staged"), EID_KIND_KEY_NOT_FOUND); /* what was staged is replaced, */
    check_editor(AT(&s, "committed"), "c");                /* the past stays */
    check_editor(AT(&s, "only"), "this");
    assert_int_equal(kind_of(eid_editor_set_take(ROOT(&s), &leaf)), EID_KIND_STORE_TYPE);
    check_text(&leaf, "no doc");
    eid_value_fini(&leaf);
    store_fini(&s);
}

static void test_dict_cascading_delete(void **state)
{
    store s;

    store_init(&s);
    write_text(AT(&s, "user", "profile", "name"), "Alice");
    write_text(AT(&s, "user", "mail"), "m");
    store_commit(&s);
    must(eid_editor_delete(AT(&s, "user", "profile")));
    check_fails(AT(&s, "user", "profile", "name"), EID_KIND_KEY_NOT_FOUND);
    check_editor(AT(&s, "user", "mail"), "m");
    must(eid_editor_delete(AT(&s, "user")));
    store_commit(&s);
    check_fails(AT(&s, "user", "mail"), EID_KIND_KEY_NOT_FOUND);
    check_fails(AT(&s, "user"), EID_KIND_KEY_NOT_FOUND);
    store_fini(&s);
}

static void test_path_operations_complex_scenarios(void **state)
{
    store s;

    store_init(&s);
    write_text(AT(&s, "a", "x"), "1");
    write_text(AT(&s, "a", "y"), "2");
    write_text(AT(&s, "b", "z"), "3");
    store_commit(&s);
    must(eid_editor_delete(AT(&s, "a", "x"))); /* a part of it */
    write_text(AT(&s, "a", "new"), "4");
    write_text(AT(&s, "b"), "a text now");
    store_commit(&s);
    check_fails(AT(&s, "a", "x"), EID_KIND_KEY_NOT_FOUND);
    check_editor(AT(&s, "a", "y"), "2");
    check_editor(AT(&s, "a", "new"), "4");
    check_editor(AT(&s, "b"), "a text now");
    check_fails(AT(&s, "b", "z"), EID_KIND_STORE_TYPE);
    store_fini(&s);
}

/* -- integration.rs ---------------------------------------------------------------------------- */

static void test_end_to_end_data_workflow(void **state)
{
    store s;

    store_init(&s);
    write_text(AT(&s, "users", "alice", "name"), "Alice");
    store_commit(&s);
    write_text(AT(&s, "users", "bob", "name"), "Bob");
    write_text(AT(&s, "users", "alice", "mail"), "a@example.org");
    store_commit(&s);
    must(eid_editor_delete(AT(&s, "users", "alice", "name")));
    store_commit(&s);
    check_payload(
        s.history,
        "{\"children\":{\"users\":{\"Doc\":{\"children\":{\"alice\":{\"Doc\":{\"children\""
        ":{\"mail\":{\"Text\":\"a@example.org\"},\"name\":\"Deleted\"}}},\"bob\":{\"Doc\":"
        "{\"children\":{\"name\":{\"Text\":\"Bob\"}}}}}}}}}");
    store_fini(&s);
}

static void test_mixed_operations_consistency(void **state)
{
    store s;

    store_init(&s);
    write_text(AT(&s, "a", "b"), "by an editor");
    check_text(at(s.staged, "a.b"), "by an editor");
    set_text(s.staged, "a.c", "by path");
    check_editor(AT(&s, "a", "c"), "by path");
    (void)drop(s.staged, "a.b");
    check_fails(AT(&s, "a", "b"), EID_KIND_KEY_NOT_FOUND);
    store_fini(&s);
}

static void test_merge_operations_with_editors(void **state)
{
    store one, two;

    store_init(&one);
    store_init(&two);
    write_text(AT(&one, "shared"), "one");
    write_text(AT(&one, "in", "one"), "1");
    write_text(AT(&two, "shared"), "two");
    write_text(AT(&two, "in", "two"), "2");
    store_commit(&one);
    store_commit(&two);
    must(eid_doc_merge(one.history, two.history));
    check_editor(AT(&one, "shared"), "two");
    check_editor(AT(&one, "in", "one"), "1");
    check_editor(AT(&one, "in", "two"), "2");
    store_fini(&one);
    store_fini(&two);
}

static void test_error_handling_across_apis(void **state)
{
    store s;
    eid_editor link, links[50];
    eid_value value = eid_value_of_int(1);

    store_init(&s);
    write_text(AT(&s, "leaf"), "x");
    check_fails(AT(&s, "none"), EID_KIND_KEY_NOT_FOUND);
    check_fails(AT(&s, "leaf", "in"), EID_KIND_STORE_TYPE);
    assert_int_equal(kind_of(eid_editor_delete(ROOT(&s))), EID_KIND_STORE_TYPE);
    assert_null(at(s.staged, "none"));
    link = eid_editor_root(&s.target);
    for (size_t i = 0; i < 50; i++) {
        links[i] = eid_editor_child(i == 0 ? &link : &links[i - 1], text("k"));
    }
    check_fails(&links[49], EID_KIND_KEY_NOT_FOUND);
    assert_int_equal(kind_of(eid_editor_set_take(&links[49], &value)), EID_KIND_CRDT_DEPTH);
    assert_int_equal(kind_of(eid_editor_set_take(&links[42], &value)), EID_KIND_CRDT_DEPTH);
    must(eid_editor_set_take(&links[41], &value));
    store_fini(&s);
}

static void test_performance_with_deep_nesting(void **state)
{
    store s;
    eid_editor links[41];
    eid_value value;

    store_init(&s);
    links[0] = eid_editor_root(&s.target);
    for (size_t i = 1; i < 41; i++) {
        links[i] = eid_editor_child(&links[i - 1], text("level"));
        must(eid_editor_get(&links[i - 1], &value));
        eid_value_fini(&value);
        value = eid_value_of_int((int64_t)i);
        must(eid_editor_set_take(&links[i], &value));
    }
    store_commit(&s);
    must(eid_editor_get(&links[40], &value));
    assert_true(eid_value_is_int(&value, 40));
    store_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dict_set_at_path_and_get_at_path_simple),
        cmocka_unit_test(test_dict_set_at_path_and_get_at_path_nested),
        cmocka_unit_test(test_dict_set_at_path_and_get_at_path_creates_intermediate_maps),
        cmocka_unit_test(test_dict_set_at_path_and_get_at_path_overwrites_non_map),
        cmocka_unit_test(test_dict_get_at_path_not_found),
        cmocka_unit_test(test_dict_get_at_path_invalid_intermediate_type),
        cmocka_unit_test(test_dict_get_at_path_empty_path),
        cmocka_unit_test(test_dict_set_at_path_empty_path),
        cmocka_unit_test(test_dict_cascading_delete),
        cmocka_unit_test(test_path_operations_complex_scenarios),
        cmocka_unit_test(test_end_to_end_data_workflow),
        cmocka_unit_test(test_mixed_operations_consistency),
        cmocka_unit_test(test_merge_operations_with_editors),
        cmocka_unit_test(test_error_handling_across_apis),
        cmocka_unit_test(test_performance_with_deep_nesting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
