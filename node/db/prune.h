/* Prune: which stores of a new entry say nothing and are left out (spec 01 §7,
 * "remove_empty_subtrees"). */
#ifndef EID_NODE_DB_PRUNE_H
#define EID_NODE_DB_PRUNE_H

#include "crdt/doc.h"
#include "dag/builder.h"

/* Whether a store stays: it has data that is not empty, or it has none and is a live row of the
 * entry's own
 * `_index` (NULL = the entry has none). */
bool eid_prune_keeps(eid_slice name, bool has_data, eid_slice data, const eid_doc *index);
/* Leave out what does not stay. Errors: ENTRY_INDEX_DATA when the `_index` payload is no Doc. */
EID_MUST_CHECK eid_status eid_prune_builder(eid_builder *builder);

#endif
