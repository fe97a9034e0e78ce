/* Shared by the files of the sync control: one call, its arguments and its answer. */
#ifndef EID_NODE_SYNC_CONTROL_INTERNAL_H
#define EID_NODE_SYNC_CONTROL_INTERNAL_H

#include "node/sync/network.h"

struct json_t; /* of the JSON library */

typedef struct eid__call {
    eid_sync_service *service;
    struct json_t *args;
    eid_json_writer writer; /* inside the answer's object */
    void (*progress)(void *arg, eid_slice json);
    void *progress_arg;
    eid_id root;
    bool has_root;
} eid__call;

/* control.c: arguments. Texts are lent; NULL if absent. */
const char *eid__call_text(const eid__call *call, const char *name);
uint64_t eid__call_timeout_ms(const eid__call *call);
/* `key` and `proof`: it must be this device's for this database. */
eid_status eid__call_proof(const eid__call *call, const eid_id *root, eid_sync_proof *out);
/* Mark as shared or not, for good and in the running engine. */
eid_status eid__control_set_shared(eid_sync_service *service, const eid_id *root, bool shared);
uint64_t eid__control_now_ms(const eid_sync_service *service);
/* Wait for a change, a fifth of a second at most. The service's lock is held. */
void eid__control_wait_tick(eid_sync_service *service);

/* control_join.c */
eid_status eid__method_join(eid__call *call);

/* control_views.c */
eid_status eid__method_status(eid__call *call);
eid_status eid__method_now(eid__call *call);
eid_status eid__method_wait(eid__call *call);
eid_status eid__method_peers(eid__call *call);
eid_status eid__method_net_info(eid__call *call);

#endif
