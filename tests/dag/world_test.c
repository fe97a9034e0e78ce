/* What is handed in from the world: clocks, randomness; and where log lines go. */
#include <stdbool.h>
#include <string.h>

#include "dag/clock.h"
#include "dag/log.h"
#include "dag/random.h"
#include "tests/support/test.h"

static void test_clock_fixed__advances_unless_held(void **state)
{
    eid_clock_fixed fixed = {.now_ms = 5, .step_ms = 10};
    eid_clock clock = eid_clock_of_fixed(&fixed);

    assert_true(clock.wall_ms(clock.self) == 5);
    assert_true(clock.wall_ms(clock.self) == 15);
    fixed.held = 1;
    assert_true(clock.wall_ms(clock.self) == 25);
    assert_true(clock.wall_ms(clock.self) == 25);
    assert_true(clock.monotonic_ns(clock.self) == 25000000);
}

static void test_clock_system__goes_forward(void **state)
{
    const eid_clock *clock = eid_clock_system();
    uint64_t before = clock->monotonic_ns(clock->self);

    assert_true(clock->monotonic_ns(clock->self) >= before);
    assert_true(clock->wall_ms(clock->self) > UINT64_C(1600000000000));
}

static void test_clock_format__writes_0_or_3_digits(void **state)
{
    char text[40];

    eid_clock_format_rfc3339(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00+00:00");
    eid_clock_format_rfc3339(UINT64_C(1709210096007), text);
    assert_string_equal(text, "2024-02-29T12:34:56.007+00:00");
    eid_clock_format_rfc3339(UINT64_MAX, text);
    assert_true(strlen(text) < sizeof text);
}

static void test_random_seeded__repeats_and_stays_below(void **state)
{
    eid_random_seeded one = {0}, two = {0};
    uint8_t a[13], b[13];
    eid_random left = eid_random_of_seeded(&one), right = eid_random_of_seeded(&two);

    assert_true(eid_random_next(&one) == UINT64_C(0xe220a8397b1dcdaf)); /* of the paper's code */
    (void)eid_random_next(&two);
    left.fill(left.self, a, sizeof a);
    right.fill(right.self, b, sizeof b);
    assert_memory_equal(a, b, sizeof a);
    for (unsigned i = 0; i < 1000; i++) assert_true(eid_random_below(&one, 7) < 7);
}

static void test_random_uuid__is_of_version_4(void **state)
{
    char text[37], other[37];

    eid_random_uuid_text(eid_random_system(), text);
    eid_random_uuid_text(eid_random_system(), other);
    assert_int_equal(strlen(text), 36);
    assert_true(text[8] == '-' && text[13] == '-' && text[14] == '4' && text[23] == '-');
    assert_non_null(strchr("89ab", text[19]));
    assert_string_not_equal(text, other);
}

struct kept {
    int count;
    char event[32], fields[2048];
};

static void keep(void *self, eid_log_level level, const char *event, const char *fields)
{
    struct kept *kept = self;

    kept->count++;
    strncpy(kept->event, event, sizeof kept->event - 1);
    strncpy(kept->fields, fields, sizeof kept->fields - 1);
}

static void test_log__gives_one_clean_line_of_the_wanted_levels(void **state)
{
    struct kept kept = {0};

    eid_log_setup(EID_LOG_INFO, keep, &kept);
    eid_log_debug("not.wanted", "x=%d", 1);
    eid_log_info("peer.drop", "reason=%s", "a\nb");
    eid_log_error("long", "%*d", 3000, 1);
    eid_log_setup(EID_LOG_WARN, NULL, NULL);
    assert_int_equal(kept.count, 2);
    assert_string_equal(kept.event, "long");
    assert_int_equal(strlen(kept.fields), 1023);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_fixed__advances_unless_held),
        cmocka_unit_test(test_clock_system__goes_forward),
        cmocka_unit_test(test_clock_format__writes_0_or_3_digits),
        cmocka_unit_test(test_random_seeded__repeats_and_stays_below),
        cmocka_unit_test(test_random_uuid__is_of_version_4),
        cmocka_unit_test(test_log__gives_one_clean_line_of_the_wanted_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
