/* Repair: giving rights back to a database whose settings hold none any more (spec 04 §8, T7).
 *
 * `auth` of the settings may be gone or no document; a node of ours never writes that, a malicious
 * admin's may. Nobody can sign for such a database then, so the entry that stages new rights is
 * judged by those. That holds here only: every other node judges it by what it pins, refuses it,
 * and with it all that is built on it. Whoever has the store can take such a database over, which
 * is why it is kept, said loudly, and never done for a received entry.
 */
#ifndef EID_NODE_DB_REPAIR_H
#define EID_NODE_DB_REPAIR_H

#include "node/db/write.h"

/* Accept an entry that was judged invalid just now in this write, if it repairs; else nothing
 * changes. */
EID_MUST_CHECK eid_status eid__repair_try(eid__write *write, const eid_entry *entry);
/* Whether this node has accepted an entry as a repair: it stays Verified. */
EID_MUST_CHECK eid_status eid__repair_has(eid_kv *kv, const eid_id *root, const eid_id *id,
                                          bool *out);

#endif
