/* Notify: tell systemd how the daemon is.
 *
 * Source: sd_notify(3), "Notes": a datagram to the socket that NOTIFY_SOCKET names.
 */
#ifndef EID_NODE_CLI_NOTIFY_H
#define EID_NODE_CLI_NOTIFY_H

/* Send a state, like "READY=1\nSTATUS=Listening". Without NOTIFY_SOCKET, or when nobody reads
 * there, nothing happens: the daemon works as well without. */
void eid__cli_notify(const char *state);

#endif
