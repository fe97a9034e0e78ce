/* Records of rights are read through eid_policy and written back whole, since they are atomic: two
 * authors of the same key cannot mix, the later one wins. */
#include "node/db/settings.h"

#include <stdio.h>

#include "auth/revocation.h"
#include "dag/alloc.h"
#include "dag/json.h"
#include "node/db/docstore.h"

#define SETTINGS_NAME "name"
#define SETTINGS_STRATEGY "height_strategy"

static eid_slice settings_store(void)
{
    return eid_slice_text(EID_STORE_SETTINGS);
}

eid_status eid_settings_store_name(eid_txn *txn, char **out)
{
    return eid_docstore_text(txn, settings_store(), SETTINGS_NAME, out);
}

eid_status eid_settings_store_set_name(eid_txn *txn, eid_slice name)
{
    return eid_docstore_set_text(txn, settings_store(), SETTINGS_NAME, name);
}

bool eid_settings_strategy_parse(eid_slice json, eid_height_strategy *out)
{
    eid_json reader;
    bool found = false;

    eid_json_init(&reader, json);
    if (eid_json_next(&reader) == EID_JSON_STRING) {
        found = true;
        if (eid_slice_is(reader.text, "incremental")) {
            *out = EID_HEIGHT_INCREMENTAL;
        } else if (eid_slice_is(reader.text, "timestamp")) {
            *out = EID_HEIGHT_TIMESTAMP;
        } else {
            found = false;
        }
    }
    if (found) found = eid_json_finish(&reader) == EID_OK;
    eid_json_fini(&reader);
    return found;
}

const char *eid_settings_strategy_json(eid_height_strategy strategy)
{
    return strategy == EID_HEIGHT_TIMESTAMP ? "\"timestamp\"" : "\"incremental\"";
}

eid_height_strategy eid_settings_strategy_of(const eid_doc *settings)
{
    const eid_value *value = eid_doc_get(settings, eid_slice_text(SETTINGS_STRATEGY));
    eid_height_strategy strategy;

    if (value && value->type == EID_VALUE_TEXT &&
        eid_settings_strategy_parse(eid_value_text(value), &strategy)) {
        return strategy;
    }
    return EID_HEIGHT_INCREMENTAL;
}

eid_status eid_settings_store_strategy(eid_txn *txn, eid_height_strategy *out)
{
    eid_value value;
    eid_status status =
        eid_txn_get(txn, settings_store(), eid_slice_text(SETTINGS_STRATEGY), &value);

    *out = EID_HEIGHT_INCREMENTAL;
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    if (value.type == EID_VALUE_TEXT && !eid_settings_strategy_parse(eid_value_text(&value), out)) {
        status = EID_FAIL(EID_KIND_CRDT_DECODE, "no height strategy: %.*s",
                          EID_SLICE_ARG(eid_value_text(&value)));
    }
    eid_value_fini(&value);
    return status;
}

eid_status eid_settings_store_set_strategy(eid_txn *txn, eid_height_strategy strategy)
{
    return eid_docstore_set_text(txn, settings_store(), SETTINGS_STRATEGY,
                                 eid_slice_text(eid_settings_strategy_json(strategy)));
}

eid_status eid_settings_store_policy(eid_txn *txn, eid_policy **out)
{
    eid_doc *settings = NULL;
    eid_status status = eid_txn_settings(txn, &settings);

    *out = NULL;
    if (status == EID_OK) status = eid_policy_of_settings(settings, out);
    eid_doc_free(settings);
    return status;
}

eid_status eid_settings_store_put_key(eid_txn *txn, const eid_auth_key *key)
{
    eid_doc *staged;
    eid_status status = eid_txn_staged(txn, settings_store(), &staged);

    return status == EID_OK ? eid_settings_put_key(staged, key) : status;
}

eid_status eid_settings_store_put_global(eid_txn *txn, const eid_auth_key *key)
{
    eid_doc *staged;
    eid_status status = eid_txn_staged(txn, settings_store(), &staged);

    return status == EID_OK ? eid_settings_put_global(staged, key) : status;
}

/* The record of a key (NULL = of everybody) in a policy; its parts are borrowed. */
static eid_status settings_record(const eid_policy *policy, const eid_pubkey *key,
                                  eid_auth_key *out)
{
    char text[EID_KEY_TEXT_MAX];
    bool malformed = false;
    const eid_auth_key *found =
        key ? eid_policy_find(policy, key, &malformed) : eid_policy_global(policy, &malformed);
    const char *who = key ? eid_pubkey_text(key, text) : "global";

    if (found) {
        *out = *found;
        return EID_OK;
    }
    if (malformed) return EID_FAIL(EID_KIND_AUTH_KEY_FORMAT, "the record of %s is damaged", who);
    return EID_FAIL(EID_KIND_AUTH_KEY_NOT_FOUND, "no key %s in the settings", who);
}

static eid_status settings_revoke(eid_txn *txn, const eid_pubkey *key)
{
    eid_policy *policy = NULL;
    eid_auth_key record;
    eid_status status;

    status = eid_settings_store_policy(txn, &policy);
    if (status != EID_OK) goto done;
    status = settings_record(policy, key, &record);
    if (status != EID_OK) goto done;
    record.status = EID_KEY_REVOKED;
    status = key ? eid_settings_store_put_key(txn, &record)
                 : eid_settings_store_put_global(txn, &record);

done:
    eid_policy_free(policy);
    return status;
}

eid_status eid_settings_store_revoke_key(eid_txn *txn, const eid_pubkey *key)
{
    return settings_revoke(txn, key);
}

eid_status eid_settings_store_revoke_global(eid_txn *txn)
{
    return settings_revoke(txn, NULL);
}

eid_status eid_settings_store_rename_key(eid_txn *txn, const eid_pubkey *key, const char *name)
{
    eid_policy *policy = NULL;
    eid_auth_key record;
    char *copy = NULL;
    eid_status status;

    status = eid_settings_store_policy(txn, &policy);
    if (status != EID_OK) goto done;
    status = settings_record(policy, key, &record);
    if (status != EID_OK) goto done;
    if (name) copy = eid_memdup(name, strlen(name));
    if (name && !copy) {
        status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a name");
        goto done;
    }
    record.has_name = name != NULL;
    record.name = copy;
    status = eid_settings_store_put_key(txn, &record);

done:
    eid_free(copy);
    eid_policy_free(policy);
    return status;
}

static eid_status settings_find(eid_txn *txn, const eid_pubkey *key, eid_auth_key *out)
{
    eid_policy *policy = NULL;
    eid_auth_key record;
    eid_status status = eid_settings_store_policy(txn, &policy);

    *out = (eid_auth_key){0};
    if (status == EID_OK) status = settings_record(policy, key, &record);
    if (status == EID_OK) {
        *out = record;
        out->name = record.name ? eid_slice_dup_text(eid_slice_text(record.name)) : NULL;
        if (record.name && !out->name)
            status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a name");
    }
    eid_policy_free(policy);
    return status;
}

eid_status eid_settings_store_find_key(eid_txn *txn, const eid_pubkey *key, eid_auth_key *out)
{
    return settings_find(txn, key, out);
}

eid_status eid_settings_store_find_global(eid_txn *txn, eid_auth_key *out)
{
    return settings_find(txn, NULL, out);
}

eid_status eid_settings_store_put_delegation(eid_txn *txn, const eid_delegation *delegation)
{
    eid_doc *staged;
    eid_status status = eid_txn_staged(txn, settings_store(), &staged);

    return status == EID_OK ? eid_settings_put_delegation(staged, delegation) : status;
}

eid_status eid_settings_store_auth(eid_txn *txn, eid_doc **out)
{
    eid_doc *settings = NULL;
    const eid_value *auth;
    eid_status status = eid_txn_settings(txn, &settings);

    *out = NULL;
    if (status != EID_OK) return status;
    auth = eid_doc_child(settings, eid_slice_text("auth"));
    if (auth && auth->type == EID_VALUE_DOC) {
        status = eid_doc_copy(auth->doc, out);
    } else {
        status = eid_doc_new(out);
    }
    eid_doc_free(settings);
    return status;
}

eid_status eid_settings_store_readmit(eid_txn *txn, const eid_id *entry, bool yes)
{
    char path[sizeof EID_SETTINGS_READMITTED + 1 + EID_ID_TEXT_MAX], text[EID_ID_TEXT_MAX];
    eid_value value = eid_value_of_bool(yes);
    eid_status status;

    snprintf(path, sizeof path, "%s.%s", EID_SETTINGS_READMITTED, eid_id_format(entry, text));
    status = eid_docstore_set_take(txn, settings_store(), eid_slice_text(path), &value);
    eid_value_fini(&value);
    return status;
}
