/* Payload: the JSON that entries carry, read and written (spec 03 §2, §3.2, §5.2).
 *
 * Written with sorted keys and no white space (S1, H2); read as the reference reads it, any order.
 */
#ifndef EID_CRDT_PAYLOAD_H
#define EID_CRDT_PAYLOAD_H

#include "crdt/doc.h"
#include "crdt/list.h"
#include "dag/json.h"

/* New: eid_doc_free(). Errors: CRDT_DECODE with offset and cause. Empty bytes are an error. */
EID_MUST_CHECK eid_status eid_payload_read_doc(eid_slice json, eid_doc **out);
EID_MUST_CHECK eid_status eid_payload_read_value(eid_slice json, eid_value *out);
EID_MUST_CHECK eid_status eid_payload_read_list(eid_slice json, eid_list **out);
EID_MUST_CHECK eid_status eid_payload_read_position(eid_slice json, eid_position *out);
/* Appended to `out`. Errors: those of the buffer, CRDT_DEPTH. */
EID_MUST_CHECK eid_status eid_payload_write_doc(const eid_doc *doc, eid_buf *out);
EID_MUST_CHECK eid_status eid_payload_write_value(const eid_value *value, eid_buf *out);
/* Plain JSON for people and tools: live values only, keys escaped; Deleted is null (03 §3.3, S6).
 */
void eid_payload_view_doc(const eid_doc *doc, eid_json_writer *out);
void eid_payload_view_value(const eid_value *value, eid_json_writer *out);
/* A plain JSON text from a user (CLI) as a value: objects become docs, arrays lists with positions
 * 0/1, 1/1, …, whose unique ids come from `random16` (fills 16 bytes). Errors: JSON. */
EID_MUST_CHECK eid_status eid_payload_from_plain(eid_slice json,
                                                 void (*random16)(void *self, uint8_t out[16]),
                                                 void *self, eid_value *out);

#endif
