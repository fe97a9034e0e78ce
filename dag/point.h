/* Points: whether 32 bytes name a point of the curve of Ed25519, as leniently as the reference.
 *
 * A y that is not reduced, x = 0 with the sign bit and points of small order all pass: the bytes
 * are kept and printed as they came, and what they may sign is auth's concern. Source: spec 01 §6,
 * 05 §1.2.
 */
#ifndef EID_DAG_POINT_H
#define EID_DAG_POINT_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a point has this encoding. Variable time (keys are public); a repeated key is answered
 * from a small table of the calling thread. */
bool eid_point_is_valid(const uint8_t bytes[32]);

#endif
