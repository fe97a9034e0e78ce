/* Frame: four bytes of length, big-endian, then that many bytes of JSON (spec 07 §2.2). */
#ifndef EID_NODE_SERVICE_FRAME_H
#define EID_NODE_SERVICE_FRAME_H

#include "dag/bytes.h"

#define EID_FRAME_BYTES_MAX (64u * 1024u * 1024u) /* spec 07 §2.2 */

/* Read one frame's JSON into `out` (cleared first; its maximum is EID_FRAME_BYTES_MAX). NOT_FOUND
 * bare at the end of the stream before the payload. Memory grows as bytes come, not as announced.
 * Errors: SERVICE_FRAME (a length of 0 or above the limit), SERVICE_CLOSED (cut off). */
EID_MUST_CHECK eid_status eid__frame_read(int fd, eid_buf *out);
/* Write one. Errors: LIMIT (too long), SERVICE_CLOSED. */
EID_MUST_CHECK eid_status eid__frame_write(int fd, eid_slice json);

#endif
