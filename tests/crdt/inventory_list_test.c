/* it/crdt/list_tests.rs of spec 03's inventory: editing lists by index and by position. */
#include "tests/crdt/inventory.h"

static const uint8_t id_a[16] = {1};

static eid_position position(int64_t numerator, uint64_t denominator)
{
    eid_position made;

    must(eid_position_new(numerator, denominator, id_a, &made));
    return made;
}

/* The texts, pushed one after the other. New. */
static eid_list *list_of(const char *letters)
{
    eid_list *list = list_new();

    for (; *letters != 0; letters++) {
        const char one[] = {*letters, 0};

        (void)push_text(list, one);
    }
    return list;
}

/* What was there, as text; "(none)" after an index out of bounds. */
static void check_set(eid_list *list, size_t index, const char *value, const char *old)
{
    eid_value set_to = value != NULL ? value_text(value) : EID_VALUE_NULL_INIT, was = {0};
    eid_status status = value != NULL ? eid_list_set_take(list, index, &set_to, &was)
                                      : eid_list_remove(list, index, &was);

    if (old == NULL) {
        assert_int_equal(kind_of(status), EID_KIND_CRDT_LIST_INDEX);
    } else {
        must(status);
        check_text(&was, old);
    }
    eid_value_fini(&set_to);
    eid_value_fini(&was);
}

static void test_list_basic_operations(void **state)
{
    eid_list *list = list_new();

    assert_int_equal(eid_list_live(list), 0);
    assert_int_equal(eid_list_total(list), 0);
    assert_null(eid_list_get(list, 0));
    assert_int_equal(push_text(list, "a"), 0);
    assert_int_equal(push_text(list, "b"), 1);
    assert_int_equal(eid_list_live(list), 2);
    check_text(eid_list_get(list, 0), "a");
    check_text(eid_list_get(list, 1), "b");
    assert_null(eid_list_get(list, 2));
    eid_list_clear(list);
    assert_int_equal(eid_list_total(list), 0);
    assert_int_equal(push_text(list, "c"), 0);
    eid_list_free(list);
}

static void test_list_set_operations(void **state)
{
    eid_list *list = list_of("ab");
    eid_position before, after;

    (void)eid_list_at(list, 1, &before);
    check_set(list, 1, "B", "b");
    check_list(list, "a,B");
    (void)eid_list_at(list, 1, &after);
    assert_true(eid_position_equal(&before, &after));
    check_set(list, 2, "C", NULL);
    check_list(list, "a,B");
    eid_list_free(list);
}

static void test_list_remove_operations(void **state)
{
    eid_list *list = list_of("abc");

    check_set(list, 1, NULL, "b");
    check_list(list, "a,c");
    assert_int_equal(eid_list_total(list), 3);
    check_set(list, 1, NULL, "c"); /* live indexes */
    check_set(list, 1, NULL, NULL);
    check_set(list, 0, NULL, "a");
    assert_int_equal(eid_list_live(list), 0);
    assert_int_equal(eid_list_total(list), 3); /* not empty to those who merge it */
    eid_list_free(list);
}

static void test_list_iterators(void **state)
{
    eid_list *list = list_of("abc");
    const eid_value *value;
    eid_position left, right;
    size_t place = 0, seen = 0;

    must(eid_list_remove(list, 1, NULL));
    while ((value = eid_list_next(list, &place, &left)) != NULL) {
        check_text(value, seen == 0 ? "a" : "c");
        assert_ptr_equal(eid_list_find(list, &left, NULL), value);
        seen++;
    }
    assert_int_equal(seen, 2);
    for (size_t i = 1; i < eid_list_total(list); i++) {
        (void)eid_list_at(list, i - 1, &left);
        (void)eid_list_at(list, i, &right);
        assert_true(eid_position_compare(&left, &right) < 0);
    }
    must(eid_value_set_text(eid_list_get_mutable(list, 1), text("C")));
    check_list(list, "a,C");
    assert_null(eid_list_get_mutable(list, 2));
    eid_list_free(list);
}

static void test_list_from_iterator(void **state)
{
    static const char *const items[] = {"one", "two", "three"};
    eid_list *list = list_new();

    for (size_t i = 0; i < 3; i++) assert_int_equal(push_text(list, items[i]), i);
    check_list(list, "one,two,three");
    eid_list_free(list);
}

static void test_list_push_returns_index(void **state)
{
    eid_list *list = list_new();
    eid_position made;

    for (size_t i = 0; i < 10; i++) {
        eid_value value = eid_value_of_int((int64_t)i);

        must(eid_list_push_take(list, &value, eid_random_system(), &made));
        assert_int_equal(eid_list_live(list) - 1, i);
        assert_int_equal(made.numerator, i);
        assert_int_equal(made.denominator, 1);
        check_int(eid_list_find(list, &made, NULL), (int64_t)i);
    }
    eid_list_free(list);
}

static void test_list_push_different_types(void **state)
{
    eid_list *list = list_new();

    (void)push(list, EID_VALUE_NULL_INIT);
    (void)push(list, eid_value_of_bool(true));
    (void)push(list, eid_value_of_int(-7));
    (void)push_text(list, "t");
    (void)push(list, value_doc(doc_new()));
    assert_int_equal(push(list, value_list(list_new())), 5);
    for (size_t i = 0; i < 6; i++) {
        static const eid_value_type types[] = {EID_VALUE_NULL, EID_VALUE_BOOL, EID_VALUE_INT,
                                               EID_VALUE_TEXT, EID_VALUE_DOC,  EID_VALUE_LIST};

        assert_int_equal(eid_list_get(list, i)->type, types[i]);
    }
    eid_list_free(list);
}

static void test_list_push_after_removals(void **state)
{
    eid_list *list = list_of("abc");

    must(eid_list_remove(list, 2, NULL));
    must(eid_list_remove(list, 0, NULL));
    assert_int_equal(push_text(list, "d"), 1);
    check_list(list, "b,d");
    must(eid_list_remove(list, 0, NULL));
    must(eid_list_remove(list, 0, NULL));
    assert_int_equal(push_text(list, "e"), 0);
    check_list(list, "e");
    assert_int_equal(eid_list_total(list), 5);
    eid_list_free(list);
}

/* -- positions --------------------------------------------------------------------------------- */

static void test_list_insert_at_position(void **state)
{
    eid_list *list = list_new();
    eid_position half = position(1, 2), same = position(2, 4), other = position(7, 1);

    put_text(list, position(1, 1), "b");
    put_text(list, position(0, 1), "a");
    put_text(list, half, "between");
    check_list(list, "a,between,b");
    put_text(list, same, "replaced");
    check_list(list, "a,replaced,b");
    check_text(eid_list_find(list, &half, NULL), "replaced");
    must(eid_value_set_text(eid_list_find_mutable(list, &half), text("changed")));
    check_list(list, "a,changed,b");
    assert_null(eid_list_find(list, &other, NULL));
    must(eid_list_remove(list, 1, NULL));
    assert_int_equal(eid_list_find(list, &half, NULL)->type, EID_VALUE_DELETED);
    assert_true(eid_list_drop(list, &half)); /* physically */
    assert_false(eid_list_drop(list, &half));
    assert_int_equal(eid_list_total(list), 2);
    eid_list_free(list);
}

static void test_list_position_ordering(void **state)
{
    static const int order[] = {5, 2, 9, 0, 7, 1, 8, 3, 6, 4};
    eid_list *list = list_new();

    for (size_t i = 0; i < 10; i++) {
        const char digit[] = {(char)('0' + order[i]), 0};

        put_text(list, position(order[i], 3), digit);
    }
    check_list(list, "0,1,2,3,4,5,6,7,8,9");
    eid_list_free(list);
}

static void test_list_position_beginning_end(void **state)
{
    eid_list *list = list_new();

    put_text(list, eid_position_end(id_a), "last");
    put_text(list, eid_position_beginning(id_a), "first");
    put_text(list, position(1000, 7), "middle");
    check_list(list, "first,middle,last");
    (void)push_text(list, "after the end"); /* no whole number is left there, but ids are */
    check_list(list, "first,middle,last,after the end");
    eid_list_free(list);
}

/* -- inserting --------------------------------------------------------------------------------- */

static void test_list_insert_at_valid_indices(void **state)
{
    eid_list *list = list_new();

    insert_text(list, 0, "b");
    insert_text(list, 0, "a");
    insert_text(list, 2, "d");
    insert_text(list, 2, "c");
    check_list(list, "a,b,c,d");
    eid_list_free(list);
}

static void test_list_insert_at_beginning(void **state)
{
    eid_list *list = list_new();
    eid_position first;

    for (int i = 0; i < 5; i++) {
        const char digit[] = {(char)('0' + i), 0};

        insert_text(list, 0, digit);
        (void)eid_list_at(list, 0, &first);
        assert_int_equal(first.numerator, -i);
    }
    check_list(list, "4,3,2,1,0");
    eid_list_free(list);
}

static void test_list_insert_at_end(void **state)
{
    eid_list *list = list_of("a");

    insert_text(list, 1, "b");
    insert_text(list, 2, "c");
    check_list(list, "a,b,c");
    eid_list_free(list);
}

static void test_list_insert_mixed_with_push(void **state)
{
    eid_list *list = list_of("ac");

    insert_text(list, 1, "b");
    assert_int_equal(push_text(list, "e"), 3);
    insert_text(list, 3, "d");
    insert_text(list, 0, "_");
    assert_int_equal(push_text(list, "f"), 6);
    check_list(list, "_,a,b,c,d,e,f");
    eid_list_free(list);
}

static void test_list_insert_maintains_stable_ordering(void **state)
{
    eid_list *list = list_of("az");
    eid_position first, last, now;

    (void)eid_list_at(list, 0, &first);
    (void)eid_list_at(list, 1, &last);
    for (int i = 0; i < 200; i++) { /* beyond the midpoints of 64 bits */
        insert_text(list, 1, "m");
        check_text(eid_list_get(list, 1), "m");
    }
    (void)eid_list_at(list, 0, &now);
    assert_true(eid_position_equal(&now, &first));
    (void)eid_list_at(list, 201, &now);
    assert_true(eid_position_equal(&now, &last));
    eid_list_free(list);
}

static void test_list_insert_with_nested_values(void **state)
{
    eid_list *list = list_of("ab");
    eid_doc *doc = doc_new();
    eid_value value;

    set_text(doc, "name", "in the middle");
    value = value_doc(doc);
    must(eid_list_insert_take(list, 1, &value, eid_random_system(), NULL));
    assert_int_equal(value.type, EID_VALUE_NULL); /* taken */
    check_text(at(eid_list_get(list, 1)->doc, "name"), "in the middle");
    check_text(eid_list_get(list, 2), "b");
    eid_list_free(list);
}

static void test_list_insert_after_removals(void **state)
{
    eid_list *list = list_of("abcde");

    must(eid_list_remove(list, 1, NULL));
    must(eid_list_remove(list, 1, NULL)); /* a d e, two tombstones after a */
    insert_text(list, 1, "X");
    check_list(list, "a,X,d,e");
    insert_text(list, 2, "Y");
    check_list(list, "a,X,Y,d,e");
    must(eid_list_remove(list, 0, NULL));
    insert_text(list, 0, "Z");
    check_list(list, "Z,X,Y,d,e");
    must(eid_list_remove(list, 4, NULL));
    insert_text(list, 4, "W");
    check_list(list, "Z,X,Y,d,W");
    eid_list_free(list);
}

static void test_list_insert_index_out_of_bounds(void **state)
{
    eid_list *list = list_of("ab");
    eid_value value = value_text("x");
    eid_detail detail;

    detail = eid_status_detail(eid_list_insert_take(list, 3, &value, eid_random_system(), NULL));
    assert_int_equal(detail.kind, EID_KIND_CRDT_LIST_INDEX);
    assert_string_equal(detail.text, "list index 3 is out of bounds: the list holds 2");
    check_text(&value, "x");
    check_list(list, "a,b");
    must(eid_list_remove(list, 0, NULL)); /* live ones are what counts */
    assert_int_equal(eid_list_insert_take(list, 2, &value, eid_random_system(), NULL),
                     EID_E_INVALID);
    eid_value_fini(&value);
    eid_list_free(list);
}

static void test_list_error_integration(void **state)
{
    eid_list *list = list_new();
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status = eid_list_insert_take(list, 1, &value, eid_random_system(), NULL);
    eid_detail detail = eid_status_detail(status);

    assert_string_equal(eid_status_name(status), "INVALID");
    assert_string_equal(eid_kind_module(detail.kind), "crdt");
    assert_string_equal(eid_kind_label(detail.kind), "ListIndexOutOfBounds");
    eid_list_free(list);
}

/* -- merging ----------------------------------------------------------------------------------- */

static void test_list_merge(void **state)
{
    eid_list *left = list_of("ab"), *right = NULL;

    must(eid_list_copy(left, &right));
    (void)push_text(left, "left");
    check_set(right, 0, "A", "a");
    must(eid_list_remove(right, 1, NULL));
    insert_text(right, 0, "right");
    must(eid_list_merge(left, right));
    check_list(left, "right,A,left"); /* both additions, and of what is shared the right side */
    assert_int_equal(eid_list_total(left), 4);
    eid_list_free(left);
    eid_list_free(right);
}

static void test_list_merge_properties(void **state)
{
    eid_list *a = list_of("ab"), *b = NULL, *ab = NULL, *ba = NULL;

    must(eid_list_copy(a, &b));
    (void)push_text(a, "from a");
    (void)push_text(b, "from b");
    must(eid_list_copy(a, &ab));
    must(eid_list_copy(b, &ba));
    must(eid_list_merge(ab, b));
    must(eid_list_merge(ba, a));
    assert_true(eid_list_equal(ab, ba));
    assert_int_equal(eid_list_live(ab), 4);
    must(eid_list_merge(ab, b)); /* again */
    must(eid_list_merge(ab, a));
    assert_true(eid_list_equal(ab, ba));
    eid_list_free(a);
    eid_list_free(b);
    eid_list_free(ab);
    eid_list_free(ba);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_basic_operations),
        cmocka_unit_test(test_list_set_operations),
        cmocka_unit_test(test_list_remove_operations),
        cmocka_unit_test(test_list_iterators),
        cmocka_unit_test(test_list_from_iterator),
        cmocka_unit_test(test_list_push_returns_index),
        cmocka_unit_test(test_list_push_different_types),
        cmocka_unit_test(test_list_push_after_removals),
        cmocka_unit_test(test_list_insert_at_position),
        cmocka_unit_test(test_list_position_ordering),
        cmocka_unit_test(test_list_position_beginning_end),
        cmocka_unit_test(test_list_insert_at_valid_indices),
        cmocka_unit_test(test_list_insert_at_beginning),
        cmocka_unit_test(test_list_insert_at_end),
        cmocka_unit_test(test_list_insert_mixed_with_push),
        cmocka_unit_test(test_list_insert_maintains_stable_ordering),
        cmocka_unit_test(test_list_insert_with_nested_values),
        cmocka_unit_test(test_list_insert_after_removals),
        cmocka_unit_test(test_list_insert_index_out_of_bounds),
        cmocka_unit_test(test_list_error_integration),
        cmocka_unit_test(test_list_merge),
        cmocka_unit_test(test_list_merge_properties),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
