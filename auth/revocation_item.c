/* A settings entry is read once into what the rule asks of it: whom it gives which level, and what
 * its author had in hand. Everything else in its payload does not matter here. */
#include "auth/delegation.h"
#include "auth/revocation_parts.h"
#include "auth/settings.h"
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/hash.h"

int eid__who_compare(const eid__who *a, const eid__who *b)
{
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

eid__who eid__who_of_delegation(eid_slice name)
{
    eid__who who = {.kind = EID__WHO_DELEGATION};

    eid_hash_blake3(name, who.bytes);
    return who;
}

static eid__level level_of(eid_permission permission)
{
    switch (permission.type) {
    case EID_PERMISSION_READ:
        return EID__LEVEL_READ;
    case EID_PERMISSION_WRITE:
        return EID__LEVEL_WRITE;
    case EID_PERMISSION_ADMIN:
        return EID__LEVEL_ADMIN;
    }
    return EID__LEVEL_NONE;
}

/* -- who signs --------------------------------------------------------------------------------- */

void eid__actor_of(const eid_entry *entry, eid__actor *out, bool *is_named)
{
    const eid_sigkey *sigkey = eid_entry_sigkey(entry);
    const eid_hint *hint = &sigkey->hint;
    bool has_settings = eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS)) != NULL;
    char text[EID_ID_TEXT_MAX];

    memset(out, 0, sizeof(*out));
    out->is_signed = !eid_entry_is_unsigned(entry);
    out->needs = has_settings ? EID__LEVEL_ADMIN : EID__LEVEL_WRITE;
    out->has_key = hint->has_pubkey;
    if (hint->has_pubkey) memcpy(out->key.bytes, hint->pubkey, sizeof(out->key.bytes));
    *is_named = false;
    if (sigkey->is_delegation && sigkey->path_count > 0) {
        eid_id_format(&sigkey->path[0].tree, text);
        out->acts = eid__who_of_delegation(eid_slice_text(text));
    } else if (hint->is_global) {
        out->acts.kind = EID__WHO_GLOBAL;
    } else {
        out->acts = out->key;
        *is_named = out->is_signed && !out->has_key;
    }
}

/* -- what is written --------------------------------------------------------------------------- */

/* Room for one more; gives it zeroed, or NULL. */
static void *item_push(void **list, size_t *count, size_t *cap, size_t size)
{
    uint8_t *place;

    if (*count == *cap) {
        size_t grown = *cap == 0 ? 4 : *cap * 2;
        void *moved = eid_realloc(*list, grown * size);

        if (moved == NULL) return NULL;
        *list = moved;
        *cap = grown;
    }
    place = (uint8_t *)*list + (*count)++ * size;
    memset(place, 0, size);
    return place;
}

static eid_status item_add_grant(eid__item *item, const eid__who *who, const eid_value *value)
{
    eid__grant *grant = item_push((void **)&item->grants, &item->grant_count, &item->grant_cap,
                                  sizeof(*item->grants));
    eid_delegation delegation;
    eid_auth_key key;
    eid_status status;

    if (grant == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for the record of a key");
    grant->who = *who;
    if (value->type != EID_VALUE_DOC) return EID_OK;
    if (who->kind == EID__WHO_DELEGATION) {
        status = eid_delegation_from_doc(value->doc, &delegation);
        if (status == EID_OK) {
            grant->level = level_of(delegation.bounds.max);
            grant->priority = delegation.bounds.max.priority;
            eid_delegation_fini(&delegation);
        }
    } else {
        status = eid_auth_key_from_doc(value->doc, &key);
        if (status == EID_OK) {
            if (key.status == EID_KEY_ACTIVE) grant->level = level_of(key.permission);
            grant->priority = key.permission.priority;
            eid_auth_key_fini(&key);
        }
    }
    if (status == EID_E_NO_MEMORY) return status;
    return status == EID_OK ? eid_doc_copy(value->doc, &grant->record) : EID_OK;
}

/* A part of `auth`: its children by name. Anything but a plain Doc ends what was there. */
static eid_status item_add_part(eid__item *item, eid__who_kind kind, const eid_value *value)
{
    eid_status status = EID_OK;

    if (value == NULL) return EID_OK;
    if (value->type != EID_VALUE_DOC || eid_doc_is_atomic(value->doc)) item->wipes |= 1u << kind;
    if (value->type != EID_VALUE_DOC) return EID_OK;
    for (size_t i = 0; i < eid_doc_total(value->doc) && status == EID_OK; i++) {
        eid_slice name;
        const eid_value *child = eid_doc_at(value->doc, i, &name);
        eid__who who = {.kind = EID__WHO_KEY};
        eid_pubkey key;

        if (kind == EID__WHO_DELEGATION) {
            who = eid__who_of_delegation(name);
        } else {
            status = eid_pubkey_parse(name, &key);
            if (status == EID_E_NO_MEMORY) return status;
            if (status != EID_OK) { /* a name that is no key lets nobody act */
                status = EID_OK;
                continue;
            }
            memcpy(who.bytes, key.bytes, sizeof(who.bytes));
        }
        status = item_add_grant(item, &who, child);
    }
    return status;
}

static eid_status item_add_auth(eid__item *item, const eid_doc *settings)
{
    static const eid__who global = {.kind = EID__WHO_GLOBAL};
    const unsigned all = 1u << EID__WHO_KEY | 1u << EID__WHO_GLOBAL | 1u << EID__WHO_DELEGATION;
    const eid_value *auth = eid_doc_child(settings, eid_slice_text("auth"));
    const eid_value *value;
    eid_status status;

    if (eid_doc_is_atomic(settings)) item->wipes = all;
    if (auth == NULL) return EID_OK;
    if (auth->type != EID_VALUE_DOC || eid_doc_is_atomic(auth->doc)) item->wipes = all;
    if (auth->type != EID_VALUE_DOC) return EID_OK;
    status = item_add_part(item, EID__WHO_KEY, eid_doc_child(auth->doc, eid_slice_text("keys")));
    if (status == EID_OK) {
        value = eid_doc_child(auth->doc, eid_slice_text("delegations"));
        status = item_add_part(item, EID__WHO_DELEGATION, value);
    }
    value = eid_doc_child(auth->doc, eid_slice_text("global"));
    if (status == EID_OK && value != NULL) status = item_add_grant(item, &global, value);
    return status;
}

static eid_status item_add_readmits(eid__item *item, const eid_doc *settings)
{
    const eid_value *value = eid_doc_child(settings, eid_slice_text(EID_SETTINGS_READMITTED));

    item->wipes_readmits = eid_doc_is_atomic(settings);
    if (value == NULL) return EID_OK;
    if (value->type != EID_VALUE_DOC || eid_doc_is_atomic(value->doc)) item->wipes_readmits = true;
    if (value->type != EID_VALUE_DOC) return EID_OK;
    for (size_t i = 0; i < eid_doc_total(value->doc); i++) {
        eid_slice name;
        const eid_value *child = eid_doc_at(value->doc, i, &name);
        eid__readmit *readmit;
        eid_id id;
        eid_status status = eid_id_parse(name, &id);

        if (status == EID_E_NO_MEMORY) return status;
        if (status != EID_OK) continue;
        readmit = item_push((void **)&item->readmits, &item->readmit_count, &item->readmit_cap,
                            sizeof(*item->readmits));
        if (readmit == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for a readmitted entry");
        readmit->id = id;
        readmit->yes = child->type == EID_VALUE_BOOL && child->boolean;
    }
    return EID_OK;
}

static eid_status item_read_payload(eid__item *item, const eid_subtree *store)
{
    eid_doc *settings = NULL;
    eid_status status;

    if (!store->has_data) return EID_OK;
    status = eid_payload_read_doc(store->data, &settings);
    if (status == EID_E_NO_MEMORY) return status;
    if (status != EID_OK) return EID_OK; /* such an entry is Failed elsewhere, and is not here */
    status = item_add_auth(item, settings);
    if (status == EID_OK) status = item_add_readmits(item, settings);
    eid_doc_free(settings);
    return status;
}

eid_status eid__item_new(const eid_entry *entry, eid__item **out)
{
    const eid_subtree *store = eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS));
    eid__item *item = eid_alloc(sizeof(*item));
    eid_pin pin = {.tips = EID_IDSET_EMPTY};
    bool is_named;
    eid_status status;

    *out = NULL;
    if (item == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for a settings entry");
    item->stamp.id = *eid_entry_id(entry);
    item->stamp.height = store->height;
    eid__actor_of(entry, &item->actor, &is_named);
    status = eid_idset_assign(&item->parents, store->parents);
    if (status == EID_OK) status = eid_entry_pin(entry, &pin);
    if (status == EID_OK) status = eid_idset_assign(&item->pins, eid_idset_ids(&pin.tips));
    if (status == EID_OK) status = item_read_payload(item, store);
    if (status == EID_OK && is_named) {
        status =
            eid_entry_decode_stored(eid_entry_bytes(entry), eid_entry_id(entry), &item->unresolved);
    }
    eid_pin_fini(&pin);
    if (status == EID_OK) {
        *out = item;
        return EID_OK;
    }
    eid__item_free(item);
    return status;
}

void eid__item_free(eid__item *item)
{
    if (item == NULL) return;
    for (size_t i = 0; i < item->grant_count; i++) eid_doc_free(item->grants[i].record);
    eid_free(item->grants);
    eid_free(item->readmits);
    eid_idset_fini(&item->pins);
    eid_idset_fini(&item->parents);
    eid_entry_free(item->unresolved);
    eid_free(item);
}

eid_status eid_revocation_is_enforced(const eid_entry *genesis, bool *out)
{
    const eid_subtree *store = eid_entry_find_subtree(genesis, eid_slice_text(EID_STORE_SETTINGS));
    const eid_value *value;
    eid_doc *settings = NULL;
    eid_status status;

    *out = false;
    if (store == NULL || !store->has_data) return EID_OK;
    status = eid_payload_read_doc(store->data, &settings);
    if (status != EID_OK) return status == EID_E_NO_MEMORY ? status : EID_OK;
    value = eid_doc_child(settings, eid_slice_text(EID_SETTINGS_REVOCATION));
    *out = value != NULL && value->type == EID_VALUE_TEXT &&
           eid_slice_is(eid_value_text(value), EID_SETTINGS_ENFORCED);
    eid_doc_free(settings);
    return EID_OK;
}
