/* Proofs are kept in the store's records, 96 bytes each: key, then signature. They are no secrets:
 * they are of use to this device alone. */
#include "node/sync/network.h"

#include <stdio.h>

#define PROOF_BYTES 96u
#define PROOFS_MAX 16u

static void proofs_record(const eid_id *root, char *out, size_t size)
{
    char text[EID_ID_TEXT_MAX];

    snprintf(out, size, "sync/proofs/%s", eid_id_format(root, text));
}

size_t eid__network_proofs(const eid_sync_service *service, const eid_id *root, eid_sync_proof *out,
                           size_t max)
{
    eid_at at = {.kv = eid_engine_kv(service->engine)};
    char name[200];
    size_t count = 0;
    eid_buf value;

    eid_buf_init(&value, 65536);
    proofs_record(root, name, sizeof name);
    if (eid_records_get(&at, name, &value) == EID_OK) {
        count = value.len / PROOF_BYTES;
        if (count > max) count = max;
        for (size_t i = 0; i < count; i++) {
            memcpy(out[i].key.bytes, value.at + i * PROOF_BYTES, 32);
            memcpy(out[i].signature, value.at + i * PROOF_BYTES + 32, 64);
        }
    }
    eid_buf_fini(&value);
    return count;
}

eid_status eid__network_add_proof(const eid_sync_service *service, const eid_id *root,
                                  const eid_sync_proof *proof)
{
    eid_sync_proof proofs[PROOFS_MAX];
    size_t count = eid__network_proofs(service, root, proofs, PROOFS_MAX - 1);
    eid_batch *batch = NULL;
    eid_buf value;
    char name[200];
    eid_status status;

    for (size_t i = 0; i < count; i++) {
        if (eid_pubkey_equal(&proofs[i].key, &proof->key)) return EID_OK;
    }
    proofs[count++] = *proof;
    eid_buf_init(&value, 65536);
    for (size_t i = 0; i < count; i++) {
        eid_buf_append(&value, eid_slice_of(proofs[i].key.bytes, 32));
        eid_buf_append(&value, eid_slice_of(proofs[i].signature, 64));
    }
    proofs_record(root, name, sizeof name);
    status = eid_buf_status(&value);
    if (status == EID_OK) status = eid_batch_new(eid_engine_kv(service->engine), &batch);
    if (status == EID_OK) status = eid_records_set(batch, name, eid_buf_slice(&value));
    if (status == EID_OK) status = eid_batch_write(batch, EID_DURABLE_SYNC);
    eid_batch_free(batch);
    eid_buf_fini(&value);
    return status;
}
