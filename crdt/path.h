/* Path: '.'-separated components of document paths, normalised as spec 03 §4.
 *
 * A key without '.' is used verbatim, even when empty; with '.', empty components are dropped.
 * A path that is built lies in an eid_buf as its text. No locks; nothing is kept.
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
/* A component may be empty, but holds no '.'. Errors: CRDT_PATH. */
EID_MUST_CHECK eid_status eid_path_check_component(eid_slice component);
/* Append one component to a path text. Errors: CRDT_PATH, those of the buffer. */
EID_MUST_CHECK eid_status eid_path_push(eid_buf *path, eid_slice component);
/* Append a path, normalised; what has no components changes nothing. Errors: those of the buffer.
 */
EID_MUST_CHECK eid_status eid_path_append(eid_buf *path, eid_slice text);
/* Append a path as it is, with a '.' between two that are not empty. Errors: those of the buffer.
 */
EID_MUST_CHECK eid_status eid_path_join(eid_buf *path, eid_slice text);
/* A path from a program's literals: one is taken as it is, of several each is trimmed and appended.
 * Errors: those of the buffer. */
EID_MUST_CHECK eid_status eid_path_build(eid_buf *path, const char *const *parts, size_t count);

/* Of a path's text, as it is: the number of parts between dots (0 if it is empty); all but the last
 * part, and the last, both borrowed: false if there is none. */
size_t eid_path_parts(eid_slice path);
bool eid_path_parent(eid_slice path, eid_slice *out);
bool eid_path_name(eid_slice path, eid_slice *out);
/* For people: the text, or "(empty path)". */
eid_slice eid_path_display(eid_slice path);

#endif
