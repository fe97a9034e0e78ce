/* Row field: one member of a table's row as bytes that are equal when the values are.
 *
 * Rows are JSON texts kept as they were written, so `1`, `1.0` and `1e0` may all stand for the same
 * number, and a text may be written with escapes or without. Only scalars are compared; members
 * that are objects or arrays equal nothing. Pure; any thread.
 */
#ifndef EID_NODE_DB_ROW_FIELD_H
#define EID_NODE_DB_ROW_FIELD_H

#include "dag/bytes.h"

#define EID__ROW_SCALAR_MAX (16u * 1024u * 1024u) /* bytes; no entry carries more */

/* The comparable form of a JSON scalar, into `out` (cleared first).
 * Errors: JSON, STORE_OPERATION (an object or array), NO_MEMORY. */
EID_MUST_CHECK eid_status eid__row_scalar(eid_slice json, eid_buf *out);
/* The same of a row's member (the last one of that name). NOT_FOUND bare if the row is no object,
 * has no such member, or it is no scalar. Errors: NO_MEMORY. */
EID_MUST_CHECK eid_status eid__row_field(eid_slice row, eid_slice field, eid_buf *out);

#endif
