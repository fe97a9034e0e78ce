/* Calls about the node and about the connection itself. A long wait is cut into short ones, so that
 * a client that waits does not hold up the daemon's end. */
#include "dag/alloc.h"
#include "dag/base.h"
#include "node/service/answers.h"
#include "node/service/frame.h"
#include "node/service/server_call.h"
#include "node/service/sigkeys.h"

#define NODE_WAIT_STEP_MS 500u

eid_status eid__call_users(eid__call *call)
{
    return eid_service_answer(call->connection->server->engine, "users", call->args, NULL, NULL,
                              call->out);
}

eid_status eid__call_token(eid__call *call)
{
    eid_buf text;
    eid_status status;

    eid_buf_init(&text, 256);
    status = eid__login_token(call->connection, &text);
    if (status == EID_OK) {
        eid_json_object(&call->json);
        eid_json_key(&call->json, "token");
        eid_json_string(&call->json, eid_buf_slice(&text));
        eid_json_object_end(&call->json);
    }
    eid_buf_wipe(&text);
    return status;
}

eid_status eid__call_attach(eid__call *call)
{
    static const char *const members[] = {"token"};
    eid_fields fields;
    eid_buf text, token;
    eid_status status;

    eid_buf_init(&text, 256);
    eid_buf_init(&token, 256);
    eid_fields_init(&fields, call->args, members, 1);
    eid_fields_text(&fields, 0, &text);
    if (fields.status == EID_OK && !eid_hex_decode(eid_buf_slice(&text), &token)) {
        eid_fields_fail(&fields, "no token");
    }
    status = fields.status;
    if (status == EID_OK) status = eid__login_attach(call->connection, eid_buf_slice(&token));
    eid_buf_wipe(&text);
    eid_buf_wipe(&token);
    return status;
}

/* -- subscriptions ----------------------------------------------------------------------------- */

/* The gate lets through what is not held: who may not read it must not be told when it comes. */
static eid_status node_need_held(const eid__call *call, const eid_id *root)
{
    const eid_at at = {.kv = eid_engine_kv(call->connection->server->engine)};
    uint32_t number;

    if (eid_index_database(&at, root, &number) == EID_OK) return EID_OK;
    return EID_FAIL(EID_KIND_DATABASE_NOT_FOUND, "database %s is not here", eid_id_str(root));
}

eid_status eid__call_subscribe(eid__call *call)
{
    static const char *const members[] = {"root", "subscription", "since"};
    eid_idset since = EID_IDSET_EMPTY;
    eid_fields fields;
    uint64_t id;
    bool has_since;
    eid_id root;
    eid_status status;

    eid_fields_init(&fields, call->args, members, 3);
    eid_fields_id(&fields, 0, &root);
    id = eid_fields_uint(&fields, 1);
    has_since = eid_fields_has(&fields, 2);
    if (has_since) eid_fields_ids(&fields, 2, &since);
    if (fields.status == EID_OK && id == 0) eid_fields_fail(&fields, "a subscription is not 0");
    status = fields.status;
    if (status == EID_OK) status = node_need_held(call, &root);
    if (status == EID_OK) {
        status = eid__notify_subscribe(call->connection, id, &root, has_since ? &since : NULL);
    }
    eid_idset_fini(&since);
    return status;
}

eid_status eid__call_unsubscribe(eid__call *call)
{
    static const char *const members[] = {"subscription"};
    eid_id none = EID_ID_EMPTY;
    eid_fields fields;
    uint64_t id;

    eid_fields_init(&fields, call->args, members, 1);
    id = eid_fields_uint(&fields, 0);
    if (fields.status == EID_OK && id != 0) eid__notify_unsubscribe(call->connection, id, &none);
    return fields.status;
}

/* -- control ----------------------------------------------------------------------------------- */

static void node_on_progress(void *arg, eid_slice json)
{
    eid__call *call = arg;

    if (!call->is_broken && eid__call_item(call, json) != EID_OK) call->is_broken = true;
}

/* Methods that change what others rely on ask for more than a login. */
static eid_status node_check(eid__call *call, const char *method, eid_slice args)
{
    eid__call inner = {.connection = call->connection, .args = args};
    eid_pubkey key;
    eid_id root;
    eid_status status;

    if (strcmp(method, "sigkeys") == 0) {
        status = eid_service_sigkeys_key(args, &key);
        if (status != EID_OK || eid__login_has_key(call->connection->login, &key)) return status;
        return EID_FAIL(EID_KIND_AUTH_MISMATCH, "only a proven key is told what it may do");
    }
    if (strcmp(method, "explain") != 0 && strcmp(method, "voids") != 0 &&
        strcmp(method, "sync.share") != 0 && strcmp(method, "sync.unshare") != 0) {
        return EID_OK;
    }
    status = eid__call_root(&inner, &root);
    if (status != EID_OK) return status;
    if (strcmp(method, "sync.unshare") != 0) {
        return eid__gate_any(call->connection, &root, EID_PERMISSION_READ);
    }
    if (eid__gate_is_node_admin(call->connection)) return EID_OK;
    return eid__gate_any(call->connection, &root, EID_PERMISSION_ADMIN);
}

static eid_status node_wait_once(eid__call *call, eid_slice root, uint64_t timeout_ms)
{
    eid_json_writer json;
    eid_buf args;
    eid_status status;

    eid_buf_init(&args, 4096);
    eid_json_writer_init(&json, &args);
    eid_json_object(&json);
    if (root.len > 0) {
        eid_json_key(&json, "root");
        eid_json_raw(&json, root);
    }
    eid_json_key(&json, "timeout_ms");
    eid_json_uint(&json, timeout_ms);
    eid_json_object_end(&json);
    status = eid_buf_status(&args);
    eid_buf_clear(call->out);
    if (status == EID_OK) {
        status = call->seam->control(call->seam->self, "sync.wait", eid_buf_slice(&args), NULL,
                                     NULL, call->out);
    }
    eid_buf_fini(&args);
    return status;
}

static eid_status node_wait(eid__call *call, eid_slice args)
{
    static const char *const members[] = {"root", "timeout_ms"};
    eid_fields fields;
    uint64_t left;
    bool is_endless;
    eid_status status;

    eid_fields_init(&fields, args, members, 2);
    left = eid_fields_has(&fields, 1) ? eid_fields_uint(&fields, 1) : 0;
    if (fields.status != EID_OK) return fields.status;
    is_endless = left == 0;
    for (;;) {
        uint64_t step = is_endless || left > NODE_WAIT_STEP_MS ? NODE_WAIT_STEP_MS : left;

        status = node_wait_once(call, fields.raw[0], step);
        if (status != EID_E_TIMEOUT) return status;
        if (!is_endless) left -= step;
        if (!is_endless && left == 0) return status;
        if (atomic_load(&call->connection->server->is_stopping)) {
            return EID_FAIL(EID_KIND_SERVICE_CLOSED, "the daemon stops");
        }
    }
}

eid_status eid__call_control(eid__call *call)
{
    static const char *const members[] = {"method", "args"};
    eid_fields fields;
    eid_slice args;
    char *method;
    eid_status status;

    eid_fields_init(&fields, call->args, members, 2);
    method = eid_fields_string(&fields, 0);
    args = eid_fields_has(&fields, 1) ? eid_fields_raw(&fields, 1) : eid_slice_text("{}");
    status = fields.status;
    if (status == EID_OK) status = node_check(call, method, args);
    if (status == EID_OK && strcmp(method, "sync.wait") == 0) {
        status = node_wait(call, args);
    } else if (status == EID_OK) {
        status = eid_service_answer(call->connection->server->engine, method, args,
                                    node_on_progress, call, call->out);
    }
    eid_free(method);
    return status;
}
