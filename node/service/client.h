/* Client: the seam over a daemon's unix socket.
 *
 * One connection carries the login; further ones, opened when several threads ask at once, attach
 * to it by a token, and one of them brings the notifications. Keys never leave this process: what
 * the daemon wants proven is signed here. Thread-safe. A daemon that is gone is SERVICE_CLOSED for
 * every call from then on; there is no quiet reconnect, since the login would be lost.
 *
 * Wire: PROTOCOL.md beside this file. Source: spec 07 §2.
 */
#ifndef EID_NODE_SERVICE_CLIENT_H
#define EID_NODE_SERVICE_CLIENT_H

#include "node/db/seam.h"

typedef struct eid_service_client eid_service_client;

/* Connect to the daemon at a socket's path. New: eid_service_client_close(). Errors:
 * SERVICE_ABSENT, SERVICE_VERSION, SERVICE_FRAME. */
EID_MUST_CHECK eid_status eid_service_client_open(const char *path, eid_service_client **out);
/* Hang up; subscriptions end. No call may be under way. NULL does nothing. */
void eid_service_client_close(eid_service_client *client);
/* The seam; lives as long as the client. */
const eid_seam *eid_service_client_seam(eid_service_client *client);

#endif
