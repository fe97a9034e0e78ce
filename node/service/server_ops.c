/* The requests of the specification, so that its own clients can talk to this node. Each operation
 * writes its answer into a buffer; one place turns failures into error frames. What cannot be read
 * as the operation it claims to be ends the connection. */
#include "dag/alloc.h"
#include "node/service/frame.h"
#include "node/service/server_op.h"
#include "storage/batch.h"

#define OP_NAME_MAX 256u

void eid__op_begin_answer(eid__op *op, const char *name)
{
    eid_json_object(&op->json);
    eid_json_key(&op->json, name);
}

eid_status eid__op_end_answer(eid__op *op)
{
    eid_json_object_end(&op->json);
    return eid_buf_status(op->json.out);
}

eid_status eid__op_answer_ids(eid__op *op, eid_ids ids)
{
    eid_json_object(&op->json);
    eid__write_ids(&op->json, "Ids", ids);
    return eid__op_end_answer(op);
}

eid_status eid__op_answer_ok(eid__op *op)
{
    eid_json_text(&op->json, "Ok");
    return eid_buf_status(op->json.out);
}

/* Whether the members could be read; then the failure is the client's. */
eid_status eid__op_read(eid__op *op, const eid_fields *fields)
{
    op->is_malformed = fields->status != EID_OK;
    return fields->status;
}

eid_status eid__op_not_found(const eid_id *id)
{
    return EID_FAIL(EID_KIND_ENTRY_NOT_FOUND, "entry not found: %s", eid_id_str(id));
}

/* "Verified" or "AllowUnverified". */
bool eid__op_scope_is_loose(eid_fields *fields, size_t i)
{
    eid_buf scope;
    bool is_loose;

    eid_buf_init(&scope, OP_NAME_MAX);
    eid_fields_text(fields, i, &scope);
    is_loose = eid_slice_is(eid_buf_slice(&scope), "AllowUnverified");
    if (!is_loose && !eid_slice_is(eid_buf_slice(&scope), "Verified")) {
        eid_fields_fail(fields, "an unknown scope");
    }
    eid_buf_fini(&scope);
    return is_loose;
}

/* -- subscriptions ----------------------------------------------------------------------------- */

static eid_status op_subscribe(eid__op *op)
{
    static const char *const members[] = {"tips"};
    eid_idset tips = EID_IDSET_EMPTY;
    eid_fields fields;
    eid_status status;

    eid_fields_init(&fields, op->content, members, 1);
    eid_fields_ids(&fields, 0, &tips);
    status = eid__op_read(op, &fields);
    if (status == EID_OK) {
        status = eid__notify_subscribe(op->connection, 0, &op->root, tips.count > 0 ? &tips : NULL);
    }
    eid_idset_fini(&tips);
    return status == EID_OK ? eid__op_answer_ok(op) : status;
}

static eid_status op_unsubscribe(eid__op *op)
{
    eid__notify_unsubscribe(op->connection, 0, &op->root);
    return eid__op_answer_ok(op);
}

/* -- the instance's record --------------------------------------------------------------------- */

static void metadata_write(const eid_seam *seam, eid_json_writer *json)
{
    eid_id users_db, databases_db, sync_db;
    char text[EID_KEY_TEXT_MAX];
    eid_pubkey device;

    eid_json_object(json);
    eid_json_key(json, "InstanceMetadata");
    if (seam->instance(seam->self, &device, &users_db, &databases_db, &sync_db) != EID_OK) {
        eid_json_null(json);
        eid_json_object_end(json);
        return;
    }
    eid_json_object(json);
    eid_json_key(json, "id");
    eid_json_text(json, eid_pubkey_text(&device, text));
    eid__write_id(json, "users_db", &users_db);
    eid__write_id(json, "databases_db", &databases_db);
    if (eid_id_is_empty(&sync_db)) {
        eid_json_key(json, "sync_db");
        eid_json_null(json);
    } else {
        eid__write_id(json, "sync_db", &sync_db);
    }
    eid_json_object_end(json);
    eid_json_object_end(json);
}

eid_status eid__op_metadata(eid__connection *connection)
{
    eid_json_writer json;
    eid_buf out;
    eid_status status;

    eid_buf_init(&out, 4096);
    eid_json_writer_init(&json, &out);
    metadata_write(connection->server->seam, &json);
    status = eid_buf_status(&out);
    if (status == EID_OK) status = eid__respond_raw(connection, eid_buf_slice(&out));
    eid_buf_fini(&out);
    return status;
}

static eid_status metadata_set(eid__op *op, const eid_instance_record *wanted)
{
    eid_instance_record now;
    eid_batch *batch = NULL;
    eid_status status = eid_records_instance(&op->at, &now);

    if (status != EID_OK) return status;
    if (memcmp(now.device, wanted->device, sizeof now.device) != 0 ||
        !eid_id_equal(&now.users_db, &wanted->users_db) ||
        !eid_id_equal(&now.databases_db, &wanted->databases_db)) {
        return EID_FAIL(EID_KIND_UNSUPPORTED, "the identity of an instance does not change");
    }
    status = eid_batch_new(op->at.kv, &batch);
    if (status == EID_OK) status = eid_records_set_instance(batch, wanted);
    if (status == EID_OK) status = eid_batch_write(batch, EID_DURABLE_SYNC);
    eid_batch_free(batch);
    return status == EID_OK ? eid__op_answer_ok(op) : status;
}

/* Admin on `_databases`, whatever database the request names. */
static eid_status op_set_metadata(eid__op *op)
{
    static const char *const outer[] = {"metadata"};
    static const char *const members[] = {"id", "users_db", "databases_db", "sync_db"};
    eid_instance_record record = {0};
    eid_id users_db, databases_db, sync_db;
    eid_fields fields, inner;
    eid_pubkey device;
    eid_status status;

    eid_fields_init(&fields, op->content, outer, 1);
    eid_fields_init(&inner, eid_fields_raw(&fields, 0), members, 4);
    eid_fields_pubkey(&inner, 0, &device);
    eid_fields_id(&inner, 1, &record.users_db);
    eid_fields_id(&inner, 2, &record.databases_db);
    record.has_sync_db = eid_fields_has(&inner, 3);
    if (record.has_sync_db) eid_fields_id(&inner, 3, &record.sync_db);
    status = eid__op_read(op, &fields);
    if (status == EID_OK) status = eid__op_read(op, &inner);
    if (status != EID_OK) return status;
    memcpy(record.device, device.bytes, sizeof record.device);
    status = op->seam->instance(op->seam->self, &device, &users_db, &databases_db, &sync_db);
    if (status == EID_OK) {
        status = eid__gate_identity(op->connection, &databases_db, &op->identity.key,
                                    EID_PERMISSION_ADMIN);
    }
    return status == EID_OK ? metadata_set(op, &record) : status;
}

/* -- the request ------------------------------------------------------------------------------- */

typedef enum op_gate { OP_GATE_READ, OP_GATE_LOGIN } op_gate;

static const struct op_rule {
    const char *name;
    bool has_content; /* {"Name":…} and not "Name" */
    op_gate gate;
    eid_status (*run)(eid__op *op);
} op_rules[] = {
    {"BeginTransaction", true, OP_GATE_READ, eid__op_begin},
    {"SubmitSignedEntry", true, OP_GATE_LOGIN, eid__op_submit}, /* the engine judges it */
    {"GetVerifiedTips", false, OP_GATE_READ, eid__op_verified_tips},
    {"GetStoreState", true, OP_GATE_READ, eid__op_store_state},
    {"GetStoreEntries", true, OP_GATE_READ, eid__op_store_entries},
    {"GetStoreTipsUpToEntries", true, OP_GATE_READ, eid__op_store_tips},
    {"ComputeMergeState", true, OP_GATE_READ, eid__op_merge_state},
    {"GetEntry", true, OP_GATE_READ, eid__op_entry},
    {"GetCachedCrdtState", true, OP_GATE_READ, eid__op_cache_get},
    {"CacheCrdtState", true, OP_GATE_READ, eid__op_cache_put},
    {"SetInstanceMetadata", true, OP_GATE_LOGIN, op_set_metadata}, /* its own gate */
    {"SubscribeWrites", true, OP_GATE_READ, op_subscribe},
    {"UnsubscribeWrites", false, OP_GATE_READ, op_unsubscribe},
};

static const struct op_rule *op_find(eid_slice name, bool has_content)
{
    for (size_t i = 0; i < sizeof op_rules / sizeof op_rules[0]; i++) {
        if (op_rules[i].has_content == has_content && eid_slice_is(name, op_rules[i].name)) {
            return &op_rules[i];
        }
    }
    return NULL;
}

static eid_status op_check(eid__op *op, const struct op_rule *rule)
{
    if (rule->gate == OP_GATE_LOGIN) return eid__gate_login(op->connection, "database operation");
    return eid__gate_identity(op->connection, &op->root, &op->identity.key, EID_PERMISSION_READ);
}

/* Read what is asked and of whom; errors here end the connection. */
static eid_status op_prepare(eid__op *op, eid_slice content, const struct op_rule **rule)
{
    static const char *const members[] = {"root_id", "identity", "op"};
    eid_fields fields;
    eid_buf name;
    eid_slice raw;
    eid_status status;

    eid_fields_init(&fields, content, members, 3);
    eid_fields_id(&fields, 0, &op->root);
    raw = eid_fields_raw(&fields, 1);
    if (fields.status != EID_OK) return fields.status;
    status = eid_sigkey_read_json(raw, &op->identity);
    if (status != EID_OK) return status;
    eid_buf_init(&name, OP_NAME_MAX);
    status = eid__read_tag(eid_fields_raw(&fields, 2), &name, &op->content);
    if (status == EID_OK) {
        *rule = op_find(eid_buf_slice(&name), op->content.len > 0);
        if (!*rule) status = EID_FAIL(EID_KIND_SERVICE_FRAME, "an unknown operation");
    }
    eid_buf_fini(&name);
    return status;
}

eid_status eid__op_database(eid__connection *connection, eid_slice content)
{
    eid__op op = {.connection = connection, .seam = connection->server->seam};
    const struct op_rule *rule = NULL;
    eid_buf out;
    eid_status status;

    op.at.kv = eid_engine_kv(connection->server->engine);
    eid_buf_init(&out, EID_FRAME_BYTES_MAX);
    eid_json_writer_init(&op.json, &out);
    status = op_prepare(&op, content, &rule);
    if (status != EID_OK) goto done;
    status = op_check(&op, rule);
    if (status == EID_OK) status = rule->run(&op);
    if (status != EID_OK && op.is_malformed) goto done;
    status = status == EID_OK ? eid__respond_raw(connection, eid_buf_slice(&out))
                              : eid__respond_error(connection, status);
    eid__notify_open(connection);

done:
    eid_sigkey_owned_fini(&op.identity);
    eid_buf_fini(&out);
    return status;
}
