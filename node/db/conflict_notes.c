/* The tips are those after the entry has joined them: if it is the only one, then everything that
 * is visible is behind it. That is the usual case, found in the batch where the entry has just been
 * put, without a look at the disk. */
#include "node/db/conflict_notes.h"

#include "dag/alloc.h"
#include "dag/log.h"

/* -- replay ------------------------------------------------------------------------------------ */

void eid__replay_fini(eid__replay *replay)
{
    for (size_t i = 0; i < replay->count; i++) {
        eid_free(replay->stores[i].name);
        eid_idset_fini(&replay->stores[i].tips);
    }
    eid_free(replay->stores);
    memset(replay, 0, sizeof(*replay));
}

static eid_status replay_need(eid__replay *replay, eid_slice name, eid__replay_store **out)
{
    uint32_t number;
    eid_status status;

    *out = NULL;
    for (size_t i = 0; i < replay->count; i++) {
        *out = &replay->stores[i];
        if (eid_slice_equal(eid_slice_of((*out)->name, (*out)->name_len), name)) return EID_OK;
    }
    if (replay->count == replay->cap) {
        size_t cap = replay->cap == 0 ? 8 : replay->cap * 2;
        eid__replay_store *stores = eid_realloc(replay->stores, cap * sizeof(*stores));

        if (stores == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for the tips of %zu stores", cap);
        replay->stores = stores;
        replay->cap = cap;
    }
    *out = &replay->stores[replay->count];
    **out = (eid__replay_store){.name = eid_memdup(name.at, name.len), .name_len = name.len};
    if ((*out)->name == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for the tips of a store");
    replay->count++;
    if (replay->at == NULL) return EID_OK;
    status = eid_index_store_number_find(replay->at, replay->database, name, &number);
    (*out)->is_open = status == EID_OK;
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

eid_status eid__replay_move(eid__replay *replay, const eid_entry *entry, const eid_subtree *subtree,
                            eid__covers *covers)
{
    eid__replay_store *store = NULL;
    eid_status status = replay_need(replay, subtree->name, &store);

    if (status != EID_OK) return status;
    for (size_t i = 0; i < subtree->parents.count; i++) {
        eid_idset_remove(&store->tips, &subtree->parents.at[i]);
    }
    *covers = store->tips.count == 0 ? EID__COVERS_ALL : EID__COVERS_NO;
    if (store->is_open) *covers = EID__COVERS_ASK;
    return eid_idset_add(&store->tips, eid_entry_id(entry));
}

/* -- notes ------------------------------------------------------------------------------------- */

static eid_status notes_covers(void *self, bool *out)
{
    const eid__notes *notes = self;
    eid_idset tips = EID_IDSET_EMPTY;
    eid_status status;

    *out = notes->covers == EID__COVERS_ALL;
    if (notes->covers != EID__COVERS_ASK) return EID_OK;
    status = eid_index_tips(&notes->ledger.at, eid_entry_tree(notes->entry), EID_LEVEL_VISIBLE,
                            notes->subtree->name, &tips);
    *out = status == EID_OK && tips.count == 1 && eid_id_equal(&tips.at[0], &notes->stamp->id);
    eid_idset_fini(&tips);
    return status;
}

/* A peer's payload must not make the ledger grow without measure. */
static bool notes_are_full(const eid__notes *notes)
{
    if (notes->bytes <= EID__STATE_BYTES_MAX) return false;
    eid_log_warn("conflicts.full", "entry=%s bytes=%zu", eid_id_str(&notes->stamp->id),
                 notes->bytes);
    return true;
}

/* A parent is an ancestor, which is the most frequent reason for a candidate to be none. */
static bool notes_is_parent(const eid__notes *notes, const eid_id *id)
{
    eid_ids parents = notes->subtree->parents;

    for (size_t i = 0; i < parents.count; i++) {
        if (eid_id_equal(&parents.at[i], id)) return true;
    }
    return false;
}

static eid_status notes_lost(void *self, eid_slice key, const eid_stamp *loser,
                             const eid_stamp *winner)
{
    eid__notes *notes = self;
    const eid__loss_row row = {.path = key, .loser = *loser, .winner = *winner};

    if (notes_is_parent(notes, &loser->id) || notes_are_full(notes)) return EID_OK;
    return eid__ledger_note(&notes->ledger, &row, &notes->bytes);
}

static eid_status notes_hides(void *self, eid_slice key, uint8_t space)
{
    eid__notes *notes = self;

    if (notes_are_full(notes)) return EID_OK;
    notes->bytes += key.len;
    return eid__ledger_hide(&notes->ledger, key, space, notes->stamp);
}

static eid_status notes_leaves(void *self, eid_slice key, eid_slice above, const eid_stamp *loser)
{
    eid__notes *notes = self;
    eid__loss_row row = {.path = key, .loser = *loser};
    eid__hiders hiders;
    eid_status status = eid__ledger_hiders(&notes->ledger, above, &hiders);

    if (status != EID_OK || hiders.count == 0 || notes_are_full(notes)) return status;
    row.winner = hiders.at[hiders.count - 1];
    if (eid_stamp_compare(&row.winner, loser) <= 0) return EID_OK;
    return eid__ledger_note(&notes->ledger, &row, &notes->bytes);
}

void eid__notes_init(eid__notes *notes, const eid_at *at, const uint32_t numbers[2],
                     const eid_stamp *stamp)
{
    memset(notes, 0, sizeof(*notes));
    eid__ledger_init(&notes->ledger, at, numbers[0], numbers[1]);
    notes->stamp = stamp;
    notes->notes = (eid_state_notes){.self = notes,
                                     .covers = notes_covers,
                                     .lost = notes_lost,
                                     .hides = notes_hides,
                                     .leaves = notes_leaves};
}

void eid__notes_fini(eid__notes *notes)
{
    eid__ledger_fini(&notes->ledger);
}
