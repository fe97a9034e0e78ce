/* A key never leaves the process that its user logged in to: what goes to the sync engine, here or
 * in the daemon, is that key's signature for this node's device key. */
#include "auth/sigkey.h"
#include "dag/alloc.h"
#include "dag/base.h"
#include "node/api_internal.h"
#include "node/service/fields.h"
#include "node/sync/control.h"
#include "node/sync/engine.h"
#include "node/user/instance.h"
#include "node/user/session.h"
#include "transport/ticket.h"

#define SYNC_ARGS_MAX (128u * 1024u)

static eid_status sync_start(eidetica_instance *instance, const char *const *listen, size_t count)
{
    eid_sync_config config = {.listen = listen, .listen_count = count, .device = &instance->key};
    eid_status status;

    if (!instance->engine) return EID_FAIL(EID_KIND_UNSUPPORTED, "the daemon does the syncing");
    if (instance->sync) return EID_FAIL(EID_KIND_INSTANCE_RUNNING, "sync runs already");
    status = eid_instance_sync_database(instance->engine, &instance->key, &config.sync_database);
    if (status != EID_OK) return status;
    return eid_sync_service_start(instance->engine, &config, &instance->sync);
}

eidetica_status eidetica_sync_start(eidetica_instance *instance, const char *const *listen,
                                    size_t listen_count)
{
    eid_status status = eid__api_need(instance, "instance");

    if (status != EID_OK) return eid__api_end(status);
    pthread_mutex_lock(&instance->lock);
    status = sync_start(instance, listen, listen_count);
    pthread_mutex_unlock(&instance->lock);
    return eid__api_end(status);
}

void eidetica_sync_stop(eidetica_instance *instance)
{
    eid_sync_service *sync;

    if (!instance) return;
    pthread_mutex_lock(&instance->lock);
    sync = instance->sync;
    instance->sync = NULL;
    pthread_mutex_unlock(&instance->lock);
    eid_sync_service_stop(sync);
}

/* Write "key" and "proof": that the key's owner lets this node sync the database. */
static eid_status sync_write_proof(eidetica_user *user, const eid_id *root, const eid_key *key,
                                   eid_json_writer *json)
{
    uint8_t signature[EID_SIGNATURE_BYTES];
    char text[EID_KEY_TEXT_MAX];
    eid_buf message, proof;
    eid_status status;

    eid_buf_init(&message, 4096);
    eid_buf_init(&proof, 4096);
    eid_sync_proof_message(root, user->instance->key.pub.bytes, &message);
    status = eid_buf_status(&message);
    if (status != EID_OK) goto done;
    eid_key_sign(key, eid_buf_slice(&message), signature);
    eid_base64_encode(eid_slice_of(signature, sizeof signature), true, &proof);
    eid_json_key(json, "key");
    eid_json_text(json, eid_pubkey_text(&key->pub, text));
    eid_json_key(json, "proof");
    eid_json_string(json, eid_buf_slice(&proof));
    status = eid_buf_status(&proof);

done:
    eid_buf_fini(&message);
    eid_buf_fini(&proof);
    return status;
}

/* One text of an answer. New: eid_free(). */
static eid_status sync_answer(eid_slice json, const char *name, char **out)
{
    eid_fields fields;

    eid_fields_init(&fields, json, &name, 1);
    *out = eid_fields_string(&fields, 0);
    return fields.status;
}

/* -- sharing ----------------------------------------------------------------------------------- */

static eid_status share_name(eidetica_db *db, eid_json_writer *json)
{
    eid_db_info info;
    eid_status status = db->seam->info(db->seam->self, &db->root, &info);

    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_DATABASE_NOT_FOUND, "database %s is not here", db->root_text);
    }
    if (status != EID_OK) return status;
    if (info.name) {
        eid_json_key(json, "name");
        eid_json_text(json, info.name);
    }
    eid_db_info_fini(&info);
    return EID_OK;
}

static eid_status share_call(eidetica_db *db, const eid_signer *signer, eid_buf *answer)
{
    eid_json_writer json;
    eid_buf args;
    eid_status status;

    eid_buf_init(&args, SYNC_ARGS_MAX);
    eid_json_writer_init(&json, &args);
    eid_json_object(&json);
    eid_json_key(&json, "root");
    eid_json_text(&json, db->root_text);
    status = sync_write_proof(db->user, &db->root, signer->key, &json);
    if (status == EID_OK) status = share_name(db, &json);
    eid_json_object_end(&json);
    if (status == EID_OK) status = eid_buf_status(&args);
    if (status == EID_OK) {
        status = db->seam->control(db->seam->self, "sync.share", eid_buf_slice(&args), NULL, NULL,
                                   answer);
    }
    eid_buf_fini(&args);
    return status;
}

static eid_status sync_share(eidetica_db *db, char **ticket)
{
    eid_session *session = db->user->session;
    eid_signer signer;
    eid_buf answer;
    eid_status status = eid__api_signer(db, &signer);

    eid_buf_init(&answer, EID__API_JSON_MAX);
    if (status == EID_OK) status = share_call(db, &signer, &answer);
    if (status == EID_OK) status = sync_answer(eid_buf_slice(&answer), "ticket", ticket);
    if (status == EID_OK) {
        status = eid_session_track(session, &db->root, &signer.key->pub, signer.identity, true);
    }
    eid_buf_fini(&answer);
    return status;
}

eidetica_status eidetica_share(eidetica_db *db, char **ticket)
{
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(ticket, "ticket");
    if (status == EID_OK) {
        *ticket = NULL;
        status = sync_share(db, ticket);
    }
    if (status != EID_OK && ticket) {
        eid_free(*ticket);
        *ticket = NULL;
    }
    return eid__api_end(status);
}

static eid_status sync_unshare(eidetica_db *db)
{
    const eid_seam *seam = db->seam;
    eid_signer signer;
    eid_buf args, answer;
    eid_status status;

    eid__api_root_args(db->root_text, false, 0, &args);
    eid_buf_init(&answer, EID__API_JSON_MAX);
    status = seam->control(seam->self, "sync.unshare", eid_buf_slice(&args), NULL, NULL, &answer);
    if (status == EID_E_STATE)
        status = seam->set_shared(seam->self, &db->root, false); /* no sync */
    if (status == EID_OK) status = eid__api_signer(db, &signer);
    if (status == EID_OK) {
        status = eid_session_track(db->user->session, &db->root, &signer.key->pub, signer.identity,
                                   false);
    }
    eid_buf_fini(&args);
    eid_buf_fini(&answer);
    return status;
}

eidetica_status eidetica_unshare(eidetica_db *db)
{
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need_admin(db->user, &db->root);
    return eid__api_end(status == EID_OK ? sync_unshare(db) : status);
}

/* -- joining ----------------------------------------------------------------------------------- */

typedef struct join_progress {
    eidetica_progress_fn fn;
    void *self;
} join_progress;

static void join_on_progress(void *arg, eid_slice json)
{
    static const char *const names[] = {"entries", "total", "bytes"};
    join_progress *call = arg;
    eidetica_progress progress;
    eid_fields fields;

    eid_fields_init(&fields, json, names, 3);
    progress.entries = eid_fields_has(&fields, 0) ? eid_fields_uint(&fields, 0) : 0;
    progress.total = eid_fields_has(&fields, 1) ? eid_fields_uint(&fields, 1) : 0;
    progress.bytes = eid_fields_has(&fields, 2) ? eid_fields_uint(&fields, 2) : 0;
    if (fields.status == EID_OK) call->fn(call->self, &progress);
}

static eid_status join_call(eidetica_user *user, const char *ticket, const eid_id *root,
                            const eid_key *key, uint64_t timeout_ms, join_progress *progress)
{
    const eid_seam *seam = user->seam;
    eid_json_writer json;
    eid_buf args, answer;
    eid_status status;

    eid_buf_init(&args, SYNC_ARGS_MAX);
    eid_buf_init(&answer, EID__API_JSON_MAX);
    eid_json_writer_init(&json, &args);
    eid_json_object(&json);
    eid_json_key(&json, "ticket");
    eid_json_text(&json, ticket);
    status = sync_write_proof(user, root, key, &json);
    eid_json_key(&json, "timeout_ms");
    eid_json_uint(&json, timeout_ms);
    eid_json_object_end(&json);
    if (status == EID_OK) status = eid_buf_status(&args);
    if (status == EID_OK) {
        status = seam->control(seam->self, "sync.join", eid_buf_slice(&args),
                               progress->fn ? join_on_progress : NULL, progress, &answer);
    }
    eid_buf_fini(&args);
    eid_buf_fini(&answer);
    return status;
}

typedef struct join_request {
    const char *ticket;
    uint64_t timeout_ms;
    join_progress progress;
} join_request;

/* The key that acts there already if there is one, else the user's own. */
static eid_status sync_join(eidetica_user *user, const join_request *request, eidetica_db **db)
{
    join_progress progress = request->progress;
    eid_signer signer = {.key = eid_session_root_key(user->session)}, known;
    eid_ticket ticket;
    eid_id root;
    eid_status status = eid_ticket_parse(eid_slice_text(request->ticket), &ticket);

    if (status != EID_OK) return status;
    root = ticket.database;
    eid_ticket_fini(&ticket);
    if (eid_session_signer(user->session, &root, &known) == EID_OK) signer = known;
    status = join_call(user, request->ticket, &root, signer.key, request->timeout_ms, &progress);
    if (status != EID_OK) return status;
    status = eid_session_track(user->session, &root, &signer.key->pub, signer.identity, true);
    return status == EID_OK ? eid__api_db_open(user, &root, db) : status;
}

eidetica_status eidetica_join(eidetica_user *user, const char *ticket, uint64_t timeout_ms,
                              eidetica_progress_fn progress, void *self, eidetica_db **db)
{
    join_request request = {ticket, timeout_ms, {progress, self}};
    eid_status status = eid__api_need(user, "user");

    if (status == EID_OK) status = eid__api_need(ticket, "ticket");
    if (status == EID_OK) status = eid__api_need(db, "db");
    if (status == EID_OK) {
        *db = NULL;
        status = sync_join(user, &request, db);
    }
    return eid__api_end(status);
}

/* -- questions --------------------------------------------------------------------------------- */

/* A control call whose answer is the result. */
static eidetica_status sync_ask(eidetica_instance *instance, const char *method, const char *root,
                                const uint64_t *timeout_ms, char **json)
{
    char *answer = NULL;
    eid_buf args;
    eid_id id;
    eid_status status = eid__api_need(instance, "instance");

    if (json) *json = NULL;
    if (status == EID_OK && root) status = eid_id_parse(eid_slice_text(root), &id);
    if (status != EID_OK) return eid__api_end(status);
    eid__api_root_args(root, timeout_ms != NULL, timeout_ms ? *timeout_ms : 0, &args);
    status = eid_buf_status(&args);
    if (status == EID_OK) {
        status = eid__api_control_text(instance, method, eid_buf_slice(&args), &answer);
    }
    eid_buf_fini(&args);
    if (status == EID_OK && json) {
        *json = answer;
        answer = NULL;
    }
    eid_free(answer);
    return eid__api_end(status);
}

eidetica_status eidetica_sync_wait(eidetica_instance *instance, const char *root,
                                   uint64_t timeout_ms)
{
    return sync_ask(instance, "sync.wait", root, &timeout_ms, NULL);
}

eidetica_status eidetica_sync_now(eidetica_instance *instance, const char *root)
{
    return sync_ask(instance, "sync.now", root, NULL, NULL);
}

eidetica_status eidetica_sync_status(eidetica_instance *instance, const char *root, char **json)
{
    eid_status status = eid__api_need(json, "json");

    return status == EID_OK ? sync_ask(instance, "sync.status", root, NULL, json)
                            : eid__api_end(status);
}

eidetica_status eidetica_peers(eidetica_instance *instance, char **json)
{
    eid_status status = eid__api_need(json, "json");

    return status == EID_OK ? sync_ask(instance, "peer.list", NULL, NULL, json)
                            : eid__api_end(status);
}

eidetica_status eidetica_net_info(eidetica_instance *instance, char **json)
{
    eid_status status = eid__api_need(json, "json");

    return status == EID_OK ? sync_ask(instance, "net.info", NULL, NULL, json)
                            : eid__api_end(status);
}
