/* The policy is asked under the engine's cache, where it is parsed already, so the gate costs a
 * lookup. What stands behind a refusal is not told: who may not read a database has no business
 * with its settings. */
#include "dag/alloc.h"
#include "node/service/server_internal.h"

eid_status eid__gate_login(const eid__connection *connection, const char *what)
{
    if (connection->stage == EID__STAGE_LOGGED_IN) return EID_OK;
    return EID_FAIL(EID_KIND_AUTH_CONFIG,
                    "%s requires an authenticated connection; complete TrustedLogin* first", what);
}

static const char *gate_name(eid_permission_type wanted)
{
    static const char *const names[] = {
        [EID_PERMISSION_READ] = "Read",
        [EID_PERMISSION_WRITE] = "Write",
        [EID_PERMISSION_ADMIN] = "Admin",
    };

    return names[wanted];
}

static bool gate_is_enough(eid_permission permission, eid_permission_type wanted)
{
    if (wanted == EID_PERMISSION_WRITE) return eid_permission_can_write(permission);
    if (wanted == EID_PERMISSION_ADMIN) return eid_permission_can_admin(permission);
    return true;
}

static bool gate_is_held(const eid_service_server *server, const eid_id *root)
{
    const eid_at at = {.kv = eid_engine_kv(server->engine)};
    uint32_t number;

    return eid_index_database(&at, root, &number) == EID_OK;
}

typedef struct gate_question {
    const eid_sigkey *identity; /* NULL = any of the keys in any way */
    const eid_pubkey *keys;
    size_t key_count;
    eid_permission_type wanted;
    bool is_allowed;
    bool has_delegations; /* a key may act through another database */
} gate_question;

static void gate_ask(void *arg, const eid_policy *policy)
{
    gate_question *question = arg;
    eid_permission permission;

    if (question->identity) {
        question->is_allowed = eid_policy_identity(policy, question->identity, &question->keys[0],
                                                   &permission) == EID_OK &&
                               gate_is_enough(permission, question->wanted);
        return;
    }
    question->has_delegations = eid_policy_delegation_count(policy) > 0;
    if (question->wanted == EID_PERMISSION_READ && !eid_policy_is_private(policy)) {
        question->is_allowed = true;
    }
    for (size_t i = 0; i < question->key_count && !question->is_allowed; i++) {
        question->is_allowed = eid_policy_allows(policy, &question->keys[i], question->wanted);
    }
}

eid_status eid__gate_identity(eid__connection *connection, const eid_id *root,
                              const eid_sigkey *identity, eid_permission_type wanted)
{
    gate_question question = {.identity = identity, .key_count = 1, .wanted = wanted};
    eid_permission permission;
    char text[EID_KEY_TEXT_MAX];
    eid_pubkey key;
    eid_status status = eid__gate_login(connection, "database operation");

    if (status != EID_OK) return status;
    key = connection->login->key;
    if (identity->hint.has_pubkey) memcpy(key.bytes, identity->hint.pubkey, sizeof key.bytes);
    if (!eid__login_has_key(connection->login, &key)) {
        return EID_FAIL(EID_KIND_AUTH_MISMATCH,
                        "pubkey %s is not in the session keyset; register it first",
                        eid_pubkey_text(&key, text));
    }
    if (!gate_is_held(connection->server, root)) return EID_OK;
    question.keys = &key;
    if (identity->is_delegation) {
        status = eid_engine_identity(connection->server->engine, root, identity, &key, &permission);
        question.is_allowed = status == EID_OK && gate_is_enough(permission, wanted);
    } else {
        status = eid_engine_with_policy(connection->server->engine, root, gate_ask, &question);
    }
    if (status == EID_OK && question.is_allowed) return EID_OK;
    return EID_FAIL(EID_KIND_AUTH_PERMISSION, "tree %s: pubkey %s not permitted for %s",
                    eid_id_str(root), eid_pubkey_text(&key, text), gate_name(wanted));
}

/* Copied, since a key may be added while the policy's lock is held. */
static eid_status gate_copy_keys(eid__login *login, eid_pubkey **keys, size_t *count)
{
    pthread_mutex_lock(&login->lock);
    *count = login->key_count;
    *keys = eid_memdup(login->keys, login->key_count * sizeof **keys);
    pthread_mutex_unlock(&login->lock);
    return *keys ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "no memory for keys");
}

/* Some key may do it through a database that this one delegates to. */
static void gate_ask_delegated(eid__connection *connection, const eid_id *root,
                               gate_question *question)
{
    for (size_t i = 0; i < question->key_count && !question->is_allowed; i++) {
        eid_permission permission;
        bool has;
        eid_status status = eid_engine_access(connection->server->engine, root, &question->keys[i],
                                              &has, &permission);

        question->is_allowed =
            status == EID_OK && has && gate_is_enough(permission, question->wanted);
    }
}

static eid_status gate_any(eid__connection *connection, const eid_id *root,
                           eid_permission_type wanted, bool *is_allowed)
{
    gate_question question = {.wanted = wanted};
    eid_pubkey *keys = NULL;
    eid_status status = gate_copy_keys(connection->login, &keys, &question.key_count);

    if (status != EID_OK) return status;
    question.keys = keys;
    status = eid_engine_with_policy(connection->server->engine, root, gate_ask, &question);
    if (status == EID_OK && !question.is_allowed && question.has_delegations) {
        gate_ask_delegated(connection, root, &question);
    }
    *is_allowed = status == EID_OK && question.is_allowed;
    eid_free(keys);
    return status;
}

eid_status eid__gate_any(eid__connection *connection, const eid_id *root,
                         eid_permission_type wanted)
{
    bool is_allowed = false;
    eid_status status = eid__gate_login(connection, "database operation");

    if (status != EID_OK || !gate_is_held(connection->server, root)) return status;
    status = gate_any(connection, root, wanted, &is_allowed);
    if (status == EID_E_NO_MEMORY || is_allowed) return status;
    return EID_FAIL(EID_KIND_AUTH_PERMISSION, "database %s: this user is not permitted for %s",
                    eid_id_str(root), gate_name(wanted));
}

bool eid__gate_is_node_admin(eid__connection *connection)
{
    const eid_seam *seam = connection->server->seam;
    eid_id users_db, databases_db, sync_db;
    eid_pubkey device;
    bool is_allowed = false;

    if (connection->stage != EID__STAGE_LOGGED_IN) return false;
    if (seam->instance(seam->self, &device, &users_db, &databases_db, &sync_db) != EID_OK) {
        return false;
    }
    if (gate_any(connection, &users_db, EID_PERMISSION_ADMIN, &is_allowed) != EID_OK) return false;
    return is_allowed;
}
