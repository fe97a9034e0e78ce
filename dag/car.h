/* CAR v1: content-addressed archives, read and written as streams.
 *
 * A reader is fed bytes of any size and gives whole blocks, hash-checked; memory is bounded by one
 * block. Source: the CAR v1 specification (ipld.io/specs/transport/car/carv1).
 */
#ifndef EID_DAG_CAR_H
#define EID_DAG_CAR_H

#include "dag/id.h"

#define EID_CAR_BLOCK_MAX (64u * 1024u * 1024u) /* a blob's limit */
#define EID_CAR_ROOTS_MAX 4096u

/* Append the header with its roots. */
EID_MUST_CHECK eid_status eid_car_put_header(eid_ids roots, eid_buf *out);
/* Append one block. */
EID_MUST_CHECK eid_status eid_car_put_block(const eid_id *id, eid_slice bytes, eid_buf *out);

typedef struct eid_car eid_car;
/* New: eid_car_free(). */
EID_MUST_CHECK eid_status eid_car_new(eid_car **out);
void eid_car_free(eid_car *car);
/* Feed bytes (copied). Errors: CAR, LIMIT, NO_MEMORY; they stick. */
EID_MUST_CHECK eid_status eid_car_feed(eid_car *car, eid_slice bytes);
/* The next whole block: OK, or AGAIN (bare) when more bytes are needed. The id is checked against
 * the bytes for BLAKE3-256 and SHA-256; other hashes are refused. Lent until the next call. */
EID_MUST_CHECK eid_status eid_car_next(eid_car *car, eid_id *id, eid_slice *bytes);
/* The header's roots, once known (count 0 before). */
eid_ids eid_car_roots(const eid_car *car);
/* No more bytes: CAR if a header or block is cut off. */
EID_MUST_CHECK eid_status eid_car_finish(const eid_car *car);

#endif
