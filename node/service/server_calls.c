/* Our own calls: one for each function of the seam, by name, in a table that also says who may.
 * They name no identity; what any proven key of the login may do, the login may do. A failed call
 * is answered with its kind, also when its arguments made no sense. */
#include "dag/alloc.h"
#include "node/service/answers.h"
#include "node/service/frame.h"
#include "node/service/server_call.h"

typedef enum call_gate {
    CALL_ANYBODY,
    CALL_LOGIN,
    CALL_READ,  /* of the database `root` */
    CALL_ADMIN, /* of the database, or of the node */
} call_gate;

static const struct call_rule {
    const char *name;
    call_gate gate;
    bool may_miss; /* NOT_FOUND is an answer */
    eid_status (*run)(eid__call *call);
} call_rules[] = {
    {"users", CALL_ANYBODY, false, eid__call_users},
    {"attach", CALL_ANYBODY, false, eid__call_attach},
    {"token", CALL_LOGIN, false, eid__call_token},
    {"databases", CALL_LOGIN, false, eid__call_databases},
    {"info", CALL_READ, true, eid__call_info},
    {"begin", CALL_READ, false, eid__call_begin},
    {"submit", CALL_LOGIN, false, eid__call_submit}, /* the engine judges it */
    {"repair", CALL_ADMIN, false, eid__call_submit},
    {"tips", CALL_READ, false, eid__call_tips},
    {"added", CALL_READ, false, eid__call_added},
    {"value", CALL_READ, true, eid__call_value},
    {"doc", CALL_READ, true, eid__call_doc},
    {"children", CALL_READ, true, eid__call_children},
    {"doc_at", CALL_READ, true, eid__call_doc_at},
    {"payloads", CALL_READ, true, eid__call_payloads},
    {"text", CALL_READ, true, eid__call_text_doc},
    {"find", CALL_READ, true, eid__call_find},
    {"set_index", CALL_READ, false, eid__call_set_index}, /* of this node's copy */
    {"indexes", CALL_READ, true, eid__call_indexes},
    {"entry", CALL_READ, true, eid__call_entry},
    {"entries", CALL_READ, true, eid__call_entries},
    {"conflicts", CALL_READ, false, eid__call_conflicts},
    {"prune_conflicts", CALL_READ, false, eid__call_prune_conflicts}, /* it asks for more */
    {"subscribe", CALL_READ, false, eid__call_subscribe},
    {"unsubscribe", CALL_LOGIN, false, eid__call_unsubscribe},
    {"ingest", CALL_LOGIN, false, eid__call_ingest}, /* judged like a peer's */
    {"set_strict", CALL_ADMIN, false, eid__call_set_strict},
    {"set_shared", CALL_ADMIN, false, eid__call_set_shared},
    {"forget", CALL_ADMIN, false, eid__call_forget},
    {"check", CALL_READ, false, eid__call_check},
    {"control", CALL_LOGIN, false, eid__call_control},
};

static const struct call_rule *call_find(eid_slice name)
{
    for (size_t i = 0; i < sizeof call_rules / sizeof call_rules[0]; i++) {
        if (eid_slice_is(name, call_rules[i].name)) return &call_rules[i];
    }
    return NULL;
}

eid_status eid__call_root(const eid__call *call, eid_id *out)
{
    static const char *const members[] = {"root"};
    eid_fields fields;

    eid_fields_init(&fields, call->args, members, 1);
    eid_fields_id(&fields, 0, out);
    if (fields.status == EID_OK && eid_id_is_empty(out)) eid_fields_fail(&fields, "an empty root");
    return fields.status;
}

static eid_status call_check(const eid__call *call, const struct call_rule *rule)
{
    eid_id root;
    eid_status status = EID_OK;

    switch (rule->gate) {
    case CALL_ANYBODY:
        return EID_OK;
    case CALL_LOGIN:
        return eid__gate_login(call->connection, call->name);
    case CALL_READ:
        status = eid__gate_login(call->connection, call->name);
        if (status == EID_OK) status = eid__call_root(call, &root);
        if (status == EID_OK) status = eid__gate_any(call->connection, &root, EID_PERMISSION_READ);
        return status;
    case CALL_ADMIN:
        status = eid__gate_login(call->connection, call->name);
        if (status == EID_OK) status = eid__call_root(call, &root);
        if (status != EID_OK || eid__gate_is_node_admin(call->connection)) return status;
        return eid__gate_any(call->connection, &root, EID_PERMISSION_ADMIN);
    }
    return EID_OK;
}

/* {"Item":…}: one of many, before the answer. */
eid_status eid__call_item(eid__call *call, eid_slice json)
{
    eid_buf frame;
    eid_status status;

    eid_buf_init(&frame, EID_FRAME_BYTES_MAX);
    eid_buf_append_text(&frame, "{\"Item\":");
    eid_buf_append(&frame, json);
    eid_buf_append_byte(&frame, '}');
    status = eid_buf_status(&frame);
    if (status == EID_OK) status = eid__connection_write(call->connection, eid_buf_slice(&frame));
    eid_buf_fini(&frame);
    if (status != EID_OK) call->is_broken = true;
    return status;
}

static eid_status call_respond(eid__call *call, const struct call_rule *rule, eid_status status)
{
    eid_json_writer json;
    eid_buf out;

    if (call->is_broken) return status; /* nobody is there */
    if (status == EID_E_NOT_FOUND && rule && rule->may_miss) {
        return eid__respond_text(call->connection, "NotFound");
    }
    eid_buf_init(&out, EID_FRAME_BYTES_MAX);
    eid_json_writer_init(&json, &out);
    if (status == EID_OK) {
        eid_json_object(&json);
        eid_json_key(&json, "Result");
        eid_json_raw(&json, call->out->len > 0 ? eid_buf_slice(call->out) : eid_slice_text("{}"));
        eid_json_object_end(&json);
    } else {
        eid__write_error(&json, status, true);
    }
    status = eid_buf_status(&out);
    status = status == EID_OK ? eid__respond_raw(call->connection, eid_buf_slice(&out))
                              : eid__respond_error(call->connection, status);
    eid_buf_wipe(&out);
    return status;
}

eid_status eid__call_answer(eid__connection *connection, eid_slice content)
{
    static const char *const members[] = {"method", "args"};
    eid__call call = {.connection = connection, .seam = connection->server->seam};
    const struct call_rule *rule = NULL;
    eid_fields fields;
    eid_buf out;
    eid_status status;

    eid_buf_init(&out, EID_FRAME_BYTES_MAX - 64);
    eid_json_writer_init(&call.json, &out);
    call.out = &out;
    eid_fields_init(&fields, content, members, 2);
    call.name = eid_fields_string(&fields, 0);
    call.args = eid_fields_raw(&fields, 1);
    status = fields.status;
    if (status == EID_OK) {
        rule = call_find(eid_slice_text(call.name));
        if (!rule) status = EID_FAIL(EID_KIND_UNSUPPORTED, "this daemon knows no %s", call.name);
    }
    if (status == EID_OK) status = call_check(&call, rule);
    if (status == EID_OK) status = rule->run(&call);
    if (status == EID_OK) status = eid_buf_status(&out);
    status = call_respond(&call, rule, status);
    if (status == EID_OK) eid__notify_open(connection);
    eid_free(call.name);
    eid_buf_wipe(&out);
    return status;
}
