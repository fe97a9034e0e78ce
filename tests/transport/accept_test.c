/* Strangers at the door: floods, garbage, and what may be answered. */
#include "tests/transport/nodes.h"

static void test_accept__many_strangers_must_show_their_address(void **state)
{
    nodes all;

    nodes_begin(&all, 17, 0, 0, 0);
    node *server = nodes_prepare(&all);
    server->config.retry_above = 2;
    node_start(server);
    for (int i = 0; i < 20; i++) (void)node_dial(nodes_add(&all), server, server->key);
    nodes_until(&all, &server->connected, 20, 30 * SECOND);
    nodes_run(&all, SECOND);
    assert_int_equal(server->connected, 20);
    for (size_t i = 1; i < all.count; i++) assert_int_equal(all.at[i].connected, 1);
    nodes_end(&all);
}

static void test_accept__a_full_node_refuses_and_says_so(void **state)
{
    nodes all;

    nodes_begin(&all, 18, 0, 0, 0);
    node *server = nodes_prepare(&all);
    server->config.connections_max = 2;
    node_start(server);
    node_connect(nodes_add(&all), server);
    node_connect(nodes_add(&all), server);
    node *late = nodes_add(&all);
    (void)node_dial(late, server, server->key);
    nodes_until(&all, &late->closed, 1, 20 * SECOND);
    assert_int_equal(late->reason, EID_CLOSE_OVERLOAD);
    uint64_t conn;
    assert_int_equal(
        eid_endpoint_dial(server->endpoint, &server->addr, &late->addr, late->key, &conn),
        EID_E_FULL);
    nodes_end(&all);
}

static void feed(node *to, const node *from, const uint8_t *bytes, size_t len)
{
    eid_endpoint_on_datagrams(to->endpoint, &to->addr, &from->addr, eid_slice_of(bytes, len), 0);
    eid_endpoint_flush(to->endpoint);
}

static void test_accept__garbage_does_no_harm(void **state)
{
    uint8_t bytes[1500];
    nodes all;

    nodes_begin(&all, 20, 0, 0, 0);
    node *a = nodes_add(&all), *b = nodes_add(&all);
    node_connect(a, b);
    for (int i = 0; i < 3000; i++) {
        size_t len = (size_t)eid_random_below(&all.chance, sizeof bytes) + 1;

        all.random.fill(all.random.self, bytes, len);
        if (i % 3 == 0 && len > 6) { /* a long header of version 1 */
            bytes[0] |= 0xc0;
            memcpy(bytes + 1, "\0\0\0\1\x10", 5);
        }
        if (i % 7 == 0 && len > 20) bytes[5] = 200; /* a connection id longer than there is */
        feed(b, a, bytes, len);
    }
    feed(b, a, bytes, 0);
    assert_true(eid_endpoint_connection_count(b->endpoint) <= 257);
    nodes_run(&all, 60 * SECOND);
    assert_int_equal(eid_endpoint_connection_count(b->endpoint), 1);
    assert_int_equal(a->closed + b->closed, 0);
    node_connect(b, a);
    nodes_end(&all);
}

static struct {
    uint8_t bytes[2000];
    size_t len;
} caught;

static eid_status catch_send(void *self, const eid_netaddr *local, const eid_netaddr *remote,
                             eid_slice bytes, size_t segment)
{
    (void)self;
    (void)local;
    (void)remote;
    caught.len = segment < bytes.len ? segment : bytes.len;
    if (caught.len > sizeof caught.bytes) caught.len = sizeof caught.bytes;
    memcpy(caught.bytes, bytes.at, caught.len);
    return EID_OK;
}

/* A first packet cut short or with any bit turned is nothing, or a handshake that comes to nothing.
 */
static void test_accept__broken_first_packets_do_no_harm(void **state)
{
    nodes all;
    uint8_t bytes[2000];

    nodes_begin(&all, 21, 0, 0, 0);
    node *a = nodes_prepare(&all), *b = nodes_add(&all);
    a->world.send = catch_send;
    node_start(a);
    (void)node_dial(a, b, b->key);
    eid_endpoint_flush(a->endpoint);
    assert_true(caught.len >= 1200);
    for (size_t len = 1; len < caught.len; len += 7) feed(b, a, caught.bytes, len);
    assert_int_equal(eid_endpoint_connection_count(b->endpoint), 0);
    for (size_t bit = 0; bit < caught.len * 8; bit += 61) {
        memcpy(bytes, caught.bytes, caught.len);
        bytes[bit / 8] ^= (uint8_t)(1 << (bit % 8));
        feed(b, a, bytes, caught.len);
    }
    assert_int_equal(b->connected, 0);
    nodes_run(&all, 60 * SECOND);
    assert_int_equal(eid_endpoint_connection_count(b->endpoint), 0);
    nodes_end(&all);
}

static void test_accept__another_version_is_answered_with_ours(void **state)
{
    nodes all;
    uint8_t hello[1200] = {0xc0, 0xfa, 0xfa, 0xfa, 0xfa, 8, 1, 2, 3, 4, 5, 6, 7, 8, 4, 9, 9, 9, 9};

    nodes_begin(&all, 22, 0, 0, 0);
    node *a = nodes_prepare(&all), *b = nodes_add(&all);
    b->world.send = catch_send;
    node_stop(b);
    node_start(b);
    caught.len = 0;
    feed(b, a, hello, 1199); /* too short to deserve an answer */
    assert_int_equal(caught.len, 0);
    feed(b, a, hello, sizeof hello);
    assert_int_equal(caught.len, 5 + 1 + 4 + 1 + 8 + 4);
    assert_memory_equal(caught.bytes + 1, "\0\0\0\0\4\x9\x9\x9\x9\x8\1\2\3\4\5\6\7\10\0\0\0\1", 22);
    nodes_end(&all);
}

static void test_accept__answers_to_strangers_are_few(void **state)
{
    nodes all;
    uint8_t packet[100] = {0x40};
    uint64_t before, after, received;

    nodes_begin(&all, 23, 0, 0, 0);
    node *a = nodes_prepare(&all), *b = nodes_add(&all);
    eid_endpoint_totals(b->endpoint, &before, &received);
    for (int i = 0; i < 5000; i++) {
        all.random.fill(all.random.self, packet + 1, sizeof packet - 1);
        feed(b, a, packet, sizeof packet);
    }
    eid_endpoint_totals(b->endpoint, &after, &received);
    assert_true(after - before <= 102 * 42);
    assert_int_equal(received, 5000 * sizeof packet);
    nodes_end(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept__many_strangers_must_show_their_address),
        cmocka_unit_test(test_accept__a_full_node_refuses_and_says_so),
        cmocka_unit_test(test_accept__garbage_does_no_harm),
        cmocka_unit_test(test_accept__broken_first_packets_do_no_harm),
        cmocka_unit_test(test_accept__another_version_is_answered_with_ours),
        cmocka_unit_test(test_accept__answers_to_strangers_are_few),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
