/* Streams between two nodes: what arrives, how much may wait, and how a stream ends. */
#include "tests/transport/nodes.h"

#define MEGABYTE 1000000u

static uint8_t pattern[MEGABYTE];

static int make_pattern(void **state)
{
    eid_random_seeded seeded = {99};
    eid_random random = eid_random_of_seeded(&seeded);

    (void)state;
    random.fill(random.self, pattern, sizeof pattern);
    return 0;
}

static int64_t node_send(node *n, eid_slice bytes, bool fin)
{
    int64_t stream;
    eid_status status = eid_endpoint_stream_open(n->endpoint, n->conn, &stream);

    assert_int_equal(status, EID_OK);
    assert_int_equal(eid_endpoint_stream_send(n->endpoint, n->conn, stream, bytes, fin), EID_OK);
    return stream;
}

static void transfer(uint64_t seed, bool backwards)
{
    const uint64_t want = hash_add(UINT64_C(0xcbf29ce484222325), pattern, sizeof pattern);
    nodes all;

    nodes_begin(&all, seed, 50000, 20000, 8 * MS); /* 5 % lost, 2 % twice, reordered */
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    node *from = backwards ? b : a, *to = backwards ? a : b;
    (void)node_send(from, eid_slice_of(pattern, sizeof pattern), true);
    nodes_until(&all, &to->fins, 1, 120 * SECOND);
    assert_int_equal(to->received, sizeof pattern);
    assert_true(to->hash == want);
    assert_int_equal(to->fins, 1);
    nodes_end(&all);
}

static void test_stream__a_megabyte_crosses_a_bad_network_each_way(void **state)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        transfer(seed, false);
        transfer(seed, true);
    }
}

static void test_stream__many_streams_are_kept_apart_and_all_end(void **state)
{
    nodes all;

    nodes_begin(&all, 1, 20000, 10000, 5 * MS);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    b->echoes = true;
    for (int i = 0; i < 200; i++) {
        (void)node_send(a, eid_slice_of(pattern, (size_t)(100 * i + 1)), true);
    }
    nodes_until(&all, &a->streams_closed, 200, 120 * SECOND);
    assert_int_equal(a->fins, 200);
    assert_int_equal(a->received, 100 * 199 * 200 / 2 + 200);
    nodes_run(&all, 5 * SECOND);
    assert_int_equal(b->streams_closed, 200);
    assert_int_equal(a->stream_code, 0);
    nodes_end(&all);
}

static void test_stream__the_peers_limit_of_streams_is_kept_and_renewed(void **state)
{
    nodes all;
    int64_t stream;

    nodes_begin(&all, 2, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    b->echoes = true;
    for (unsigned i = 0; i < EID_STREAMS_PER_CONNECTION; i++) {
        (void)node_send(a, eid_slice_text("x"), true);
    }
    assert_int_equal(eid_endpoint_stream_open(a->endpoint, a->conn, &stream), EID_E_AGAIN);
    nodes_until(&all, &a->streams_closed, EID_STREAMS_PER_CONNECTION, 20 * SECOND);
    nodes_run(&all, SECOND);
    for (unsigned i = 0; i < EID_STREAMS_PER_CONNECTION; i++) {
        (void)node_send(a, eid_slice_text("x"), true);
    }
    nodes_until(&all, &a->streams_closed, 2 * EID_STREAMS_PER_CONNECTION, 20 * SECOND);
    assert_int_equal(a->streams_closed, 2 * EID_STREAMS_PER_CONNECTION);
    nodes_end(&all);
}

/* A receiver that keeps its credit stops the sender; the sender is told, and told again. */
static void test_stream__a_slow_reader_stops_the_writer_and_lets_it_go_on(void **state)
{
    const eid_slice part = eid_slice_of(pattern, 100000);
    uint64_t sent = part.len;
    eid_status status;
    nodes all;

    nodes_begin(&all, 3, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    b->holds_back = true;
    int64_t stream = node_send(a, part, false);
    do {
        nodes_run(&all, SECOND);
        status = eid_endpoint_stream_send(a->endpoint, a->conn, stream, part, false);
        if (status == EID_OK) sent += part.len;
    } while (status == EID_OK);
    assert_int_equal(status, EID_E_AGAIN);
    nodes_run(&all, 10 * SECOND);
    assert_int_equal(b->received, EID_STREAM_WINDOW);
    assert_true(sent > EID_STREAM_WINDOW && sent <= EID_STREAM_WINDOW + EID_STREAM_SEND_MAX);
    assert_int_equal(eid_endpoint_stream_queued(a->endpoint, a->conn, stream),
                     sent - EID_STREAM_WINDOW);
    assert_int_equal(a->writable, 0);

    b->holds_back = false;
    eid_endpoint_consumed(b->endpoint, b->conn, b->last_stream, (size_t)b->unconsumed);
    nodes_run(&all, 10 * SECOND);
    assert_int_equal(a->writable, 1);
    assert_int_equal(b->received, sent);
    assert_int_equal(eid_endpoint_stream_send(a->endpoint, a->conn, stream, part, true), EID_OK);
    nodes_until(&all, &b->fins, 1, 10 * SECOND);
    assert_int_equal(b->received, sent + part.len);
    nodes_end(&all);
}

/* All streams together may not take more than the connection's credit, and what ended gives it
 * back. */
static void test_stream__unread_streams_share_the_connections_credit(void **state)
{
    nodes all;

    nodes_begin(&all, 4, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    int64_t streams[12];
    node_connect(a, b);
    b->holds_back = true;
    for (int i = 0; i < 12; i++) {
        streams[i] = node_send(a, eid_slice_of(pattern, sizeof pattern), false);
    }
    nodes_run(&all, 30 * SECOND);
    assert_int_equal(b->received, EID_CONNECTION_WINDOW);
    b->holds_back = false;
    for (int i = 0; i < 12; i++) {
        eid_endpoint_stream_reset(b->endpoint, b->conn, streams[i], 9);
    }
    nodes_until(&all, &a->streams_closed, 12, 30 * SECOND);
    assert_int_equal(a->streams_closed, 12);
    assert_int_equal(a->stream_code, 9);
    for (int i = 0; i < 12; i++) (void)node_send(a, eid_slice_of(pattern, sizeof pattern), true);
    nodes_until(&all, &b->fins, 12, 60 * SECOND);
    assert_int_equal(b->fins, 12);
    nodes_end(&all);
}

static void test_stream__a_reset_ends_both_directions_with_its_code(void **state)
{
    nodes all;

    nodes_begin(&all, 5, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    int64_t stream = node_send(a, eid_slice_text("half a request"), false);
    nodes_run(&all, SECOND);
    eid_endpoint_stream_reset(b->endpoint, b->conn, stream, 42);
    nodes_run(&all, SECOND);
    assert_int_equal(a->streams_closed, 1);
    assert_int_equal(b->streams_closed, 1);
    assert_int_equal(a->stream_code, 42);
    assert_int_equal(eid_endpoint_stream_send(a->endpoint, a->conn, stream, EID_SLICE_EMPTY, true),
                     EID_E_NOT_FOUND);
    assert_int_equal(a->closed + b->closed, 0);
    nodes_end(&all);
}

static void test_stream__nothing_follows_the_end(void **state)
{
    nodes all;

    nodes_begin(&all, 6, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    int64_t stream = node_send(a, EID_SLICE_EMPTY, true);
    assert_int_equal(
        eid_endpoint_stream_send(a->endpoint, a->conn, stream, eid_slice_text("x"), false),
        EID_E_NOT_FOUND);
    nodes_until(&all, &b->fins, 1, SECOND);
    assert_int_equal(b->fins, 1);
    assert_int_equal(b->received, 0);
    nodes_end(&all);
}

static void test_stream__more_at_once_than_ever_fits_is_an_error(void **state)
{
    static uint8_t much[EID_STREAM_SEND_MAX + 1];
    nodes all;

    nodes_begin(&all, 7, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    int64_t stream = node_send(a, eid_slice_text("x"), false);
    assert_int_equal(eid_endpoint_stream_send(a->endpoint, a->conn, stream,
                                              eid_slice_of(much, sizeof much), false),
                     EID_E_TOO_BIG);
    nodes_end(&all);
}

/* A short stream is not kept waiting by a long one. */
static void test_stream__streams_take_turns(void **state)
{
    nodes all;

    nodes_begin(&all, 8, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    (void)node_send(a, eid_slice_of(pattern, sizeof pattern), false);
    (void)node_send(a, eid_slice_of(pattern, 3000), true);
    nodes_until(&all, &b->fins, 1, 20 * SECOND);
    assert_int_equal(b->fins, 1);
    assert_true(b->received < 100000);
    nodes_end(&all);
}

static uint64_t run_traced(uint64_t seed)
{
    uint64_t trace;
    nodes all;

    nodes_begin(&all, seed, 50000, 20000, 8 * MS);
    node *a = nodes_add(&all), *b = nodes_add(&all), *c = nodes_add(&all);
    node_connect(a, b);
    node_connect(c, b);
    b->echoes = true;
    (void)node_send(a, eid_slice_of(pattern, 200000), true);
    (void)node_send(c, eid_slice_of(pattern, 100000), true);
    nodes_until(&all, &a->fins, 1, 60 * SECOND);
    nodes_until(&all, &c->fins, 1, 60 * SECOND);
    eid_endpoint_close(a->endpoint, a->conn, EID_CLOSE_NONE, NULL);
    nodes_run(&all, SECOND);
    node_connect(a, b); /* by a ticket, whose age is in the packets */
    eid_conn_stats stats;
    assert_int_equal(eid_endpoint_stats(a->endpoint, a->conn, &stats), EID_OK);
    assert_true(stats.is_resumed);
    trace = eid_simnet_trace(all.net);
    nodes_end(&all);
    return trace;
}

static void test_simnet__equal_seeds_give_equal_bytes(void **state)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        uint64_t first = run_traced(seed), second = run_traced(seed);

        if (first != second) {
            print_error("seed %d: %llx and %llx\n", (int)seed, (unsigned long long)first,
                        (unsigned long long)second);
        }
        assert_true(first == second);
    }
    assert_true(run_traced(1) != run_traced(2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream__a_megabyte_crosses_a_bad_network_each_way),
        cmocka_unit_test(test_stream__many_streams_are_kept_apart_and_all_end),
        cmocka_unit_test(test_stream__the_peers_limit_of_streams_is_kept_and_renewed),
        cmocka_unit_test(test_stream__a_slow_reader_stops_the_writer_and_lets_it_go_on),
        cmocka_unit_test(test_stream__unread_streams_share_the_connections_credit),
        cmocka_unit_test(test_stream__a_reset_ends_both_directions_with_its_code),
        cmocka_unit_test(test_stream__nothing_follows_the_end),
        cmocka_unit_test(test_stream__more_at_once_than_ever_fits_is_an_error),
        cmocka_unit_test(test_stream__streams_take_turns),
        cmocka_unit_test(test_simnet__equal_seeds_give_equal_bytes),
    };

    return cmocka_run_group_tests(tests, make_pattern, NULL);
}
