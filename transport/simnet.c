/* One heap of datagrams under way, and a look at each host's timers for the next event: a step is
 * cheap enough for hundreds of hosts, and the order of events depends on nothing but the seed. */
#include "transport/simnet.h"

#include "dag/alloc.h"
#include "dag/assert.h"
#include "transport/transport_internal.h"

#define SIMNET_IN_FLIGHT_MAX 65536u
#define SIMNET_EPOCH_MS UINT64_C(1700000000000) /* where its wall clock begins */
#define SIMNET_MILLION 1000000u

typedef struct sim_datagram {
    uint64_t due_ns, order;
    eid_netaddr from, to;
    size_t len;
    uint8_t bytes[];
} sim_datagram;

typedef struct sim_host {
    eid_simnet *net;
    size_t index;
    eid_netaddr inside, outside; /* what it thinks, what others see */
    eid_endpoint *endpoint;      /* NULL = down */
    uint64_t timer_ns;           /* the endpoint's */
    uint64_t other_ns;           /* the engine's */
    void (*other)(void *self);
    void *other_self;
} sim_host;

struct eid_simnet {
    eid_simnet_config config;
    eid_random_seeded chance;
    uint64_t now_ns, order, trace;
    size_t host_count, host_cap;
    sim_host **hosts;
    bool *is_cut;        /* pair a < b at b * (b - 1) / 2 + a */
    eid__cidmap by_addr; /* outside address -> host */
    size_t flight_count, flight_cap;
    sim_datagram **flight; /* a heap by time, then order */
};

typedef struct sim_key { /* an address as a key of by_addr */
    uint8_t bytes[19];
} sim_key;

static sim_key key_of(const eid_netaddr *addr)
{
    sim_key key = {{0}};

    key.bytes[0] = addr->family;
    key.bytes[1] = (uint8_t)(addr->port >> 8);
    key.bytes[2] = (uint8_t)addr->port;
    memcpy(key.bytes + 3, addr->ip, addr->family == 4 ? 4 : 16);
    return key;
}

static sim_host *host_at(const eid_simnet *net, const eid_netaddr *addr)
{
    sim_key key = key_of(addr);

    return eid__cidmap_find(&net->by_addr, eid_slice_of(key.bytes, sizeof key.bytes));
}

void eid_simnet_configure(eid_simnet *net, const eid_simnet_config *config)
{
    EID_ASSERT(config->delay_min_ns <= config->delay_max_ns);
    net->config = *config;
    if (net->config.in_flight_max == 0) net->config.in_flight_max = SIMNET_IN_FLIGHT_MAX;
}

eid_status eid_simnet_new(const eid_simnet_config *config, eid_simnet **out)
{
    eid_simnet *net = eid_alloc(sizeof *net);
    eid_random random;

    if (!net) return EID_FAIL(EID_KIND_NO_MEMORY, "for a simulated network");
    net->chance.state = config->seed;
    net->now_ns = 1;
    net->trace = UINT64_C(0xcbf29ce484222325);
    random = eid_random_of_seeded(&net->chance);
    eid__cidmap_init(&net->by_addr, &random);
    eid_simnet_configure(net, config);
    *out = net;
    return EID_OK;
}

void eid_simnet_free(eid_simnet *net)
{
    if (!net) return;
    for (size_t i = 0; i < net->host_count; i++) eid_free(net->hosts[i]);
    for (size_t i = 0; i < net->flight_count; i++) eid_free(net->flight[i]);
    eid__cidmap_fini(&net->by_addr);
    eid_free(net->hosts);
    eid_free(net->is_cut);
    eid_free(net->flight);
    eid_free(net);
}

uint64_t eid_simnet_now_ns(const eid_simnet *net)
{
    return net->now_ns;
}

uint64_t eid_simnet_trace(const eid_simnet *net)
{
    return net->trace;
}

uint64_t eid_simnet_wall_ms(void *self)
{
    const sim_host *host = self;

    return SIMNET_EPOCH_MS + host->net->now_ns / SIMNET_MILLION;
}

/* --- datagrams under way --- */

static bool datagram_is_before(const sim_datagram *a, const sim_datagram *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

static void flight_push(eid_simnet *net, sim_datagram *datagram)
{
    size_t at = net->flight_count++;

    while (at > 0 && datagram_is_before(datagram, net->flight[(at - 1) / 2])) {
        net->flight[at] = net->flight[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    net->flight[at] = datagram;
}

static sim_datagram *flight_pop(eid_simnet *net)
{
    sim_datagram *first = net->flight[0], *last = net->flight[--net->flight_count];
    size_t at = 0;

    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= net->flight_count) break;
        if (child + 1 < net->flight_count &&
            datagram_is_before(net->flight[child + 1], net->flight[child])) {
            child++;
        }
        if (!datagram_is_before(net->flight[child], last)) break;
        net->flight[at] = net->flight[child];
        at = child;
    }
    if (net->flight_count > 0) net->flight[at] = last;
    return first;
}

static bool flight_reserve(eid_simnet *net)
{
    size_t cap = net->flight_cap == 0 ? 64 : 2 * net->flight_cap;
    sim_datagram **grown;

    if (net->flight_count < net->flight_cap) return true;
    grown = eid_realloc(net->flight, cap * sizeof(sim_datagram *));
    if (!grown) return false;
    net->flight = grown;
    net->flight_cap = cap;
    return true;
}

/* Put one copy on its way; without memory or room it is lost, as on any network. */
static void datagram_launch(eid_simnet *net, const eid_netaddr *from, const eid_netaddr *to,
                            eid_slice bytes)
{
    uint64_t spread_ns = net->config.delay_max_ns - net->config.delay_min_ns + 1;
    uint64_t delay_ns = net->config.delay_min_ns + eid_random_below(&net->chance, spread_ns);
    sim_datagram *datagram;

    if (net->flight_count >= net->config.in_flight_max || !flight_reserve(net)) return;
    datagram = eid_alloc(sizeof *datagram + bytes.len);
    if (!datagram) return;
    datagram->due_ns = net->now_ns + delay_ns;
    datagram->order = net->order++;
    datagram->from = *from;
    datagram->to = *to;
    datagram->len = bytes.len;
    memcpy(datagram->bytes, bytes.at, bytes.len);
    flight_push(net, datagram);
}

/* FNV-1a: it has to tell runs apart, not to withstand anybody. */
static void trace_add(eid_simnet *net, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < len; i++) net->trace = (net->trace ^ at[i]) * UINT64_C(0x100000001b3);
}

static void datagram_send(eid_simnet *net, const eid_netaddr *from, const eid_netaddr *to,
                          eid_slice bytes)
{
    sim_key from_key = key_of(from), to_key = key_of(to);
    bool is_lost = eid_random_below(&net->chance, SIMNET_MILLION) < net->config.loss_ppm;
    bool is_twice = eid_random_below(&net->chance, SIMNET_MILLION) < net->config.duplicate_ppm;

    trace_add(net, &net->now_ns, sizeof net->now_ns);
    trace_add(net, &from_key, sizeof from_key);
    trace_add(net, &to_key, sizeof to_key);
    trace_add(net, bytes.at, bytes.len);
    if (!is_lost) datagram_launch(net, from, to, bytes);
    if (is_twice) datagram_launch(net, from, to, bytes);
}

static size_t pair_index(size_t a, size_t b)
{
    return a < b ? b * (b - 1) / 2 + a : a * (a - 1) / 2 + b;
}

static void datagram_deliver(eid_simnet *net, const sim_datagram *datagram)
{
    const sim_host *to = host_at(net, &datagram->to);
    const sim_host *from = host_at(net, &datagram->from);

    if (!to || !to->endpoint) return;
    if (from && from != to && net->is_cut[pair_index(from->index, to->index)]) return;
    eid_endpoint_on_datagrams(to->endpoint, &to->inside, &datagram->from,
                              eid_slice_of(datagram->bytes, datagram->len), 0);
    eid_endpoint_flush(to->endpoint);
}

/* --- hosts --- */

static uint64_t world_now_ns(void *self)
{
    const sim_host *host = self;

    return host->net->now_ns;
}

static eid_status world_send(void *self, const eid_netaddr *local, const eid_netaddr *remote,
                             eid_slice bytes, size_t segment)
{
    sim_host *host = self;

    (void)local;
    while (bytes.len > 0) {
        size_t len = segment > 0 && segment < bytes.len ? segment : bytes.len;

        datagram_send(host->net, &host->outside, remote, eid_slice_of(bytes.at, len));
        bytes = eid_slice_of(bytes.at + len, bytes.len - len);
    }
    return EID_OK;
}

static void world_timer_set(void *self, uint64_t due_ns)
{
    sim_host *host = self;

    host->timer_ns = due_ns;
}

/* Room for one more host and its links. */
static eid_status hosts_reserve(eid_simnet *net)
{
    size_t cap = net->host_cap == 0 ? 8 : 2 * net->host_cap, pairs = cap * (cap - 1) / 2;
    sim_host **hosts;
    bool *is_cut;

    if (net->host_count < net->host_cap) return EID_OK;
    hosts = eid_realloc(net->hosts, cap * sizeof(sim_host *));
    if (hosts) net->hosts = hosts;
    is_cut = eid_realloc(net->is_cut, pairs * sizeof(bool));
    if (is_cut) net->is_cut = is_cut;
    if (!hosts || !is_cut) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu simulated hosts", cap);
    for (size_t i = pair_index(0, net->host_cap == 0 ? 1 : net->host_cap); i < pairs; i++) {
        is_cut[i] = false;
    }
    net->host_cap = cap;
    return EID_OK;
}

eid_status eid_simnet_host(eid_simnet *net, const eid_netaddr *addr, eid_endpoint_world *world,
                           size_t *index)
{
    eid_status status = hosts_reserve(net);
    sim_key key = key_of(addr);
    sim_host *host;

    if (status != EID_OK) return status;
    EID_ASSERT(host_at(net, addr) == NULL);
    host = eid_alloc(sizeof *host);
    if (!host) return EID_FAIL(EID_KIND_NO_MEMORY, "for a simulated host");
    status = eid__cidmap_put(&net->by_addr, eid_slice_of(key.bytes, sizeof key.bytes), host);
    if (status != EID_OK) {
        eid_free(host);
        return status;
    }
    host->net = net;
    host->index = net->host_count;
    host->inside = host->outside = *addr;
    host->timer_ns = host->other_ns = UINT64_MAX;
    net->hosts[net->host_count++] = host;
    *index = host->index;
    *world = (eid_endpoint_world){host, world_now_ns, world_send, world_timer_set};
    return EID_OK;
}

void eid_simnet_attach(eid_simnet *net, size_t host, eid_endpoint *endpoint)
{
    EID_ASSERT(host < net->host_count);
    net->hosts[host]->endpoint = endpoint;
    if (!endpoint) net->hosts[host]->timer_ns = UINT64_MAX;
}

eid_status eid_simnet_rebind(eid_simnet *net, size_t index, const eid_netaddr *addr)
{
    sim_key old, new = key_of(addr);
    sim_host *host;

    EID_ASSERT(index < net->host_count);
    EID_ASSERT(host_at(net, addr) == NULL);
    host = net->hosts[index];
    old = key_of(&host->outside);
    eid__cidmap_remove(&net->by_addr, eid_slice_of(old.bytes, sizeof old.bytes), host);
    host->outside = *addr;
    return eid__cidmap_put(&net->by_addr, eid_slice_of(new.bytes, sizeof new.bytes), host);
}

void eid_simnet_link(eid_simnet *net, size_t a, size_t b, bool up)
{
    EID_ASSERT(a < net->host_count && b < net->host_count && a != b);
    net->is_cut[pair_index(a, b)] = !up;
}

void eid_simnet_timer(eid_simnet *net, size_t host, uint64_t due_ns, void (*fn)(void *self),
                      void *self)
{
    EID_ASSERT(host < net->host_count);
    net->hosts[host]->other_ns = due_ns;
    net->hosts[host]->other = fn;
    net->hosts[host]->other_self = self;
}

/* --- time --- */

/* When the next event is, and whose; NULL = a datagram arrives. */
static uint64_t net_next(const eid_simnet *net, sim_host **whose)
{
    uint64_t due_ns = net->flight_count > 0 ? net->flight[0]->due_ns : UINT64_MAX;

    *whose = NULL;
    for (size_t i = 0; i < net->host_count; i++) {
        sim_host *host = net->hosts[i];
        uint64_t host_ns = host->timer_ns < host->other_ns ? host->timer_ns : host->other_ns;

        if (host_ns >= due_ns) continue;
        due_ns = host_ns;
        *whose = host;
    }
    return due_ns;
}

static void host_run_timer(sim_host *host)
{
    if (host->other_ns <= host->timer_ns) {
        host->other_ns = UINT64_MAX;
        host->other(host->other_self);
    } else {
        host->timer_ns = UINT64_MAX;
        if (host->endpoint) eid_endpoint_on_timer(host->endpoint);
    }
    if (host->endpoint) eid_endpoint_flush(host->endpoint);
}

bool eid_simnet_step(eid_simnet *net, uint64_t until_ns)
{
    sim_datagram *datagram;
    uint64_t due_ns;
    sim_host *host;

    for (size_t i = 0; i < net->host_count; i++) { /* what was asked for since the last step */
        if (net->hosts[i]->endpoint) eid_endpoint_flush(net->hosts[i]->endpoint);
    }
    due_ns = net_next(net, &host);
    if (due_ns == UINT64_MAX || due_ns > until_ns) {
        if (until_ns != UINT64_MAX && until_ns > net->now_ns) net->now_ns = until_ns;
        return false;
    }
    if (due_ns > net->now_ns) net->now_ns = due_ns;
    if (host) {
        host_run_timer(host);
    } else {
        datagram = flight_pop(net);
        datagram_deliver(net, datagram);
        eid_free(datagram);
    }
    return true;
}
