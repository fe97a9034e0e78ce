/* A node of the reference from its snapshot file: entries, records and device key in a store in
 * memory, and what the suite of users.json asks of it. */
#ifndef EID_TESTS_CONFORMANCE_USERS_NODE_H
#define EID_TESTS_CONFORMANCE_USERS_NODE_H

#include "node/user/instance.h"
#include "tests/conformance/runner.h"

typedef struct users_node {
    eid_engine *engine;
    const eid_seam *seam;
    bool has_device;
    eid_key device;
} users_node;

/* Load object.key, a snapshot in base64. False after failing the case. End with users_node_close().
 */
bool users_node_open(eid_suite *suite, const json_t *object, const char *key, users_node *out);
void users_node_close(users_node *node);
/* Log in with a recorded name (the member `username`) and password (`password`, which may be null).
 */
eid_status users_node_login(const users_node *node, const json_t *object, eid_session **out);
/* Is every recorded key held, with its secret and in this order, and no other? */
void users_check_keys(eid_suite *suite, const eid_session *session, const json_t *keys);
/* Are the recorded databases there: entries byte for byte, states, and rows that we write again? */
void users_check_databases(eid_suite *suite, const users_node *node, const json_t *databases);

#endif
