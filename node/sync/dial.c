/* All addresses of a peer are tried at once: a node behind several networks answers on the one that
 * works, and a dead address costs nothing but a few packets. Names are resolved by the net's
 * workers; an attempt outlives its connections until each has answered. */
#include <stdio.h>

#include "dag/alloc.h"
#include "node/sync/network.h"

#define DIAL_CONNS_MAX 32u

struct eid__dial {
    eid__dial *next;
    eid_sync_service *service;
    uint64_t attempt;
    uint8_t node[32];
    size_t resolving; /* names that have no answer yet */
    uint64_t conns[DIAL_CONNS_MAX];
    size_t conn_count;
    bool is_over;     /* connected or given up; freed when nothing is under way */
    eid_close reason; /* of the last failure; a wrong key is kept */
    char text[160];
};

static void dial_unlink(eid__dial *dial)
{
    eid__dial **at = &dial->service->dials;

    while (*at != dial) at = &(*at)->next;
    *at = dial->next;
    eid_free(dial);
}

static void dial_note(eid__dial *dial, eid_close reason, const char *text)
{
    if (dial->reason == EID_CLOSE_WRONG_KEY) return;
    dial->reason = reason;
    snprintf(dial->text, sizeof dial->text, "%s", text);
}

/* If nothing is under way: tell the engine (once) and free. */
static void dial_review(eid__dial *dial)
{
    eid_sync_service *service = dial->service;
    eid__dial copy = *dial;

    if (dial->resolving > 0 || dial->conn_count > 0) return;
    dial_unlink(dial);
    if (!copy.is_over) {
        eid_sync_on_dial_failed(service->sync, copy.attempt, copy.reason, copy.text);
        eid__network_signal(service);
    }
}

static void dial_address(eid__dial *dial, const eid_netaddr *address)
{
    uint64_t conn;

    if (dial->is_over || dial->conn_count == DIAL_CONNS_MAX) return;
    if (eid_net_dial(dial->service->net, address, dial->node, &conn) == EID_OK) {
        dial->conns[dial->conn_count++] = conn;
    } else {
        dial_note(dial, EID_CLOSE_UNREACHABLE, "no way to that address from here");
    }
}

static void dial_on_resolved(void *arg, const eid_netaddr *at, size_t count)
{
    eid__dial *dial = arg;

    dial->resolving--;
    if (count == 0) dial_note(dial, EID_CLOSE_UNREACHABLE, "the host name has no address");
    for (size_t i = 0; i < count; i++) dial_address(dial, &at[i]);
    dial_review(dial);
}

eid_status eid__dial_start(eid_sync_service *service, const eid_quic_address *address,
                           uint64_t *attempt)
{
    eid__dial *dial = eid_alloc(sizeof *dial);

    if (!dial) return EID_FAIL(EID_KIND_NO_MEMORY, "dialling");
    dial->service = service;
    dial->attempt = *attempt = ++service->next_attempt;
    dial->reason = EID_CLOSE_UNREACHABLE;
    memcpy(dial->node, address->node, sizeof dial->node);
    dial->next = service->dials;
    service->dials = dial;
    dial->resolving = 1; /* holds it while names are asked for */
    for (size_t i = 0; i < address->count; i++) {
        const eid_candidate_addr *candidate = &address->at[i];

        if (candidate->klass == 'r')
            continue; /* rendezvous needs a relay's help: a later version */
        dial->resolving++;
        if (eid_net_resolve(service->net, candidate->host, candidate->port, dial_on_resolved,
                            dial) != EID_OK) {
            dial->resolving--;
        }
    }
    dial->resolving--;
    if (dial->resolving == 0 && dial->conn_count == 0) {
        dial_unlink(dial);
        return EID_FAIL(EID_KIND_CONNECT, "none of the peer's addresses can be dialled from here");
    }
    return EID_OK;
}

static eid__dial *dial_of(eid_sync_service *service, uint64_t conn, size_t *at)
{
    for (eid__dial *dial = service->dials; dial; dial = dial->next) {
        for (size_t i = 0; i < dial->conn_count; i++) {
            if (dial->conns[i] != conn) continue;
            *at = i;
            return dial;
        }
    }
    return NULL;
}

bool eid__dial_connected(eid_sync_service *service, uint64_t conn)
{
    eid_endpoint *endpoint = eid_net_endpoint(service->net);
    size_t at;
    eid__dial *dial = dial_of(service, conn, &at);
    uint64_t losers[DIAL_CONNS_MAX];
    size_t loser_count = 0;

    if (!dial) return false;
    if (dial->is_over) { /* a second address answered too */
        eid_endpoint_close(endpoint, conn, EID_CLOSE_DUPLICATE, "another address was faster");
        return false;
    }
    dial->is_over = true;
    dial->conns[at] = dial->conns[--dial->conn_count];
    for (size_t i = 0; i < dial->conn_count; i++) losers[loser_count++] = dial->conns[i];
    if (dial->resolving == 0 && dial->conn_count == 0) dial_unlink(dial);
    for (size_t i = 0; i < loser_count; i++) {
        eid_endpoint_close(endpoint, losers[i], EID_CLOSE_DUPLICATE, "another address was faster");
    }
    return true;
}

bool eid__dial_closed(eid_sync_service *service, uint64_t conn, eid_close reason, const char *text)
{
    size_t at;
    eid__dial *dial = dial_of(service, conn, &at);

    if (!dial) return false;
    dial->conns[at] = dial->conns[--dial->conn_count];
    dial_note(dial, reason, text);
    dial_review(dial);
    return true;
}

void eid__dial_free_all(eid_sync_service *service)
{
    while (service->dials) {
        eid__dial *dial = service->dials;

        service->dials = dial->next;
        eid_free(dial);
    }
}
