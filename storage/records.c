/* Names of records begin with what they are, so that no free value can be taken for a secret or for
 * a key of the index ("db/", "dbn/", "store/"). */
#include "storage/records.h"

#include "dag/cbor.h"
#include "dag/hash.h"
#include "storage/index_parts.h"

#define INSTANCE_NAME "instance"
#define SECRET_NAME "secret/device"
#define FREE_PREFIX "free/"
#define NAME_BYTES_MAX 200u
#define INSTANCE_BYTES_MAX 1024u

static void instance_read_root(eid_cbor *cbor, eid_slice name, eid_instance_record *out)
{
    if (eid_slice_is(name, "users_db")) {
        eid_cbor_link(cbor, &out->users_db);
    } else if (eid_slice_is(name, "databases_db")) {
        eid_cbor_link(cbor, &out->databases_db);
    } else if (!eid_slice_is(name, "sync_db")) {
        eid_cbor_skip(cbor);
    } else if (eid_cbor_peek(cbor) == EID_CBOR_NULL) {
        eid_cbor_null(cbor);
    } else {
        out->has_sync_db = true;
        eid_cbor_link(cbor, &out->sync_db);
    }
}

static eid_status instance_read(eid_slice bytes, eid_instance_record *out)
{
    eid_slice last = EID_SLICE_EMPTY;
    bool has_device = false;
    eid_status status;
    eid_cbor cbor;

    eid_cbor_init(&cbor, bytes);
    for (size_t left = eid_cbor_map(&cbor); left > 0; left--) {
        eid_slice name = eid_cbor_key(&cbor, &last);

        if (eid_slice_is(name, "id")) {
            eid_slice device = eid_cbor_bytes(&cbor);

            has_device = device.len == sizeof out->device;
            if (has_device) memcpy(out->device, device.at, device.len);
        } else {
            instance_read_root(&cbor, name, out);
        }
    }
    status = eid_cbor_finish(&cbor);
    if (status == EID_E_NO_MEMORY) return status;
    if (status != EID_OK || !has_device) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "the record of the instance cannot be read");
    }
    return EID_OK;
}

eid_status eid_records_instance(const eid_at *at, eid_instance_record *out)
{
    eid_buf value;
    eid_status status;

    memset(out, 0, sizeof *out);
    eid_buf_init(&value, INSTANCE_BYTES_MAX);
    status = eid__at_get(at, EID_FAMILY_META, eid_slice_text(INSTANCE_NAME), &value);
    if (status == EID_OK) status = instance_read(eid_buf_slice(&value), out);
    eid_buf_fini(&value);
    return status;
}

eid_status eid_records_set_instance(eid_batch *batch, const eid_instance_record *record)
{
    eid_buf value;
    eid_status status;

    eid_buf_init(&value, INSTANCE_BYTES_MAX);
    eid_cbor_put_map(&value, 4);
    eid_cbor_put_string(&value, "id");
    eid_cbor_put_bytes(&value, eid_slice_of(record->device, sizeof record->device));
    eid_cbor_put_string(&value, "sync_db");
    if (record->has_sync_db) {
        eid_cbor_put_link(&value, &record->sync_db);
    } else {
        eid_cbor_put_null(&value);
    }
    eid_cbor_put_string(&value, "users_db");
    eid_cbor_put_link(&value, &record->users_db);
    eid_cbor_put_string(&value, "databases_db");
    eid_cbor_put_link(&value, &record->databases_db);
    status = eid_buf_status(&value);
    if (status == EID_OK) {
        status = eid_batch_put(batch, EID_FAMILY_META, eid_slice_text(INSTANCE_NAME),
                               eid_buf_slice(&value));
    }
    eid_buf_fini(&value);
    return status;
}

eid_status eid_records_secret(const eid_at *at, uint8_t seed[32])
{
    eid_buf value;
    eid_status status;

    eid_buf_init(&value, 64);
    status = eid__at_get(at, EID_FAMILY_META, eid_slice_text(SECRET_NAME), &value);
    if (status == EID_OK && value.len != 32) {
        status = EID_FAIL(EID_KIND_STORE_CORRUPT, "the device key has %zu bytes", value.len);
    }
    if (status == EID_OK) memcpy(seed, value.at, 32);
    eid_buf_wipe(&value);
    return status;
}

eid_status eid_records_set_secret(eid_batch *batch, const uint8_t seed[32])
{
    return eid_batch_put(batch, EID_FAMILY_META, eid_slice_text(SECRET_NAME),
                         eid_slice_of(seed, 32));
}

/* The key of a free value; ended with eid_buf_fini(), also after an error. */
static eid_status free_key(const char *name, eid_buf *out)
{
    size_t len = strlen(name);

    eid_buf_init(out, sizeof FREE_PREFIX + NAME_BYTES_MAX);
    if (len == 0 || len > NAME_BYTES_MAX) {
        return EID_FAIL(EID_KIND_ARGUMENT, "a record's name has %zu bytes", len);
    }
    eid_buf_append_text(out, FREE_PREFIX);
    eid_buf_append_text(out, name);
    return eid_buf_status(out);
}

eid_status eid_records_get(const eid_at *at, const char *name, eid_buf *out)
{
    eid_buf key;
    eid_status status = free_key(name, &key);

    if (status == EID_OK) status = eid__at_get(at, EID_FAMILY_META, eid_buf_slice(&key), out);
    eid_buf_fini(&key);
    return status;
}

eid_status eid_records_set(eid_batch *batch, const char *name, eid_slice value)
{
    eid_buf key;
    eid_status status = free_key(name, &key);

    if (status == EID_OK) {
        status = eid_batch_put(batch, EID_FAMILY_META, eid_buf_slice(&key), value);
    }
    eid_buf_fini(&key);
    return status;
}

eid_status eid_records_delete(eid_batch *batch, const char *name)
{
    eid_buf key;
    eid_status status = free_key(name, &key);

    if (status == EID_OK) status = eid_batch_delete(batch, EID_FAMILY_META, eid_buf_slice(&key));
    eid_buf_fini(&key);
    return status;
}

/* Do the bytes have this id? False too for a hash that we cannot compute. */
static bool blob_matches(const eid_id *id, eid_slice bytes)
{
    uint8_t digest[EID_HASH_BYTES];
    eid_id_parts parts;

    eid_id_parts_of(id, &parts);
    if (parts.hash_code == EID_HASHCODE_BLAKE3) {
        eid_hash_blake3(bytes, digest);
    } else if (parts.hash_code == EID_HASHCODE_SHA256) {
        eid_hash_sha256(bytes, digest);
    } else {
        return false;
    }
    return eid_slice_equal(parts.digest, eid_slice_of(digest, sizeof digest));
}

eid_status eid_records_put_blob(eid_batch *batch, const eid_id *id, eid_slice bytes)
{
    if (bytes.len > EID_BLOB_BYTES_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "a block of %zu bytes", bytes.len);
    }
    if (!blob_matches(id, bytes)) {
        return EID_FAIL(EID_KIND_ID_FORMAT, "the bytes do not have the id %s", eid_id_str(id));
    }
    return eid_batch_put(batch, EID_FAMILY_BLOB, eid_id_slice(id), bytes);
}

eid_status eid_records_blob(const eid_at *at, const eid_id *id, eid_buf *out)
{
    eid_status status = eid__at_get(at, EID_FAMILY_BLOB, eid_id_slice(id), out);

    if (status == EID_OK && !blob_matches(id, eid_buf_slice(out))) {
        eid_buf_clear(out);
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "the bytes of %s have another id", eid_id_str(id));
    }
    return status;
}
