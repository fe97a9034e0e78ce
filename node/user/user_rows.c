/* The rows of `_users`, and key storage, which rows of private databases have too. */
#include "node/user/user_rows.h"

#include "dag/alloc.h"
#include "node/user/user_rows_internal.h"

void eid__pubkey_write(const eid_pubkey *key, eid_json_writer *out)
{
    char text[EID_KEY_TEXT_MAX];

    eid_json_text(out, eid_pubkey_text(key, text));
}

void eid__id_write(const eid_id *id, eid_json_writer *out)
{
    char text[EID_ID_TEXT_MAX];

    eid_json_text(out, eid_id_format(id, text));
}

static void storage_read_type(eid__row *row, char **type)
{
    eid__row_text(row, false, type, NULL);
    if (*type && strcmp(*type, "encrypted") != 0 && strcmp(*type, "unencrypted") != 0) {
        eid__row_fail(row, "unknown type of key storage");
    }
}

void eid__storage_read(eid__row *row, eid_key_storage *out)
{
    static const char *const names[] = {"type", "algorithm", "ciphertext", "nonce", "key"};
    char *type = NULL;
    int member;

    eid__row_object(row);
    while ((member = eid__row_member(row, names, 5)) >= 0) {
        if (member == 0) storage_read_type(row, &type);
        if (member == 1) eid__row_text(row, false, &out->algorithm, NULL);
        if (member == 2) eid__row_bytes(row, &out->ciphertext);
        if (member == 3) eid__row_bytes(row, &out->nonce);
        if (member == 4) eid__row_text(row, false, &out->secret, NULL);
    }
    out->is_encrypted = type && strcmp(type, "encrypted") == 0;
    if (!type || (out->is_encrypted ? !out->algorithm : !out->secret)) {
        eid__row_fail(row, "key storage is not whole");
    }
    eid_free(type);
}

static void storage_write_bytes(const char *name, const eid_buf *bytes, eid_json_writer *out)
{
    eid_json_key(out, name);
    eid_json_array(out);
    for (size_t i = 0; i < bytes->len; i++) eid_json_uint(out, bytes->at[i]);
    eid_json_array_end(out);
}

void eid__storage_write(const eid_key_storage *storage, eid_json_writer *out)
{
    eid_json_object(out);
    eid_json_key(out, "type");
    eid_json_text(out, storage->is_encrypted ? "encrypted" : "unencrypted");
    if (storage->is_encrypted) {
        eid_json_key(out, "algorithm");
        eid_json_text(out, storage->algorithm);
        storage_write_bytes("ciphertext", &storage->ciphertext, out);
        storage_write_bytes("nonce", &storage->nonce, out);
    } else {
        eid_json_key(out, "key");
        eid_json_text(out, storage->secret);
    }
    eid_json_object_end(out);
}

void eid_user_info_fini(eid_user_info *info)
{
    eid_free(info->username);
    eid_key_storage_fini(&info->root_key);
    eid_free(info->salt);
    eid_free(info->status);
    *info = (eid_user_info){0};
}

static void info_read_credentials(eid__row *row, eid_user_info *out)
{
    static const char *const names[] = {"root_key_id", "root_key", "password_salt"};
    unsigned seen = 0;
    int member;

    eid__row_object(row);
    while ((member = eid__row_member(row, names, 3)) >= 0) {
        seen |= 1u << member;
        if (member == 0) eid__row_pubkey(row, &out->root_key_id);
        if (member == 1) eid__storage_read(row, &out->root_key);
        if (member == 2) eid__row_text(row, true, &out->salt, NULL);
    }
    if ((seen & 3u) != 3u) eid__row_fail(row, "credentials are not whole");
}

eid_status eid_user_info_read(eid_slice json, eid_user_info *out)
{
    static const char *const names[] = {"username", "user_database_id", "credentials", "created_at",
                                        "status"};
    eid__row row;
    unsigned seen = 0;
    int member;
    eid_status status;

    *out = (eid_user_info){0};
    eid__row_begin(&row, json);
    eid__row_object(&row);
    while ((member = eid__row_member(&row, names, 5)) >= 0) {
        seen |= 1u << member;
        if (member == 0) eid__row_text(&row, false, &out->username, &out->username_len);
        if (member == 1) eid__row_id(&row, &out->database);
        if (member == 2) info_read_credentials(&row, out);
        if (member == 3) eid__row_int(&row, &out->created_at);
        if (member == 4) eid__row_text(&row, false, &out->status, NULL);
    }
    if (seen != 31u) eid__row_fail(&row, "a member is missing");
    status = eid__row_end(&row, "a user");
    if (status != EID_OK) eid_user_info_fini(out);
    return status;
}

void eid_user_info_write(const eid_user_info *info, eid_buf *out)
{
    eid_json_writer json;

    eid_json_writer_init(&json, out);
    eid_json_object(&json);
    eid_json_key(&json, "username");
    eid_json_string(&json, eid_slice_of(info->username, info->username_len));
    eid_json_key(&json, "user_database_id");
    eid__id_write(&info->database, &json);
    eid_json_key(&json, "credentials");
    eid_json_object(&json);
    eid_json_key(&json, "root_key_id");
    eid__pubkey_write(&info->root_key_id, &json);
    eid_json_key(&json, "root_key");
    eid__storage_write(&info->root_key, &json);
    eid_json_key(&json, "password_salt");
    eid_json_text(&json, info->salt);
    eid_json_object_end(&json);
    eid_json_key(&json, "created_at");
    eid_json_int(&json, info->created_at);
    eid_json_key(&json, "status");
    eid_json_text(&json, info->status);
    eid_json_object_end(&json);
}
