/* Committed rows are streamed and the staged ones merged in, both being in key order, so that a
 * scan of any table costs no memory. */
#include "node/db/table_scan.h"

typedef struct table_scan {
    const eid_doc *staged; /* may be NULL */
    size_t next;           /* staged child that comes next */
    eid__table_row_fn fn;
    void *arg;
    bool is_stopped;
} table_scan;

static eid_status table_give(table_scan *scan, eid_slice key, const eid_value *value)
{
    eid_status status;

    if (value->type != EID_VALUE_TEXT) return EID_OK;
    status = scan->fn(scan->arg, key, eid_value_text(value));
    if (status == EID_E_AGAIN) scan->is_stopped = true;
    return status;
}

/* Give the staged rows before `limit` (NULL = all that are left). */
static eid_status table_give_staged(table_scan *scan, const eid_slice *limit)
{
    while (scan->staged && scan->next < eid_doc_total(scan->staged)) {
        eid_slice key;
        const eid_value *value = eid_doc_at(scan->staged, scan->next, &key);
        eid_status status;
        if (limit && eid_slice_compare(key, *limit) >= 0) return EID_OK;
        scan->next++;
        status = table_give(scan, key, value);
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

static eid_status table_on_committed(void *self, eid_slice name, const eid_value *value)
{
    table_scan *scan = self;
    eid_slice key = EID_SLICE_EMPTY;
    const eid_value *change = NULL;
    eid_status status = table_give_staged(scan, &name);

    if (status != EID_OK) return status;
    if (scan->staged && scan->next < eid_doc_total(scan->staged)) {
        change = eid_doc_at(scan->staged, scan->next, &key);
        if (!eid_slice_equal(key, name)) change = NULL;
    }
    if (change) scan->next++;
    return table_give(scan, name, change ? change : value);
}

eid_status eid__table_merge(eid_txn *txn, eid_slice store, const eid_slice *after,
                            const eid__table_source *source, eid__table_row_fn fn, void *arg)
{
    table_scan scan = {.staged = eid_txn_peek_staged(txn, store), .fn = fn, .arg = arg};
    eid_status status;

    while (after && scan.staged && scan.next < eid_doc_total(scan.staged)) {
        eid_slice key;
        (void)eid_doc_at(scan.staged, scan.next, &key);
        if (eid_slice_compare(key, *after) > 0) break;
        scan.next++;
    }
    status = source->rows(source->self, table_on_committed, &scan);
    if (scan.is_stopped) return EID_OK;
    if (status == EID_OK) status = table_give_staged(&scan, NULL);
    return scan.is_stopped ? EID_OK : status;
}

/* -- all rows ---------------------------------------------------------------------------------- */

typedef struct table_all {
    eid_txn *txn;
    eid_slice store, after;
    bool has_after;
} table_all;

static eid_status table_all_rows(void *self, eid__table_child_fn fn, void *arg)
{
    const table_all *all = self;

    return eid__txn_base_children(all->txn, all->store, all->has_after, all->after, fn, arg);
}

eid_status eid_table_scan(eid_txn *txn, eid_slice store, bool has_after, eid_slice after,
                          eid_status (*fn)(void *arg, eid_slice key, eid_slice json), void *arg)
{
    table_all all = {txn, store, after, has_after};
    const eid__table_source source = {table_all_rows, &all};

    return eid__table_merge(txn, store, has_after ? &after : NULL, &source, fn, arg);
}
