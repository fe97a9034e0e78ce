/* Password record: what the registry says of an encrypted store (spec 03 §13.1): how the key is
 * made of a password, and the sealed name of what is wrapped. Not thread-safe. */
#ifndef EID_NODE_DB_PASSWORD_RECORD_H
#define EID_NODE_DB_PASSWORD_RECORD_H

#include "auth/keyring.h"
#include "crdt/doc.h"

typedef struct eid__password_record {
    bool is_initialized; /* else the rest is empty */
    char *salt;          /* text; owned */
    eid_wrap_costs costs;
    eid_buf nonce, sealed; /* of the wrapped config */
} eid__password_record;
void eid__password_record_fini(eid__password_record *record);

/* Read a store's config. Errors: STORE_DECODE (a member is missing or malformed), STORE_CONFIG
 * (another cipher or key derivation). End with eid__password_record_fini(), also after errors. */
EID_MUST_CHECK eid_status eid__password_record_read(eid_slice store, const eid_doc *config,
                                                    eid__password_record *out);
/* The config of a record: an atomic Doc. New: eid_doc_free(). */
EID_MUST_CHECK eid_status eid__password_record_write(const eid__password_record *record,
                                                     eid_doc **out);

/* The plaintext of what is sealed in it: {"type":…,"config":…}, appended. */
EID_MUST_CHECK eid_status eid__password_wrapped_write(const char *type, const eid_doc *config,
                                                      eid_buf *out);
/* Its type; the config must be a Doc. New: eid_free(). Errors: STORE_DECODE. */
EID_MUST_CHECK eid_status eid__password_wrapped_read(eid_slice store, eid_slice json, char **type);

#endif
