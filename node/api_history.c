/* History by cursors: what lies between two of them, what one reaches, single entries. The walks
 * name ids, and each entry is fetched when its turn comes, so one is in memory at a time. */
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/seam.h"

typedef struct history_walk {
    const eidetica_db *db;
    const char *store; /* NULL = all */
    bool (*each_id)(void *self, const char *id);
    bool (*each)(void *self, const eidetica_entry *entry);
    void *self;
    eid_idset voids;
} history_walk;

static eid_status history_on_id(void *arg, const eid_id *id)
{
    const history_walk *walk = arg;
    char text[EID_ID_TEXT_MAX];

    return walk->each_id(walk->self, eid_id_format(id, text)) ? EID_OK : EID_E_AGAIN;
}

eidetica_status eidetica_entries_added(eidetica_db *db, const char *since, const char *until,
                                       bool (*each)(void *self, const char *id), void *self)
{
    history_walk walk = {.each_id = each, .self = self};
    eid_idset previous = EID_IDSET_EMPTY, post = EID_IDSET_EMPTY;
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(since, "since");
    if (status == EID_OK) status = eid__api_cursor_parse(since, &previous);
    if (status == EID_OK) {
        status = until ? eid__api_cursor_parse(until, &post)
                       : db->seam->tips(db->seam->self, &db->root, false, &post);
    }
    if (status == EID_OK) {
        status = db->seam->added(db->seam->self, &db->root, eid_idset_ids(&previous),
                                 eid_idset_ids(&post), history_on_id, &walk);
    }
    eid_idset_fini(&previous);
    eid_idset_fini(&post);
    return eid__api_end(status);
}

/* -- entries ----------------------------------------------------------------------------------- */

static eid_status history_get(const eidetica_db *db, const eid_id *id, eid_entry **out,
                              eid_verdict *verdict)
{
    eid_status status = db->seam->entry(db->seam->self, &db->root, id, out, verdict);

    if (status != EID_E_NOT_FOUND) return status;
    return EID_FAIL(EID_KIND_ENTRY_NOT_FOUND, "entry %s is not here", eid_id_str(id));
}

static eid_status history_on_entry(void *arg, const eid_entry *entry, eid_verdict verdict)
{
    const history_walk *walk = arg;

    if (walk->store && !eid_entry_find_subtree(entry, eid_slice_text(walk->store))) return EID_OK;
    return eid__api_entry_give(entry, eid__api_standing(entry, verdict, &walk->voids), walk->each,
                               walk->self);
}

static eid_status history_on_reached(void *arg, const eid_id *id)
{
    history_walk *walk = arg;
    eid_entry *entry = NULL;
    eid_verdict verdict;
    eid_status status = history_get(walk->db, id, &entry, &verdict);

    if (status == EID_OK) status = history_on_entry(walk, entry, verdict);
    eid_entry_free(entry);
    return status;
}

eidetica_status eidetica_history(eidetica_db *db, const char *store, const char *at,
                                 bool (*each)(void *self, const eidetica_entry *entry), void *self)
{
    history_walk walk = {.db = db, .store = store, .each = each, .self = self};
    eid_idset tips = EID_IDSET_EMPTY;
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_void_ids(db, &walk.voids);
    if (status == EID_OK && !at) {
        status = db->seam->entries(db->seam->self, &db->root, NULL, false, history_on_entry, &walk);
    } else if (status == EID_OK) {
        status = eid__api_cursor_parse(at, &tips);
        if (status == EID_OK) {
            status = db->seam->added(db->seam->self, &db->root, (eid_ids){NULL, 0},
                                     eid_idset_ids(&tips), history_on_reached, &walk);
        }
    }
    eid_idset_fini(&walk.voids);
    eid_idset_fini(&tips);
    return eid__api_end(status);
}

static eid_status history_parse(const char *text, eid_id *out)
{
    eid_status status = eid__api_need(text, "id");

    return status == EID_OK ? eid_id_parse(eid_slice_text(text), out) : status;
}

eidetica_status eidetica_entries(eidetica_db *db, const char *const *ids, size_t count,
                                 bool (*each)(void *self, const eidetica_entry *entry), void *self)
{
    history_walk walk = {.db = db, .each = each, .self = self};
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_void_ids(db, &walk.voids);
    for (size_t i = 0; i < count && status == EID_OK; i++) {
        eid_id id;

        status = history_parse(ids[i], &id);
        if (status == EID_OK) status = history_on_reached(&walk, &id);
    }
    eid_idset_fini(&walk.voids);
    return eid__api_end(status == EID_E_AGAIN ? EID_OK : status);
}

eidetica_status eidetica_entry_is_valid(eidetica_db *db, const char *id, bool *valid)
{
    eid_entry *entry = NULL;
    eid_verdict verdict = EID_UNVERIFIED;
    eid_id parsed;
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(valid, "valid");
    if (status == EID_OK) status = history_parse(id, &parsed);
    if (status == EID_OK) status = history_get(db, &parsed, &entry, &verdict);
    if (status == EID_OK) *valid = verdict == EID_VERIFIED;
    eid_entry_free(entry);
    return eid__api_end(status);
}
