/* A history grows as settings entries become Verified, and is read from the store once: from the
 * visible settings tips, all of them are reached, since each is a tip or the parent of another. */
#include "auth/revocation_parts.h"
#include "auth/verify_parts.h"
#include "dag/alloc.h"

eid_status eid_revocations_new(eid_revocations **out)
{
    *out = eid_alloc(sizeof(**out));
    return *out != NULL ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "for a history of settings");
}

void eid_revocations_free(eid_revocations *history)
{
    if (history == NULL) return;
    for (size_t i = 0; i < history->count; i++) eid__item_free(history->items[i]);
    eid_free(history->items);
    eid_free(history->by_id);
    eid_free(history->writes);
    eid_free(history->wipers);
    eid_free(history->bits);
    eid_free(history->standing);
    eid_idset_fini(&history->readmitted);
    eid_free(history);
}

static bool history_has(const eid_revocations *history, const eid_id *id)
{
    for (size_t i = 0; i < history->count; i++) {
        if (eid_id_equal(&history->items[i]->stamp.id, id)) return true;
    }
    return false;
}

/* Add one that is not in. */
static eid_status history_push(eid_revocations *history, const eid_entry *entry)
{
    eid__item *item = NULL;
    eid_status status = eid__item_new(entry, &item);

    if (status != EID_OK) return status;
    if (history->count == history->cap) {
        size_t cap = history->cap == 0 ? 16 : history->cap * 2;
        eid__item **items = eid_realloc(history->items, cap * sizeof(*items));

        if (items == NULL) {
            eid__item_free(item);
            return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu settings entries", cap);
        }
        history->items = items;
        history->cap = cap;
    }
    history->items[history->count++] = item;
    return EID_OK;
}

eid_status eid_revocations_add(eid_revocations *history, const eid_entry *entry)
{
    return history_has(history, eid_entry_id(entry)) ? EID_OK : history_push(history, entry);
}

/* -- reading ----------------------------------------------------------------------------------- */

typedef struct history_walk {
    const eid_at *at;
    const eid_id *root;
    uint32_t database;
    eid_visited *seen;
    eid_order list; /* all that were met; a queue that is never shortened */
    eid_revocations *history;
} history_walk;

static eid_status walk_push(history_walk *walk, eid_ids ids)
{
    for (size_t i = 0; i < ids.count; i++) {
        bool is_new;
        eid_status status = eid_visited_add(walk->seen, &ids.at[i], &is_new);

        if (status == EID_OK && is_new) status = eid_order_push(&walk->list, 0, &ids.at[i]);
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

static eid_status walk_visit(history_walk *walk, const eid_id *id)
{
    const eid__item *item;
    eid_entry *entry = NULL;
    eid_index_info info;
    eid_status status = eid_index_find(walk->at, id, &info);

    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    if (info.database != walk->database || info.verdict != EID_VERIFIED) return EID_OK;
    status = eid__verifier_entry(walk->at, id, &entry);
    if (status != EID_OK) return status;
    if (eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS)) == NULL) goto done;
    status = history_push(walk->history, entry);
    if (status != EID_OK) goto done;
    item = walk->history->items[walk->history->count - 1];
    status = walk_push(walk, eid_idset_ids(&item->pins));
    if (status == EID_OK) status = walk_push(walk, eid_idset_ids(&item->parents));

done:
    eid_entry_free(entry);
    return status;
}

eid_status eid_revocations_load(const eid_at *at, const eid_id *root, eid_ids start,
                                eid_revocations **out)
{
    history_walk walk = {.at = at, .root = root, .list = EID_ORDER_EMPTY};
    eid_status status = eid_revocations_new(&walk.history);

    *out = NULL;
    if (status == EID_OK) status = eid_visited_new(&walk.seen);
    if (status == EID_OK) status = eid_index_database(at, root, &walk.database);
    if (status == EID_OK) status = walk_push(&walk, start);
    for (size_t i = 0; status == EID_OK && i < walk.list.count; i++) {
        eid_id id = walk.list.at[i].id;

        status = walk_visit(&walk, &id);
    }
    if (status == EID_E_NOT_FOUND) status = EID_OK;
    if (status == EID_OK) status = eid_revocations_decide(walk.history);
    if (status == EID_OK) {
        *out = walk.history;
        walk.history = NULL;
    }
    eid_revocations_free(walk.history);
    eid_visited_free(walk.seen);
    eid_order_fini(&walk.list);
    return status;
}

/* -- answers ----------------------------------------------------------------------------------- */

bool eid_revocations_is_any(const eid_revocations *history)
{
    return history->standing_count > 0 || history->has_void;
}

size_t eid_revocations_count(const eid_revocations *history)
{
    return history->standing_count;
}

eid_revocation eid_revocations_at(const eid_revocations *history, size_t i)
{
    const eid__item *item = history->standing[i];

    return (eid_revocation){&item->stamp.id, item->rank.strength};
}

eid_status eid_revocations_voids(const eid_revocations *history, eid_idset *out)
{
    eid_status status = eid_idset_assign(out, (eid_ids){NULL, 0});

    for (size_t i = 0; i < history->count && status == EID_OK; i++) {
        if (history->items[i]->is_void) status = eid_idset_add(out, &history->items[i]->stamp.id);
    }
    return status;
}

eid_status eid_revocations_readmitted(const eid_revocations *history, eid_idset *out)
{
    return eid_idset_assign(out, eid_idset_ids(&history->readmitted));
}
