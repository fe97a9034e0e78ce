/* Answers: control methods that the engine's process answers beside those of sync, for the public
 * interface in process and for the server alike.
 *
 * | method    | arguments | result                                                      |
 * |-----------|-----------|-------------------------------------------------------------|
 * | explain   | root, id  | {"id","verdict","visible","void","voided_by","judged","rule",    |
 * |           |           |  "source","reason",                                          |
 * |           |           |  "awaits" (if it does),"signer","strict","pinned":[…],       |
 * |           |           |  "settings":[{"database","record","entry"}],"parents":[…]}  |
 * | sigkeys   | root, key | {"ways":[{"permission","sigkey"}]}, strongest first          |
 * | sync_disk |           | {}                                                          |
 * | voids     | root      | {"entries":[{"id","by" (or null),"signer","settings"}]}      |
 * | users     |           | {"names":[…]}                                               |
 */
#ifndef EID_NODE_SERVICE_ANSWERS_H
#define EID_NODE_SERVICE_ANSWERS_H

#include "node/db/engine.h"

/* Answer one of them; anything else goes to the engine's own control. Result appended to `out`. */
EID_MUST_CHECK eid_status eid_service_answer(eid_engine *engine, const char *method, eid_slice args,
                                             void (*progress)(void *arg, eid_slice json), void *arg,
                                             eid_buf *out);

#endif
