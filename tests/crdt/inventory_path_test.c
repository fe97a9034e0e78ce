/* crdt/doc/path.rs of spec 03's inventory: paths as texts, and paths that are built. */
#include "crdt/path.h"
#include "tests/crdt/inventory.h"

static eid_buf path_new(void)
{
    eid_buf path;

    eid_buf_init(&path, 4096);
    return path;
}

/* Ends the buffer. */
static void check_path(eid_buf *path, const char *expected)
{
    assert_int_equal(eid_buf_status(path), EID_OK);
    eid_buf_append_byte(path, 0);
    assert_string_equal((const char *)path->at, expected);
    eid_buf_fini(path);
}

static void check_normal(const char *input, const char *expected)
{
    eid_buf path = path_new();

    eid_path_normalize(text(input), &path);
    check_path(&path, expected);
}

static void check_built(const char *expected, size_t count, const char *const *parts)
{
    eid_buf path = path_new();

    must(eid_path_build(&path, parts, count));
    check_path(&path, expected);
}

#define CHECK_BUILT(expected, ...)                                                                 \
    check_built(expected, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                  \
                (const char *[]){__VA_ARGS__})

static void test_pathbuf_construction(void **state)
{
    eid_buf path = path_new();

    assert_int_equal(eid_path_parts(eid_buf_slice(&path)), 0);
    must(eid_path_push(&path, text("user")));
    assert_int_equal(eid_path_parts(eid_buf_slice(&path)), 1);
    must(eid_path_push(&path, text("profile")));
    must(eid_path_push(&path, text("name")));
    assert_int_equal(eid_path_parts(eid_buf_slice(&path)), 3);
    check_path(&path, "user.profile.name");
}

static void test_pathbuf_push(void **state)
{
    eid_buf path = path_new();

    must(eid_path_append(&path, text("user")));
    must(eid_path_append(&path, text("profile.name")));
    must(eid_path_append(&path, text(""))); /* nothing */
    check_path(&path, "user.profile.name");
}

static void test_pathbuf_push_normalization(void **state)
{
    eid_buf path = path_new();

    must(eid_path_append(&path, text(".user.")));
    must(eid_path_append(&path, text("..profile...name")));
    must(eid_path_append(&path, text("...")));
    check_path(&path, "user.profile.name");
}

static void test_pathbuf_parent(void **state)
{
    eid_slice part;

    assert_true(eid_path_parent(text("a.b.c"), &part));
    assert_true(eid_slice_is(part, "a.b"));
    assert_true(eid_path_parent(part, &part));
    assert_true(eid_slice_is(part, "a"));
    assert_false(eid_path_parent(part, &part));
    assert_false(eid_path_parent(EID_SLICE_EMPTY, &part));
    assert_true(eid_path_name(text("a.b.c"), &part));
    assert_true(eid_slice_is(part, "c"));
    assert_true(eid_path_name(text("a"), &part));
    assert_true(eid_slice_is(part, "a"));
    assert_false(eid_path_name(EID_SLICE_EMPTY, &part));
}

static void test_pathbuf_normalization(void **state)
{
    check_normal("user..profile", "user.profile");
    check_normal(".user.profile.", "user.profile");
    check_normal("...", "");
    check_normal("", "");
}

static void test_path_join(void **state)
{
    eid_buf path = path_new(), other = path_new();

    must(eid_path_join(&path, text("user")));
    must(eid_path_join(&path, text("profile.name")));
    check_path(&path, "user.profile.name");
    must(eid_path_join(&other, text("a")));
    must(eid_path_join(&other, text("b..c"))); /* as it is */
    check_path(&other, "a.b..c");
}

static void test_path_deref(void **state)
{
    eid_buf path = path_new();
    eid_slice component;
    eid_path walk;

    must(eid_path_append(&path, text("a.b"))); /* a built path is a text like any other */
    eid_path_init(&walk, eid_buf_slice(&path));
    assert_true(eid_path_next(&walk, &component));
    assert_true(eid_slice_is(component, "a"));
    assert_true(eid_path_next(&walk, &component));
    assert_true(eid_slice_is(component, "b"));
    assert_false(eid_path_next(&walk, &component));
    assert_int_equal(eid_path_count(eid_buf_slice(&path)), 2);
    check_path(&path, "a.b");
}

static void test_path_validation_success(void **state)
{
    static const char *const paths[] = {"user", "user.profile", "a.b.c.d", "user_1", "ü.ß", "0.1"};

    for (size_t i = 0; i < 6; i++) check_normal(paths[i], paths[i]);
}

static void test_path_normalization_behavior(void **state)
{
    static const char *const odd[] = {"", ".", "..", ".a", "a.", "a..b", " ", "a b", "a/b"};

    for (size_t i = 0; i < 9; i++) { /* never an error, and done once is done */
        eid_buf once = path_new(), twice = path_new();

        eid_path_normalize(text(odd[i]), &once);
        eid_path_normalize(eid_buf_slice(&once), &twice);
        assert_true(eid_slice_equal(eid_buf_slice(&once), eid_buf_slice(&twice)));
        eid_buf_fini(&once);
        eid_buf_fini(&twice);
    }
}

static void test_path_normalization(void **state)
{
    eid_doc *doc = doc_new();

    set_int(doc, "a..b", 1);
    check_int(at(doc, "a.b"), 1);
    check_int(at(doc, ".a.b."), 1);
    set_int(doc, ".top", 2);
    check_int(at(doc, "top"), 2);
    assert_null(at(doc, "..."));
    eid_doc_free(doc);
}

static void test_path_builder(void **state)
{
    eid_buf path = path_new();

    must(eid_path_push(&path, text("user")));
    assert_int_equal(kind_of(eid_path_push(&path, text("profile.name"))), EID_KIND_CRDT_PATH);
    must(eid_path_push(&path, text("bio")));
    check_path(&path, "user.bio");
}

static void test_from_str(void **state)
{
    check_normal("user.profile.name", "user.profile.name");
    assert_int_equal(eid_path_count(text("user.profile.name")), 3);
}

static void test_from_str_normalization(void **state)
{
    check_normal("..user...profile..", "user.profile");
    assert_int_equal(eid_path_count(text("..user...profile..")), 2);
    assert_int_equal(eid_path_count(text("..")), 0);
}

static void test_component_validation(void **state)
{
    eid_detail detail = eid_status_detail(eid_path_check_component(text("a.b")));

    assert_int_equal(detail.kind, EID_KIND_CRDT_PATH);
    assert_non_null(strstr(detail.text, "\"a.b\""));
    assert_non_null(strstr(detail.text, "components cannot"));
    must(eid_path_check_component(text("valid")));
    must(eid_path_check_component(EID_SLICE_EMPTY));
    must(eid_path_check_component(text("a b/c")));
}

static void test_display(void **state)
{
    assert_true(eid_slice_is(eid_path_display(text("a.b")), "a.b"));
    assert_true(eid_slice_is(eid_path_display(EID_SLICE_EMPTY), "(empty path)"));
}

static void test_path_macro_from_string(void **state)
{
    CHECK_BUILT("user.profile.name", "user.profile.name");
    CHECK_BUILT("user..profile", "user..profile"); /* a single literal is taken as it is */
}

static void test_path_macro_from_components(void **state)
{
    CHECK_BUILT("user.profile.name", "user", "profile", "name");
}

static void test_path_macro_mixed(void **state)
{
    CHECK_BUILT("user.profile.name.first", "user", "profile.name", "first");
    CHECK_BUILT("user.profile.name", "user.", "..profile.name");
}

static void test_path_macro_empty_and_edge_cases(void **state)
{
    check_built("", 0, NULL);
    CHECK_BUILT("", "");
    CHECK_BUILT("", "", "  ", "...");
    CHECK_BUILT("a.b", "", " a ", "\t", "b");
}

static void test_unified_macro_behavior(void **state)
{
    static const char *const one[] = {"a.b.c"}, *const three[] = {"a", "b", "c"};
    static const char *const two[] = {"a.b", "c"};

    check_built("a.b.c", 1, one);
    check_built("a.b.c", 2, two);
    check_built("a.b.c", 3, three);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pathbuf_construction),
        cmocka_unit_test(test_pathbuf_push),
        cmocka_unit_test(test_pathbuf_push_normalization),
        cmocka_unit_test(test_pathbuf_parent),
        cmocka_unit_test(test_pathbuf_normalization),
        cmocka_unit_test(test_path_join),
        cmocka_unit_test(test_path_deref),
        cmocka_unit_test(test_path_validation_success),
        cmocka_unit_test(test_path_normalization_behavior),
        cmocka_unit_test(test_path_normalization),
        cmocka_unit_test(test_path_builder),
        cmocka_unit_test(test_from_str),
        cmocka_unit_test(test_from_str_normalization),
        cmocka_unit_test(test_component_validation),
        cmocka_unit_test(test_display),
        cmocka_unit_test(test_path_macro_from_string),
        cmocka_unit_test(test_path_macro_from_components),
        cmocka_unit_test(test_path_macro_mixed),
        cmocka_unit_test(test_path_macro_empty_and_edge_cases),
        cmocka_unit_test(test_unified_macro_behavior),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
