/* Sigkeys: the ways of a key in a database as the service's JSON, both directions (seam.sigkeys is
 * the control method "sigkeys"). */
#ifndef EID_NODE_SERVICE_SIGKEYS_H
#define EID_NODE_SERVICE_SIGKEYS_H

#include "node/db/engine.h"

/* The answer {"ways":[{"permission":"write:10","sigkey":{…}}]}, appended; args {"root","key"}. */
EID_MUST_CHECK eid_status eid_service_answer_sigkeys(eid_engine *engine, eid_slice args,
                                                     eid_buf *out);
/* The key that such arguments ask about. */
EID_MUST_CHECK eid_status eid_service_sigkeys_key(eid_slice args, eid_pubkey *out);

#endif
