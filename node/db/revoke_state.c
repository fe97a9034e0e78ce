/* A join cannot be undone, so what an entry wrote is made again: the rows under the names of its
 * payload go, and every entry that counts is applied once more as far as it writes these names.
 * One pass over the entries of the store and a batch of the size of what is taken away, however
 * large the store is. Where an entry did more than write names (an atomic root, or no document at
 * all), the whole store is made again. */
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "node/db/conflict_notes.h"
#include "node/db/revoke.h"
#include "node/db/row_index.h"
#include "node/db/state_rows.h"

/* What is to be made again of one store. */
typedef struct withdraw_store {
    char *name;     /* owned */
    eid_doc *names; /* children to be made again; what is under them does not matter */
    bool is_all;
} withdraw_store;

typedef struct withdraw {
    eid_batch *batch;
    eid_at at;
    const eid_id *root;
    uint32_t database;
    withdraw_store *stores;
    size_t count, cap;
    bool *opaque;
    eid__replay replay; /* for what is noted in the ledger of conflicts */
    bool is_void;       /* the entry at hand does not count */
} withdraw;

/* -- what they wrote --------------------------------------------------------------------------- */

static eid_status withdraw_need(withdraw *self, eid_slice name, withdraw_store **out)
{
    for (size_t i = 0; i < self->count; i++) {
        *out = &self->stores[i];
        if (eid_slice_is(name, self->stores[i].name)) return EID_OK;
    }
    if (self->count == self->cap) {
        size_t cap = self->cap == 0 ? 8 : self->cap * 2;
        withdraw_store *stores = eid_realloc(self->stores, cap * sizeof(*stores));

        if (stores == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu stores", cap);
        self->stores = stores;
        self->cap = cap;
    }
    *out = &self->stores[self->count];
    **out = (withdraw_store){.name = eid_slice_dup_text(name)};
    if ((*out)->name == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for the name of a store");
    self->count++;
    return eid_doc_new(&(*out)->names);
}

static eid_status withdraw_add_names(withdraw_store *store, const eid_doc *payload)
{
    eid_status status = EID_OK;

    for (size_t i = 0; i < eid_doc_total(payload) && status == EID_OK; i++) {
        eid_value none = EID_VALUE_DELETED_INIT;
        eid_slice name;

        (void)eid_doc_at(payload, i, &name);
        status = eid_doc_put_child_take(store->names, name, &none);
    }
    return status;
}

static eid_status withdraw_add(withdraw *self, const eid_entry *entry)
{
    for (size_t i = 0; i < eid_entry_subtree_count(entry); i++) {
        const eid_subtree *subtree = eid_entry_subtree(entry, i);
        withdraw_store *store = NULL;
        eid_doc *payload = NULL;
        eid_status status;

        if (!subtree->has_data || subtree->data.len == 0) continue;
        if (eid_slice_is(subtree->name, EID_STORE_ROOT)) continue;
        status = withdraw_need(self, subtree->name, &store);
        if (status != EID_OK) return status;
        status = eid_payload_read_doc(subtree->data, &payload);
        if (status == EID_E_NO_MEMORY) return status;
        if (status != EID_OK || eid_doc_is_atomic(payload)) {
            store->is_all = true;
            status = EID_OK;
        } else {
            status = withdraw_add_names(store, payload);
        }
        eid_doc_free(payload);
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

/* -- made again -------------------------------------------------------------------------------- */

/* The part of a payload that is under the names; NULL in *out if there is none. */
static eid_status withdraw_part(const withdraw_store *store, const eid_doc *payload, eid_doc **out)
{
    eid_status status = eid_doc_new(out);

    for (size_t i = 0; i < eid_doc_total(payload) && status == EID_OK; i++) {
        eid_slice name;
        const eid_value *value = eid_doc_at(payload, i, &name);
        eid_value copy;

        if (!store->is_all && eid_doc_child(store->names, name) == NULL) continue;
        status = eid_value_copy(value, &copy);
        if (status != EID_OK) return status;
        status = eid_doc_put_child_take(*out, name, &copy);
        eid_value_fini(&copy);
    }
    if (status == EID_OK && eid_doc_is_atomic(payload)) eid_doc_set_atomic(*out, true);
    return status;
}

static void withdraw_prefix(const withdraw *self, uint32_t number, uint8_t kind,
                            uint8_t out[EID__STATE_PREFIX_BYTES])
{
    eid_put_u32(out, self->database);
    eid_put_u32(out + 4, number);
    out[8] = kind;
}

static eid_status withdraw_mark_opaque(withdraw *self, uint32_t number)
{
    uint8_t key[EID__STATE_PREFIX_BYTES];

    withdraw_prefix(self, number, EID__STATE_OPAQUE, key);
    return eid_batch_put(self->batch, EID_FAMILY_STATE, eid_slice_of(key, sizeof(key)),
                         eid_slice_text("1"));
}

/* Pairs that are left over do no harm; those that are true again must not be missing. */
static eid_status withdraw_index(withdraw *self, uint32_t number, const eid_doc *names)
{
    const eid__row_store rows = {self->database, number};
    eid_buf marks;
    eid_status status;

    eid_buf_init(&marks, 1024u * 1024u);
    status = eid__row_marks_read(&self->at, rows, &marks);
    if (status == EID_OK) {
        status = eid__row_index_change(&self->at, rows, eid_buf_slice(&marks), names, true);
    }
    eid_buf_fini(&marks);
    return status;
}

/* Apply a part of what an entry writes. */
static eid_status withdraw_apply_part(const withdraw *self, eid__state_rows *rows,
                                      const eid__notes *what, const eid_doc *part)
{
    const uint32_t numbers[2] = {what->ledger.database, what->ledger.store};
    const eid_stamp stamp = {what->subtree->height, *eid_entry_id(what->entry)};
    eid__notes notes;
    eid_status status;

    eid__notes_init(&notes, &self->at, numbers, &stamp);
    notes.entry = what->entry;
    notes.subtree = what->subtree;
    notes.covers = what->covers;
    rows->bytes = 0;
    status = eid_state_apply_noting(&rows->rows, &stamp, part, &notes.notes);
    eid__notes_fini(&notes);
    return status;
}

/* Apply the part of one entry that is under the names. */
static eid_status withdraw_apply(withdraw *self, const withdraw_store *store, uint32_t number,
                                 eid__state_rows *rows, const eid_id *id)
{
    eid_entry *entry = NULL;
    eid_doc *payload = NULL, *part = NULL;
    const eid_subtree *subtree;
    eid__notes what = {.ledger = {.database = self->database, .store = number}};
    eid_status status = eid_index_entry(&self->at, id, &entry);

    if (status != EID_OK) return status;
    subtree = eid_entry_find_subtree(entry, eid_slice_text(store->name));
    if (subtree == NULL) goto done;
    what.entry = entry;
    what.subtree = subtree;
    status = eid__replay_move(&self->replay, entry, subtree, &what.covers);
    if (status != EID_OK || self->is_void || !subtree->has_data || subtree->data.len == 0) {
        goto done;
    }
    status = eid_payload_read_doc(subtree->data, &payload);
    if (status != EID_OK) {
        if (status != EID_E_NO_MEMORY) status = withdraw_mark_opaque(self, number);
        goto done;
    }
    status = withdraw_part(store, payload, &part);
    if (status != EID_OK) goto done;
    if (eid_doc_total(part) > 0 || eid_doc_is_atomic(part)) {
        status = withdraw_apply_part(self, rows, &what, part);
        if (rows->is_over) status = withdraw_mark_opaque(self, number);
        rows->is_over = false;
        if (status == EID_OK && store->is_all) status = withdraw_index(self, number, part);
    }

done:
    eid_doc_free(payload);
    eid_doc_free(part);
    eid_entry_free(entry);
    return status;
}

static eid_status withdraw_drop_names(withdraw *self, const withdraw_store *store, uint32_t number)
{
    eid_status status = EID_OK;

    for (size_t i = 0; i < eid_doc_total(store->names) && status == EID_OK; i++) {
        uint8_t prefix[EID__STATE_PREFIX_BYTES];
        eid_slice name;
        eid_buf key;

        (void)eid_doc_at(store->names, i, &name);
        withdraw_prefix(self, number, EID__STATE_ROW, prefix);
        eid_buf_init(&key, 64u * 1024u);
        eid_buf_append(&key, eid_slice_of(prefix, sizeof(prefix)));
        eid_state_child_key(name, &key);
        status = eid_buf_status(&key);
        if (status == EID_OK) {
            status = eid_batch_delete_prefix(self->batch, EID_FAMILY_STATE, eid_buf_slice(&key));
        }
        eid_buf_fini(&key);
    }
    return status;
}

/* Every entry of the store that counts. */
static eid_status withdraw_replay(withdraw *self, const withdraw_store *store, uint32_t number)
{
    eid_order order = EID_ORDER_EMPTY;
    eid__state_rows rows;
    eid_status status =
        eid_index_store_entries(&self->at, self->root, eid_slice_text(store->name), true, &order);

    eid__state_rows_init(&rows, &self->at, self->database, number);
    for (size_t i = 0; i < order.count && status == EID_OK; i++) {
        status = eid_index_is_void(&self->at, self->database, &order.at[i].id, &self->is_void);
        if (status != EID_OK) continue;
        status = withdraw_apply(self, store, number, &rows, &order.at[i].id);
    }
    eid__state_rows_fini(&rows);
    eid_order_fini(&order);
    return status;
}

/* Everything of a store goes, but for what was noted of its conflicts. */
static eid_status withdraw_drop_all(withdraw *self, uint32_t number)
{
    static const uint8_t kinds[] = {EID__STATE_OPAQUE, EID__STATE_ROW, EID__STATE_INDEX_PAIR};
    eid_status status = EID_OK;

    for (size_t i = 0; i < sizeof(kinds) && status == EID_OK; i++) {
        uint8_t prefix[EID__STATE_PREFIX_BYTES];

        withdraw_prefix(self, number, kinds[i], prefix);
        status = eid_batch_delete_prefix(self->batch, EID_FAMILY_STATE,
                                         eid_slice_of(prefix, sizeof(prefix)));
    }
    *self->opaque = true;
    return status;
}

static eid_status withdraw_remake(withdraw *self, const withdraw_store *store)
{
    uint32_t number;
    eid_status status = eid_index_store_number_find(&self->at, self->database,
                                                    eid_slice_text(store->name), &number);

    if (status == EID_E_NOT_FOUND) return EID_OK; /* nothing was ever applied */
    if (status != EID_OK) return status;
    if (store->is_all) {
        status = withdraw_drop_all(self, number);
    } else {
        status = withdraw_drop_names(self, store, number);
    }
    if (status == EID_OK) status = withdraw_replay(self, store, number);
    return status == EID_OK && !store->is_all ? withdraw_index(self, number, store->names) : status;
}

eid_status eid__revoke_withdraw(eid_batch *batch, const eid_id *root, uint32_t database,
                                const eid_order *entries, bool *opaque)
{
    withdraw self = {.batch = batch,
                     .at = {.kv = eid_batch_kv(batch), .batch = batch},
                     .root = root,
                     .database = database,
                     .opaque = opaque};
    eid_status status = EID_OK;

    for (size_t i = 0; i < entries->count && status == EID_OK; i++) {
        eid_entry *entry = NULL;

        status = eid_index_entry(&self.at, &entries->at[i].id, &entry);
        if (status == EID_OK) status = withdraw_add(&self, entry);
        eid_entry_free(entry);
    }
    for (size_t i = 0; i < self.count && status == EID_OK; i++) {
        status = withdraw_remake(&self, &self.stores[i]);
    }
    for (size_t i = 0; i < self.count; i++) {
        eid_free(self.stores[i].name);
        eid_doc_free(self.stores[i].names);
    }
    eid_free(self.stores);
    eid__replay_fini(&self.replay);
    return status;
}
