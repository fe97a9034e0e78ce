/* One allocation holds the struct, its tables and the bytes: a first reading counts what the tables
 * need, a second one fills them. Reading twice costs less than growing, and freeing is one call. */
#include "dag/entry.h"

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/dag_internal.h"

static eid_status entry_error(const eid__reader *reader, eid_status status)
{
    eid_detail detail = eid_status_detail(status);

    if (status == EID_E_NO_MEMORY) return status;
    if (reader->too_big) return EID_FAIL(EID_KIND_ENTRY_TOO_BIG, "%s", detail.text);
    return EID_FAIL(EID_KIND_ENTRY_BYTES, "%s", detail.text);
}

/* Read once without tables: is it an entry, and how large are they? */
static eid_status entry_count(eid_slice bytes, bool check_points, eid__reader *out)
{
    eid_entry unused = {0};
    eid_status status;

    *out = (eid__reader){.check_points = check_points};
    eid_cbor_init(&out->cbor, bytes);
    eid__entry_read(out, &unused);
    status = eid_cbor_finish(&out->cbor);
    return status == EID_OK ? EID_OK : entry_error(out, status);
}

/* The block for everything, its pointers set; the bytes are copied. NULL without memory. */
static eid_entry *entry_alloc(eid_slice bytes, const eid__reader *counts, eid__reader *reader)
{
    size_t subtrees_size = counts->subtree_count * sizeof(eid_subtree);
    size_t steps_size = counts->step_count * sizeof(eid_delegation_step);
    size_t ids_size = counts->id_count * sizeof(eid_id);
    eid_entry *entry = eid_alloc(sizeof *entry + subtrees_size + steps_size + ids_size + bytes.len);
    uint8_t *at;

    _Static_assert(sizeof(eid_entry) % _Alignof(eid_subtree) == 0, "tables lie behind the struct");
    _Static_assert(sizeof(eid_subtree) % _Alignof(eid_delegation_step) == 0, "and each other");
    _Static_assert(_Alignof(eid_id) == 1, "ids may lie anywhere");
    if (!entry) return NULL;
    at = (uint8_t *)(entry + 1);
    *reader = (eid__reader){.subtrees = (void *)at};
    at += subtrees_size;
    reader->steps = (void *)at;
    at += steps_size;
    reader->ids = (void *)at;
    at += ids_size;
    memcpy(at, bytes.at, bytes.len);
    entry->bytes = eid_slice_of(at, bytes.len);
    eid_cbor_init(&reader->cbor, entry->bytes);
    return entry;
}

static eid_status entry_decode(eid_slice bytes, bool check_points, const eid_id *id,
                               eid_entry **out)
{
    eid__reader counts, reader;
    eid_entry *entry;
    eid_status status = entry_count(bytes, check_points, &counts);

    if (status != EID_OK) return status;
    entry = entry_alloc(bytes, &counts, &reader);
    if (!entry) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an entry of %zu bytes", bytes.len);
    }
    entry->id = *id;
    eid__entry_read(&reader, entry);
    EID_ASSERT(reader.cbor.status == EID_OK && reader.cbor.at == reader.cbor.end);
    EID_ASSERT(reader.id_count == counts.id_count && reader.step_count == counts.step_count);
    EID_ASSERT(reader.subtree_count == counts.subtree_count);
    *out = entry;
    return EID_OK;
}

eid_status eid_entry_decode(eid_slice bytes, eid_entry **out)
{
    eid_id id;

    *out = NULL;
    if (bytes.len > EID_ENTRY_BYTES_MAX) {
        return EID_FAIL(EID_KIND_ENTRY_TOO_BIG, "an entry of %zu bytes, %u at most", bytes.len,
                        EID_ENTRY_BYTES_MAX);
    }
    id = eid_id_of_entry(bytes);
    return entry_decode(bytes, true, &id, out);
}

eid_status eid_entry_decode_stored(eid_slice bytes, const eid_id *id, eid_entry **out)
{
    eid_id actual = eid_id_of_entry(bytes);
    eid_status status;

    *out = NULL;
    if (!eid_id_equal(&actual, id)) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "the bytes stored as entry %s have the id %s",
                        eid_id_str(id), eid_id_str(&actual));
    }
    status = entry_decode(bytes, false, id, out);
    if (status == EID_OK || status == EID_E_NO_MEMORY) return status;
    return EID_FAIL(EID_KIND_STORE_CORRUPT, "the bytes stored as entry %s are no entry: %s",
                    eid_id_str(id), eid_status_detail(status).text);
}

void eid_entry_free(eid_entry *entry)
{
    eid_free(entry);
}

const eid_id *eid_entry_id(const eid_entry *entry)
{
    return &entry->id;
}

eid_slice eid_entry_bytes(const eid_entry *entry)
{
    return entry->bytes;
}

const eid_id *eid_entry_root(const eid_entry *entry)
{
    return entry->parts.root;
}

const eid_id *eid_entry_tree(const eid_entry *entry)
{
    return entry->parts.root ? entry->parts.root : &entry->id;
}

eid_ids eid_entry_parents(const eid_entry *entry)
{
    return entry->parts.parents;
}

uint64_t eid_entry_height(const eid_entry *entry)
{
    return entry->parts.height;
}

bool eid_entry_metadata(const eid_entry *entry, eid_slice *out)
{
    *out = entry->parts.metadata;
    return entry->parts.has_metadata;
}

size_t eid_entry_subtree_count(const eid_entry *entry)
{
    return entry->parts.subtree_count;
}

const eid_subtree *eid_entry_subtree(const eid_entry *entry, size_t i)
{
    EID_ASSERT(i < entry->parts.subtree_count);
    return &entry->parts.subtrees[i];
}

const eid_subtree *eid_entry_find_subtree(const eid_entry *entry, eid_slice name)
{
    for (size_t i = 0; i < entry->parts.subtree_count; i++) {
        if (eid_slice_equal(entry->parts.subtrees[i].name, name)) return &entry->parts.subtrees[i];
    }
    return NULL;
}

const eid_sigkey *eid_entry_sigkey(const eid_entry *entry)
{
    return &entry->key;
}

bool eid_entry_signature(const eid_entry *entry, eid_slice *text)
{
    *text = entry->parts.signature;
    return entry->parts.has_signature;
}

bool eid_entry_is_root(const eid_entry *entry)
{
    return eid__parts_is_root(&entry->parts);
}

bool eid_entry_is_in_tree(const eid_entry *entry, const eid_id *tree)
{
    if (entry->parts.root && eid_id_equal(entry->parts.root, tree)) return true;
    return eid_id_equal(&entry->id, tree);
}
