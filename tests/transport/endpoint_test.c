/* One endpoint and another on a simulated network: how connections begin and end, and what must be
 * refused. */
#include "tests/transport/nodes.h"

static void test_endpoint__two_nodes_connect_and_know_each_other(void **state)
{
    nodes all;

    nodes_begin(&all, 1, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    assert_memory_equal(a->peer, b->key, 32);
    assert_memory_equal(b->peer, a->key, 32);
    assert_true(a->dialled);
    assert_false(b->dialled);
    nodes_end(&all);
}

static void test_endpoint__both_ends_export_the_same_secret(void **state)
{
    uint8_t ours[32], theirs[32], other[32];
    nodes all;

    nodes_begin(&all, 2, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    assert_int_equal(eid_endpoint_exporter(a->endpoint, a->conn, "proof", ours), EID_OK);
    assert_int_equal(eid_endpoint_exporter(b->endpoint, b->conn, "proof", theirs), EID_OK);
    assert_int_equal(eid_endpoint_exporter(b->endpoint, b->conn, "prooF", other), EID_OK);
    assert_memory_equal(ours, theirs, 32);
    assert_memory_not_equal(ours, other, 32);
    node_connect(b, a);
    assert_int_equal(eid_endpoint_exporter(a->endpoint, a->conn, "proof", other), EID_OK);
    assert_memory_not_equal(ours, other, 32);
    nodes_end(&all);
}

static void test_endpoint__a_dialler_refuses_another_node(void **state)
{
    char want[EID_NODE_ID_TEXT], got[EID_NODE_ID_TEXT];
    nodes all;

    nodes_begin(&all, 3, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all), *c = nodes_add(&all);
    (void)node_dial(a, b, c->key); /* c's key at b's address */
    nodes_until(&all, &a->closed, 1, 20 * SECOND);
    assert_int_equal(a->closed, 1);
    assert_int_equal(a->reason, EID_CLOSE_WRONG_KEY);
    assert_non_null(strstr(a->text, eid_node_id_format(c->key, want)));
    assert_non_null(strstr(a->text, eid_node_id_format(b->key, got)));
    nodes_run(&all, 5 * SECOND);
    assert_int_equal(a->connected, 0);
    assert_int_equal(b->connected, 0);
    assert_int_equal(b->closed, 0); /* it never knew of it */
    assert_int_equal(eid_endpoint_connection_count(a->endpoint), 0);
    assert_int_equal(eid_endpoint_connection_count(b->endpoint), 0);
    nodes_end(&all);
}

static bool refuse_all(void *self, const uint8_t peer[32])
{
    (void)self;
    (void)peer;
    return false;
}

static void test_endpoint__a_blocked_node_is_told_and_never_connected(void **state)
{
    nodes all;

    nodes_begin(&all, 4, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    b->may_accept = refuse_all;
    (void)node_dial(a, b, b->key);
    nodes_until(&all, &a->closed, 1, 20 * SECOND);
    assert_int_equal(a->reason, EID_CLOSE_BLOCKED);
    nodes_run(&all, 5 * SECOND);
    assert_int_equal(a->connected, 0);
    assert_int_equal(b->connected, 0);
    assert_int_equal(b->closed, 0);
    nodes_end(&all);
}

static void test_endpoint__a_key_pair_that_is_none_is_refused(void **state)
{
    eid_endpoint_events events = {.on_closed = node_on_closed};
    eid_endpoint *endpoint = NULL;
    nodes all;

    nodes_begin(&all, 5, 0, 0, 0);
    node *a = nodes_prepare(&all), *b = nodes_prepare(&all);
    memcpy(a->config.node, b->key, 32);
    assert_int_equal(eid_endpoint_new(&a->config, &a->world, &events, &endpoint), EID_E_PROTOCOL);
    nodes_end(&all);
}

static void test_endpoint__nobody_there_is_said_in_time(void **state)
{
    nodes all;

    nodes_begin(&all, 6, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_prepare(&all);
    (void)node_dial(a, b, b->key);
    nodes_until(&all, &a->closed, 1, 60 * SECOND);
    assert_int_equal(a->reason, EID_CLOSE_UNREACHABLE);
    assert_true(eid_simnet_now_ns(all.net) < 11 * SECOND);
    nodes_end(&all);
}

static void test_endpoint__a_goodbye_arrives_with_its_reason(void **state)
{
    nodes all;

    nodes_begin(&all, 7, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    eid_endpoint_close(a->endpoint, a->conn, EID_CLOSE_DUPLICATE, "one\nis enough");
    nodes_until(&all, &b->closed, 1, 5 * SECOND);
    assert_int_equal(a->closed, 1);
    assert_int_equal(a->reason, EID_CLOSE_DUPLICATE);
    assert_int_equal(b->reason, EID_CLOSE_DUPLICATE);
    assert_string_equal(b->text, "one?is enough");
    nodes_run(&all, 5 * SECOND);
    assert_int_equal(eid_endpoint_connection_count(a->endpoint), 0);
    assert_int_equal(eid_endpoint_connection_count(b->endpoint), 0);
    nodes_end(&all);
}

static void test_endpoint__a_lost_goodbye_is_said_again(void **state)
{
    nodes all;

    nodes_begin(&all, 8, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    nodes_run(&all, SECOND);
    eid_simnet_link(all.net, a->host, b->host, false);
    eid_endpoint_close(a->endpoint, a->conn, EID_CLOSE_NONE, NULL);
    nodes_run(&all, 20 * MS);
    eid_simnet_link(all.net, a->host, b->host, true);
    assert_int_equal(b->closed, 0);
    int64_t stream;
    assert_int_equal(eid_endpoint_stream_open(b->endpoint, b->conn, &stream), EID_OK);
    assert_int_equal(
        eid_endpoint_stream_send(b->endpoint, b->conn, stream, eid_slice_text("hello"), false),
        EID_OK);
    nodes_until(&all, &b->closed, 1, SECOND);
    assert_int_equal(b->closed, 1);
    assert_int_equal(b->reason, EID_CLOSE_NONE);
    nodes_end(&all);
}

static void test_endpoint__shutdown_tells_all_peers_and_not_the_owner(void **state)
{
    nodes all;

    nodes_begin(&all, 9, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all), *c = nodes_add(&all);
    node_connect(a, b);
    node_connect(c, a);
    eid_endpoint_shutdown(a->endpoint, EID_CLOSE_SHUTDOWN);
    node_stop(a);
    nodes_run(&all, SECOND);
    assert_int_equal(a->closed, 0);
    assert_int_equal(b->reason, EID_CLOSE_SHUTDOWN);
    assert_int_equal(c->reason, EID_CLOSE_SHUTDOWN);
    nodes_end(&all);
}

static void test_endpoint__silence_ends_a_connection_and_talk_keeps_it(void **state)
{
    nodes all;

    nodes_begin(&all, 10, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    nodes_run(&all, 300 * SECOND);
    assert_int_equal(a->closed + b->closed, 0); /* keep-alives */
    eid_simnet_link(all.net, a->host, b->host, false);
    nodes_run(&all, 120 * SECOND);
    assert_int_equal(a->closed, 1);
    assert_int_equal(b->closed, 1);
    assert_int_equal(a->reason, EID_CLOSE_IDLE);
    assert_int_equal(b->reason, EID_CLOSE_IDLE);
    nodes_end(&all);
}

static bool node_is_resumed(node *n)
{
    eid_conn_stats stats;

    assert_int_equal(eid_endpoint_stats(n->endpoint, n->conn, &stats), EID_OK);
    return stats.is_resumed;
}

static void test_endpoint__a_second_connection_is_resumed_and_its_peer_known(void **state)
{
    nodes all;

    nodes_begin(&all, 11, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    assert_false(node_is_resumed(a));
    for (int i = 0; i < 4; i++) {
        nodes_run(&all, SECOND);
        memset(a->peer, 0, 32);
        memset(b->peer, 0, 32);
        node_connect(a, b);
        assert_true(node_is_resumed(a));
        assert_true(node_is_resumed(b));
        assert_memory_equal(a->peer, b->key, 32);
        assert_memory_equal(b->peer, a->key, 32);
    }
    nodes_end(&all);
}

static void test_endpoint__a_blocked_node_cannot_come_back_by_a_ticket(void **state)
{
    nodes all;

    nodes_begin(&all, 12, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    nodes_run(&all, SECOND);
    b->may_accept = refuse_all;
    (void)node_dial(a, b, b->key);
    nodes_until(&all, &a->closed, 1, 20 * SECOND);
    assert_int_equal(a->reason, EID_CLOSE_BLOCKED);
    nodes_end(&all);
}

static void test_endpoint__a_restarted_node_takes_no_old_ticket_but_connects(void **state)
{
    nodes all;

    nodes_begin(&all, 13, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    nodes_run(&all, SECOND);
    node_stop(b);
    node_start(b);
    node_connect(a, b);
    assert_false(node_is_resumed(a));
    nodes_end(&all);
}

static void test_endpoint__more_resumptions_than_the_library_bears(void **state)
{
    nodes all;
    unsigned full = 0;

    nodes_begin(&all, 14, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    for (int i = 0; i < 260; i++) {
        node_connect(a, b);
        if (!node_is_resumed(a)) full++;
        nodes_run(&all, 100 * MS);
        eid_endpoint_close(a->endpoint, a->conn, EID_CLOSE_NONE, NULL);
        nodes_run(&all, SECOND);
    }
    assert_int_equal(full, 2);
    nodes_end(&all);
}

static void test_endpoint__a_restarted_node_resets_old_connections(void **state)
{
    nodes all;

    nodes_begin(&all, 15, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    nodes_run(&all, SECOND);
    node_stop(b); /* as if it had crashed */
    node_start(b);
    int64_t stream;
    assert_int_equal(eid_endpoint_stream_open(a->endpoint, a->conn, &stream), EID_OK);
    uint8_t bytes[500] = {1};
    assert_int_equal(eid_endpoint_stream_send(a->endpoint, a->conn, stream,
                                              eid_slice_of(bytes, sizeof bytes), false),
                     EID_OK);
    nodes_until(&all, &a->closed, 1, SECOND);
    assert_int_equal(a->reason, EID_CLOSE_RESET);
    nodes_end(&all);
}

/* The other direction: a client has no way to give a token with its first id (RFC 9000 §10.3), so
 * the node it had dialled hears silence. */
static void test_endpoint__a_restarted_dialler_is_given_up_for_its_silence(void **state)
{
    nodes all;

    nodes_begin(&all, 16, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    nodes_run(&all, SECOND);
    node_stop(a);
    node_start(a);
    nodes_until(&all, &b->closed, 1, 60 * SECOND);
    assert_int_equal(b->closed, 1);
    assert_int_equal(b->reason, EID_CLOSE_IDLE);
    node_connect(a, b);
    nodes_end(&all);
}

static void test_endpoint__a_changed_address_is_followed(void **state)
{
    const eid_netaddr elsewhere = {4, {192, 0, 2, 77}, 999};
    nodes all;

    nodes_begin(&all, 19, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    nodes_run(&all, SECOND);
    assert_int_equal(eid_simnet_rebind(all.net, a->host, &elsewhere), EID_OK);
    int64_t stream;
    static uint8_t bytes[300000];
    assert_int_equal(eid_endpoint_stream_open(a->endpoint, a->conn, &stream), EID_OK);
    assert_int_equal(eid_endpoint_stream_send(a->endpoint, a->conn, stream,
                                              eid_slice_of(bytes, sizeof bytes), true),
                     EID_OK);
    b->echoes = true;
    nodes_until(&all, &a->fins, 1, 20 * SECOND);
    assert_int_equal(a->received, sizeof bytes);
    assert_int_equal(b->paths, 1);
    assert_true(eid_netaddr_equal(&b->path, &elsewhere));
    eid_netaddr remote;
    assert_int_equal(eid_endpoint_remote(b->endpoint, b->conn, &remote), EID_OK);
    assert_true(eid_netaddr_equal(&remote, &elsewhere));
    assert_int_equal(a->closed + b->closed, 0);
    nodes_end(&all);
}

static void test_endpoint__gone_connections_are_not_found(void **state)
{
    nodes all;
    int64_t stream;
    uint8_t secret[32];
    eid_netaddr remote;
    eid_conn_stats stats;

    nodes_begin(&all, 24, 0, 0, 0);
    node *a = nodes_add(&all);
    assert_int_equal(eid_endpoint_stream_open(a->endpoint, 7, &stream), EID_E_NOT_FOUND);
    assert_int_equal(eid_endpoint_stream_send(a->endpoint, 7, 0, EID_SLICE_EMPTY, true),
                     EID_E_NOT_FOUND);
    assert_int_equal(eid_endpoint_exporter(a->endpoint, 7, "x", secret), EID_E_NOT_FOUND);
    assert_int_equal(eid_endpoint_remote(a->endpoint, 7, &remote), EID_E_NOT_FOUND);
    assert_int_equal(eid_endpoint_stats(a->endpoint, 7, &stats), EID_E_NOT_FOUND);
    eid_endpoint_close(a->endpoint, 7, EID_CLOSE_NONE, NULL);
    eid_endpoint_consumed(a->endpoint, 7, 0, 10);
    eid_endpoint_stream_reset(a->endpoint, 7, 0, 1);
    assert_int_equal(eid_endpoint_stream_queued(a->endpoint, 7, 0), 0);
    nodes_end(&all);
}

/* The n-th allocation of ours fails, for every n of a handshake: connected or closed, never broken.
 */
static void test_endpoint__survives_want_of_memory(void **state)
{
    bool is_done = false;

    for (uint64_t n = 1; n < 200 && !is_done; n++) {
        eid_endpoint_events events = {.on_closed = node_on_closed,
                                      .on_connected = node_on_connected};
        uint64_t conn;
        nodes all;

        nodes_begin(&all, 25, 0, 0, 0);
        node *b = nodes_add(&all), *a = nodes_prepare(&all);
        events.self = a;
        (void)eid_alloc_fail_at(n, false);
        if (eid_endpoint_new(&a->config, &a->world, &events, &a->endpoint) == EID_OK) {
            eid_simnet_attach(all.net, a->host, a->endpoint);
            if (eid_endpoint_dial(a->endpoint, &a->addr, &b->addr, b->key, &conn) == EID_OK) {
                nodes_run(&all, 15 * SECOND);
                is_done = eid_alloc_fail_at(0, false) < n;
                assert_int_equal(a->connected + a->closed, 1);
            }
        }
        (void)eid_alloc_fail_at(0, false);
        nodes_end(&all);
    }
    assert_true(is_done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoint__two_nodes_connect_and_know_each_other),
        cmocka_unit_test(test_endpoint__both_ends_export_the_same_secret),
        cmocka_unit_test(test_endpoint__a_dialler_refuses_another_node),
        cmocka_unit_test(test_endpoint__a_blocked_node_is_told_and_never_connected),
        cmocka_unit_test(test_endpoint__a_key_pair_that_is_none_is_refused),
        cmocka_unit_test(test_endpoint__nobody_there_is_said_in_time),
        cmocka_unit_test(test_endpoint__a_goodbye_arrives_with_its_reason),
        cmocka_unit_test(test_endpoint__a_lost_goodbye_is_said_again),
        cmocka_unit_test(test_endpoint__shutdown_tells_all_peers_and_not_the_owner),
        cmocka_unit_test(test_endpoint__silence_ends_a_connection_and_talk_keeps_it),
        cmocka_unit_test(test_endpoint__a_second_connection_is_resumed_and_its_peer_known),
        cmocka_unit_test(test_endpoint__a_blocked_node_cannot_come_back_by_a_ticket),
        cmocka_unit_test(test_endpoint__a_restarted_node_takes_no_old_ticket_but_connects),
        cmocka_unit_test(test_endpoint__more_resumptions_than_the_library_bears),
        cmocka_unit_test(test_endpoint__a_restarted_node_resets_old_connections),
        cmocka_unit_test(test_endpoint__a_restarted_dialler_is_given_up_for_its_silence),
        cmocka_unit_test(test_endpoint__a_changed_address_is_followed),
        cmocka_unit_test(test_endpoint__gone_connections_are_not_found),
        cmocka_unit_test(test_endpoint__survives_want_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
