/* Opening is the only place that knows whether the data is in this process or behind a socket; all
 * that follows goes over the seam. */
#include <stdio.h>
#include <strings.h>

#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/engine.h"
#include "node/service/answers.h"
#include "node/service/client.h"
#include "node/service/server.h"
#include "node/sync/control.h"
#include "node/user/instance.h"

#define INSTANCE_ARGS_MAX 65536u

static eid_status instance_new(eidetica_instance **out)
{
    eidetica_instance *instance = eid_alloc(sizeof *instance);

    *out = NULL;
    if (!instance) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an instance");
    if (pthread_mutex_init(&instance->lock, NULL) != 0) {
        eid_free(instance);
        return EID_FAIL(EID_KIND_NO_MEMORY, "no lock for an instance");
    }
    *out = instance;
    return EID_OK;
}

/* The path of "unix://…"; NULL if it is another scheme. */
static const char *instance_socket(const char *url)
{
    return strncasecmp(url, "unix:", 5) == 0 ? url + 5 : NULL;
}

static eid_status instance_open_local(eidetica_instance *instance, const char *url, bool create)
{
    eid_engine_config config = {.url = url, .create = create};
    eid_status status = eid_engine_open(&config, &instance->engine);

    if (status == EID_OK) instance->seam = eid_engine_seam(instance->engine);
    return status;
}

/* Source: spec 07 §1.2. */
static eid_status instance_open_remote(eidetica_instance *instance, const char *rest)
{
    const char *path = strncmp(rest, "//", 2) == 0 ? rest + 2 : "";
    eid_id users_db, databases_db, sync_db;
    eid_status status;

    if (path[0] != '/' || strpbrk(path, "?#")) {
        return EID_FAIL(EID_KIND_URL, "unix:%s does not name a socket by its absolute path", rest);
    }
    instance->socket = eid_slice_dup_text(eid_slice_text(path));
    if (!instance->socket) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a path");
    status = eid_service_client_open(path, &instance->client);
    if (status != EID_OK) return status;
    instance->seam = eid_service_client_seam(instance->client);
    return instance->seam->instance(instance->seam->self, &instance->key.pub, &users_db,
                                    &databases_db, &sync_db);
}

static eid_status instance_load(eidetica_instance *instance)
{
    eid_instance_record record;
    eid_status status = EID_OK;

    if (instance->engine) status = eid_instance_open(instance->engine, &record, &instance->key);
    if (status == EID_OK) (void)eid_pubkey_text(&instance->key.pub, instance->device);
    return status;
}

static eid_status instance_make(const char *url, const char *username, const char *password,
                                eidetica_instance *instance, eid_session **session)
{
    eid_slice secret = password ? eid_slice_text(password) : EID_SLICE_EMPTY;
    eid_status status;

    if (instance_socket(url)) {
        return EID_FAIL(EID_KIND_URL, "a node cannot be created through a socket");
    }
    status = instance_open_local(instance, url, true);
    if (status == EID_OK) {
        status = eid_instance_create(instance->engine, eid_slice_text(username),
                                     password ? &secret : NULL, session);
    }
    return status == EID_OK ? instance_load(instance) : status;
}

eidetica_status eidetica_create(const char *url, const char *username, const char *password,
                                eidetica_instance **instance, eidetica_user **user)
{
    eidetica_instance *made = NULL;
    eid_session *session = NULL;
    eid_status status = eid__api_need(instance, "instance");

    if (status == EID_OK) status = eid__api_need(user, "user");
    if (status == EID_OK) status = eid__api_need(url, "url");
    if (status == EID_OK) status = eid__api_need(username, "username");
    if (status != EID_OK) goto done;
    *instance = NULL;
    *user = NULL;
    status = instance_new(&made);
    if (status != EID_OK) goto done;
    status = instance_make(url, username, password, made, &session);
    if (status != EID_OK) goto done;
    status = eid__api_user_new_take(made, NULL, &session, user);
    if (status != EID_OK) goto done;
    *instance = made;
    made = NULL;

done:
    eid_session_logout(session);
    eidetica_close(made);
    return eid__api_end(status);
}

eidetica_status eidetica_open(const char *url, eidetica_instance **instance)
{
    eidetica_instance *made = NULL;
    eid_status status = eid__api_need(instance, "instance");

    if (status == EID_OK) status = eid__api_need(url, "url");
    if (status != EID_OK) goto done;
    *instance = NULL;
    status = instance_new(&made);
    if (status != EID_OK) goto done;
    status = instance_socket(url) ? instance_open_remote(made, instance_socket(url))
                                  : instance_open_local(made, url, false);
    if (status == EID_OK) status = instance_load(made);
    if (status != EID_OK) goto done;
    *instance = made;
    made = NULL;

done:
    eidetica_close(made);
    return eid__api_end(status);
}

void eidetica_close(eidetica_instance *instance)
{
    if (!instance) return;
    eid_service_server_stop(instance->server); /* whose clients' calls may be in sync */
    eid_sync_service_stop(instance->sync);
    eid_service_client_close(instance->client);
    eid_engine_close(instance->engine);
    eid_key_wipe(&instance->key);
    eid_free(instance->socket);
    pthread_mutex_destroy(&instance->lock);
    eid_free(instance);
}

const char *eidetica_device(const eidetica_instance *instance)
{
    return instance->device;
}

const eid_seam *eid__api_instance_seam(eidetica_instance *instance)
{
    const eid_seam *seam = instance->seam;

    pthread_mutex_lock(&instance->lock);
    if (instance->client && instance->users) seam = instance->users->seam;
    pthread_mutex_unlock(&instance->lock);
    return seam;
}

eid_status eid__api_control(eidetica_instance *instance, const eid_seam *seam, const char *method,
                            eid_slice args, eid_buf *out)
{
    if (instance->engine) {
        return eid_service_answer(instance->engine, method, args, NULL, NULL, out);
    }
    return seam->control(seam->self, method, args, NULL, NULL, out);
}

eid_status eid__api_control_text(eidetica_instance *instance, const char *method, eid_slice args,
                                 char **json)
{
    eid_buf out;
    eid_status status;

    *json = NULL;
    eid_buf_init(&out, EID__API_JSON_MAX);
    status = eid__api_control(instance, eid__api_instance_seam(instance), method, args, &out);
    if (status == EID_OK) status = eid_buf_status(&out);
    if (status == EID_OK) {
        *json = eid_buf_take_text(&out);
        if (!*json) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an answer");
    }
    eid_buf_fini(&out);
    return status;
}

void eid__api_root_args(const char *root, bool has_timeout, uint64_t timeout_ms, eid_buf *out)
{
    eid_json_writer json;

    eid_buf_init(out, INSTANCE_ARGS_MAX);
    eid_json_writer_init(&json, out);
    eid_json_object(&json);
    if (root) {
        eid_json_key(&json, "root");
        eid_json_text(&json, root);
    }
    if (has_timeout) {
        eid_json_key(&json, "timeout_ms");
        eid_json_uint(&json, timeout_ms);
    }
    eid_json_object_end(&json);
}

eidetica_status eidetica_sync_disk(eidetica_instance *instance)
{
    char *json = NULL;
    eid_status status = eid__api_need(instance, "instance");

    if (status == EID_OK) {
        status = eid__api_control_text(instance, "sync_disk", eid_slice_text("{}"), &json);
    }
    eid_free(json);
    return eid__api_end(status);
}

eidetica_status eidetica_serve(eidetica_instance *instance, const char *socket_path)
{
    eid_status status = eid__api_need(instance, "instance");

    if (status == EID_OK) status = eid__api_need(socket_path, "socket_path");
    if (status != EID_OK) return eid__api_end(status);
    pthread_mutex_lock(&instance->lock);
    if (!instance->engine) {
        status = EID_FAIL(EID_KIND_UNSUPPORTED, "a daemon serves this instance already");
    } else if (instance->server) {
        status = EID_FAIL(EID_KIND_INSTANCE_RUNNING, "this instance is served already");
    } else {
        status = eid_service_server_start(instance->engine, socket_path, &instance->server);
    }
    pthread_mutex_unlock(&instance->lock);
    return eid__api_end(status);
}
