/* Edits read and write in one transaction. The edited value is a copy and is set only when the edit
 * has succeeded, so that a failed one leaves nothing half done. */
#include "node/db/docstore.h"
#include "node/db/txn_internal.h"

eid_status eid_docstore_exchange_take(eid_txn *txn, eid_slice store, eid_slice path,
                                      eid_value *value, eid_value *old)
{
    eid_doc *staged = NULL;
    const eid_value *was;
    eid_status status = eid_docstore_open(txn, store);

    *old = EID_VALUE_DELETED_INIT;
    if (status == EID_OK) status = eid_txn_staged(txn, store, &staged);
    if (status != EID_OK) return status;
    was = eid_doc_get(staged, path);
    if (was) status = eid_value_copy(was, old);
    if (status == EID_OK) status = eid_docstore_set_take(txn, store, path, value);
    if (status != EID_OK) eid_value_fini(old);
    return status;
}

eid_status eid_docstore_get_or_insert_take(eid_txn *txn, eid_slice store, eid_slice path,
                                           eid_value *value, eid_value *out)
{
    eid_status status = eid_docstore_get_as(txn, store, path, value->type, out);

    if (status == EID_OK) {
        eid_value_fini(value);
        return EID_OK;
    }
    if (status != EID_E_NOT_FOUND && status != EID_E_INVALID) return status;
    status = eid_value_copy(value, out);
    if (status != EID_OK) return status;
    status = eid_docstore_set_take(txn, store, path, value);
    if (status != EID_OK) eid_value_fini(out);
    return status;
}

/* Edit a value that was read, and set it; it is ended on every way. */
static eid_status edit_apply(eid_txn *txn, eid_slice store, eid_slice path, eid_value *value,
                             eid_docstore_edit_fn edit, void *self)
{
    eid_status status = edit(self, value);

    if (status == EID_OK) status = eid_docstore_set_take(txn, store, path, value);
    eid_value_fini(value);
    return status;
}

eid_status eid_docstore_modify(eid_txn *txn, eid_slice store, eid_slice path,
                               eid_docstore_edit_fn edit, void *self)
{
    eid_value value;
    eid_status status = eid_docstore_get(txn, store, path, &value);

    return status == EID_OK ? edit_apply(txn, store, path, &value, edit, self) : status;
}

eid_status eid_docstore_modify_or_insert_take(eid_txn *txn, eid_slice store, eid_slice path,
                                              eid_value *value, eid_docstore_edit_fn edit,
                                              void *self)
{
    eid_value found;
    eid_status status = eid_docstore_get_or_insert_take(txn, store, path, value, &found);

    return status == EID_OK ? edit_apply(txn, store, path, &found, edit, self) : status;
}

typedef struct edit_sum {
    eid_slice path;
    int64_t delta, sum;
} edit_sum;

static eid_status edit_add(void *self, eid_value *value)
{
    edit_sum *sum = self;

    if (value->type != EID_VALUE_INT) {
        return EID_FAIL(EID_KIND_STORE_TYPE, "%.*s is %s, not int", EID_SLICE_ARG(sum->path),
                        eid_value_type_name(value->type));
    }
    if (__builtin_add_overflow(value->integer, sum->delta, &sum->sum)) {
        return EID_FAIL(EID_KIND_STORE_OPERATION, "%.*s would leave 64 bits",
                        EID_SLICE_ARG(sum->path));
    }
    value->integer = sum->sum;
    return EID_OK;
}

eid_status eid_docstore_add(eid_txn *txn, eid_slice store, eid_slice path, int64_t delta,
                            int64_t *sum)
{
    edit_sum work = {.path = path, .delta = delta};
    eid_value zero = eid_value_of_int(0);
    eid_status status = eid_docstore_modify(txn, store, path, edit_add, &work);

    if (status == EID_E_NOT_FOUND) {
        status = edit_apply(txn, store, path, &zero, edit_add, &work);
    }
    if (status == EID_OK && sum) *sum = work.sum;
    return status;
}
