/* Reading is checked here, when a database is opened: in this process nothing else would stop a
 * user from reading what another one keeps, and with a daemon its gate says the same. */
#include <stdio.h>

#include "auth/revocation.h"
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/engine.h"
#include "node/db/text_writers.h"
#include "node/user/session.h"

#define DATABASE_PREFIX_MIN 8u

/* By what it calls itself: also one that a crash left behind before it was entered as the node's.
 */
static bool database_looks_like_system(const eid_db_info *info)
{
    if (info->shared || !info->type || !info->name || info->name[0] != '_') return false;
    return strcmp(info->type, "user") == 0 || strcmp(info->type, "system") == 0 ||
           strcmp(info->type, "sync_settings") == 0;
}

bool eid__api_is_system(const eid_seam *seam, const eid_db_info *info)
{
    eid_id users_db, databases_db, sync_db;
    eid_pubkey device;

    if (database_looks_like_system(info)) return true;
    if (seam->instance(seam->self, &device, &users_db, &databases_db, &sync_db) != EID_OK) {
        return false;
    }
    return eid_id_equal(&info->root, &users_db) || eid_id_equal(&info->root, &databases_db) ||
           eid_id_equal(&info->root, &sync_db);
}

typedef struct database_search {
    eid_slice wanted;
    size_t count;
    eid_id found;
} database_search;

static eid_status database_on_info(void *arg, const eid_db_info *info)
{
    database_search *search = arg;
    char text[EID_ID_TEXT_MAX];
    eid_slice id = eid_slice_text(eid_id_format(&info->root, text));

    if ((search->wanted.len < DATABASE_PREFIX_MIN || !eid_slice_has_prefix(id, search->wanted)) &&
        (!info->name || !eid_slice_is(search->wanted, info->name))) {
        return EID_OK;
    }
    search->count++;
    search->found = info->root;
    return EID_OK;
}

eid_status eid__api_find(eidetica_user *user, const char *root_or_name, eid_id *out)
{
    database_search search = {.wanted = eid_slice_text(root_or_name)};
    eid_status status;

    if (search.wanted.len == 0) return EID_FAIL(EID_KIND_ARGUMENT, "no database is named");
    if (eid_id_parse(search.wanted, out) == EID_OK && !eid_id_is_empty(out)) return EID_OK;
    status = user->seam->databases(user->seam->self, database_on_info, &search);
    if (status != EID_OK) return status;
    if (search.count == 0) {
        return EID_FAIL(EID_KIND_DATABASE_NOT_FOUND, "no database here is called %s", root_or_name);
    }
    if (search.count > 1) {
        return EID_FAIL(EID_KIND_DATABASE_AMBIGUOUS, "%zu databases are called %s", search.count,
                        root_or_name);
    }
    *out = search.found;
    return EID_OK;
}

/* The strongest way of a key, other databases included; false if there is none. */
static bool database_key_permission(eidetica_user *user, const eid_id *root,
                                    const eid_policy *policy, const eid_pubkey *key,
                                    eid_permission *out)
{
    eid_found_ways found = {NULL, 0};
    eid_way ways[2];
    size_t count = eid_policy_ways(policy, key, ways);
    bool has = count > 0;

    if (has) *out = ways[0].permission;
    if (eid_policy_delegation_count(policy) == 0) return has;
    if (user->seam->sigkeys(user->seam->self, root, key, &found) == EID_OK && found.count > 0) {
        *out = found.at[0].permission;
        has = true;
    }
    eid_found_ways_fini(&found);
    return has;
}

bool eid__api_permission(eidetica_user *user, const eid_id *root, const eid_policy *policy,
                         eid_permission *out)
{
    size_t count = eid_session_key_count(user->session);
    bool has = false;

    for (size_t i = 0; i < count; i++) {
        const eid_key *key = eid_session_key(user->session, i);
        eid_permission found;

        if (!key || !database_key_permission(user, root, policy, &key->pub, &found)) continue;
        if (has && eid_permission_compare(found, *out) <= 0) continue;
        *out = found;
        has = true;
    }
    return has;
}

static eid_status database_policy(eidetica_user *user, const eid_id *root, eid_policy **out)
{
    const eid_seam *seam = user->seam;
    eid_doc *settings = NULL;
    eid_status status = seam->doc(seam->self, root, eid_slice_text(EID_STORE_SETTINGS), &settings);

    *out = NULL;
    if (status == EID_E_NOT_FOUND) return eid_policy_new(NULL, out);
    if (status == EID_OK) status = eid_policy_of_settings(settings, out);
    eid_doc_free(settings);
    return status;
}

eid_status eid__api_need_admin(eidetica_user *user, const eid_id *root)
{
    eid_permission permission = {EID_PERMISSION_READ, 0};
    eid_policy *policy = NULL;
    bool is_admin = false;
    eid_status status = eid_session_is_admin(user->session, &is_admin);

    if (status != EID_OK || is_admin) return status;
    status = database_policy(user, root, &policy);
    if (status == EID_OK && (!eid__api_permission(user, root, policy, &permission) ||
                             !eid_permission_can_admin(permission))) {
        status = EID_FAIL(EID_KIND_AUTH_PERMISSION, "%s is no admin of database %s",
                          eid_session_username(user->session), eid_id_str(root));
    }
    eid_policy_free(policy);
    return status;
}

/* Whether the user may read it: by any key of theirs, by delegation, or because everybody may.
 * *plain is the key that signs without further identity, NULL if there is none. */
static eid_status database_may_read(eidetica_user *user, const eid_id *root, const eid_key **plain)
{
    eid_permission permission;
    eid_policy *policy = NULL;
    eid_signer signer;
    eid_status status = eid_session_signer(user->session, root, &signer);
    bool is_delegated = status == EID_OK && signer.identity && signer.identity->is_delegation;

    if (status != EID_OK && status != EID_E_DENIED) return status;
    *plain = status == EID_OK && !signer.identity ? signer.key : NULL;
    if (is_delegated) return EID_OK;
    status = database_policy(user, root, &policy);
    if (status != EID_OK) return status;
    if (eid_policy_is_private(policy) && !eid__api_permission(user, root, policy, &permission)) {
        status = EID_FAIL(EID_KIND_USER_NO_KEY, "%s has no key for database %s",
                          eid_session_username(user->session), eid_id_str(root));
    }
    eid_policy_free(policy);
    return status;
}

static eid_status database_is_held(eidetica_user *user, const eid_id *root)
{
    eid_db_info info;
    eid_status status = user->seam->info(user->seam->self, root, &info);

    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_DATABASE_NOT_FOUND, "database %s is not here", eid_id_str(root));
    }
    if (status == EID_OK) eid_db_info_fini(&info);
    return status;
}

eid_status eid__api_db_open(eidetica_user *user, const eid_id *root, eidetica_db **out)
{
    const eid_key *signer = NULL;
    eidetica_db *db;
    eid_status status = database_is_held(user, root);

    *out = NULL;
    if (status == EID_OK) status = database_may_read(user, root, &signer);
    if (status != EID_OK) return status;
    db = eid_alloc(sizeof *db);
    if (!db) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a database");
    db->user = user;
    db->seam = user->seam;
    db->root = *root;
    db->signer = signer;
    (void)eid_id_format(root, db->root_text);
    pthread_mutex_init(&db->unlocked_lock, NULL);
    status = eid_text_writers_new(&db->writers);
    if (status != EID_OK) {
        eidetica_db_close(db);
        return status;
    }
    *out = db;
    return EID_OK;
}

eid_status eid__api_signer(const eidetica_db *db, eid_signer *out)
{
    *out = (eid_signer){.key = db->signer};
    return db->signer ? EID_OK : eid_session_signer(db->user->session, &db->root, out);
}

typedef struct database_init {
    eidetica_db db; /* what the transaction of the initialiser belongs to */
    eidetica_status (*init)(void *self, eidetica_txn *txn);
    void *self;
} database_init;

static eid_status database_on_init(void *arg, eid_txn *txn)
{
    database_init *call = arg;
    eidetica_txn lent = {.db = &call->db, .txn = txn};

    return (eid_status)call->init(call->self, &lent);
}

static eid_status database_create(eidetica_user *user, const char *name, database_init *call,
                                  eidetica_db **out)
{
    eid_database_plan plan = {.init = call->init ? database_on_init : NULL, .self = call};
    eid_doc *settings = NULL;
    eid_id root;
    eid_status status = eid_doc_new(&settings);

    if (status == EID_OK && !eid_slice_is_utf8(eid_slice_text(name))) {
        status = EID_FAIL(EID_KIND_ARGUMENT, "the name of a database is not UTF-8");
    }
    if (status == EID_OK) {
        status = eid_doc_set_text(settings, eid_slice_text("name"), eid_slice_text(name));
    }
    if (status == EID_OK) {
        status = eid_doc_set_text(settings, eid_slice_text(EID_SETTINGS_REVOCATION),
                                  eid_slice_text(EID_SETTINGS_ENFORCED));
    }
    plan.settings = settings;
    call->db.user = user;
    call->db.seam = user->seam;
    if (status == EID_OK) status = eid_session_build_database(user->session, &plan, &root);
    eid_doc_free(settings);
    return status == EID_OK ? eid__api_db_open(user, &root, out) : status;
}

eidetica_status eidetica_db_create_with(eidetica_user *user, const char *name,
                                        eidetica_status (*init)(void *self, eidetica_txn *txn),
                                        void *self, eidetica_db **db)
{
    database_init call = {.init = init, .self = self};
    eid_status status = eid__api_need(user, "user");

    if (status == EID_OK) status = eid__api_need(name, "name");
    if (status == EID_OK) status = eid__api_need(db, "db");
    if (status == EID_OK) {
        *db = NULL;
        status = database_create(user, name, &call, db);
    }
    return eid__api_end(status);
}

eidetica_status eidetica_db_create(eidetica_user *user, const char *name, eidetica_db **db)
{
    return eidetica_db_create_with(user, name, NULL, NULL, db);
}

eidetica_status eidetica_db_open(eidetica_user *user, const char *root_or_name, eidetica_db **db)
{
    eid_id root;
    eid_status status = eid__api_need(user, "user");

    if (status == EID_OK) status = eid__api_need(root_or_name, "root_or_name");
    if (status == EID_OK) status = eid__api_need(db, "db");
    if (status == EID_OK) {
        *db = NULL;
        status = eid__api_find(user, root_or_name, &root);
    }
    if (status == EID_OK) status = eid__api_db_open(user, &root, db);
    return eid__api_end(status);
}

void eidetica_db_close(eidetica_db *db)
{
    if (!db) return;
    eid__api_lock_all(db);
    eid_text_writers_unref(db->writers);
    pthread_mutex_destroy(&db->unlocked_lock);
    eid_free(db);
}

void eidetica_db_allow_unverified(eidetica_db *db, bool allow)
{
    if (db) db->is_loose = allow;
}

eidetica_status eidetica_db_cursor(eidetica_db *db, char **cursor)
{
    eid_idset tips = EID_IDSET_EMPTY;
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(cursor, "cursor");
    if (status == EID_OK) {
        *cursor = NULL;
        status = db->seam->tips(db->seam->self, &db->root, db->is_loose, &tips);
    }
    if (status == EID_OK) status = eid__api_cursor_text(eid_idset_ids(&tips), cursor);
    eid_idset_fini(&tips);
    return eid__api_end(status);
}

const char *eidetica_db_root(const eidetica_db *db)
{
    return db->root_text;
}

eidetica_status eidetica_db_set_strict(eidetica_db *db, bool strict)
{
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need_admin(db->user, &db->root);
    if (status == EID_OK) status = db->seam->set_strict(db->seam->self, &db->root, strict);
    return eid__api_end(status);
}

static eid_status database_forget(eidetica_user *user, const eid_id *root)
{
    eid_db_info info;
    eid_status status = user->seam->info(user->seam->self, root, &info);

    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_DATABASE_NOT_FOUND, "database %s is not here", eid_id_str(root));
    }
    if (status != EID_OK) return status;
    if (eid__api_is_system(user->seam, &info)) {
        status =
            EID_FAIL(EID_KIND_ARGUMENT, "database %s is one of the node's own", eid_id_str(root));
    }
    eid_db_info_fini(&info);
    if (status == EID_OK) status = eid__api_need_admin(user, root);
    if (status == EID_OK) status = user->seam->forget(user->seam->self, root);
    if (status != EID_OK) return status;
    status = eid_session_untrack(user->session, root);
    return status == EID_E_NOT_FOUND ? EID_OK : status; /* it was not followed */
}

eidetica_status eidetica_db_forget(eidetica_user *user, const char *root)
{
    eid_id id;
    eid_status status = eid__api_need(user, "user");

    if (status == EID_OK) status = eid__api_need(root, "root");
    if (status == EID_OK) status = eid__api_find(user, root, &id);
    if (status == EID_OK) status = database_forget(user, &id);
    return eid__api_end(status);
}

eidetica_status eidetica_db_verify(eidetica_db *db, bool (*each)(void *self, const char *finding),
                                   void *self, uint64_t *findings)
{
    uint64_t count = 0;
    char *report = NULL, *line, *end;
    eid_buf text;
    eid_status status = eid__api_need(db, "db");

    eid_buf_init(&text, EID__API_JSON_MAX);
    if (status == EID_OK) status = db->seam->check(db->seam->self, &db->root, &text, &count);
    if (status == EID_OK) {
        report = eid_buf_take_text(&text);
        if (!report) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a report");
    }
    for (line = report; line && *line && each; line = end ? end + 1 : NULL) {
        end = strchr(line, '\n');
        if (end) *end = 0;
        if (!each(self, line)) break;
    }
    if (status == EID_OK && findings) *findings = count;
    eid_free(report);
    eid_buf_fini(&text);
    return eid__api_end(status);
}
