/* The small parts of an endpoint against plain models: the map of ids, the heap of timers, and the
 * bytes that wait for acknowledgement. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "dag/alloc.h"
#include "dag/random.h"
#include "transport/cidmap.h"
#include "transport/sendq.h"
#include "transport/timers.h"

#define KEYS 400

static void test_cidmap__behaves_like_a_table(void **state)
{
    eid_random_seeded chance = {5};
    eid_random random = eid_random_of_seeded(&chance);
    static int values[KEYS];
    bool is_in[KEYS] = {false};
    eid__cidmap map;

    eid__cidmap_init(&map, &random);
    for (int step = 0; step < 60000; step++) {
        size_t i = (size_t)eid_random_below(&chance, KEYS);
        uint8_t key[EID__CID_MAX] = {(uint8_t)i, (uint8_t)(i >> 8), 7};
        eid_slice slice = eid_slice_of(key, 3 + i % 18);

        if (eid_random_below(&chance, 2) == 0) {
            assert_int_equal(eid__cidmap_put(&map, slice, &values[i]), EID_OK);
            is_in[i] = true;
        } else {
            eid__cidmap_remove(&map, slice, &values[i]);
            is_in[i] = false;
        }
        i = (size_t)eid_random_below(&chance, KEYS);
        key[0] = (uint8_t)i;
        key[1] = (uint8_t)(i >> 8);
        slice = eid_slice_of(key, 3 + i % 18);
        assert_ptr_equal(eid__cidmap_find(&map, slice), is_in[i] ? &values[i] : NULL);
    }
    eid__cidmap_fini(&map);
}

static void test_cidmap__removes_only_what_belongs_to_the_caller(void **state)
{
    eid__cidmap map;
    int mine, theirs;

    eid__cidmap_init(&map, eid_random_system());
    eid__cidmap_remove(&map, eid_slice_text("id"), &mine);
    assert_int_equal(eid__cidmap_put(&map, eid_slice_text("id"), &theirs), EID_OK);
    eid__cidmap_remove(&map, eid_slice_text("id"), &mine);
    assert_ptr_equal(eid__cidmap_find(&map, eid_slice_text("id")), &theirs);
    assert_null(eid__cidmap_find(&map, EID_SLICE_EMPTY));
    assert_null(eid__cidmap_find(&map, eid_slice_text("an id that is longer than any")));
    eid__cidmap_fini(&map);
}

static void test_timers__come_in_order_whatever_is_moved(void **state)
{
    eid_random_seeded chance = {6};
    eid__timers timers = {0};
    static eid__timer all[100];
    uint64_t last = 0;
    eid__timer *timer;

    memset(all, 0, sizeof all);
    assert_int_equal(eid__timers_reserve(&timers, 100), EID_OK);
    for (int step = 0; step < 20000; step++) {
        eid__timer *at = &all[eid_random_below(&chance, 100)];
        uint64_t due =
            eid_random_below(&chance, 5) == 0 ? UINT64_MAX : eid_random_below(&chance, 1000);

        eid__timers_set(&timers, at, due);
        due = UINT64_MAX;
        for (int i = 0; i < 100; i++) {
            if (all[i].place > 0 && all[i].due_ns < due) due = all[i].due_ns;
        }
        assert_true(eid__timers_due(&timers) == due);
    }
    assert_null(eid__timers_pop(&timers, 0));
    while ((timer = eid__timers_pop(&timers, 2000))) {
        assert_true(timer->due_ns >= last);
        last = timer->due_ns;
    }
    assert_true(eid__timers_due(&timers) == UINT64_MAX);
    eid__timers_fini(&timers);
}

static uint8_t byte_at(uint64_t offset)
{
    return (uint8_t)(offset * 31 + (offset >> 8));
}

/* Push, send and acknowledge by chance; what is peeked are always the bytes of those offsets. */
static void test_sendq__gives_every_byte_once_and_in_order(void **state)
{
    eid_random_seeded chance = {7};
    static uint8_t bytes[200000];
    eid__sendq queue = {0};

    for (int step = 0; step < 3000; step++) {
        eid_slice pieces[4];
        size_t len = (size_t)eid_random_below(&chance, step % 50 == 0 ? sizeof bytes : 2000);
        uint64_t offset = queue.sent, sent;

        for (size_t i = 0; i < len; i++) bytes[i] = byte_at(queue.end + i);
        assert_int_equal(eid__sendq_push(&queue, eid_slice_of(bytes, len)), EID_OK);
        for (size_t n = eid__sendq_peek(&queue, pieces, 4), i = 0; i < n; i++) {
            for (size_t at = 0; at < pieces[i].len; at++) {
                assert_int_equal(pieces[i].at[at], byte_at(offset++));
            }
        }
        sent = eid_random_below(&chance, queue.end - queue.sent + 1);
        eid__sendq_sent(&queue, (size_t)sent);
        eid__sendq_acked(&queue,
                         queue.acked + eid_random_below(&chance, queue.sent - queue.acked + 1));
        eid__sendq_acked(&queue, queue.acked);
    }
    eid__sendq_sent(&queue, (size_t)(queue.end - queue.sent));
    assert_false(eid__sendq_has_unsent(&queue));
    eid__sendq_acked(&queue, queue.end);
    assert_int_equal(eid__sendq_unacked(&queue), 0);
    assert_null(queue.head);
    eid__sendq_fini(&queue);
}

static void test_sendq__is_unchanged_without_memory(void **state)
{
    static uint8_t bytes[200000];
    eid__sendq queue = {0};

    assert_int_equal(eid__sendq_push(&queue, eid_slice_of(bytes, 10)), EID_OK);
    (void)eid_alloc_fail_at(2, true);
    assert_int_equal(eid__sendq_push(&queue, eid_slice_of(bytes, sizeof bytes)), EID_E_NO_MEMORY);
    (void)eid_alloc_fail_at(0, false);
    assert_int_equal(eid__sendq_unacked(&queue), 10);
    assert_int_equal(eid__sendq_push(&queue, eid_slice_of(bytes, sizeof bytes)), EID_OK);
    assert_int_equal(eid__sendq_unacked(&queue), sizeof bytes + 10);
    eid__sendq_fini(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cidmap__behaves_like_a_table),
        cmocka_unit_test(test_cidmap__removes_only_what_belongs_to_the_caller),
        cmocka_unit_test(test_timers__come_in_order_whatever_is_moved),
        cmocka_unit_test(test_sendq__gives_every_byte_once_and_in_order),
        cmocka_unit_test(test_sendq__is_unchanged_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
