/* Records: the few named values of a node in `meta`, and blobs.
 *
 * InstanceMetadata and InstanceSecrets as spec 07 §1.3, the format version, and free values of
 * other modules under their own prefix. Presence of the metadata = the store is initialised.
 */
#ifndef EID_STORAGE_RECORDS_H
#define EID_STORAGE_RECORDS_H

#include "dag/id.h"
#include "storage/index.h"

typedef struct eid_instance_record {
    uint8_t device[32]; /* public key */
    eid_id users_db, databases_db;
    bool has_sync_db;
    eid_id sync_db;
} eid_instance_record;

/* NOT_FOUND bare if not initialised. */
EID_MUST_CHECK eid_status eid_records_instance(const eid_at *at, eid_instance_record *out);
EID_MUST_CHECK eid_status eid_records_set_instance(eid_batch *batch,
                                                   const eid_instance_record *record);
/* The device key's seed; NOT_FOUND bare. The caller wipes it. */
EID_MUST_CHECK eid_status eid_records_secret(const eid_at *at, uint8_t seed[32]);
EID_MUST_CHECK eid_status eid_records_set_secret(eid_batch *batch, const uint8_t seed[32]);
/* Free values: `name` is text of at most 200 bytes, by convention "module/what". */
EID_MUST_CHECK eid_status eid_records_get(const eid_at *at, const char *name, eid_buf *out);
EID_MUST_CHECK eid_status eid_records_set(eid_batch *batch, const char *name, eid_slice value);
EID_MUST_CHECK eid_status eid_records_delete(eid_batch *batch, const char *name);

#define EID_BLOB_BYTES_MAX (64u * 1024u * 1024u)
/* Raw blocks; re-hashed when read. */
EID_MUST_CHECK eid_status eid_records_put_blob(eid_batch *batch, const eid_id *id, eid_slice bytes);
EID_MUST_CHECK eid_status eid_records_blob(const eid_at *at, const eid_id *id, eid_buf *out);

#endif
