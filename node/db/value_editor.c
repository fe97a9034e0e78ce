/* A list of keys is a chain of cursors on the stack, so that both ways of naming a place run the
 * same code. */
#include "node/db/value_editor.h"

static eid_status editor_read(void *self, eid_doc **out)
{
    const eid_value_editor *editor = self;

    return eid_txn_doc(editor->txn, editor->store, out);
}

static eid_status editor_set_take(void *self, eid_slice path, eid_value *value)
{
    const eid_value_editor *editor = self;

    return eid_docstore_set_take(editor->txn, editor->store, path, value);
}

static eid_status editor_replace_take(void *self, eid_doc **doc)
{
    const eid_value_editor *editor = self;
    eid_doc *staged = NULL;
    eid_status status = eid_docstore_open(editor->txn, editor->store);

    if (status == EID_OK) status = eid_txn_staged(editor->txn, editor->store, &staged);
    if (status != EID_OK) return status;
    eid_doc_swap(staged, *doc);
    eid_doc_free(*doc);
    *doc = NULL;
    return EID_OK;
}

void eid_value_editor_init(eid_value_editor *editor, eid_txn *txn, eid_slice store)
{
    *editor = (eid_value_editor){.txn = txn, .store = store};
    editor->target = (eid_editor_target){.self = editor,
                                         .read = editor_read,
                                         .set_take = editor_set_take,
                                         .replace_take = editor_replace_take};
}

/* -- lists of keys ----------------------------------------------------------------------------- */

typedef struct editor_chain {
    eid_value_editor base;
    eid_editor at[EID_EDITOR_KEYS_MAX + 1];
} editor_chain;

static eid_status chain_init(editor_chain *chain, eid_txn *txn, eid_slice store,
                             const eid_slice *keys, size_t count)
{
    if (count > EID_EDITOR_KEYS_MAX) return EID_FAIL(EID_KIND_LIMIT, "%zu keys", count);
    eid_value_editor_init(&chain->base, txn, store);
    chain->at[0] = eid_editor_root(&chain->base.target);
    for (size_t i = 0; i < count; i++) chain->at[i + 1] = eid_editor_child(&chain->at[i], keys[i]);
    return EID_OK;
}

eid_status eid_docstore_get_at(eid_txn *txn, eid_slice store, const eid_slice *keys, size_t count,
                               eid_value *out)
{
    editor_chain chain;
    eid_status status = chain_init(&chain, txn, store, keys, count);

    return status == EID_OK ? eid_editor_get(&chain.at[count], out) : status;
}

eid_status eid_docstore_set_at_take(eid_txn *txn, eid_slice store, const eid_slice *keys,
                                    size_t count, eid_value *value)
{
    editor_chain chain;
    eid_status status = chain_init(&chain, txn, store, keys, count);

    return status == EID_OK ? eid_editor_set_take(&chain.at[count], value) : status;
}

eid_status eid_docstore_delete_at(eid_txn *txn, eid_slice store, const eid_slice *keys,
                                  size_t count)
{
    editor_chain chain;
    eid_status status = chain_init(&chain, txn, store, keys, count);

    return status == EID_OK ? eid_editor_delete(&chain.at[count]) : status;
}
