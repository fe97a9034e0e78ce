/* The structural rules in the order of spec 01 §8, which decides what error an entry with two
 * faults has. Nothing more is checked: what the others accept must not be refused here. */
#include "dag/dag_internal.h"

static bool ids_have_empty(eid_ids ids)
{
    for (size_t i = 0; i < ids.count; i++) {
        if (eid_id_is_empty(&ids.at[i])) return true;
    }
    return false;
}

static bool parts_have_marker(const eid__parts *parts)
{
    for (size_t i = 0; i < parts->subtree_count; i++) {
        if (eid_slice_is(parts->subtrees[i].name, EID_STORE_ROOT)) return true;
    }
    return false;
}

bool eid__parts_is_root(const eid__parts *parts)
{
    return !parts->root && parts->parents.count == 0 && parts_have_marker(parts);
}

static eid_status subtree_validate(const eid_subtree *subtree)
{
    if (subtree->name.len == 0) {
        return EID_FAIL(EID_KIND_ENTRY_STRUCTURE, "a store of the entry has an empty name");
    }
    if (eid_slice_is(subtree->name, EID_STORE_ROOT)) return EID_OK;
    if (ids_have_empty(subtree->parents)) {
        return EID_FAIL(EID_KIND_ENTRY_STRUCTURE,
                        "store \"%.*s\" of the entry has an empty parent ID",
                        EID_SLICE_ARG(subtree->name));
    }
    return EID_OK;
}

eid_status eid__parts_validate(const eid__parts *parts)
{
    if (parts->parents.count > 0 && parts_have_marker(parts)) {
        return EID_FAIL(EID_KIND_ENTRY_STRUCTURE,
                        "the entry has _root marker but also has parents");
    }
    if (parts->root && eid_id_is_empty(parts->root)) {
        return EID_FAIL(EID_KIND_ID_FORMAT, "Invalid ID in tree root ID: ID is empty");
    }
    for (size_t i = 0; i < parts->subtree_count; i++) {
        eid_status status = subtree_validate(&parts->subtrees[i]);

        if (status != EID_OK) return status;
    }
    if (eid__parts_is_root(parts)) return EID_OK;
    if (parts->parents.count == 0) {
        return EID_FAIL(EID_KIND_ENTRY_STRUCTURE,
                        "the entry is no root entry and has empty main tree parents");
    }
    if (ids_have_empty(parts->parents)) {
        return EID_FAIL(EID_KIND_ENTRY_STRUCTURE,
                        "the entry has an empty parent ID in the main tree");
    }
    return EID_OK;
}

eid_status eid_entry_validate(const eid_entry *entry)
{
    return eid__parts_validate(&entry->parts);
}
