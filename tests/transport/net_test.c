/* Two network threads in one process talk over loopback: real sockets, real time. */
#include "tests/support/test.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <time.h>

#include "dag/clock.h"
#include "transport/net.h"

#define BYTES_MAX 20000000u

typedef struct peer {
    eid_net *net;
    uint8_t key[32];
    eid_net_config config;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock */
    unsigned connected, closed, fins, timers, resolved;
    eid_close reason;
    uint64_t received;
    size_t addresses;
    /* the network thread's */
    uint64_t conn;
    int64_t stream;
    uint64_t to_send;
    bool is_echo;
    const eid_netaddr *dial_at;
    const uint8_t *dial_key;
} peer;

static void peer_add(peer *p, unsigned *counter)
{
    pthread_mutex_lock(&p->lock);
    ++*counter;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

/* Wait for a counter, at most 20 seconds. */
static void peer_wait(peer *p, const unsigned *counter, unsigned value)
{
    struct timespec until;
    int error = 0;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    pthread_mutex_lock(&p->lock);
    while (*counter < value && error == 0) {
        error = pthread_cond_timedwait(&p->changed, &p->lock, &until);
    }
    if (*counter < value) print_error("%u, wanted %u\n", *counter, value);
    assert_true(*counter >= value);
    pthread_mutex_unlock(&p->lock);
}

static void peer_push(peer *p)
{
    static const uint8_t block[100000];

    while (p->to_send > 0) {
        size_t len = p->to_send < sizeof block ? (size_t)p->to_send : sizeof block;
        eid_status status = eid_endpoint_stream_send(eid_net_endpoint(p->net), p->conn, p->stream,
                                                     eid_slice_of(block, len), p->to_send == len);

        if (status != EID_OK) return; /* on_stream_writable follows */
        p->to_send -= len;
    }
}

static void on_connected(void *self, uint64_t conn, const uint8_t key[32], bool we_dialled,
                         const eid_netaddr *remote)
{
    peer *p = self;

    p->conn = conn;
    if (we_dialled) {
        assert_int_equal(eid_endpoint_stream_open(eid_net_endpoint(p->net), conn, &p->stream),
                         EID_OK);
        peer_push(p);
    }
    peer_add(p, &p->connected);
}

static void on_closed(void *self, uint64_t conn, eid_close reason, const char *text)
{
    peer *p = self;

    pthread_mutex_lock(&p->lock);
    p->reason = reason;
    pthread_mutex_unlock(&p->lock);
    peer_add(p, &p->closed);
}

static void on_data(void *self, uint64_t conn, int64_t stream, eid_slice bytes, bool fin)
{
    peer *p = self;

    pthread_mutex_lock(&p->lock);
    p->received += bytes.len;
    pthread_mutex_unlock(&p->lock);
    eid_endpoint_consumed(eid_net_endpoint(p->net), conn, stream, bytes.len);
    if (!fin) return;
    if (p->is_echo) {
        p->stream = stream;
        p->conn = conn;
        p->to_send = p->received;
        peer_push(p);
    }
    peer_add(p, &p->fins);
}

static void on_writable(void *self, uint64_t conn, int64_t stream)
{
    peer_push(self);
}

static void on_timer(void *self)
{
    peer *p = self;

    peer_add(p, &p->timers);
}

static void peer_begin(peer *p, uint8_t name, const char *listen)
{
    uint8_t secret[64];
    eid_status status;

    memset(p, 0, sizeof *p);
    memset(p->config.endpoint.seed, name, 32);
    crypto_sign_seed_keypair(p->key, secret, p->config.endpoint.seed);
    memcpy(p->config.endpoint.node, p->key, 32);
    p->config.listen_count = 1;
    assert_int_equal(eid_netaddr_parse(eid_slice_text(listen), &p->config.listen[0]), EID_OK);
    p->config.events = (eid_endpoint_events){.self = p,
                                             .on_connected = on_connected,
                                             .on_closed = on_closed,
                                             .on_data = on_data,
                                             .on_stream_writable = on_writable};
    p->config.on_timer = on_timer;
    p->config.self = p;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    status = eid_net_new(&p->config, &p->net);
    if (status != EID_OK) print_error("%s\n", eid_status_detail(status).text);
    assert_int_equal(status, EID_OK);
    assert_int_equal(eid_net_start(p->net), EID_OK);
}

static void peer_end(peer *p)
{
    eid_net_free(p->net);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
}

static void peer_dial(void *arg)
{
    peer *p = arg;
    uint64_t conn;

    assert_int_equal(eid_net_dial(p->net, p->dial_at, p->dial_key, &conn), EID_OK);
}

static void exchange(const char *listen)
{
    peer a, b;

    peer_begin(&a, 1, listen);
    peer_begin(&b, 2, listen);
    a.to_send = BYTES_MAX;
    b.is_echo = true;
    a.dial_at = eid_net_local(b.net, 0);
    a.dial_key = b.key;
    assert_int_equal(eid_net_call(a.net, peer_dial, &a), EID_OK);
    peer_wait(&b, &b.fins, 1);
    peer_wait(&a, &a.fins, 1);
    assert_int_equal(b.received, BYTES_MAX);
    assert_int_equal(a.received, BYTES_MAX);
    eid_net_stop(b.net, EID_CLOSE_SHUTDOWN);
    peer_wait(&a, &a.closed, 1);
    assert_int_equal(a.reason, EID_CLOSE_SHUTDOWN);
    peer_end(&a);
    peer_end(&b);
}

static void test_net__two_nodes_exchange_bytes_over_ipv4(void **state)
{
    exchange("127.0.0.1:0");
}

static void test_net__two_nodes_exchange_bytes_over_ipv6(void **state)
{
    eid_netaddr loopback = {.family = 6, .ip = {[15] = 1}};
    eid_net_config config = {.listen_count = 1, .listen = {loopback}};
    eid_endpoint_events events = {.on_closed = on_closed};
    uint8_t secret[64];
    eid_net *net;

    config.events = events;
    crypto_sign_seed_keypair(config.endpoint.node, secret, config.endpoint.seed);
    if (eid_net_new(&config, &net) != EID_OK) skip(); /* no IPv6 here */
    eid_net_free(net);
    exchange("[::1]:0");
}

static void test_net__wildcard_sockets_are_reached_by_loopback(void **state)
{
    peer a, b;

    peer_begin(&a, 1, "0.0.0.0:0");
    peer_begin(&b, 2, "0.0.0.0:0");
    eid_netaddr at = *eid_net_local(b.net, 0);
    memcpy(at.ip, "\x7f\0\0\1", 4);
    a.to_send = 1000;
    a.dial_at = &at;
    a.dial_key = b.key;
    assert_int_equal(eid_net_call(a.net, peer_dial, &a), EID_OK);
    peer_wait(&b, &b.fins, 1);
    peer_end(&a);
    peer_end(&b);
}

static void test_net__an_address_in_use_is_named(void **state)
{
    eid_net_config config;
    char text[64];
    eid_net *net;
    peer a;

    peer_begin(&a, 1, "127.0.0.1:0");
    config = a.config;
    memset(config.endpoint.seed, 1, 32);
    config.listen[0] = *eid_net_local(a.net, 0);
    assert_int_equal(eid_net_new(&config, &net), EID_E_IO);
    assert_non_null(
        strstr(eid_status_detail(EID_E_IO).text, eid_netaddr_format(&config.listen[0], text)));
    peer_end(&a);
}

static void timer_start(void *arg)
{
    peer *p = arg;

    eid_net_timer_set(p->net, eid_net_now_ns(p->net) + 2000000);
}

static void test_net__the_owners_timer_comes_once(void **state)
{
    peer a;

    peer_begin(&a, 1, "127.0.0.1:0");
    assert_int_equal(eid_net_post(a.net, timer_start, &a), EID_OK);
    peer_wait(&a, &a.timers, 1);
    assert_int_equal(a.timers, 1);
    peer_end(&a);
}

static void count_one(void *arg)
{
    unsigned *count = arg;

    ++*count;
}

static void test_net__what_was_posted_before_the_stop_is_run(void **state)
{
    unsigned count = 0;
    peer a;

    peer_begin(&a, 1, "127.0.0.1:0");
    for (int i = 0; i < 5000; i++) assert_int_equal(eid_net_post(a.net, count_one, &count), EID_OK);
    eid_net_stop(a.net, EID_CLOSE_NONE);
    eid_net_stop(a.net, EID_CLOSE_NONE);
    assert_int_equal(count, 5000);
    assert_int_equal(eid_net_post(a.net, count_one, &count), EID_E_CLOSED);
    assert_int_equal(eid_net_call(a.net, count_one, &count), EID_E_CLOSED);
    peer_end(&a);
}

static void test_net__a_flood_of_tasks_is_refused(void **state)
{
    unsigned count = 0;
    eid_status status;
    eid_net_config config;
    eid_net *net;
    peer a;

    peer_begin(&a, 1, "127.0.0.1:0");
    config = a.config;
    memset(config.endpoint.seed, 1, 32);
    assert_int_equal(eid_net_new(&config, &net), EID_OK); /* not started: nothing takes them */
    for (unsigned i = 0; i < EID_NET_QUEUE_MAX; i++) {
        assert_int_equal(eid_net_post(net, count_one, &count), EID_OK);
    }
    status = eid_net_post(net, count_one, &count);
    assert_int_equal(status, EID_E_FULL);
    assert_int_equal(eid_net_start(net), EID_OK);
    eid_net_free(net);
    assert_int_equal(count, EID_NET_QUEUE_MAX);
    peer_end(&a);
}

static void on_addresses(void *arg, const eid_netaddr *at, size_t count)
{
    peer *p = arg;

    pthread_mutex_lock(&p->lock);
    p->addresses = count;
    if (count > 0) assert_int_equal(at[0].port, 77);
    pthread_mutex_unlock(&p->lock);
    peer_add(p, &p->resolved);
}

static void resolve_name(void *arg)
{
    peer *p = arg;

    assert_int_equal(eid_net_resolve(p->net, "localhost", 77, on_addresses, p), EID_OK);
}

static void resolve_number(void *arg)
{
    peer *p = arg;

    assert_int_equal(eid_net_resolve(p->net, "192.0.2.7", 77, on_addresses, p), EID_OK);
}

static void test_net__names_and_numbers_are_resolved(void **state)
{
    peer a;

    peer_begin(&a, 1, "127.0.0.1:0");
    assert_int_equal(eid_net_call(a.net, resolve_number, &a), EID_OK);
    assert_int_equal(a.resolved, 1);
    assert_int_equal(a.addresses, 1);
    assert_int_equal(eid_net_call(a.net, resolve_name, &a), EID_OK);
    peer_wait(&a, &a.resolved, 2);
    assert_true(a.addresses >= 1);
    peer_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_net__two_nodes_exchange_bytes_over_ipv4),
        cmocka_unit_test(test_net__two_nodes_exchange_bytes_over_ipv6),
        cmocka_unit_test(test_net__wildcard_sockets_are_reached_by_loopback),
        cmocka_unit_test(test_net__an_address_in_use_is_named),
        cmocka_unit_test(test_net__the_owners_timer_comes_once),
        cmocka_unit_test(test_net__what_was_posted_before_the_stop_is_run),
        cmocka_unit_test(test_net__a_flood_of_tasks_is_refused),
        cmocka_unit_test(test_net__names_and_numbers_are_resolved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
