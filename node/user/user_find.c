/* Accounts are rows of an ordinary table, so two nodes (or threads) may make the same name at once;
 * that is found at login and told, not guessed away. Rows that cannot be read are passed over with
 * a warning: one damaged row must not lock everybody out. */
#include <stdlib.h>

#include "dag/alloc.h"
#include "dag/log.h"
#include "node/db/table.h"
#include "node/user/row_reader.h"
#include "node/user/session_internal.h"

eid_status eid__users_database(const eid_seam *seam, eid_id *users_db, eid_id *databases_db,
                               eid_pubkey *device)
{
    eid_id sync_db;
    eid_status status = seam->instance(seam->self, device, users_db, databases_db, &sync_db);

    if (status == EID_OK && eid_id_is_empty(users_db)) {
        status = EID_FAIL(EID_KIND_INSTANCE_NOT_INITIALIZED, "there is no directory of users here");
    }
    return status;
}

/* Walks the users of `_users`. */
typedef struct users_walk {
    eid_status (*fn)(void *self, eid_slice uuid, eid_user_info *info);
    void *self;
} users_walk;

static eid_status users_on_row(void *arg, eid_slice key, eid_slice json)
{
    users_walk *walk = arg;
    eid_user_info info;
    eid_status status = eid_user_info_read(json, &info);

    if (status == EID_E_MALFORMED) {
        eid_log_warn("user.row_damaged", "key=%.*s", EID_SLICE_ARG(key));
        return EID_OK;
    }
    if (status != EID_OK) return status;
    status = walk->fn(walk->self, key, &info);
    eid_user_info_fini(&info);
    return status;
}

eid_status eid__users_each(const eid_seam *seam,
                           eid_status (*fn)(void *self, eid_slice uuid, eid_user_info *info),
                           void *self)
{
    users_walk walk = {fn, self};
    eid_id users_db, databases_db;
    eid_pubkey device;
    eid_txn *txn = NULL;
    eid_status status = eid__users_database(seam, &users_db, &databases_db, &device);

    if (status == EID_OK) status = eid_txn_begin(seam, &users_db, NULL, NULL, &txn);
    if (status == EID_OK) {
        status = eid_table_scan(txn, eid_slice_text(EID_STORE_USERS), false, EID_SLICE_EMPTY,
                                users_on_row, &walk);
    }
    eid_txn_free(txn);
    return status;
}

typedef struct users_search {
    eid_slice username;
    size_t count;
    eid_user_info found; /* the first */
    char *uuid;
} users_search;

static eid_status users_on_match(void *self, eid_slice uuid, eid_user_info *info)
{
    users_search *search = self;

    if (!eid_slice_equal(eid_slice_of(info->username, info->username_len), search->username)) {
        return EID_OK;
    }
    if (search->count++ > 0) return EID_OK;
    search->uuid = eid_slice_dup_text(uuid);
    if (!search->uuid) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a user");
    search->found = *info;
    *info = (eid_user_info){0};
    return EID_OK;
}

static eid_status users_find_here(const eid_seam *seam, eid_slice username, eid_user_info *info,
                                  char **uuid)
{
    users_search search = {.username = username};
    eid_status status = eid__users_each(seam, users_on_match, &search);

    if (status == EID_OK && search.count == 0) {
        status =
            EID_FAIL(EID_KIND_USER_NOT_FOUND, "no user is called %.*s", EID_SLICE_ARG(username));
    }
    if (status == EID_OK && search.count > 1) {
        status = EID_FAIL(EID_KIND_USER_DUPLICATE, "%zu users are called %.*s", search.count,
                          EID_SLICE_ARG(username));
    }
    if (status == EID_OK) {
        *info = search.found;
        *uuid = search.uuid;
        return EID_OK;
    }
    eid_user_info_fini(&search.found);
    eid_free(search.uuid);
    return status;
}

static eid_status users_read_answer(eid_slice json, eid_user_info *info, char **uuid)
{
    static const char *const names[] = {"user_uuid", "user_info"};
    eid__row row;
    eid_slice raw = EID_SLICE_EMPTY;
    int member;
    eid_status status;

    eid__row_begin(&row, json);
    eid__row_object(&row);
    while ((member = eid__row_member(&row, names, 2)) >= 0) {
        if (member == 0) eid__row_text(&row, false, uuid, NULL);
        if (member == 1) raw = eid__row_raw(&row);
    }
    if (!*uuid || raw.len == 0) eid__row_fail(&row, "a member is missing");
    status = eid__row_end(&row, "a login");
    return status == EID_OK ? eid_user_info_read(raw, info) : status;
}

/* A daemon gives the row of the one who wants to log in, and nobody the whole directory. */
static eid_status users_find_there(const eid_seam *seam, eid_slice username, eid_user_info *info,
                                   char **uuid)
{
    eid_buf request, answer;
    eid_json_writer json;
    eid_status status;

    eid_buf_init(&request, EID__ROW_MAX);
    eid_buf_init(&answer, EID__ROW_MAX);
    eid_json_writer_init(&json, &request);
    eid_json_object(&json);
    eid_json_key(&json, "username");
    eid_json_string(&json, username);
    eid_json_object_end(&json);
    status = eid_buf_status(&request);
    if (status == EID_OK) {
        status =
            seam->control(seam->self, "login_user", eid_buf_slice(&request), NULL, NULL, &answer);
    }
    if (status == EID_OK) status = users_read_answer(eid_buf_slice(&answer), info, uuid);
    eid_buf_fini(&request);
    eid_buf_wipe(&answer);
    return status;
}

eid_status eid__user_find(const eid_seam *seam, eid_slice username, eid_user_info *info,
                          char **uuid)
{
    eid_status status;

    *info = (eid_user_info){0};
    *uuid = NULL;
    status = seam->is_remote ? users_find_there(seam, username, info, uuid)
                             : users_find_here(seam, username, info, uuid);
    if (status != EID_OK) {
        eid_user_info_fini(info);
        eid_free(*uuid);
        *uuid = NULL;
    }
    return status;
}

static eid_status users_on_any(void *self, eid_slice key, eid_slice json)
{
    (void)key;
    (void)json;
    *(bool *)self = true;
    return EID_E_AGAIN;
}

eid_status eid__user_any(const eid_seam *seam, bool *out)
{
    eid_id users_db, databases_db;
    eid_pubkey device;
    eid_txn *txn = NULL;
    eid_status status = eid__users_database(seam, &users_db, &databases_db, &device);

    *out = false;
    if (status == EID_OK) status = eid_txn_begin(seam, &users_db, NULL, NULL, &txn);
    if (status == EID_OK) {
        status = eid_table_scan(txn, eid_slice_text(EID_STORE_USERS), false, EID_SLICE_EMPTY,
                                users_on_any, out);
    }
    eid_txn_free(txn);
    return status;
}

typedef struct users_names {
    char **at;
    size_t count;
} users_names;

static eid_status users_on_name(void *self, eid_slice uuid, eid_user_info *info)
{
    users_names *names = self;
    char **at = eid_realloc(names->at, (names->count + 1) * sizeof *at);

    (void)uuid;
    if (!at) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a list of users");
    names->at = at;
    names->at[names->count++] = info->username;
    info->username = NULL;
    return EID_OK;
}

static int users_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

eid_status eid_session_list_users(const eid_seam *seam,
                                  eid_status (*fn)(void *arg, const char *name), void *arg)
{
    users_names names = {NULL, 0};
    eid_status status = eid__users_each(seam, users_on_name, &names);

    if (names.count > 1) qsort(names.at, names.count, sizeof *names.at, users_order);
    for (size_t i = 0; status == EID_OK && i < names.count; i++) status = fn(arg, names.at[i]);
    for (size_t i = 0; i < names.count; i++) eid_free(names.at[i]);
    eid_free(names.at);
    return status == EID_E_AGAIN ? EID_OK : status;
}
