/* Instance: a node's identity and its system databases, made once, opened ever after.
 *
 * `_users`, `_databases` (and `_sync`, made when sync first starts) are ordinary databases signed
 * by the device key. Source: spec 06 §1, §7; spec 07 §1.
 */
#ifndef EID_NODE_USER_INSTANCE_H
#define EID_NODE_USER_INSTANCE_H

#include "node/db/engine.h"
#include "node/user/session.h"

/* Whether the store holds an instance. */
EID_MUST_CHECK eid_status eid_instance_exists(eid_engine *engine, bool *out);
/* Make device key, system databases, secrets, metadata (last), and the first user, who becomes
 * admin. Errors: INSTANCE_EXISTS, USER_NAME. `password` NULL = passwordless. A crash half-way
 * leaves nothing that stops a second try; an instance without users gets its first user here too.
 */
EID_MUST_CHECK eid_status eid_instance_create(eid_engine *engine, eid_slice username,
                                              const eid_slice *password, eid_session **session);
/* Check metadata and device key. Errors: INSTANCE_NOT_INITIALIZED, INSTANCE_KEY_MISMATCH,
 * INSTANCE_SECRETS. The key is the caller's to wipe. */
EID_MUST_CHECK eid_status eid_instance_open(eid_engine *engine, eid_instance_record *record,
                                            eid_key *device);
/* The `_sync` database, made if missing. */
EID_MUST_CHECK eid_status eid_instance_sync_database(eid_engine *engine, const eid_key *device,
                                                     eid_id *root);

#endif
