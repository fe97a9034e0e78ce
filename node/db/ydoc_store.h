/* YDoc store: a text document in a database (spec 03 §14), type "ydoc:v0": texts, maps and arrays
 * under names, that merge edit by edit.
 *
 * Seen through a transaction: the document is what was committed with the transaction's own edits;
 * the entry carries what is new in it. Every transaction edits under a client number of its own.
 * What was committed is fetched once. The transaction's thread.
 *
 * Not here: the edits and views themselves (crdt/ydoc.h).
 */
#ifndef EID_NODE_DB_YDOC_STORE_H
#define EID_NODE_DB_YDOC_STORE_H

#include "crdt/ydoc.h"
#include "node/db/docstore.h"

#define EID_TYPE_YDOC "ydoc:v0"

/* The document for reading. Borrowed until the transaction ends. Errors: STORE_TYPE, STORE_DECODE
 * (a payload that is none), STORE_YDOC (an update that is none, or of another engine). */
EID_MUST_CHECK eid_status eid_ydoc_store_read(eid_txn *txn, eid_slice store, const eid_ydoc **out);
/* The same for editing: the store is opened (registered) first, and what is done to the document
 * until the commit goes into the entry. */
EID_MUST_CHECK eid_status eid_ydoc_store_edit(eid_txn *txn, eid_slice store, eid_ydoc **out);
/* Let the entry carry the whole document instead of what is new. */
EID_MUST_CHECK eid_status eid_ydoc_store_save_whole(eid_txn *txn, eid_slice store);
/* Apply an update of another program. Errors: as above; nothing has changed by a refused one. */
EID_MUST_CHECK eid_status eid_ydoc_store_apply(eid_txn *txn, eid_slice store, eid_slice update);
/* Append the whole document as an update. */
EID_MUST_CHECK eid_status eid_ydoc_store_update(eid_txn *txn, eid_slice store, eid_buf *out);

#endif
