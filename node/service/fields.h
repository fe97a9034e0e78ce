/* Fields: the members of one JSON object, by name, read strictly. Slices are borrowed from the
 * text.
 *
 * Messages are small tables: whoever reads one names the members it knows and gets the raw JSON of
 * each, then turns it into what it should be. Unknown members are passed over; a repeated one is an
 * error. The first error sticks.
 */
#ifndef EID_NODE_SERVICE_FIELDS_H
#define EID_NODE_SERVICE_FIELDS_H

#include "auth/key.h"
#include "dag/json.h"

#define EID_FIELDS_MAX 12u

typedef struct eid_fields {
    eid_status status; /* first error; sticks */
    const char *const *names;
    size_t count;
    eid_slice raw[EID_FIELDS_MAX]; /* len 0 = absent or null */
} eid_fields;

/* Read `json`, which must be an object with these members or fewer. */
void eid_fields_init(eid_fields *fields, eid_slice json, const char *const *names, size_t count);
bool eid_fields_has(const eid_fields *fields, size_t i);
/* Each takes the member `i` as what it must be; a missing one is an error. */
eid_slice eid_fields_raw(eid_fields *fields, size_t i);
void eid_fields_text(eid_fields *fields, size_t i, eid_buf *out); /* decoded, cleared first */
/* A C string. New: eid_free(). NULL after an error; zero bytes in it are an error. */
char *eid_fields_string(eid_fields *fields, size_t i);
void eid_fields_id(eid_fields *fields, size_t i, eid_id *out);
void eid_fields_ids(eid_fields *fields, size_t i, eid_idset *out);
uint64_t eid_fields_uint(eid_fields *fields, size_t i);
bool eid_fields_bool(eid_fields *fields, size_t i);
void eid_fields_pubkey(eid_fields *fields, size_t i, eid_pubkey *out);
/* Base64 text, decoded (cleared first). */
void eid_fields_base64(eid_fields *fields, size_t i, eid_buf *out);
/* An array of exactly `len` integers from 0 to 255. */
void eid_fields_octets(eid_fields *fields, size_t i, uint8_t *out, size_t len);
/* Walk an array: give the raw JSON of each item until fn fails. */
void eid_fields_each(eid_fields *fields, size_t i, eid_status (*fn)(void *arg, eid_slice item),
                     void *arg);
/* Make it fail, as malformed. */
void eid_fields_fail(eid_fields *fields, const char *why);

/* The one text, unsigned integer or id that a raw JSON holds. Errors: SERVICE_FRAME. */
EID_MUST_CHECK eid_status eid_field_text(eid_slice raw, eid_buf *out);
EID_MUST_CHECK eid_status eid_field_uint(eid_slice raw, uint64_t *out);
EID_MUST_CHECK eid_status eid_field_id(eid_slice raw, eid_id *out);

#endif
