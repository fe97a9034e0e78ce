/* An account is made from the inside out: the private database first, the row in `_users` last, so
 * that a crash between them leaves a database without an owner, and never an account without a
 * database. */
#include "dag/alloc.h"
#include "node/db/table.h"
#include "node/user/session_internal.h"

#define USER_ACTIVE "Active"

eid_status eid__user_check_name(eid_slice name)
{
    bool is_good = name.len > 0 && name.len <= EID__USERNAME_MAX && eid_slice_is_utf8(name);

    for (size_t i = 0; is_good && i < name.len; i++) {
        uint8_t byte = name.at[i];
        if (byte < 0x20 || byte == 0x7f) is_good = false;
        /* U+0080 to U+009F, the other control characters. */
        if (byte == 0xc2 && i + 1 < name.len && name.at[i + 1] < 0xa0) is_good = false;
    }
    if (is_good) return EID_OK;
    return EID_FAIL(EID_KIND_USER_NAME, "not a name for a user: \"%.*s\"", EID_SLICE_ARG(name));
}

typedef struct user_search {
    eid_slice username;
    bool is_taken;
} user_search;

static eid_status user_on_taken(void *self, eid_slice uuid, eid_user_info *info)
{
    user_search *search = self;

    (void)uuid;
    if (eid_slice_equal(eid_slice_of(info->username, info->username_len), search->username)) {
        search->is_taken = true;
    }
    return EID_OK;
}

static eid_status user_check_free(const eid_seam *seam, eid_slice username)
{
    user_search search = {.username = username};
    eid_status status = eid__users_each(seam, user_on_taken, &search);

    if (status == EID_OK && search.is_taken) {
        status = EID_FAIL(EID_KIND_USER_EXISTS, "a user is called %.*s already",
                          EID_SLICE_ARG(username));
    }
    return status;
}

eid_status eid__user_settings(const char *type, eid_slice name, const char *description,
                              eid_doc **out)
{
    eid_status status = eid_doc_new(out);

    if (status != EID_OK) return status;
    status = eid_doc_set_text(*out, eid_slice_text("name"), name);
    if (status == EID_OK)
        status = eid_doc_set_text(*out, eid_slice_text("type"), eid_slice_text(type));
    if (status == EID_OK && description) {
        status = eid_doc_set_text(*out, eid_slice_text("description"), eid_slice_text(description));
    }
    if (status != EID_OK) {
        eid_doc_free(*out);
        *out = NULL;
    }
    return status;
}

static eid_status user_make_database(const eid_seam *seam, eid_slice username, const eid_key *root,
                                     eid_id *out)
{
    eid_doc *settings = NULL;
    eid_buf name, description;
    eid_status status;

    eid_buf_init(&name, 2 * EID__USERNAME_MAX);
    eid_buf_init(&description, 2 * EID__USERNAME_MAX);
    eid_buf_append_text(&name, "_user_");
    eid_buf_append(&name, username);
    eid_buf_append_text(&description, "User database for ");
    eid_buf_append(&description, username);
    eid_buf_append_byte(&description, 0);
    status = eid_buf_status(&name);
    if (status == EID_OK) status = eid_buf_status(&description);
    if (status == EID_OK) {
        status = eid__user_settings("user", eid_buf_slice(&name), (const char *)description.at,
                                    &settings);
    }
    if (status == EID_OK && seam->is_remote) status = seam->prove(seam->self, root);
    if (status == EID_OK) {
        status = eid_txn_create_database(seam, settings, root, NULL, NULL, out);
    }
    eid_doc_free(settings);
    eid_buf_fini(&name);
    eid_buf_fini(&description);
    return status;
}

/* Credentials of a new account. */
static eid_status user_make_info(const eid_seam *seam, eid_slice username,
                                 const eid_slice *password, const eid_key *root, eid_user_info *out)
{
    char salt[EID_SALT_TEXT_LEN + 1];
    eid_wrap wrap = {{0}};
    eid_status status = EID_OK;

    *out = (eid_user_info){.username_len = username.len, .root_key_id = root->pub};
    out->created_at = (int64_t)(seam->clock->wall_ms(seam->clock->self) / 1000);
    out->username = eid_slice_dup_text(username);
    out->status = eid_slice_dup_text(eid_slice_text(USER_ACTIVE));
    if (password) {
        eid_salt_make(seam->random, salt);
        out->salt = eid_slice_dup_text(eid_slice_text(salt));
        status = eid_wrap_derive(*password, eid_slice_text(salt), &wrap);
    }
    if (status == EID_OK && (!out->username || !out->status || (password && !out->salt))) {
        status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a user");
    }
    if (status == EID_OK) {
        status = eid_key_storage_make(root, password ? &wrap : NULL, seam->random, &out->root_key);
    }
    eid_wrap_wipe(&wrap);
    if (status != EID_OK) eid_user_info_fini(out);
    return status;
}

static eid_status user_insert(const eid_seam *seam, const eid_id *users_db, const eid_key *signer,
                              const eid_user_info *info)
{
    eid_signer as = {.key = signer};
    eid_txn *txn = NULL;
    char uuid[37];
    eid_buf json;
    eid_id id;
    eid_status status;

    eid_buf_init(&json, EID__ROW_MAX);
    eid_user_info_write(info, &json);
    status = eid_buf_status(&json);
    if (status == EID_OK) status = eid_txn_begin(seam, users_db, &as, NULL, &txn);
    if (status == EID_OK) {
        status = eid_table_insert(txn, eid_slice_text(EID_STORE_USERS), eid_buf_slice(&json), uuid);
    }
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_SYNC, &id);
    eid_txn_free(txn);
    eid_buf_wipe(&json);
    return status;
}

eid_status eid__user_create(const eid_seam *seam, const eid_key *signer, eid_slice username,
                            const eid_slice *password)
{
    eid_user_info info = {0};
    eid_key root = {0};
    eid_id users_db, databases_db;
    eid_pubkey device;
    eid_status status = eid__user_check_name(username);

    if (status != EID_OK) goto done;
    status = eid__users_database(seam, &users_db, &databases_db, &device);
    if (status != EID_OK) goto done;
    status = user_check_free(seam, username);
    if (status != EID_OK) goto done;
    eid_key_generate(seam->random, &root);
    status = user_make_info(seam, username, password, &root, &info);
    if (status != EID_OK) goto done;
    status = user_make_database(seam, username, &root, &info.database);
    if (status != EID_OK) goto done;
    status = user_insert(seam, &users_db, signer, &info);
    if (status != EID_OK) goto done;
    status = eid__admin_grant_first(seam, signer, &root.pub);

done:
    eid_key_wipe(&root);
    eid_user_info_fini(&info);
    return status;
}
