/* The rule is one function; the builder's stores are walked from the last one, since each removal
 * moves those behind it. */
#include "node/db/prune.h"

#include "crdt/payload.h"

bool eid_prune_keeps(eid_slice name, bool has_data, eid_slice data, const eid_doc *index)
{
    const eid_value *row;

    if (has_data) return data.len > 0;
    row = index ? eid_doc_child(index, name) : NULL;
    return row && row->type != EID_VALUE_DELETED;
}

static eid_status prune_read_index(const eid_builder *builder, eid_doc **out)
{
    const eid_subtree *index = eid_builder_find(builder, eid_slice_text(EID_STORE_INDEX));
    eid_status status;

    if (!index || !index->has_data) return EID_OK;
    status = eid_payload_read_doc(index->data, out);
    if (status == EID_OK || status == eid_kind_status(EID_KIND_NO_MEMORY)) return status;
    return EID_FAIL(EID_KIND_ENTRY_INDEX_DATA, "the payload of _index is no document");
}

eid_status eid_prune_builder(eid_builder *builder)
{
    eid_doc *index = NULL;
    eid_status status = prune_read_index(builder, &index);

    for (size_t i = eid_builder_store_count(builder); status == EID_OK && i-- > 0;) {
        const eid_subtree *store = eid_builder_store(builder, i);

        if (eid_prune_keeps(store->name, store->has_data, store->data, index)) continue;
        eid_builder_remove_store(builder, store->name);
    }
    eid_doc_free(index);
    return status;
}
