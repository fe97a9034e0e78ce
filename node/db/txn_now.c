/* A transaction reads as of the tips it builds on, but the engine keeps only the present state at
 * hand. So the present is read first, and then it is asked what was written since: as long as
 * nothing has touched the part that was read, present and past are the same. Asking afterwards is
 * what makes it right: visible tips never come back, so if they have not moved now, they had not
 * when the value was read. Only what did move is folded from its entries. */
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "node/db/txn_internal.h"

#define NOW_ADDED_MAX 4096u /* entries that are looked at before every store counts as moved */
#define NOW_KEYS_MAX 4096u  /* of one store, likewise */

/* What an entry changes in a store: children are merged one by one, so the others stay as they
 * were, unless its document replaces the whole. */
static eid_status now_note_payload(eid__txn_store *store, eid_slice payload)
{
    eid_doc *doc = NULL;
    eid_status status = eid_payload_read_doc(payload, &doc);

    if (status == EID_E_NO_MEMORY) return status;
    if (status != EID_OK || eid_doc_is_atomic(doc)) store->has_moved = true;
    status = store->moved || store->has_moved ? EID_OK : eid_doc_new(&store->moved);
    for (size_t i = 0; status == EID_OK && !store->has_moved && i < eid_doc_total(doc); i++) {
        eid_value nothing = EID_VALUE_NULL_INIT;
        eid_slice name;

        (void)eid_doc_at(doc, i, &name);
        status = eid_doc_put_child_take(store->moved, name, &nothing);
        if (eid_doc_total(store->moved) > NOW_KEYS_MAX) store->has_moved = true;
    }
    eid_doc_free(doc);
    return status;
}

typedef struct now_walk {
    eid_txn *txn;
    size_t left;
} now_walk;

/* One entry that has become visible since. */
static eid_status now_on_added(void *arg, const eid_id *id)
{
    now_walk *walk = arg;
    const eid_seam *seam = walk->txn->seam;
    eid_entry *entry = NULL;
    eid_verdict verdict;
    eid_status status;

    if (walk->left == 0) {
        walk->txn->all_moved = true;
        return EID_E_AGAIN;
    }
    walk->left--;
    status = seam->entry(seam->self, &walk->txn->root, id, &entry, &verdict);
    for (size_t i = 0; status == EID_OK && i < eid_entry_subtree_count(entry); i++) {
        eid__txn_store *store;

        const eid_subtree *node = eid_entry_subtree(entry, i);
        if (!node->has_data || node->data.len == 0) continue;
        status = eid__txn_touch(walk->txn, node->name, &store);
        if (status == EID_OK) status = now_note_payload(store, node->data);
    }
    eid_entry_free(entry);
    return status;
}

static eid_status now_catch_up(eid_txn *txn, const eid_idset *tips)
{
    const eid_seam *seam = txn->seam;
    now_walk walk = {txn, NOW_ADDED_MAX};
    const eid_idset *from = txn->seen.count > 0 ? &txn->seen : &txn->context.parents;
    eid_status status;

    if (eid_idset_equal(from, tips)) return EID_OK;
    status = seam->added(seam->self, &txn->root, eid_idset_ids(from), eid_idset_ids(tips),
                         now_on_added, &walk);
    return status == EID_OK ? eid_idset_assign(&txn->seen, eid_idset_ids(tips)) : status;
}

static bool now_has_moved(eid_txn *txn, eid_slice name, const eid_slice *key)
{
    const eid__txn_store *store = eid__txn_find(txn, name);

    if (txn->all_moved || (store && store->has_moved)) return true;
    if (!store || !store->moved) return false;
    return key ? eid_doc_child(store->moved, *key) != NULL : eid_doc_total(store->moved) > 0;
}

eid_status eid__txn_is_key_now(eid_txn *txn, eid_slice name, const eid_slice *key, bool *out)
{
    const eid_seam *seam = txn->seam;
    eid_idset tips;
    eid_status status;

    *out = !txn->has_context; /* who reads only sees the present, until it fixes its tips */
    if (!txn->has_context || now_has_moved(txn, name, key)) return EID_OK;
    status = seam->tips(seam->self, &txn->root, false, &tips);
    if (status != EID_OK) return status;
    if (txn->has_at) { /* tips of anybody's choice need not lie behind the visible ones */
        txn->all_moved = !eid_idset_equal(&txn->context.parents, &tips);
    } else {
        status = now_catch_up(txn, &tips);
    }
    eid_idset_fini(&tips);
    *out = status == EID_OK && !now_has_moved(txn, name, key);
    return status;
}

eid_status eid__txn_is_now(eid_txn *txn, eid_slice name, bool *out)
{
    return eid__txn_is_key_now(txn, name, NULL, out);
}

/* -- children and whole stores ----------------------------------------------------------------- */

typedef struct now_scan {
    eid_txn *txn;
    eid_slice store;
    eid_status (*fn)(void *arg, eid_slice name, const eid_value *value);
    void *arg;
    bool is_checked; /* the rows that come are those of the transaction's tips */
    bool has_moved;
    bool is_stopped;
} now_scan;

/* The first row: the snapshot that it comes from is taken by now. */
static eid_status now_on_child(void *arg, eid_slice name, const eid_value *value)
{
    now_scan *scan = arg;
    bool is_now = true;
    eid_status status = EID_OK;

    if (!scan->is_checked) status = eid__txn_is_now(scan->txn, scan->store, &is_now);
    if (status != EID_OK) return status;
    scan->is_checked = true;
    scan->has_moved = !is_now;
    if (!is_now) return EID_E_AGAIN;
    status = scan->fn(scan->arg, name, value);
    scan->is_stopped = status == EID_E_AGAIN;
    return status;
}

static eid_status now_past_children(const now_scan *scan, bool has_after, eid_slice after)
{
    const eid_doc *past;
    eid_status status = eid__txn_past(scan->txn, scan->store, &past);

    for (size_t i = 0; status == EID_OK && i < eid_doc_total(past); i++) {
        eid_slice name;
        const eid_value *value = eid_doc_at(past, i, &name);

        if (has_after && eid_slice_compare(name, after) <= 0) continue;
        status = scan->fn(scan->arg, name, value);
    }
    return status == EID_E_AGAIN ? EID_OK : status;
}

eid_status eid__txn_base_children(eid_txn *txn, eid_slice store, bool has_after, eid_slice after,
                                  eid_status (*fn)(void *arg, eid_slice name,
                                                   const eid_value *value),
                                  void *arg)
{
    now_scan scan = {.txn = txn, .store = store, .fn = fn, .arg = arg};
    bool is_now = false;
    eid_status status = EID_OK;

    if (txn->is_genesis) return EID_OK;
    if (!eid__txn_inner_type(txn, store)) status = eid__txn_is_now(txn, store, &is_now);
    if (status != EID_OK) return status;
    if (is_now) {
        status = txn->seam->children(txn->seam->self, &txn->root, store, has_after, after,
                                     now_on_child, &scan);
        if (status == EID_E_NOT_FOUND) status = EID_OK;
        if (status != EID_OK || scan.is_stopped) return status;
        if (!scan.is_checked) { /* no row came: was there none then? */
            status = eid__txn_is_now(txn, store, &is_now);
            scan.has_moved = !is_now;
        }
        if (status != EID_OK || !scan.has_moved) return status;
    }
    return now_past_children(&scan, has_after, after);
}

/* The committed Doc of an ordinary store. */
static eid_status now_doc(eid_txn *txn, eid_slice name, eid_doc **out)
{
    const eid_doc *past;
    bool is_now = !eid__txn_inner_type(txn, name);
    eid_status status = EID_OK;

    if (txn->is_genesis) return eid_doc_new(out);
    if (is_now) {
        status = txn->seam->doc(txn->seam->self, &txn->root, name, out);
        if (status == EID_E_NOT_FOUND) status = eid_doc_new(out);
        if (status == EID_OK) status = eid__txn_is_now(txn, name, &is_now);
        if (status == EID_OK && is_now) return EID_OK;
        eid_doc_free(*out);
        *out = NULL;
    }
    if (status == EID_OK) status = eid__txn_past(txn, name, &past);
    return status == EID_OK ? eid_doc_copy(past, out) : status;
}

eid_status eid_txn_doc(eid_txn *txn, eid_slice name, eid_doc **out)
{
    const eid_doc *staged = eid_txn_peek_staged(txn, name);
    eid_status status;

    *out = NULL;
    if (eid_slice_is(name, EID_STORE_SETTINGS)) return eid_txn_settings(txn, out);
    if (eid_slice_is(name, EID_STORE_INDEX)) return eid_txn_index(txn, out);
    status = now_doc(txn, name, out);
    if (status == EID_OK && staged) status = eid_doc_merge(*out, staged);
    if (status != EID_OK) {
        eid_doc_free(*out);
        *out = NULL;
    }
    return status;
}
