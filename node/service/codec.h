/* Codec: what the seam gives and takes, as JSON of our own calls (PROTOCOL.md).
 *
 * Documents and values travel as their payload's text inside a JSON string, so that their nesting
 * does not add to that of the message; entries as base64 of their exact bytes.
 */
#ifndef EID_NODE_SERVICE_CODEC_H
#define EID_NODE_SERVICE_CODEC_H

#include "node/db/seam.h"
#include "node/service/fields.h"

void eid__write_id(eid_json_writer *json, const char *key, const eid_id *id);
void eid__write_ids(eid_json_writer *json, const char *key, eid_ids ids);
void eid__write_octets(eid_json_writer *json, const char *key, eid_slice bytes);
/* Base64 of an entry's bytes as a string value. Errors: of the buffers. */
EID_MUST_CHECK eid_status eid__write_base64(eid_json_writer *json, eid_slice bytes);
/* {"entry":B64,"verdict":n} */
EID_MUST_CHECK eid_status eid__write_entry(eid_json_writer *json, const eid_entry *entry,
                                           eid_verdict verdict);
EID_MUST_CHECK eid_status eid__read_entry(eid_slice json, eid_entry **out, eid_verdict *verdict);
EID_MUST_CHECK eid_status eid__read_verdict(uint64_t number, eid_verdict *out);

/* The payload's text of a Doc (NULL writes null) or a value, as a string. */
EID_MUST_CHECK eid_status eid__write_doc(eid_json_writer *json, const char *key,
                                         const eid_doc *doc);
EID_MUST_CHECK eid_status eid__write_value(eid_json_writer *json, const char *key,
                                           const eid_value *value);
/* The other way; the member `i`. */
void eid__read_doc(eid_fields *fields, size_t i, eid_doc **out);
void eid__read_value(eid_fields *fields, size_t i, eid_value *out);

void eid__write_info(eid_json_writer *json, const eid_db_info *info);
/* End with eid_db_info_fini(). */
EID_MUST_CHECK eid_status eid__read_info(eid_slice json, eid_db_info *out);

EID_MUST_CHECK eid_status eid__write_context(eid_json_writer *json, const eid_txn_context *context);
/* End with eid_txn_context_fini(). */
EID_MUST_CHECK eid_status eid__read_context(eid_slice json, eid_txn_context *out);

/* A message is one text or an object of one member: its name (cleared first) and the member's raw
 * JSON (EMPTY for a text). Errors: SERVICE_FRAME, JSON. */
EID_MUST_CHECK eid_status eid__read_tag(eid_slice json, eid_buf *tag, eid_slice *content);

/* {"Error":{"module","kind","message"[,"code"]}} of a status and its detail. */
void eid__write_error(eid_json_writer *json, eid_status status, bool with_code);
/* Put such an error in force here: the content of "Error". Gives its status. */
EID_MUST_CHECK eid_status eid__read_error(eid_slice json);

#endif
