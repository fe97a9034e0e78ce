/* Random edits of lists: two replicas edit and exchange what they did, and are the same whichever
 * side merges first; what is inserted lies strictly between its neighbours, however often that is
 * done at one spot and whatever positions peers have written. */
#include "crdt/payload.h"
#include "tests/support/test.h"

#define ROUNDS 300

static eid_random_seeded seeded;
static eid_random generator;

static size_t below(size_t bound)
{
    return (size_t)eid_random_below(&seeded, bound);
}

static void must(eid_status status)
{
    if (status != EID_OK) fail_msg("%s", eid_status_detail(status).text);
}

static int setup(void **state)
{
    seeded.state = 20260101;
    generator = eid_random_of_seeded(&seeded);
    return 0;
}

/* The position of the live element `index`; false past the end. */
static bool live_position(const eid_list *list, size_t index, eid_position *out)
{
    size_t at = 0;

    for (size_t i = 0; i < index; i++) (void)eid_list_next(list, &at, NULL);
    return eid_list_next(list, &at, out) != NULL;
}

static void check_between(const eid_list *list, size_t index, const eid_position *created)
{
    eid_position neighbour;

    assert_true(live_position(list, index, &neighbour));
    assert_true(eid_position_equal(&neighbour, created));
    if (index > 0) {
        assert_true(live_position(list, index - 1, &neighbour));
        assert_true(eid_position_compare(&neighbour, created) < 0);
    }
    if (live_position(list, index + 1, &neighbour)) {
        assert_true(eid_position_compare(created, &neighbour) < 0);
    }
}

static void add(eid_list *list, size_t index, int64_t number, bool pushes)
{
    eid_value value = eid_value_of_int(number);
    eid_position created;

    if (pushes)
        must(eid_list_push_take(list, &value, &generator, &created));
    else
        must(eid_list_insert_take(list, index, &value, &generator, &created));
    check_between(list, index, &created);
}

static void edit(eid_list *list, int64_t number)
{
    size_t live = eid_list_live(list), choice = below(8);
    eid_value value = eid_value_of_int(number);

    if (choice < 3 || live == 0) {
        add(list, live, number, true);
    } else if (choice < 6) {
        add(list, below(live + 1), number, false);
    } else if (choice == 6) {
        must(eid_list_set_take(list, below(live), &value, NULL));
    } else {
        must(eid_list_remove(list, below(live), NULL));
    }
}

static eid_list *copy_of(const eid_list *list)
{
    eid_list *copy = NULL;

    must(eid_list_copy(list, &copy));
    return copy;
}

/* What a replica adds is its own to set; of what was shared before, replica a (even numbers) may
 * delete. */
static void edit_own(eid_list *list, const eid_list *shared, int64_t number)
{
    size_t live = eid_list_live(list), index = live > 0 ? below(live) : 0;
    eid_value value = eid_value_of_int(number);
    eid_position position;

    if (live == 0 || below(3) > 0) {
        add(list, below(live + 1), number, false);
        return;
    }
    assert_true(live_position(list, index, &position));
    if (eid_list_find(shared, &position, NULL) == NULL)
        must(eid_list_set_take(list, index, &value, NULL));
    else if (number % 2 == 0) /* only one side deletes what is shared */
        must(eid_list_remove(list, index, NULL));
}

/* Both orders of merging give the same elements in the same order. Their values too, but for what
 * was shared: there the side that is merged in wins (spec 03 §6.2), which the fold settles below.
 */
static void check_converges(const eid_list *a, const eid_list *b, const eid_list *shared)
{
    eid_list *ab = copy_of(a), *ba = copy_of(b);

    must(eid_list_merge(ab, b));
    must(eid_list_merge(ba, a));
    assert_int_equal(eid_list_total(ab), eid_list_total(ba));
    for (size_t i = 0; i < eid_list_total(ab); i++) {
        eid_position one, two;
        const eid_value *left = eid_list_at(ab, i, &one), *right = eid_list_at(ba, i, &two);

        assert_true(eid_position_equal(&one, &two));
        if (eid_list_find(shared, &one, NULL) == NULL) assert_true(eid_value_equal(left, right));
    }
    eid_list_free(ab);
    eid_list_free(ba);
}

/* What a store does: both replicas fold the same deltas in the same order. */
static void check_folds(const eid_list *const *deltas, size_t count)
{
    eid_list *one = copy_of(deltas[0]), *two = copy_of(deltas[0]), *tail = copy_of(deltas[1]);

    for (size_t i = 1; i < count; i++) must(eid_list_merge(one, deltas[i]));
    for (size_t i = 2; i < count; i++) must(eid_list_merge(tail, deltas[i]));
    must(eid_list_merge(two, tail)); /* grouped otherwise: lists of leaves are associative */
    assert_true(eid_list_equal(one, two));
    eid_list_free(one);
    eid_list_free(two);
    eid_list_free(tail);
}

static void test_list_edit__replicas_converge_whichever_merges_first(void **state)
{
    for (int round = 0; round < ROUNDS; round++) {
        eid_list *shared = NULL, *a, *b;
        const eid_list *deltas[4];

        must(eid_list_new(&shared));
        for (size_t i = below(12); i > 0; i--) edit(shared, (int64_t)i);
        a = copy_of(shared);
        b = copy_of(shared);
        for (size_t i = below(12); i > 0; i--) edit_own(a, shared, (int64_t)(100 + 2 * i));
        for (size_t i = below(12); i > 0; i--) edit_own(b, shared, (int64_t)(201 + 2 * i));
        check_converges(a, b, shared);
        deltas[0] = shared;
        deltas[1] = a;
        deltas[2] = b;
        deltas[3] = a;
        check_folds(deltas, 4);
        eid_list_free(shared);
        eid_list_free(a);
        eid_list_free(b);
    }
}

/* Insertions always at one place of the live order, or next to the last one. */
static void check_crowding(size_t total, size_t (*next)(size_t count))
{
    eid_list *list = NULL;

    must(eid_list_new(&list));
    for (int64_t i = 0; i < 2; i++) add(list, (size_t)i, i, true);
    for (size_t i = 2; i < total; i++) add(list, next(i), (int64_t)i, false);
    assert_int_equal(eid_list_total(list), total);
    eid_list_free(list);
}

static size_t next_after_first(size_t count)
{
    return 1;
}

static size_t next_before_last(size_t count)
{
    return count - 1;
}

static size_t next_in_the_middle(size_t count)
{
    return count / 2;
}

static size_t next_anywhere(size_t count)
{
    return below(count + 1);
}

static void test_list_insert__finds_room_at_one_spot_again_and_again(void **state)
{
    check_crowding(400, next_after_first);
    check_crowding(400, next_before_last);
    check_crowding(400, next_anywhere);
    check_crowding(120, next_in_the_middle); /* the worst: in front of and behind, by turns */
}

static void test_list_insert__between_equal_fractions_is_parted_by_id(void **state)
{
    for (int round = 0; round < ROUNDS; round++) {
        eid_list *list = NULL;
        eid_position position = {.numerator = 1, .denominator = 1};

        must(eid_list_new(&list));
        for (int64_t i = 0; i < 3; i++) { /* as three replicas that push at once */
            eid_value value = eid_value_of_int(i);

            generator.fill(generator.self, position.unique, sizeof(position.unique));
            must(eid_list_put_take(list, &position, &value));
        }
        for (int64_t i = 0; i < 6; i++) add(list, 1 + below(2), i, false);
        eid_list_free(list);
    }
}

/* Any position that a peer may write, not of denominator 0. */
static eid_position wild_position(void)
{
    static const int64_t numerators[] = {INT64_MIN, INT64_MIN + 1, -1,       0,
                                         1,         INT64_MAX - 1, INT64_MAX};
    static const uint64_t denominators[] = {
        1, 2, 3, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX - 1, UINT64_MAX};
    eid_position position = {.numerator = numerators[below(7)],
                             .denominator = denominators[below(7)]};

    if (below(2) == 0) position.numerator = (int64_t)eid_random_next(&seeded);
    if (below(4) == 0) position.denominator = eid_random_next(&seeded) | 1;
    generator.fill(generator.self, position.unique, sizeof(position.unique));
    return position;
}

static void test_position_place__is_strictly_between_or_refused(void **state)
{
    size_t refused = 0;

    for (int round = 0; round < 20000; round++) {
        eid_position left = wild_position(), right = wild_position(), made;

        if (eid_position_compare(&left, &right) > 0) {
            made = left;
            left = right;
            right = made;
        }
        if (eid_position_place(&left, &right, &generator, &made) != EID_OK) {
            refused++;
            continue;
        }
        assert_true(eid_position_compare(&left, &made) < 0);
        assert_true(eid_position_compare(&made, &right) < 0);
        must(eid_position_place(NULL, &left, &generator, &made));
        assert_true(eid_position_compare(&made, &left) < 0);
        must(eid_position_place(&right, NULL, &generator, &made));
        assert_true(eid_position_compare(&made, &right) > 0);
    }
    if (refused > 200) fail_msg("%zu of 20000 places were refused", refused);
}

static void test_list_push__comes_last_whatever_was_there(void **state)
{
    for (int round = 0; round < ROUNDS; round++) {
        eid_list *list = NULL;

        must(eid_list_new(&list));
        for (size_t i = below(6); i > 0; i--) {
            eid_position position = wild_position();
            eid_value value = below(3) == 0 ? EID_VALUE_DELETED_INIT : eid_value_of_int(0);

            if (below(6) == 0) position.denominator = 0; /* never a neighbour */
            must(eid_list_put_take(list, &position, &value));
        }
        for (int64_t i = 0; i < 3; i++) {
            eid_value value = eid_value_of_int(i);
            size_t live = eid_list_live(list);

            must(eid_list_push_take(list, &value, &generator, NULL));
            assert_int_equal(eid_list_live(list), live + 1);
        }
        eid_list_free(list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_list_edit__replicas_converge_whichever_merges_first, setup),
        cmocka_unit_test_setup(test_list_insert__finds_room_at_one_spot_again_and_again, setup),
        cmocka_unit_test_setup(test_list_insert__between_equal_fractions_is_parted_by_id, setup),
        cmocka_unit_test_setup(test_position_place__is_strictly_between_or_refused, setup),
        cmocka_unit_test_setup(test_list_push__comes_last_whatever_was_there, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
