/* A commit's context is four sets of tips and two Docs; read from the store that would be some ten
 * look-ups and two scans, more than the signature costs. In a loop of commits nothing but the last
 * entry changes, so the parts are kept and moved on instead. A Doc that a change touches is
 * dropped, not changed: settings and index change seldom. */
#include "node/db/current.h"

#include "dag/alloc.h"
#include "node/db/revoke.h"
#include "node/db/state_rows.h"

static void store_clear(eid__current_store *store)
{
    eid_free(store->name);
    eid_idset_fini(&store->tips);
    memset(store, 0, sizeof(*store));
}

static void current_drop_stores(eid__current *current)
{
    for (size_t i = 0; i < current->store_count; i++) store_clear(&current->stores[i]);
    current->store_count = 0;
}

static void current_drop_settings(eid__current *current)
{
    eid_doc_free(current->settings);
    eid_policy_free(current->policy);
    current->settings = NULL;
    current->policy = NULL;
}

static void current_drop_index(eid__current *current)
{
    eid_doc_free(current->index);
    current->index = NULL;
}

void eid__current_clear(eid__current *current)
{
    current_drop_stores(current);
    current_drop_settings(current);
    current_drop_index(current);
    eid_idset_fini(&current->tips);
    memset(current, 0, sizeof(*current));
}

eid_status eid__current_need_tips(eid__current *current, const eid_at *at, const eid_id *root)
{
    eid_status status;

    if (current->has_tips) return EID_OK;
    status = eid_index_tips_height(at, root, EID_LEVEL_VISIBLE, EID_SLICE_EMPTY, &current->tips,
                                   &current->height_max);
    current->has_tips = status == EID_OK;
    return status;
}

static eid__current_store *current_find(eid__current *current, eid_slice name)
{
    for (size_t i = 0; i < current->store_count; i++) {
        eid__current_store *store = &current->stores[i];
        if (eid_slice_equal(eid_slice_of(store->name, store->name_len), name)) return store;
    }
    return NULL;
}

/* The store's place, made if missing; a full table is begun again. NULL without memory. */
static eid__current_store *current_place(eid__current *current, eid_slice name)
{
    eid__current_store *store = current_find(current, name);

    if (store != NULL) return store;
    if (current->store_count == EID__CURRENT_STORES_MAX) current_drop_stores(current);
    store = &current->stores[current->store_count];
    store->name = eid_memdup(name.at, name.len);
    if (store->name == NULL) return NULL;
    store->name_len = name.len;
    current->store_count++;
    return store;
}

eid_status eid__current_need_store(eid__current *current, const eid_at *at, const eid_id *root,
                                   eid_slice name, const eid__current_store **out)
{
    eid__current_store *store = current_place(current, name);
    eid_status status = EID_OK;

    if (store == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for the tips of a store");
    if (!store->has_tips) {
        status = eid_index_tips_height(at, root, EID_LEVEL_VISIBLE, name, &store->tips,
                                       &store->height_max);
        store->has_tips = status == EID_OK;
    }
    *out = store;
    return status;
}

eid_status eid__current_need_number(eid__current *current, const eid_at *at, const eid_id *root,
                                    eid_slice name, const eid__current_store **out)
{
    eid__current_store *store = current_find(current, name);
    uint32_t number;
    bool is_opaque, has_root;
    eid_status status;

    *out = store;
    if (store != NULL && store->number != 0) return EID_OK;
    if (current->database == 0) {
        status = eid_index_database(at, root, &current->database);
        if (status != EID_OK) return status;
    }
    status = eid_index_store_number_find(at, current->database, name, &number);
    if (status != EID_OK) return status;
    status = eid__state_is_opaque(at, current->database, number, &is_opaque);
    if (status == EID_OK) {
        status = eid__state_has_root(at, current->database, number, &has_root);
    }
    if (status != EID_OK) return status;
    store = current_place(current, name);
    if (store == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for the number of a store");
    store->number = number;
    store->is_opaque = is_opaque;
    store->has_root = has_root;
    *out = store;
    return EID_OK;
}

/* The whole state of a store as a Doc, empty if there is none; what cannot be read is left out. */
static eid_status current_read(eid__current *current, const eid_at *at, const eid_id *root,
                               const char *name, eid_doc **out)
{
    const eid__current_store *store;
    eid__state_rows rows;
    eid_status status;

    status = eid__current_need_number(current, at, root, eid_slice_text(name), &store);
    if (status == EID_E_NOT_FOUND) return eid_doc_new(out);
    if (status != EID_OK) return status;
    eid__state_rows_init(&rows, at, current->database, store->number);
    status = eid_state_read(&rows.rows, out);
    eid__state_rows_fini(&rows);
    return status;
}

eid_status eid__current_need_settings(eid__current *current, const eid_at *at, const eid_id *root)
{
    eid_doc *settings = NULL;
    eid_status status;

    if (current->settings != NULL) return EID_OK;
    status = current_read(current, at, root, EID_STORE_SETTINGS, &settings);
    if (status != EID_OK) return status;
    status = eid__revoke_settings(at, root, settings);
    if (status == EID_OK) status = eid_policy_of_settings(settings, &current->policy);
    if (status != EID_OK) {
        eid_doc_free(settings);
        return status;
    }
    current->settings = settings;
    return EID_OK;
}

eid_status eid__current_need_index(eid__current *current, const eid_at *at, const eid_id *root)
{
    if (current->index != NULL) return EID_OK;
    return current_read(current, at, root, EID_STORE_INDEX, &current->index);
}

/* Replace the parents by the entry. True if it is the only tip now, whose height is known. */
static bool tips_advance(eid_idset *tips, eid_ids parents, const eid_id *id)
{
    for (size_t i = 0; i < parents.count; i++) eid_idset_remove(tips, &parents.at[i]);
    return eid_idset_add(tips, id) == EID_OK && tips->count == 1;
}

void eid__current_advance(eid__current *current, const eid_entry *entry)
{
    const eid_id *id = eid_entry_id(entry);

    if (current->has_tips) {
        current->has_tips = tips_advance(&current->tips, eid_entry_parents(entry), id);
        current->height_max = eid_entry_height(entry);
    }
    for (size_t i = 0; i < eid_entry_subtree_count(entry); i++) {
        const eid_subtree *subtree = eid_entry_subtree(entry, i);
        eid__current_store *store = current_find(current, subtree->name);

        if (eid_slice_is(subtree->name, EID_STORE_SETTINGS)) current_drop_settings(current);
        if (eid_slice_is(subtree->name, EID_STORE_INDEX)) current_drop_index(current);
        if (store == NULL || !store->has_tips) continue;
        store->has_tips = tips_advance(&store->tips, subtree->parents, id);
        store->height_max = subtree->height;
    }
}

void eid__current_forget_tips(eid__current *current, bool settings, bool index)
{
    current->has_tips = false;
    for (size_t i = 0; i < current->store_count; i++) current->stores[i].has_tips = false;
    if (settings) current_drop_settings(current);
    if (index) current_drop_index(current);
}

void eid__current_forget_numbers(eid__current *current)
{
    current->database = 0;
    for (size_t i = 0; i < current->store_count; i++) current->stores[i].number = 0;
}
