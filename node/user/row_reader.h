/* Row reader: members of JSON rows by their names, straight down; the first error sticks. Private
 * to this folder. Each eid__row_… reads the value of the member that eid__row_member() has just
 * found. */
#ifndef EID_NODE_USER_ROW_READER_H
#define EID_NODE_USER_ROW_READER_H

#include "auth/key.h"
#include "dag/json.h"

typedef struct eid__row {
    eid_json json;
    eid_status status; /* first error that is not the JSON's */
} eid__row;

void eid__row_begin(eid__row *row, eid_slice json);
/* Whether all was well and nothing follows. `what` is told to people ("a user"). */
EID_MUST_CHECK eid_status eid__row_end(eid__row *row, const char *what);
/* Begin an object; the row fails if something else comes. */
void eid__row_object(eid__row *row);
/* The next member that is one of `names`: its place; -1 at the object's end or after an error. */
int eid__row_member(eid__row *row, const char *const *names, size_t count);
void eid__row_fail(eid__row *row, const char *why);
/* A text (into *out, which must be NULL; `len` may be NULL). `or_null` lets null leave *out NULL.
 */
void eid__row_text(eid__row *row, bool or_null, char **out, size_t *len);
void eid__row_int(eid__row *row, int64_t *out);
/* An integer or null. */
void eid__row_int_or_null(eid__row *row, bool *has, int64_t *out);
void eid__row_uint_or_null(eid__row *row, bool *has, uint64_t *out);
void eid__row_bool(eid__row *row, bool *out);
/* An array of numbers 0 to 255, appended. */
void eid__row_bytes(eid__row *row, eid_buf *out);
void eid__row_id(eid__row *row, eid_id *out);
void eid__row_pubkey(eid__row *row, eid_pubkey *out);
/* The value's own JSON, borrowed from the row's text. */
eid_slice eid__row_raw(eid__row *row);
static inline bool eid__row_ok(const eid__row *row)
{
    return row->status == EID_OK && row->json.status == EID_OK;
}

#endif
