/* Tree: an ordered map of bytes whose old versions stay readable; private to this folder.
 *
 * A version is a pointer to a root node, counted. Changing copies the path to the change, and only
 * what another version can see; so a snapshot is one count, and readers need no lock.
 * Counts are atomic: versions may be dropped by any thread. A root that is being changed belongs to
 * one thread.
 */
#ifndef EID_STORAGE_TREE_H
#define EID_STORAGE_TREE_H

#include "dag/bytes.h"

typedef struct eid__tree eid__tree; /* NULL = the empty map */

/* Ref and unref; NULL is allowed. */
eid__tree *eid__tree_ref(eid__tree *tree);
void eid__tree_unref(eid__tree *tree);

/* A pair, lent for as long as the version it was found in is held. */
typedef struct eid__tree_pair {
    eid_slice key, value;
} eid__tree_pair;

/* Set or remove a key in *root, which the caller owns one count of. `priority` is random (any
 * number will do for order, chance keeps the tree flat). False without memory: *root is still a
 * map, and has to be dropped. */
bool eid__tree_put(eid__tree **root, eid_slice key, eid_slice value, uint64_t priority);
bool eid__tree_delete(eid__tree **root, eid_slice key);

bool eid__tree_find(const eid__tree *tree, eid_slice key, eid__tree_pair *out);
/* The first pair after `key` (or at it, with `at`). */
bool eid__tree_after(const eid__tree *tree, eid_slice key, bool at, eid__tree_pair *out);
/* The last pair before `key`. */
bool eid__tree_before(const eid__tree *tree, eid_slice key, eid__tree_pair *out);
bool eid__tree_last(const eid__tree *tree, eid__tree_pair *out);

#endif
