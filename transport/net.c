/* All of the network in one thread, and one door to it: a bounded queue. Nothing else is shared, so
 * nothing else is locked. */
#include "transport/net.h"

#include <pthread.h>
#include <signal.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/log.h"
#include "transport/loop.h"
#include "transport/resolve.h"
#include "transport/transport_internal.h"
#include "transport/udp.h"

#define NET_TASKS_A_TURN 1024u
#define NET_QUEUE_MIN 64u

_Static_assert(EID_LISTEN_MAX <= EID__LOOP_FDS_MAX, "a place for each socket");
_Static_assert((EID_NET_QUEUE_MAX & (EID_NET_QUEUE_MAX - 1)) == 0, "the ring doubles up to it");

typedef enum net_state { NET_NEW, NET_RUNNING, NET_STOPPING, NET_STOPPED } net_state;

typedef struct net_task {
    void (*fn)(void *arg);
    void *arg;
} net_task;

struct eid_net {
    eid_net_config config;
    eid__loop *loop;
    eid_endpoint *endpoint;
    eid__resolver *resolver;
    size_t udp_count;
    eid__udp *udp[EID_LISTEN_MAX];
    uint64_t endpoint_due_ns, owner_due_ns;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    net_state state;
    eid_close stop_reason;
    net_task *ring; /* `task_count` tasks from `task_first` on and round; cap is a power of two */
    size_t task_first, task_count, task_cap;
};

static uint64_t net_clock_ns(void)
{
    const eid_clock *clock = eid_clock_system();

    return clock->monotonic_ns(clock->self);
}

/* --- the endpoint's world --- */

static uint64_t world_now_ns(void *self)
{
    (void)self;
    return net_clock_ns();
}

static void net_timer_update(eid_net *net)
{
    uint64_t now_ns, due_ns = net->endpoint_due_ns;

    if (net->owner_due_ns < due_ns) due_ns = net->owner_due_ns;
    if (due_ns == UINT64_MAX) {
        eid__loop_timer_set(net->loop, UINT64_MAX);
        return;
    }
    now_ns = net_clock_ns();
    eid__loop_timer_set(net->loop, due_ns > now_ns ? due_ns - now_ns : 0);
}

static void world_timer_set(void *self, uint64_t due_ns)
{
    eid_net *net = self;

    net->endpoint_due_ns = due_ns;
    net_timer_update(net);
}

static eid_status world_send(void *self, const eid_netaddr *local, const eid_netaddr *remote,
                             eid_slice bytes, size_t segment)
{
    eid_net *net = self;
    eid_status status;
    unsigned i = 0;

    while (i + 1 < net->udp_count && !eid_netaddr_equal(eid__udp_local(net->udp[i]), local)) i++;
    status = eid__udp_send(net->udp[i], remote, bytes, segment);
    if (status == EID_E_AGAIN) eid__loop_want_write(net->loop, i, true);
    return status;
}

/* --- events of the loop --- */

typedef struct net_arrival {
    eid_net *net;
    const eid_netaddr *local;
} net_arrival;

static void on_datagrams(void *self, const eid_netaddr *remote, eid_slice bytes, size_t segment)
{
    const net_arrival *arrival = self;

    eid_endpoint_on_datagrams(arrival->net->endpoint, arrival->local, remote, bytes, segment);
}

static void on_readable(void *self, unsigned which)
{
    eid_net *net = self;
    net_arrival arrival = {net, eid__udp_local(net->udp[which])};

    eid__udp_receive(net->udp[which], on_datagrams, &arrival);
}

static void on_writable(void *self, unsigned which)
{
    eid_net *net = self;

    eid__loop_want_write(net->loop, which, false);
    eid_endpoint_on_writable(net->endpoint);
}

static void on_timer(void *self)
{
    eid_net *net = self;
    uint64_t now_ns = net_clock_ns();

    if (net->endpoint_due_ns <= now_ns) {
        net->endpoint_due_ns = UINT64_MAX;
        eid_endpoint_on_timer(net->endpoint);
    }
    if (net->owner_due_ns <= now_ns) {
        net->owner_due_ns = UINT64_MAX;
        if (net->config.on_timer) net->config.on_timer(net->config.self);
    }
    net_timer_update(net);
}

static void on_turn(void *self)
{
    eid_net *net = self;

    eid_endpoint_flush(net->endpoint);
}

/* Take one task; false when there is none. */
static bool task_take(eid_net *net, net_task *out)
{
    bool is_there;

    pthread_mutex_lock(&net->lock);
    is_there = net->task_count > 0;
    if (is_there) {
        *out = net->ring[net->task_first];
        net->task_first = (net->task_first + 1) & (net->task_cap - 1);
        net->task_count--;
    }
    pthread_mutex_unlock(&net->lock);
    return is_there;
}

static net_state net_state_now(eid_net *net)
{
    net_state state;

    pthread_mutex_lock(&net->lock);
    state = net->state;
    pthread_mutex_unlock(&net->lock);
    return state;
}

static void net_state_set(eid_net *net, net_state state)
{
    pthread_mutex_lock(&net->lock);
    net->state = state;
    pthread_mutex_unlock(&net->lock);
}

static void on_wake(void *self)
{
    eid_net *net = self;
    net_task task;

    for (unsigned i = 0; i < NET_TASKS_A_TURN; i++) {
        if (task_take(net, &task)) {
            task.fn(task.arg);
        } else if (net_state_now(net) == NET_STOPPING) {
            eid__loop_stop(net->loop);
            return;
        } else {
            return;
        }
    }
    eid__loop_wake(net->loop); /* the rest after what else has come */
}

/* --- life --- */

static eid_status net_open_sockets(eid_net *net)
{
    static const eid_netaddr any[2] = {{.family = 4}, {.family = 6}};
    size_t count = net->config.listen_count;
    const eid_netaddr *listen = net->config.listen;

    if (count == 0) {
        listen = any;
        count = EID_COUNT(any);
    }
    for (size_t i = 0; i < count; i++) {
        eid_status status = eid__udp_open(&listen[i], &net->udp[net->udp_count]);
        bool is_optional = listen == any && i > 0; /* a machine without IPv6 */

        if (status != EID_OK && is_optional) continue;
        if (status != EID_OK) return status;
        eid__loop_watch(net->loop, eid__udp_fd(net->udp[net->udp_count++]));
    }
    return EID_OK;
}

static void on_resolved(void *self, eid__resolved *answer);

eid_status eid_net_new(const eid_net_config *config, eid_net **out)
{
    eid_net *net = eid_alloc(sizeof *net);
    eid__loop_events loop_events;
    eid_endpoint_world world;
    eid_status status;

    EID_ASSERT(config->listen_count <= EID_LISTEN_MAX);
    if (!net) return EID_FAIL(EID_KIND_NO_MEMORY, "for the network");
    net->config = *config;
    net->endpoint_due_ns = net->owner_due_ns = UINT64_MAX;
    EID_ASSERT(pthread_mutex_init(&net->lock, NULL) == 0);
    loop_events = (eid__loop_events){net, on_readable, on_writable, on_timer, on_wake, on_turn};
    world = (eid_endpoint_world){net, world_now_ns, world_send, world_timer_set};
    status = eid__loop_new(&loop_events, &net->loop);
    if (status == EID_OK) status = net_open_sockets(net);
    if (status == EID_OK) status = eid__resolver_new(on_resolved, net, &net->resolver);
    if (status == EID_OK) {
        status = eid_endpoint_new(&config->endpoint, &world, &config->events, &net->endpoint);
    }
    eid_wipe(net->config.endpoint.seed, sizeof net->config.endpoint.seed);
    if (status != EID_OK) {
        eid_net_free(net);
        return status;
    }
    *out = net;
    return EID_OK;
}

static void *net_run(void *arg)
{
    eid_net *net = arg;

    eid__loop_run(net->loop);
    eid_endpoint_shutdown(net->endpoint, net->stop_reason);
    return NULL;
}

eid_status eid_net_start(eid_net *net)
{
    sigset_t all, before;
    int error;

    EID_ASSERT(net_state_now(net) == NET_NEW);
    (void)sigfillset(&all); /* signals are the main thread's */
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    net_state_set(net, NET_RUNNING);
    error = pthread_create(&net->thread, NULL, net_run, net);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error == 0) return EID_OK;
    net_state_set(net, NET_NEW);
    return EID_FAIL(EID_KIND_NO_MEMORY, "for the network thread");
}

void eid_net_stop(eid_net *net, eid_close reason)
{
    bool is_ours;

    pthread_mutex_lock(&net->lock);
    is_ours = net->state == NET_RUNNING;
    if (is_ours) {
        net->state = NET_STOPPING;
        net->stop_reason = reason;
    }
    pthread_mutex_unlock(&net->lock);
    if (!is_ours) return;
    eid__loop_wake(net->loop);
    (void)pthread_join(net->thread, NULL);
    net_state_set(net, NET_STOPPED);
}

void eid_net_free(eid_net *net)
{
    if (!net) return;
    eid_net_stop(net, EID_CLOSE_SHUTDOWN);
    eid__resolver_stop(net->resolver);
    eid_endpoint_free(net->endpoint);
    eid__loop_free(net->loop);
    for (size_t i = 0; i < net->udp_count; i++) eid__udp_close(net->udp[i]);
    pthread_mutex_destroy(&net->lock);
    eid_free(net->ring);
    eid_free(net);
}

/* --- from other threads --- */

/* Room for one more task. With the lock held. */
static eid_status ring_reserve(eid_net *net)
{
    size_t cap = net->task_cap == 0 ? NET_QUEUE_MIN : 2 * net->task_cap;
    net_task *ring;

    if (net->task_count < net->task_cap) return EID_OK;
    if (cap > EID_NET_QUEUE_MAX) {
        return EID_FAIL(EID_KIND_OVERLOAD, "%zu tasks wait for the network", net->task_count);
    }
    ring = eid_alloc_array(cap, sizeof *ring);
    if (!ring) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu tasks of the network", cap);
    for (size_t i = 0; i < net->task_count; i++) {
        ring[i] = net->ring[(net->task_first + i) & (net->task_cap - 1)];
    }
    eid_free(net->ring);
    net->ring = ring;
    net->task_first = 0;
    net->task_cap = cap;
    return EID_OK;
}

eid_status eid_net_post(eid_net *net, void (*fn)(void *arg), void *arg)
{
    eid_status status;

    pthread_mutex_lock(&net->lock);
    if (net->state == NET_STOPPING || net->state == NET_STOPPED) {
        status = EID_FAIL(EID_KIND_CANCELLED, "the network is stopped");
    } else {
        status = ring_reserve(net);
    }
    if (status == EID_OK) {
        net->ring[(net->task_first + net->task_count++) & (net->task_cap - 1)] =
            (net_task){fn, arg};
        eid__loop_wake(net->loop);
    }
    pthread_mutex_unlock(&net->lock);
    return status;
}

typedef struct net_call {
    net_task task;
    bool is_done;
    pthread_mutex_t lock;
    pthread_cond_t done;
} net_call;

static void call_run(void *arg)
{
    net_call *call = arg;

    call->task.fn(call->task.arg);
    pthread_mutex_lock(&call->lock);
    call->is_done = true;
    pthread_cond_signal(&call->done);
    pthread_mutex_unlock(&call->lock);
}

eid_status eid_net_call(eid_net *net, void (*fn)(void *arg), void *arg)
{
    net_call call = {.task = {fn, arg}};
    eid_status status;

    if (net_state_now(net) == NET_NEW)
        return EID_FAIL(EID_KIND_CANCELLED, "the network is not started");
    EID_ASSERT(!pthread_equal(pthread_self(), net->thread));
    EID_ASSERT(pthread_mutex_init(&call.lock, NULL) == 0);
    EID_ASSERT(pthread_cond_init(&call.done, NULL) == 0);
    status = eid_net_post(net, call_run, &call);
    if (status == EID_OK) {
        pthread_mutex_lock(&call.lock);
        while (!call.is_done) pthread_cond_wait(&call.done, &call.lock);
        pthread_mutex_unlock(&call.lock);
    }
    pthread_cond_destroy(&call.done);
    pthread_mutex_destroy(&call.lock);
    return status;
}

/* --- addresses --- */

size_t eid_net_local_count(const eid_net *net)
{
    return net->udp_count;
}

const eid_netaddr *eid_net_local(const eid_net *net, size_t i)
{
    EID_ASSERT(i < net->udp_count);
    return eid__udp_local(net->udp[i]);
}

size_t eid_net_interfaces(const eid_net *net, eid_netaddr *out, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < net->udp_count && count < max; i++) {
        const eid_netaddr *local = eid__udp_local(net->udp[i]);

        if (eid_netaddr_is_any(local)) {
            count += eid__udp_interfaces(local->family, local->port, out + count, max - count);
        } else {
            out[count++] = *local;
        }
    }
    return count;
}

static void resolved_give(void *arg)
{
    eid__resolved *answer = arg;

    answer->done(answer->arg, answer->at, answer->count);
    eid_free(answer);
}

/* On a thread of the resolver. A full queue loses the answer, so the owner must have a deadline. */
static void on_resolved(void *self, eid__resolved *answer)
{
    if (eid_net_post(self, resolved_give, answer) == EID_OK) return;
    eid_log_warn("net.resolve", "%s", "lost=answer reason=queue");
    eid_free(answer);
}

eid_status eid_net_resolve(eid_net *net, const char *host, uint16_t port,
                           void (*done)(void *arg, const eid_netaddr *at, size_t count), void *arg)
{
    eid_slice text = eid_slice_text(host);
    eid_netaddr addr;

    if (eid__ip_parse(text, false, &addr) || eid__ip_parse(text, true, &addr)) {
        addr.port = port;
        done(arg, &addr, 1);
        return EID_OK;
    }
    return eid__resolver_ask(net->resolver, host, port, done, arg);
}

/* --- on the network thread --- */

eid_endpoint *eid_net_endpoint(eid_net *net)
{
    return net->endpoint;
}

void eid_net_timer_set(eid_net *net, uint64_t due_ns)
{
    net->owner_due_ns = due_ns;
    net_timer_update(net);
}

uint64_t eid_net_now_ns(const eid_net *net)
{
    (void)net;
    return net_clock_ns();
}

eid_status eid_net_dial(eid_net *net, const eid_netaddr *remote, const uint8_t peer[32],
                        uint64_t *conn)
{
    char text[64];

    for (size_t i = 0; i < net->udp_count; i++) {
        const eid_netaddr *local = eid__udp_local(net->udp[i]);

        if (local->family != remote->family) continue;
        if (eid_netaddr_is_loopback(local) && !eid_netaddr_is_loopback(remote)) continue;
        return eid_endpoint_dial(net->endpoint, local, remote, peer, conn);
    }
    return EID_FAIL(EID_KIND_CONNECT, "no socket of ours can reach %s",
                    eid_netaddr_format(remote, text));
}
