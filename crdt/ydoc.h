/* Y document: shared text, maps and arrays in the format of Yjs (update v1).
 *
 * A document is the sum of the updates applied to it: in any order, with repeats, the result is the
 * same. An update whose base is missing is kept inside and takes effect when the base comes; it
 * also leaves again with eid_ydoc_encode(). Roots have names and no type of their own: the same
 * root may be read as a text, a map or an array. Indexes of text count UTF-16 units, as in Yjs.
 *
 * Not here: rich text (formats are kept and passed on, not shown), undo, awareness, and the moves
 * and weak links of other engines, which are refused. Not thread-safe. About 200 bytes a block, and
 * the bytes of the updates.
 * Source: spec 03 §14; github.com/yjs/yjs (format and algorithm).
 */
#ifndef EID_CRDT_YDOC_H
#define EID_CRDT_YDOC_H

#include "dag/json.h"

typedef struct eid_ydoc eid_ydoc;

/* Longest update read; an entry carries less. */
#define EID_YDOC_UPDATE_BYTES_MAX (64u * 1024u * 1024u)

/* An empty document, whose own edits are those of `client`: random for each writer, and never used
 * by two at once. New: eid_ydoc_free(). Errors: NO_MEMORY. */
EID_MUST_CHECK eid_status eid_ydoc_new(uint32_t client, eid_ydoc **out);
/* NULL does nothing. */
void eid_ydoc_free(eid_ydoc *doc);

/* Apply an update v1; bytes after it are ignored. The bytes are copied.
 * Errors: STORE_YDOC    they are no update, or hold what we do not support; nothing has changed
 *         NO_MEMORY     the document may be half changed and then answers so for ever: free it */
EID_MUST_CHECK eid_status eid_ydoc_apply(eid_ydoc *doc, eid_slice update);
/* Append, as update v1, what one lacks who has `state_vector`, with all deletes and all that waits;
 * the whole document if it is empty. Errors: STORE_YDOC (no state vector), the buffer's, NO_MEMORY.
 */
EID_MUST_CHECK eid_status eid_ydoc_encode(const eid_ydoc *doc, eid_slice state_vector,
                                          eid_buf *out);
/* Append the state vector: for each client the clock that comes next. Errors: the buffer's,
 * NO_MEMORY. */
EID_MUST_CHECK eid_status eid_ydoc_state_vector(const eid_ydoc *doc, eid_buf *out);
/* The same as JSON: [[client, clock], …] by client. Errors: NO_MEMORY. */
EID_MUST_CHECK eid_status eid_ydoc_view_state(const eid_ydoc *doc, eid_json_writer *out);
/* The clock that comes next of a client; 0 if there is nothing of it. */
uint32_t eid_ydoc_clock(const eid_ydoc *doc, uint32_t client);
/* Let the document's own edits be those of another client from now on. */
void eid_ydoc_set_client(eid_ydoc *doc, uint32_t client);
/* Whether something waits for an update that is missing. */
bool eid_ydoc_is_pending(const eid_ydoc *doc);

/* merge(self, other) of the store: the whole state, as update v1, of a document to which self and
 * then other was applied; either may be empty. Appended to `out`. Errors: as of apply and encode.
 */
EID_MUST_CHECK eid_status eid_ydoc_merge(eid_slice self, eid_slice other, eid_buf *out);

/* -- edits ------------------------------------------------------------------------------------- */

/* Insert UTF-8 text at `index` (UTF-16 units, at most the length).
 * Errors of all edits: STORE_OPERATION (index or count beyond the end, text that is no UTF-8,
 * values that are no JSON; nothing has changed), NO_MEMORY as in eid_ydoc_apply(). */
EID_MUST_CHECK eid_status eid_ydoc_text_insert(eid_ydoc *doc, const char *root, uint64_t index,
                                               eid_slice text);
EID_MUST_CHECK eid_status eid_ydoc_text_delete(eid_ydoc *doc, const char *root, uint64_t index,
                                               uint64_t count);
/* Insert the values of a JSON array before the index-th value. */
EID_MUST_CHECK eid_status eid_ydoc_array_insert(eid_ydoc *doc, const char *root, uint64_t index,
                                                eid_slice json_array);
EID_MUST_CHECK eid_status eid_ydoc_array_delete(eid_ydoc *doc, const char *root, uint64_t index,
                                                uint64_t count);
/* Set a key to a JSON value. */
EID_MUST_CHECK eid_status eid_ydoc_map_set(eid_ydoc *doc, const char *root, eid_slice key,
                                           eid_slice json);
/* Remove a key; one that is not there is no error. */
EID_MUST_CHECK eid_status eid_ydoc_map_delete(eid_ydoc *doc, const char *root, eid_slice key);

/* -- views ------------------------------------------------------------------------------------- */

/* Append a root's text. Errors: the buffer's. */
EID_MUST_CHECK eid_status eid_ydoc_view_text(const eid_ydoc *doc, const char *root, eid_buf *out);
/* Append a root read as an XML fragment: elements with attributes sorted by name, nothing escaped.
 * Errors: CRDT_DEPTH, the buffer's, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_ydoc_view_xml(const eid_ydoc *doc, const char *root, eid_buf *out);
/* Write a root as a JSON object, keys sorted, or array; nested texts and XML are strings.
 * Errors: CRDT_DEPTH (after which the JSON is not whole), the buffer's, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_ydoc_view_map(const eid_ydoc *doc, const char *root,
                                            eid_json_writer *out);
EID_MUST_CHECK eid_status eid_ydoc_view_array(const eid_ydoc *doc, const char *root,
                                              eid_json_writer *out);
/* Units of UTF-16 of a root's text, or values of its array. */
uint64_t eid_ydoc_length(const eid_ydoc *doc, const char *root);

/* -- payload ----------------------------------------------------------------------------------- */

/* The update in a store's payload, {"data":[byte, …]} or [[byte, …]], appended to `out`; other
 * members are ignored. Errors: STORE_DECODE, the buffer's. */
EID_MUST_CHECK eid_status eid_ydoc_payload_read(eid_slice json, eid_buf *out);
/* Append the payload of an update. Errors: the buffer's. */
EID_MUST_CHECK eid_status eid_ydoc_payload_write(eid_slice update, eid_buf *out);

#endif
