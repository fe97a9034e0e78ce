/* Entries that a revocation keeps out: seen, and let in again. A readmission is a change of the
 * settings like any other, so it reaches all nodes by itself. */
#include "auth/revocation.h"
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/seam.h"
#include "node/db/settings.h"
#include "node/service/fields.h"

static eid_status void_ask(eidetica_db *db, eid_buf *answer)
{
    eid_buf args;
    eid_status status;

    eid_buf_init(&args, 1024);
    eid__api_root_args(db->root_text, false, 0, &args);
    status = eid_buf_status(&args);
    if (status == EID_OK) {
        status =
            eid__api_control(db->user->instance, db->seam, "voids", eid_buf_slice(&args), answer);
    }
    eid_buf_fini(&args);
    return status;
}

/* -- the list ---------------------------------------------------------------------------------- */

typedef struct void_walk {
    bool (*each)(void *self, const eidetica_void *entry);
    void *self;
    eid_idset *ids; /* instead */
} void_walk;

static eid_status void_on_item(void *arg, eid_slice item)
{
    static const char *const names[] = {"id", "by", "signer", "settings"};
    void_walk *walk = arg;
    eidetica_void entry = {.id = NULL};
    char *id, *by = NULL, *signer;
    eid_fields fields;
    eid_id parsed;

    eid_fields_init(&fields, item, names, 4);
    eid_fields_id(&fields, 0, &parsed);
    if (walk->ids != NULL) {
        return fields.status == EID_OK ? eid_idset_add(walk->ids, &parsed) : fields.status;
    }
    id = eid_fields_string(&fields, 0);
    if (eid_fields_has(&fields, 1)) by = eid_fields_string(&fields, 1);
    signer = eid_fields_string(&fields, 2);
    entry.is_settings = eid_fields_bool(&fields, 3);
    entry.id = id;
    entry.revoked_by = by;
    entry.signer = signer;
    if (fields.status == EID_OK && !walk->each(walk->self, &entry)) fields.status = EID_E_AGAIN;
    eid_free(id);
    eid_free(by);
    eid_free(signer);
    return fields.status;
}

static eid_status void_list(eidetica_db *db, void_walk *walk)
{
    static const char *const names[] = {"entries"};
    eid_fields fields;
    eid_buf answer;
    eid_status status;

    eid_buf_init(&answer, EID__API_JSON_MAX);
    status = void_ask(db, &answer);
    if (status == EID_OK) {
        eid_fields_init(&fields, eid_buf_slice(&answer), names, 1);
        eid_fields_each(&fields, 0, void_on_item, walk);
        status = fields.status;
    }
    eid_buf_fini(&answer);
    return status == EID_E_AGAIN ? EID_OK : status;
}

eidetica_status eidetica_db_voids(eidetica_db *db,
                                  bool (*each)(void *self, const eidetica_void *entry), void *self)
{
    void_walk walk = {.each = each, .self = self};
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need((const void *)(uintptr_t)each, "each");
    if (status == EID_OK) status = void_list(db, &walk);
    return eid__api_end(status);
}

eid_status eid__api_void_ids(eidetica_db *db, eid_idset *out)
{
    void_walk walk = {.ids = out};

    return void_list(db, &walk);
}

/* -- accepting --------------------------------------------------------------------------------- */

typedef struct void_accept {
    eid_idset ids;
    bool accept;
} void_accept;

static eid_status accept_stage(eid__api_change *change)
{
    const void_accept *accept = change->arg;
    eid_status status = EID_OK;

    for (size_t i = 0; i < accept->ids.count && status == EID_OK; i++) {
        status = eid_settings_store_readmit(change->txn, &accept->ids.at[i], accept->accept);
    }
    return status;
}

/* Only data of this database can be readmitted; whether it is void at the moment does not matter:
 * the revocation may still be on its way. */
static eid_status accept_check(eidetica_db *db, const char *text, eid_id *out)
{
    eid_entry *entry = NULL;
    eid_verdict verdict;
    eid_status status = eid_id_parse(eid_slice_text(text), out);

    if (status != EID_OK) return status;
    status = db->seam->entry(db->seam->self, &db->root, out, &entry, &verdict);
    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_ENTRY_NOT_FOUND, "entry %s is not here", text);
    }
    if (status != EID_OK) return status;
    if (eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS)) != NULL) {
        status = EID_FAIL(EID_KIND_ARGUMENT,
                          "entry %s changes settings: make the change again instead", text);
    }
    eid_entry_free(entry);
    return status;
}

eidetica_status eidetica_db_accept(eidetica_db *db, const char *const *entries, size_t count,
                                   bool accept)
{
    void_accept call = {.ids = EID_IDSET_EMPTY, .accept = accept};
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK && count > 0) status = eid__api_need(entries, "entries");
    for (size_t i = 0; i < count && status == EID_OK; i++) {
        eid_id id;

        status = eid__api_need(entries[i], "entry");
        if (status == EID_OK) status = accept_check(db, entries[i], &id);
        if (status == EID_OK) status = eid_idset_add(&call.ids, &id);
    }
    if (status == EID_OK && call.ids.count > 0) {
        status = eid__api_change_settings(db, accept_stage, &call);
    }
    eid_idset_fini(&call.ids);
    return eid__api_end(status);
}
