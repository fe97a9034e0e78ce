/* Server: an instance served to other processes of this machine over a unix socket.
 *
 * The trust boundary is the file's mode (0600); behind it each connection logs in by proving keys,
 * and every call about a database is held against the rights in its settings. The server never sees
 * a password or a private key of a user.
 *
 * One thread accepts, one serves each connection (at most EID_SERVICE_CONNECTIONS_MAX), and one
 * more writes notifications where something is subscribed. Wire: PROTOCOL.md. Source: spec 07 §2.
 */
#ifndef EID_NODE_SERVICE_SERVER_H
#define EID_NODE_SERVICE_SERVER_H

#include "node/db/engine.h"

#define EID_SERVICE_CONNECTIONS_MAX 256u

typedef struct eid_service_server eid_service_server;

/* Bind and serve. A socket file that nobody answers on is replaced; parent folders are made (0700).
 * New: eid_service_server_stop(). Errors: STORE_LOCKED when another daemon answers there, IO,
 * ARGUMENT (path too long). */
EID_MUST_CHECK eid_status eid_service_server_start(eid_engine *engine, const char *path,
                                                   eid_service_server **out);
/* Hang up on everybody, wait for calls under way and the threads, remove the socket. NULL does
 * nothing. */
void eid_service_server_stop(eid_service_server *server);

#endif
