/* A login is shared by token, so that a client may use several connections without asking its
 * user's keys again; whoever has the token has the login, so it is as random as a key and never
 * logged. */
#include "dag/assert.h"
#include "dag/base.h"
#include "node/service/server_internal.h"

eid_status eid__login_token(eid__connection *connection, eid_buf *out)
{
    eid_service_server *server = connection->server;
    const eid_random *random = server->seam->random;
    eid__login *login = connection->login;

    EID_ASSERT(login != NULL);
    pthread_mutex_lock(&server->lock);
    if (!login->has_token) {
        random->fill(random->self, login->token, sizeof login->token);
        login->has_token = true;
        login->next = server->logins;
        server->logins = login;
    }
    eid_hex_encode(eid_slice_of(login->token, sizeof login->token), out);
    pthread_mutex_unlock(&server->lock);
    return eid_buf_status(out);
}

/* Without telling by the time taken how much of a token was right. */
static bool login_is_token(const eid__login *login, eid_slice token)
{
    unsigned difference = token.len == sizeof login->token ? 0 : 1;

    for (size_t i = 0; i < sizeof login->token && difference != 1; i++) {
        difference |= (unsigned)(login->token[i] ^ token.at[i]) << 1;
    }
    return difference == 0;
}

eid_status eid__login_attach(eid__connection *connection, eid_slice token)
{
    eid_service_server *server = connection->server;
    eid__login *found = NULL;

    eid__login_drop(connection);
    pthread_mutex_lock(&server->lock);
    for (eid__login *login = server->logins; login && !found; login = login->next) {
        if (login_is_token(login, token)) found = login;
    }
    if (found) found->refs++;
    pthread_mutex_unlock(&server->lock);
    if (!found) return EID_FAIL(EID_KIND_AUTH_CONFIG, "there is no such login");
    connection->login = found;
    connection->stage = EID__STAGE_LOGGED_IN;
    return EID_OK;
}
