/* Each method is a function of parsed arguments and a writer. They run on the caller's thread; what
 * concerns the engine is done on the network thread by eid_net_call(), and waits are for the
 * service's change counter. */
#include "node/sync/control.h"

#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/base.h"
#include "node/sync/control_internal.h"
#include "transport/ticket.h"

#define CONTROL_TICK_MS 200 /* a wait looks again at least so often */

const char *eid__call_text(const eid__call *call, const char *name)
{
    return json_string_value(json_object_get(call->args, name));
}

uint64_t eid__call_timeout_ms(const eid__call *call)
{
    json_int_t value = json_integer_value(json_object_get(call->args, "timeout_ms"));

    return value > 0 ? (uint64_t)value : 0;
}

static eid_status call_read_root(eid__call *call)
{
    const char *text = eid__call_text(call, "root");

    if (!text) return EID_OK;
    call->has_root = true;
    return eid_id_parse(eid_slice_text(text), &call->root);
}

static eid_status call_need_root(const eid__call *call)
{
    if (call->has_root && !eid_id_is_empty(&call->root)) return EID_OK;
    return EID_FAIL(EID_KIND_ARGUMENT, "the root of a database is missing");
}

/* Key and proof; the proof must be this device's for this database. */
eid_status eid__call_proof(const eid__call *call, const eid_id *root, eid_sync_proof *out)
{
    const char *key = eid__call_text(call, "key"), *proof = eid__call_text(call, "proof");
    eid_buf signature, message;
    bool holds = false;
    eid_status status;

    if (!key || !proof) return EID_FAIL(EID_KIND_ARGUMENT, "key and proof are missing");
    status = eid_pubkey_parse(eid_slice_text(key), &out->key);
    if (status != EID_OK) return status;
    eid_buf_init(&signature, 256);
    eid_buf_init(&message, 256);
    eid_sync_proof_message(root, call->service->device.pub.bytes, &message);
    if (eid_base64_decode(eid_slice_text(proof), true, &signature) &&
        signature.len == sizeof out->signature) {
        memcpy(out->signature, signature.at, sizeof out->signature);
        holds = eid_key_verify(&out->key, eid_buf_slice(&message), eid_buf_slice(&signature));
    }
    eid_buf_fini(&signature);
    eid_buf_fini(&message);
    if (!holds) return EID_FAIL(EID_KIND_AUTH_SIGNATURE, "the proof does not hold for this device");
    return EID_OK;
}

uint64_t eid__control_now_ms(const eid_sync_service *service)
{
    return service->seam->clock->monotonic_ns(service->seam->clock->self) / 1000000;
}

/* Wait for a change, a tick at most. The lock is held. */
void eid__control_wait_tick(eid_sync_service *service)
{
    uint64_t until_ms = eid_clock_system()->wall_ms(NULL) + CONTROL_TICK_MS;
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000) * 1000000};

    pthread_cond_timedwait(&service->changed, &service->lock, &until);
}

typedef struct control_share {
    eid_sync_service *service;
    eid_id root;
    bool shared;
    eid_status status;
} control_share;

static void share_on_net(void *arg)
{
    control_share *share = arg;
    eid_sync_service *service = share->service;

    share->status = eid_sync_source_share(service->source, &share->root, share->shared);
    eid_sync_on_peers_changed(service->sync);
    eid_sync_on_write(service->sync, &share->root); /* rights are looked at again */
}

eid_status eid__control_set_shared(eid_sync_service *service, const eid_id *root, bool shared)
{
    control_share share = {service, *root, shared, EID_OK};
    eid_status status = service->seam->set_shared(service->seam->self, root, shared);

    if (status == EID_OK) status = eid_net_call(service->net, share_on_net, &share);
    return status == EID_OK ? share.status : status;
}

static eid_status control_ticket(const eid_sync_service *service, const eid_id *root,
                                 const char *name, eid_buf *out)
{
    char text[EID_ADDRESS_TEXT_MAX];
    eid_quic_address address;
    eid_ticket ticket;
    eid_status status;

    memset(&ticket, 0, sizeof ticket);
    ticket.database = *root;
    eid__network_addresses(service, &address);
    status = eid_quic_address_format(&address, text);
    if (status == EID_OK) status = eid_ticket_add(&ticket, "quic", text);
    if (status == EID_OK && name && *name && strlen(name) <= 64) {
        ticket.name = eid_memdup(name, strlen(name));
    }
    if (status == EID_OK) status = eid_ticket_format(&ticket, out);
    eid_ticket_fini(&ticket);
    return status;
}

static eid_status method_share(eid__call *call)
{
    eid_sync_proof proof;
    eid_buf ticket;
    eid_status status = call_need_root(call);

    if (status == EID_OK) status = eid__call_proof(call, &call->root, &proof);
    if (status == EID_OK) status = eid__network_add_proof(call->service, &call->root, &proof);
    if (status == EID_OK) status = eid__control_set_shared(call->service, &call->root, true);
    if (status != EID_OK) return status;
    eid_buf_init(&ticket, EID_TICKET_BYTES_MAX);
    status = control_ticket(call->service, &call->root, eid__call_text(call, "name"), &ticket);
    if (status == EID_OK) {
        eid_json_key(&call->writer, "ticket");
        eid_json_string(&call->writer, eid_buf_slice(&ticket));
    }
    eid_buf_fini(&ticket);
    return status;
}

static eid_status method_unshare(eid__call *call)
{
    eid_status status = call_need_root(call);

    return status == EID_OK ? eid__control_set_shared(call->service, &call->root, false) : status;
}

static const struct control_method {
    const char *name;
    eid_status (*run)(eid__call *call);
} control_methods[] = {
    {"sync.share", method_share},     {"sync.unshare", method_unshare},
    {"sync.join", eid__method_join},  {"sync.status", eid__method_status},
    {"sync.now", eid__method_now},    {"sync.wait", eid__method_wait},
    {"peer.list", eid__method_peers}, {"net.info", eid__method_net_info},
};

static const struct control_method *control_find(const char *method)
{
    for (size_t i = 0; i < EID_COUNT(control_methods); i++) {
        if (strcmp(control_methods[i].name, method) == 0) return &control_methods[i];
    }
    return NULL;
}

static eid_status control_run(void *self, const char *method, eid_slice args,
                              void (*progress)(void *arg, eid_slice json), void *arg, eid_buf *out)
{
    eid__call call = {.service = self, .progress = progress, .progress_arg = arg};
    const struct control_method *found = control_find(method);
    eid_status status;

    if (!found) return EID_FAIL(EID_KIND_UNSUPPORTED, "no method named %s", method);
    call.args = args.len ? json_loadb((const char *)args.at, args.len, 0, NULL) : json_object();
    if (!json_is_object(call.args)) {
        json_decref(call.args);
        return EID_FAIL(EID_KIND_JSON, "the arguments of %s are no JSON object", method);
    }
    eid_json_writer_init(&call.writer, out);
    eid_json_object(&call.writer);
    status = call_read_root(&call);
    if (status == EID_OK) status = found->run(&call);
    eid_json_object_end(&call.writer);
    json_decref(call.args);
    return status == EID_OK ? eid_buf_status(out) : status;
}

eid_status eid_sync_service_start(eid_engine *engine, const eid_sync_config *config,
                                  eid_sync_service **out)
{
    eid_sync_service *service = eid_alloc(sizeof *service);
    eid_status status;

    if (!service) return EID_FAIL(EID_KIND_NO_MEMORY, "sync service");
    service->engine = engine;
    service->seam = eid_engine_seam(engine);
    service->device = *config->device;
    pthread_mutex_init(&service->lock, NULL);
    pthread_cond_init(&service->changed, NULL);
    status = eid__network_start(service, config);
    if (status != EID_OK) {
        eid_sync_service_stop(service);
        return status;
    }
    eid_engine_set_control(engine, control_run, service);
    *out = service;
    return EID_OK;
}

void eid_sync_service_stop(eid_sync_service *service)
{
    if (!service) return;
    pthread_mutex_lock(&service->lock);
    service->stops = true; /* calls that wait here come back */
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->lock);
    eid_engine_set_control(service->engine, NULL, NULL);
    eid__network_stop(service);
    pthread_cond_destroy(&service->changed);
    pthread_mutex_destroy(&service->lock);
    eid_key_wipe(&service->device);
    eid_free(service);
}

size_t eid_sync_service_listen_count(const eid_sync_service *service)
{
    return service->listen_count;
}

const char *eid_sync_service_listen(const eid_sync_service *service, size_t i)
{
    EID_ASSERT(i < service->listen_count);
    return service->listens[i];
}
