/* Path: '.'-separated components of document paths, normalised as spec 03 §4.
 *
 * A key without '.' is used verbatim, even when empty; with '.', empty components are dropped.
 */
#ifndef EID_CRDT_PATH_H
#define EID_CRDT_PATH_H

#include "dag/bytes.h"

/* Walks the components of a path: slices borrowed from it. */
typedef struct eid_path {
    eid_slice rest;
    bool verbatim; /* one component, given once */
    bool done;
} eid_path;

void eid_path_init(eid_path *path, eid_slice text);
bool eid_path_next(eid_path *path, eid_slice *component);
/* Number of components (0 for dots only). */
size_t eid_path_count(eid_slice text);
/* Append the normalised text. */
void eid_path_normalize(eid_slice text, eid_buf *out);
/* Append one more component to a path text; refused (CRDT_PATH) if it holds a '.'. */
EID_MUST_CHECK eid_status eid_path_push(eid_buf *path, eid_slice component);

#endif
