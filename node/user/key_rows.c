/* Rows of the table `keys`. Mappings are written in the order of their ids' texts, which makes the
 * row of the same content the same text. */
#include "dag/alloc.h"
#include "node/user/user_rows.h"
#include "node/user/user_rows_internal.h"

#define KEY_MAPPINGS_MAX 65536u /* a row of an entry of 1 MiB cannot hold more */

void eid_user_key_fini(eid_user_key *key)
{
    eid_key_storage_fini(&key->storage);
    eid_free(key->display_name);
    for (size_t i = 0; i < key->mapping_count; i++) {
        if (!key->mappings[i].is_plain) eid_sigkey_owned_fini(&key->mappings[i].identity);
    }
    eid_free(key->mappings);
    *key = (eid_user_key){0};
}

static eid_key_mapping *key_find(const eid_user_key *key, const eid_id *database)
{
    for (size_t i = 0; i < key->mapping_count; i++) {
        if (eid_id_equal(&key->mappings[i].database, database)) return &key->mappings[i];
    }
    return NULL;
}

const eid_key_mapping *eid_user_key_mapping(const eid_user_key *key, const eid_id *database)
{
    return key_find(key, database);
}

/* Room for one more mapping. Growing by one is what happens: rows have a few. */
static eid_status key_reserve(eid_user_key *key)
{
    eid_key_mapping *mappings;

    if (key->mapping_count >= KEY_MAPPINGS_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "a key acts in more than %u databases", KEY_MAPPINGS_MAX);
    }
    mappings = eid_realloc(key->mappings, (key->mapping_count + 1) * sizeof *mappings);
    if (!mappings) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key's databases");
    key->mappings = mappings;
    return EID_OK;
}

/* Whether this is what the key signs with when nothing is said. */
static eid_status key_is_plain(const eid_user_key *key, const eid_sigkey *identity, bool *out)
{
    eid_sigkey_owned plain;
    eid_status status;

    *out = true;
    if (!identity) return EID_OK;
    status = eid_sigkey_of_pubkey(&key->key_id, &plain);
    if (status != EID_OK) return status;
    *out = eid_sigkey_equal(identity, &plain.key);
    eid_sigkey_owned_fini(&plain);
    return EID_OK;
}

eid_status eid_user_key_map(eid_user_key *key, const eid_id *database, const eid_sigkey *identity)
{
    eid_key_mapping mapping = {.database = *database};
    eid_key_mapping *old = key_find(key, database);
    eid_status status = key_is_plain(key, identity, &mapping.is_plain);

    if (status == EID_OK && !old) status = key_reserve(key);
    if (status == EID_OK && !mapping.is_plain)
        status = eid_sigkey_copy(identity, &mapping.identity);
    if (status != EID_OK) return status;
    if (old) {
        if (!old->is_plain) eid_sigkey_owned_fini(&old->identity);
        *old = mapping;
    } else {
        key->mappings[key->mapping_count++] = mapping;
    }
    return EID_OK;
}

static void key_read_mapping(eid__row *row, const eid_id *database, eid_user_key *out)
{
    eid_sigkey_owned identity;
    eid_slice raw = eid__row_raw(row);
    eid_key_mapping mapping = {.database = *database, .is_plain = true};

    if (!eid__row_ok(row)) return;
    row->status = key_reserve(out);
    if (row->status != EID_OK) return;
    if (!eid_slice_is(raw, "null")) {
        if (eid_sigkey_read_json(raw, &identity) != EID_OK) {
            eid__row_fail(row, "an identity was expected");
            return;
        }
        mapping.is_plain = false;
        mapping.identity = identity;
    }
    out->mappings[out->mapping_count++] = mapping;
}

static void key_read_mappings(eid__row *row, eid_user_key *out)
{
    eid_id database;

    eid__row_object(row);
    while (eid__row_ok(row) && eid_json_next(&row->json) == EID_JSON_KEY) {
        if (eid_id_parse(row->json.text, &database) != EID_OK || key_find(out, &database)) {
            eid__row_fail(row, "a database's id was expected");
            return;
        }
        key_read_mapping(row, &database, out);
    }
    if (row->json.event != EID_JSON_OBJECT_END) eid__row_fail(row, "a mapping was expected");
}

eid_status eid_user_key_read(eid_slice json, eid_user_key *out)
{
    static const char *const names[] = {"key_id",    "storage",    "display_name",    "created_at",
                                        "last_used", "is_default", "database_sigkeys"};
    eid__row row;
    unsigned seen = 0;
    int member;
    eid_status status;

    *out = (eid_user_key){0};
    eid__row_begin(&row, json);
    eid__row_object(&row);
    while ((member = eid__row_member(&row, names, 7)) >= 0) {
        seen |= 1u << member;
        if (member == 0) eid__row_pubkey(&row, &out->key_id);
        if (member == 1) eid__storage_read(&row, &out->storage);
        if (member == 2) eid__row_text(&row, true, &out->display_name, NULL);
        if (member == 3) eid__row_int(&row, &out->created_at);
        if (member == 4) eid__row_int_or_null(&row, &out->has_last_used, &out->last_used);
        if (member == 5) eid__row_bool(&row, &out->is_default);
        if (member == 6) key_read_mappings(&row, out);
    }
    /* All but the two that may be null. */
    if ((seen | 1u << 2 | 1u << 4) != 127u) eid__row_fail(&row, "a member is missing");
    status = eid__row_end(&row, "a key");
    if (status != EID_OK) eid_user_key_fini(out);
    return status;
}

static void key_write_mappings(const eid_user_key *key, eid_json_writer *json)
{
    char text[EID_ID_TEXT_MAX];

    eid_json_object(json);
    for (size_t i = 0; i < key->mapping_count; i++) {
        const eid_key_mapping *mapping = &key->mappings[i];
        eid_json_key(json, eid_id_format(&mapping->database, text));
        if (mapping->is_plain) {
            eid_json_null(json);
        } else {
            eid_sigkey_write_json(&mapping->identity.key, json);
        }
    }
    eid_json_object_end(json);
}

void eid_user_key_write(const eid_user_key *key, eid_buf *out)
{
    eid_json_writer json;

    eid_json_writer_init(&json, out);
    eid_json_object(&json);
    eid_json_key(&json, "key_id");
    eid__pubkey_write(&key->key_id, &json);
    eid_json_key(&json, "storage");
    eid__storage_write(&key->storage, &json);
    eid_json_key(&json, "display_name");
    eid_json_text(&json, key->display_name);
    eid_json_key(&json, "created_at");
    eid_json_int(&json, key->created_at);
    eid_json_key(&json, "last_used");
    if (key->has_last_used) {
        eid_json_int(&json, key->last_used);
    } else {
        eid_json_null(&json);
    }
    eid_json_key(&json, "is_default");
    eid_json_bool(&json, key->is_default);
    eid_json_key(&json, "database_sigkeys");
    key_write_mappings(key, &json);
    eid_json_object_end(&json);
}
