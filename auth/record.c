/* Stored records: permissions and keys as Docs. A key's record is atomic, so two writers never mix
 * their fields: the later one wins whole (spec 05 §3.1). Children of an unexpected type make the
 * record malformed, except a name, which is then simply absent. */
#include "auth/settings.h"
#include "dag/alloc.h"

static const eid_value *record_child(const eid_doc *doc, const char *key, eid_value_type type)
{
    const eid_value *value = eid_doc_child(doc, eid_slice_text(key));

    return value && value->type == type ? value : NULL;
}

eid_status eid_permission_from_doc(const eid_doc *doc, eid_permission *out)
{
    const eid_value *type = record_child(doc, "type", EID_VALUE_TEXT);
    const eid_value *priority = record_child(doc, "priority", EID_VALUE_INT);

    if (!type) return EID_FAIL(EID_KIND_AUTH_CONFIG, "a permission without a type");
    if (eid_slice_is(eid_value_text(type), "Read")) {
        *out = (eid_permission){EID_PERMISSION_READ, 0};
        return EID_OK;
    }
    if (eid_slice_is(eid_value_text(type), "Write")) {
        out->type = EID_PERMISSION_WRITE;
    } else if (eid_slice_is(eid_value_text(type), "Admin")) {
        out->type = EID_PERMISSION_ADMIN;
    } else {
        return EID_FAIL(EID_KIND_AUTH_CONFIG, "unknown permission type: %.*s",
                        EID_SLICE_ARG(eid_value_text(type)));
    }
    if (!priority) return EID_FAIL(EID_KIND_AUTH_CONFIG, "a permission without a priority");
    out->priority = (uint32_t)((uint64_t)priority->integer & UINT32_MAX);
    return EID_OK;
}

static const char *record_type_text(eid_permission_type type)
{
    switch (type) {
    case EID_PERMISSION_READ:
        return "Read";
    case EID_PERMISSION_WRITE:
        return "Write";
    case EID_PERMISSION_ADMIN:
        return "Admin";
    }
    return "Read";
}

eid_status eid_permission_to_doc(eid_permission permission, eid_doc **out)
{
    eid_doc *doc = NULL;
    eid_status status = eid_doc_new(&doc);

    if (status != EID_OK) return status;
    status = eid_doc_set_text(doc, eid_slice_text("type"),
                              eid_slice_text(record_type_text(permission.type)));
    if (status == EID_OK && permission.type != EID_PERMISSION_READ) {
        status = eid_doc_set_int(doc, eid_slice_text("priority"), permission.priority);
    }
    if (status == EID_OK) {
        *out = doc;
        doc = NULL;
    }
    eid_doc_free(doc);
    return status;
}

static eid_status record_put_doc(eid_doc *doc, const char *key, eid_doc **child)
{
    eid_value value = eid_value_of_doc_take(child);
    eid_status status = eid_doc_put_child_take(doc, eid_slice_text(key), &value);

    eid_value_fini(&value);
    return status;
}

eid_status eid_auth_key_to_doc(const eid_auth_key *key, eid_doc **out)
{
    eid_doc *doc = NULL, *permission = NULL;
    eid_status status;

    status = eid_doc_new(&doc);
    if (status != EID_OK) goto done;
    eid_doc_set_atomic(doc, true);
    if (key->has_name) {
        status = eid_doc_set_text(doc, eid_slice_text("name"),
                                  eid_slice_text(key->name ? key->name : ""));
        if (status != EID_OK) goto done;
    }
    status = eid_permission_to_doc(key->permission, &permission);
    if (status != EID_OK) goto done;
    status = record_put_doc(doc, "permissions", &permission);
    if (status != EID_OK) goto done;
    status = eid_doc_set_text(doc, eid_slice_text("status"),
                              eid_slice_text(eid_key_status_text(key->status)));
    if (status != EID_OK) goto done;
    *out = doc;
    doc = NULL;

done:
    eid_doc_free(permission);
    eid_doc_free(doc);
    return status;
}

eid_status eid_auth_key_from_doc(const eid_doc *doc, eid_auth_key *out)
{
    const eid_value *name = record_child(doc, "name", EID_VALUE_TEXT);
    const eid_value *permission = record_child(doc, "permissions", EID_VALUE_DOC);
    const eid_value *state = record_child(doc, "status", EID_VALUE_TEXT);
    eid_status status;

    memset(out, 0, sizeof *out);
    if (!permission) return EID_FAIL(EID_KIND_AUTH_CONFIG, "a key record without permissions");
    status = eid_permission_from_doc(permission->doc, &out->permission);
    if (status != EID_OK) return status;
    if (!state) return EID_FAIL(EID_KIND_AUTH_CONFIG, "a key record without a status");
    if (eid_slice_is(eid_value_text(state), "Active")) {
        out->status = EID_KEY_ACTIVE;
    } else if (eid_slice_is(eid_value_text(state), "Revoked")) {
        out->status = EID_KEY_REVOKED;
    } else {
        return EID_FAIL(EID_KIND_AUTH_CONFIG, "unknown key status: %.*s",
                        EID_SLICE_ARG(eid_value_text(state)));
    }
    if (!name) return EID_OK;
    out->name = eid_slice_dup_text(eid_value_text(name));
    if (!out->name) return EID_FAIL(EID_KIND_NO_MEMORY, "the name of a key");
    out->has_name = true;
    return EID_OK;
}

void eid_auth_key_fini(eid_auth_key *key)
{
    eid_free(key->name);
    key->name = NULL;
    key->has_name = false;
}

static eid_status record_stage(eid_doc *settings, const char *path, const char *child,
                               const eid_auth_key *key)
{
    eid_doc *parent, *record = NULL;
    eid_status status = eid_doc_ensure_doc(settings, eid_slice_text(path), &parent);

    if (status == EID_OK) status = eid_auth_key_to_doc(key, &record);
    if (status == EID_OK) status = record_put_doc(parent, child, &record);
    eid_doc_free(record);
    return status;
}

eid_status eid_settings_put_key(eid_doc *settings, const eid_auth_key *key)
{
    char text[EID_KEY_TEXT_MAX];

    return record_stage(settings, "auth.keys", eid_pubkey_text(&key->pubkey, text), key);
}

eid_status eid_settings_put_global(eid_doc *settings, const eid_auth_key *key)
{
    return record_stage(settings, "auth", "global", key);
}
