/* The records of an instance are written last and in one batch: whatever was made before a crash is
 * a database that nobody refers to, and creation simply starts again. */
#include "node/user/instance.h"

#include "dag/alloc.h"
#include "node/user/session_internal.h"
#include "storage/batch.h"

static eid_at instance_at(eid_engine *engine)
{
    return (eid_at){.kv = eid_engine_kv(engine)};
}

eid_status eid_instance_exists(eid_engine *engine, bool *out)
{
    eid_at at = instance_at(engine);
    eid_instance_record record;
    eid_status status = eid_records_instance(&at, &record);

    *out = status == EID_OK;
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* Write the metadata and, if given, the secret, at once. */
static eid_status instance_write(eid_engine *engine, const eid_instance_record *record,
                                 const eid_key *device)
{
    eid_batch *batch = NULL;
    eid_status status = eid_batch_new(eid_engine_kv(engine), &batch);

    if (status == EID_OK && device) status = eid_records_set_secret(batch, device->seed);
    if (status == EID_OK) status = eid_records_set_instance(batch, record);
    if (status == EID_OK) status = eid_batch_write(batch, EID_DURABLE_SYNC);
    eid_batch_free(batch);
    return status;
}

static eid_status instance_make_database(const eid_seam *seam, const eid_key *device,
                                         const char *name, const char *type,
                                         const char *description, eid_id *out)
{
    eid_doc *settings = NULL;
    eid_status status = eid__user_settings(type, eid_slice_text(name), description, &settings);

    if (status == EID_OK) {
        status = eid_txn_create_database(seam, settings, device, NULL, NULL, out);
    }
    eid_doc_free(settings);
    return status;
}

static eid_status instance_make(eid_engine *engine, eid_key *device)
{
    const eid_seam *seam = eid_engine_seam(engine);
    eid_instance_record record = {.has_sync_db = false};
    eid_status status;

    eid_key_generate(seam->random, device);
    memcpy(record.device, device->pub.bytes, sizeof record.device);
    status = instance_make_database(seam, device, "_users", "system", "User directory database",
                                    &record.users_db);
    if (status == EID_OK) {
        status = instance_make_database(seam, device, "_databases", "system",
                                        "Database tracking and registry", &record.databases_db);
    }
    return status == EID_OK ? instance_write(engine, &record, device) : status;
}

/* An instance that a crash left without users may be given its first one. */
static eid_status instance_reopen(eid_engine *engine, eid_key *device)
{
    eid_instance_record record;
    bool has_users;
    eid_status status = eid_instance_open(engine, &record, device);

    if (status == EID_OK) status = eid__user_any(eid_engine_seam(engine), &has_users);
    if (status == EID_OK && has_users) {
        status = EID_FAIL(EID_KIND_INSTANCE_EXISTS, "this store holds an instance with users");
    }
    return status;
}

eid_status eid_instance_create(eid_engine *engine, eid_slice username, const eid_slice *password,
                               eid_session **session)
{
    const eid_seam *seam = eid_engine_seam(engine);
    eid_key device = {0};
    bool exists;
    eid_status status;

    *session = NULL;
    status = eid__user_check_name(username);
    if (status != EID_OK) goto done;
    status = eid_instance_exists(engine, &exists);
    if (status != EID_OK) goto done;
    status = exists ? instance_reopen(engine, &device) : instance_make(engine, &device);
    if (status != EID_OK) goto done;
    status = eid__user_create(seam, &device, username, password);
    if (status != EID_OK) goto done;
    status = eid_session_login(seam, NULL, username, password, session);

done:
    eid_key_wipe(&device);
    return status;
}

eid_status eid_instance_open(eid_engine *engine, eid_instance_record *record, eid_key *device)
{
    eid_at at = instance_at(engine);
    uint8_t seed[EID_KEY_BYTES] = {0};
    eid_status status = eid_records_instance(&at, record);

    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_INSTANCE_NOT_INITIALIZED, "this store holds no instance");
    }
    if (status != EID_OK) return status;
    status = eid_records_secret(&at, seed);
    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_INSTANCE_SECRETS, "the device key of this instance is gone");
    }
    if (status != EID_OK) goto done;
    eid_key_from_seed(seed, device);
    if (memcmp(device->pub.bytes, record->device, sizeof record->device) != 0) {
        eid_key_wipe(device);
        status = EID_FAIL(EID_KIND_INSTANCE_KEY_MISMATCH,
                          "the device key is not the one that the instance was made with");
    }

done:
    eid_wipe(seed, sizeof seed);
    return status;
}

eid_status eid_instance_sync_database(eid_engine *engine, const eid_key *device, eid_id *root)
{
    eid_at at = instance_at(engine);
    eid_instance_record record;
    eid_status status = eid_records_instance(&at, &record);

    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_INSTANCE_NOT_INITIALIZED, "this store holds no instance");
    }
    if (status != EID_OK) return status;
    if (!record.has_sync_db) {
        status = instance_make_database(eid_engine_seam(engine), device, "_sync", "sync_settings",
                                        NULL, &record.sync_db);
        record.has_sync_db = true;
        if (status == EID_OK) status = instance_write(engine, &record, NULL);
    }
    if (status == EID_OK) *root = record.sync_db;
    return status;
}
