/* New positions have random ids, and at some places ours differ from the reference's on purpose, so
 * each edit is done by ours on a copy of the list, checked, and then done again as recorded: the
 * next edit finds what the reference's found. Where ours may differ is decided by what lies around
 * the new element:
 *
 * - S4: between two live elements with tombstones among them, the reference counts these;
 * - spec 03 §5.3: a push after a fraction n/d goes to floor(n/d) + 1, the reference's to n + 1;
 * - S5: a midpoint that leaves 64 bits, or is on its way there (EID_POSITION_MIDPOINT_MAX). */
#include "tests/conformance/docs_list.h"

#include "tests/conformance/doc_case.h"

typedef struct list_run {
    eid_suite *suite;
    eid_list *list; /* as the reference has it */
    const json_t *op, *returns;
    size_t index;
} list_run;

/* "none" or {"some": value}; Deleted and NULL stand for none. */
static void check_option(const list_run *run, const eid_value *actual)
{
    const json_t *some = json_object_get(run->returns, "some");
    eid_value expected = EID_VALUE_NULL_INIT;
    bool has_one = actual != NULL && actual->type != EID_VALUE_DELETED;

    if (!eid_case_bool(run->suite, "something is there", some != NULL, has_one) || !has_one) return;
    if (eid_case_value_of(run->suite, some, &expected)) {
        (void)eid_case_value_equal(run->suite, "element", &expected, actual);
    }
    eid_value_fini(&expected);
}

static void op_get(const list_run *run)
{
    check_option(run, eid_list_get(run->list, run->index));
}

static void op_count(const list_run *run)
{
    bool total = strcmp(eid_get_text(run->op, "op"), "total_len") == 0;

    (void)eid_case_u64(run->suite, "count", (uint64_t)json_integer_value(run->returns),
                       total ? eid_list_total(run->list) : eid_list_live(run->list));
}

static void op_is_empty(const list_run *run)
{
    (void)eid_case_bool(run->suite, "is_empty", json_is_true(run->returns),
                        eid_list_total(run->list) == 0);
}

static void op_set(const list_run *run)
{
    eid_value value = EID_VALUE_DELETED_INIT, old = EID_VALUE_DELETED_INIT;
    bool removes = strcmp(eid_get_text(run->op, "op"), "remove") == 0;
    eid_status status;

    if (!removes && !eid_case_value_of(run->suite, json_object_get(run->op, "value"), &value)) {
        return;
    }
    status = removes ? eid_list_remove(run->list, run->index, &old)
                     : eid_list_set_take(run->list, run->index, &value, &old);
    if (json_is_object(run->returns)) {
        (void)eid_case_ok(run->suite, "edit", status);
    } else {
        (void)eid_case_error(run->suite, "out of range", "ListIndexOutOfBounds", status);
    }
    check_option(run, &old);
    eid_value_fini(&value);
    eid_value_fini(&old);
}

/* -- new elements ------------------------------------------------------------------------------ */

/* The place of a live element. */
static size_t place_of(const eid_list *list, size_t index)
{
    size_t at = 0;

    for (size_t i = 0; i <= index; i++) (void)eid_list_next(list, &at, NULL);
    return at - 1;
}

static bool is_midpoint_too_wide(const eid_list *list, size_t right)
{
    static const uint8_t unique[16] = {0};
    eid_position pair[2], middle;

    (void)eid_list_at(list, right - 1, &pair[0]);
    (void)eid_list_at(list, right, &pair[1]);
    return eid_position_between(&pair[0], &pair[1], unique, &middle) != EID_OK ||
           middle.denominator > EID_POSITION_MIDPOINT_MAX;
}

/* Whether the reference puts a new element elsewhere than we. */
static bool is_ours_elsewhere(const list_run *run, bool is_push)
{
    size_t live = eid_list_live(run->list), total = eid_list_total(run->list);
    eid_position last;

    if (is_push) {
        if (total == 0) return false;
        (void)eid_list_at(run->list, total - 1, &last);
        return last.denominator > 1; /* §5.3 */
    }
    if (run->index == 0 || run->index >= live) return false;
    if (place_of(run->list, run->index) != run->index ||
        place_of(run->list, run->index - 1) != run->index - 1) {
        return true; /* S4 */
    }
    return is_midpoint_too_wide(run->list, run->index); /* S5 */
}

static bool same_fraction(const eid_position *a, const eid_position *b)
{
    return a->numerator == b->numerator && a->denominator == b->denominator;
}

/* Ours is at the live index that was asked for, and where the reference has its own. */
static void check_created(const list_run *run, const eid_list *ours, const eid_position *created,
                          bool is_push)
{
    eid_position expected = {0}, twin = *created;
    size_t at = 0, index = is_push ? eid_list_live(ours) - 1 : run->index;

    if (!eid_case_bool(run->suite, "new one is there", true,
                       eid_list_find(ours, created, &at) != NULL)) {
        return;
    }
    (void)eid_case_u64(run->suite, "place of the live index", place_of(ours, index), at);
    if (!eid_case_position_of(run->suite, json_object_get(run->op, "created"), &expected)) return;
    if (is_ours_elsewhere(run, is_push)) return;
    (void)eid_case_bool(run->suite, "same fraction as recorded", true,
                        same_fraction(created, &expected));
    for (size_t i = 0; i < eid_list_total(ours); i++) {
        (void)eid_list_at(ours, i, &twin);
        memcpy(twin.unique, created->unique, sizeof(twin.unique));
        if (i != at && eid_position_compare(&twin, created) == 0) return; /* the id decided */
    }
    (void)eid_case_u64(run->suite, "at", eid_get_u64_text(run->op, "at"), at);
}

/* The same with the recorded position, for the edits that follow. */
static void add_as_recorded(const list_run *run, eid_value *value)
{
    eid_position position;

    if (!eid_case_position_of(run->suite, json_object_get(run->op, "created"), &position)) return;
    (void)eid_case_ok(run->suite, "recorded", eid_list_put_take(run->list, &position, value));
}

static void op_add(const list_run *run)
{
    bool is_push = strcmp(eid_get_text(run->op, "op"), "push") == 0;
    eid_value value = EID_VALUE_NULL_INIT, again = EID_VALUE_NULL_INIT;
    eid_list *ours = NULL;
    eid_position created;
    eid_status status;

    if (!eid_case_value_of(run->suite, json_object_get(run->op, "value"), &value) ||
        !eid_case_ok(run->suite, "copy", eid_value_copy(&value, &again)) ||
        !eid_case_ok(run->suite, "copy", eid_list_copy(run->list, &ours))) {
        goto done;
    }
    status = is_push
                 ? eid_list_push_take(ours, &value, eid_random_system(), &created)
                 : eid_list_insert_take(ours, run->index, &value, eid_random_system(), &created);
    if (eid_has(run->op, "error")) {
        (void)eid_case_error(run->suite, "insert", eid_get_text(run->op, "error"), status);
    } else if (eid_case_ok(run->suite, "add", status)) {
        if (is_push) {
            (void)eid_case_u64(run->suite, "index", (uint64_t)json_integer_value(run->returns),
                               eid_list_live(ours) - 1);
        }
        check_created(run, ours, &created, is_push);
        add_as_recorded(run, &again);
    }

done:
    eid_list_free(ours);
    eid_value_fini(&value);
    eid_value_fini(&again);
}

static void op_run_one(const list_run *run)
{
    static const struct {
        const char *name;
        void (*fn)(const list_run *run);
    } ops[] = {
        {"push", op_add}, {"insert", op_add}, {"set", op_set},           {"remove", op_set},
        {"get", op_get},  {"len", op_count},  {"is_empty", op_is_empty}, {"total_len", op_count},
    };
    const char *name = eid_get_text(run->op, "op");

    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        if (strcmp(ops[i].name, name) != 0) continue;
        ops[i].fn(run);
        return;
    }
    eid_case_fail(run->suite, "no check for the operation \"%s\"", name);
}

/* Its live elements and positions, one by one. */
static void check_elements(eid_suite *suite, const json_t *test, const eid_list *list)
{
    const json_t *live = eid_get_array(test, "live"), *positions = eid_get_array(test, "positions");

    (void)eid_case_u64(suite, "live", json_array_size(live), eid_list_live(list));
    (void)eid_case_u64(suite, "total", json_array_size(positions), eid_list_total(list));
    for (size_t i = 0; !eid_case_has_failed(suite) && i < json_array_size(live); i++) {
        eid_value expected;

        if (eid_case_value_of(suite, json_array_get(live, i), &expected)) {
            (void)eid_case_value_equal(suite, "element", &expected, eid_list_get(list, i));
        }
        eid_value_fini(&expected);
    }
    for (size_t i = 0; !eid_case_has_failed(suite) && i < json_array_size(positions); i++) {
        eid_position expected, actual;

        if (!eid_case_position_of(suite, json_array_get(positions, i), &expected)) break;
        (void)eid_list_at(list, i, &actual);
        (void)eid_case_bool(suite, "position", true, eid_position_equal(&expected, &actual));
    }
}

void eid_case_list(eid_suite *suite, const json_t *test)
{
    list_run run = {.suite = suite};
    eid_list *expected = eid_case_list_of(suite, json_object_get(test, "result"));
    size_t i;
    json_t *op;

    run.list = eid_case_list_of(suite, json_object_get(test, "start"));
    json_array_foreach(eid_get_array(test, "ops"), i, op)
    {
        if (run.list == NULL || eid_case_has_failed(suite)) break;
        run.op = op;
        run.returns = json_object_get(op, "returns");
        run.index = eid_has(op, "index") ? (size_t)eid_get_u64_text(op, "index") : 0;
        op_run_one(&run);
    }
    if (run.list != NULL && expected != NULL) {
        check_elements(suite, test, run.list);
        (void)eid_case_bool(suite, "result", true, eid_list_equal(expected, run.list));
    }
    eid_list_free(run.list);
    eid_list_free(expected);
}

/* -- positions --------------------------------------------------------------------------------- */

static int sign_of(int order)
{
    return (order > 0) - (order < 0);
}

/* S5: we refuse a midpoint that does not fit, where the reference wraps; what it then gives is
 * none, or lies outside. A wrapped one that happens to lie between proves nothing. */
static void check_refused(eid_suite *suite, const json_t *test, eid_status status)
{
    bool is_outside = json_integer_value(json_object_get(test, "left_vs_between")) != -1 ||
                      json_integer_value(json_object_get(test, "right_vs_between")) != 1;

    (void)eid_case_error(suite, "between", "ListOperationFailed", status);
    if (json_is_string(json_object_get(test, "between")) || is_outside) return;
    eid_case_skip(suite, "S5: refused, where the reference's wrapped midpoint lies between");
}

static void check_between(eid_suite *suite, const json_t *test, const eid_position *left,
                          const eid_position *right)
{
    const json_t *between = json_object_get(test, "between");
    eid_position middle, other = *right, expected = {0};
    eid_status status = eid_position_between(left, right, left->unique, &middle);

    if (status != EID_OK) {
        check_refused(suite, test, status);
        return;
    }
    if (json_is_string(between)) {
        eid_case_fail(suite, "between: expected no midpoint");
        return;
    }
    expected.numerator = json_integer_value(json_object_get(between, "numerator"));
    expected.denominator = eid_get_u64_text(between, "denominator");
    (void)eid_case_bool(suite, "numerator", true, expected.numerator == middle.numerator);
    (void)eid_case_u64(suite, "denominator", expected.denominator, middle.denominator);
    (void)eid_case_bool(suite, "left and between", true,
                        sign_of(eid_position_compare(left, &middle)) ==
                            json_integer_value(json_object_get(test, "left_vs_between")));
    memcpy(other.unique, middle.unique, sizeof(other.unique));
    (void)eid_case_bool(suite, "right and between", true,
                        sign_of(eid_position_compare(&other, &middle)) ==
                            json_integer_value(json_object_get(test, "right_vs_between")));
}

void eid_case_position(eid_suite *suite, const json_t *test)
{
    eid_position left, right;

    if (!eid_case_position_of(suite, json_object_get(test, "left"), &left) ||
        !eid_case_position_of(suite, json_object_get(test, "right"), &right)) {
        return;
    }
    (void)eid_case_bool(suite, "order", true,
                        sign_of(eid_position_compare(&left, &right)) ==
                            json_integer_value(json_object_get(test, "order")));
    (void)eid_case_bool(suite, "equal", eid_get_bool(test, "equal"),
                        eid_position_equal(&left, &right));
    check_between(suite, test, &left, &right);
}
