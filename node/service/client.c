/* Threads of a program ask at the same time, and some questions take long (a wait for peers, a walk
 * over a table), while the service answers one at a time on each connection: so there is a small
 * set of connections, made as they are needed and kept. */
#include "node/service/client.h"

#include "dag/alloc.h"
#include "node/service/client_internal.h"
#include "node/service/socket.h"

static eid_seam client_make_seam(eid_service_client *client)
{
    return (eid_seam){.self = client,
                      .clock = eid_clock_system(),
                      .random = eid_random_system(),
                      .is_remote = true,
                      .instance = eid__client_instance,
                      .databases = eid__client_databases,
                      .info = eid__client_info,
                      .begin = eid__client_begin,
                      .submit = eid__client_submit,
                      .repair = eid__client_repair,
                      .tips = eid__client_tips,
                      .added = eid__client_added,
                      .value = eid__client_value,
                      .doc = eid__client_doc,
                      .children = eid__client_children,
                      .doc_at = eid__client_doc_at,
                      .payloads = eid__client_payloads,
                      .text = eid__client_text,
                      .find = eid__client_find,
                      .set_index = eid__client_set_index,
                      .indexes = eid__client_indexes,
                      .entry = eid__client_entry,
                      .entries = eid__client_entries,
                      .conflicts = eid__client_conflicts,
                      .prune_conflicts = eid__client_prune_conflicts,
                      .subscribe = eid__client_subscribe,
                      .unsubscribe = eid__client_unsubscribe,
                      .ingest = eid__client_ingest,
                      .set_strict = eid__client_set_strict,
                      .set_shared = eid__client_set_shared,
                      .forget = eid__client_forget,
                      .check = eid__client_check,
                      .sigkeys = eid__client_sigkeys,
                      .prove = eid__client_prove,
                      .control = eid__client_control};
}

eid_status eid_service_client_open(const char *path, eid_service_client **out)
{
    eid_service_client *client = eid_alloc(sizeof *client);
    eid_status status;

    *out = NULL;
    if (!client) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a client");
    pthread_mutex_init(&client->lock, NULL);
    pthread_mutex_init(&client->feed_lock, NULL);
    pthread_mutex_init(&client->anchor_lock, NULL);
    pthread_cond_init(&client->freed, NULL);
    client->anchor = (eid__link){.fd = -1, .is_anchor = true};
    client->seam = client_make_seam(client);
    client->path = eid_slice_dup_text(eid_slice_text(path));
    status = client->path ? eid__link_open(path, &client->anchor.fd)
                          : EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a client");
    if (status != EID_OK) {
        eid_service_client_close(client);
        return status;
    }
    *out = client;
    return EID_OK;
}

void eid_service_client_close(eid_service_client *client)
{
    if (!client) return;
    eid__client_feed_free(client->feed);
    while (client->idle) {
        eid__link *link = client->idle;

        client->idle = link->next;
        eid__socket_close(link->fd);
        eid_free(link);
    }
    eid__socket_close(client->anchor.fd);
    if (client->token) eid_wipe(client->token, strlen(client->token));
    eid_free(client->token);
    eid_wipe(client->challenge, sizeof client->challenge);
    eid_free(client->path);
    pthread_cond_destroy(&client->freed);
    pthread_mutex_destroy(&client->anchor_lock);
    pthread_mutex_destroy(&client->feed_lock);
    pthread_mutex_destroy(&client->lock);
    eid_free(client);
}

const eid_seam *eid_service_client_seam(eid_service_client *client)
{
    return &client->seam;
}
