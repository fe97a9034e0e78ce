/* With a daemon each user has a connection of its own: the daemon knows one login per connection,
 * and what one user may do must not depend on who else is logged in here. */
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/service/client.h"
#include "node/service/fields.h"
#include "node/user/session.h"

eid_status eid__api_user_new_take(eidetica_instance *instance, eid_service_client **client,
                                  eid_session **session, eidetica_user **out)
{
    eidetica_user *user = eid_alloc(sizeof *user);

    *out = NULL;
    if (!user) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a user");
    user->instance = instance;
    user->session = *session;
    user->seam = eid_session_seam(*session);
    (void)eid_pubkey_text(&eid_session_root_key(*session)->pub, user->key);
    *session = NULL;
    if (client) {
        user->client = *client;
        *client = NULL;
    }
    pthread_mutex_lock(&instance->lock);
    user->next = instance->users;
    instance->users = user;
    pthread_mutex_unlock(&instance->lock);
    *out = user;
    return EID_OK;
}

static eid_status user_login(eidetica_instance *instance, const char *username,
                             const char *password, eidetica_user **out)
{
    eid_slice secret = password ? eid_slice_text(password) : EID_SLICE_EMPTY;
    const eid_seam *seam = instance->seam;
    eid_service_client *client = NULL;
    eid_session *session = NULL;
    eid_status status = EID_OK;

    if (instance->socket) {
        status = eid_service_client_open(instance->socket, &client);
        if (status != EID_OK) goto done;
        seam = eid_service_client_seam(client);
    }
    status = eid_session_login(seam, instance->engine ? &instance->key : NULL,
                               eid_slice_text(username), password ? &secret : NULL, &session);
    if (status != EID_OK) goto done;
    status = eid__api_user_new_take(instance, &client, &session, out);

done:
    eid_session_logout(session);
    eid_service_client_close(client);
    return status;
}

eidetica_status eidetica_login(eidetica_instance *instance, const char *username,
                               const char *password, eidetica_user **user)
{
    eid_status status = eid__api_need(instance, "instance");

    if (status == EID_OK) status = eid__api_need(username, "username");
    if (status == EID_OK) status = eid__api_need(user, "user");
    if (status == EID_OK) {
        *user = NULL;
        status = user_login(instance, username, password, user);
    }
    return eid__api_end(status);
}

void eidetica_logout(eidetica_user *user)
{
    eidetica_user **link;

    if (!user) return;
    pthread_mutex_lock(&user->instance->lock);
    for (link = &user->instance->users; *link != user; link = &(*link)->next) {
    }
    *link = user->next;
    pthread_mutex_unlock(&user->instance->lock);
    eid_session_logout(user->session);
    eid_service_client_close(user->client);
    eid_free(user);
}

const char *eidetica_user_name(const eidetica_user *user)
{
    return eid_session_username(user->session);
}

const char *eidetica_user_key(const eidetica_user *user)
{
    return user->key;
}

typedef struct user_walk {
    bool (*each)(void *self, const char *name);
    void *self;
} user_walk;

static eid_status user_on_name(void *arg, eid_slice item)
{
    user_walk *walk = arg;
    bool is_on = true;
    eid_buf text;
    eid_status status;

    eid_buf_init(&text, EID__API_JSON_MAX);
    status = eid_field_text(item, &text);
    eid_buf_append_byte(&text, 0);
    if (status == EID_OK) status = eid_buf_status(&text);
    if (status == EID_OK) is_on = walk->each(walk->self, (const char *)text.at);
    eid_buf_fini(&text);
    return status == EID_OK && !is_on ? EID_E_AGAIN : status;
}

eidetica_status eidetica_users(eidetica_instance *instance,
                               bool (*each)(void *self, const char *name), void *self)
{
    static const char *const names[] = {"names"};
    user_walk walk = {each, self};
    eid_fields fields;
    char *json = NULL;
    eid_status status = eid__api_need(instance, "instance");

    if (status == EID_OK) {
        status = eid__api_control_text(instance, "users", eid_slice_text("{}"), &json);
    }
    if (status == EID_OK) {
        eid_fields_init(&fields, eid_slice_text(json), names, 1);
        eid_fields_each(&fields, 0, user_on_name, &walk);
        status = fields.status == EID_E_AGAIN ? EID_OK : fields.status;
    }
    eid_free(json);
    return eid__api_end(status);
}

eidetica_status eidetica_user_add(eidetica_user *admin, const char *username, const char *password)
{
    eid_slice secret = password ? eid_slice_text(password) : EID_SLICE_EMPTY;
    eid_status status = eid__api_need(admin, "admin");

    if (status == EID_OK) status = eid__api_need(username, "username");
    if (status == EID_OK) {
        status = eid_session_add_user(admin->session, eid_slice_text(username),
                                      password ? &secret : NULL);
    }
    return eid__api_end(status);
}
