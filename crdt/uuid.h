/* UUID: the texts that unique ids of list positions have. Source: spec 03 §5.2. */
#ifndef EID_CRDT_UUID_H
#define EID_CRDT_UUID_H

#include "dag/bytes.h"

#define EID_UUID_BYTES 16
#define EID_UUID_TEXT 36 /* characters: lower case with hyphens */

/* Read any case, with hyphens (also in braces or after "urn:uuid:") or without; any version. */
bool eid_uuid_parse(eid_slice text, uint8_t out[EID_UUID_BYTES]);
/* Write lower case with hyphens; `out` gets no zero. */
void eid_uuid_format(const uint8_t uuid[EID_UUID_BYTES], char out[EID_UUID_TEXT]);

#endif
