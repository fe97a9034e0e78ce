/* Everything that storing an entry changes goes into the caller's batch, so that the entry, its
 * place in the order, its edges and the tips are on disk together or not at all. */
#include "storage/index_parts.h"

/* Count a new entry, and see whether it is the highest. */
static void database_count(eid__database *database, const eid_entry *entry, eid_verdict verdict)
{
    const eid_id *id = eid_entry_id(entry);
    uint64_t height = eid_entry_height(entry);
    eid_order_item *last = &database->last;
    bool is_last = database->counts.entries == 0 || height > last->height ||
                   (height == last->height && eid_id_compare(id, &last->id) > 0);

    if (is_last) {
        last->height = height;
        last->id = *id;
    }
    database->counts.entries++;
    database->counts.bytes += eid_entry_bytes(entry).len;
    (*eid__counts_of(&database->counts, verdict))++;
    if (eid_id_equal(id, eid_entry_tree(entry))) database->has_genesis = true;
}

static eid_status order_put(eid_batch *batch, uint32_t database, const eid_entry *entry,
                            eid_verdict verdict)
{
    uint8_t code = (uint8_t)verdict;
    eid__key key;

    eid__key_order(&key, database, eid_entry_height(entry), eid_entry_id(entry));
    return eid_batch_put(batch, EID_FAMILY_ORDER, eid__key_slice(&key), eid_slice_of(&code, 1));
}

static eid_status unverified_put(eid_batch *batch, uint32_t database, const eid_entry *entry)
{
    eid__key key;

    eid__key_unverified(&key, database, eid_entry_height(entry), eid_entry_id(entry));
    return eid_batch_put(batch, EID_FAMILY_TIP, eid__key_slice(&key), EID_SLICE_EMPTY);
}

static eid_status index_insert(eid_batch *batch, const eid_entry *entry, eid_verdict verdict,
                               uint64_t arrival_ms)
{
    const eid_id *id = eid_entry_id(entry);
    const eid_id *root = eid_entry_tree(entry);
    unsigned levels = verdict == EID_VERIFIED ? EID__JOIN_RAW | EID__JOIN_VISIBLE : EID__JOIN_RAW;
    eid__entry_head head = {.arrival_ms = arrival_ms, .bytes = eid_entry_bytes(entry)};
    eid__database database;
    eid__node node;
    eid_status status = eid__node_of(entry, verdict, &node);

    if (status == EID_OK) status = eid__database_need(batch, root, &database);
    if (status != EID_OK) goto done;
    head.database = database.number;
    status = eid__entry_put(batch, id, &head);
    if (status != EID_OK) goto done;
    status = order_put(batch, database.number, entry, verdict);
    if (status != EID_OK) goto done;
    status = eid__node_put(batch, database.number, id, &node);
    if (status != EID_OK) goto done;
    status = eid__frontier_join(batch, database.number, id, &node, levels);
    if (status != EID_OK) goto done;
    if (verdict == EID_UNVERIFIED) status = unverified_put(batch, database.number, entry);
    if (status != EID_OK) goto done;
    database_count(&database, entry, verdict);
    status = eid__database_put(batch, root, &database);

done:
    eid__node_fini(&node);
    return status;
}

/* Is the entry held already? An entry on top of tips is not, or they would be none. */
static eid_status index_is_held(eid_batch *batch, const eid_entry *entry, bool *out)
{
    eid_at at = eid__at_batch(batch);
    eid__entry_head head;
    eid__database database;
    bool is_next = false;
    eid_buf held;
    eid_status status = eid__database_get(&at, eid_entry_tree(entry), &database);

    *out = false;
    if (status == EID_OK) {
        status = eid__frontier_is_next(batch, database.number, eid_entry_parents(entry), &is_next);
    }
    if (is_next || (status != EID_OK && status != EID_E_NOT_FOUND)) return status;
    status = eid__entry_get(&at, eid_entry_id(entry), &held, &head);
    eid_buf_fini(&held);
    *out = status == EID_OK;
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

eid_status eid_index_put(eid_batch *batch, const eid_entry *entry, eid_verdict verdict,
                         uint64_t arrival_ms, bool *is_new)
{
    bool is_held;
    eid_status status = eid_entry_validate(entry);

    *is_new = false;
    if (status == EID_OK) status = index_is_held(batch, entry, &is_held);
    if (status != EID_OK || is_held) return status;
    status = index_insert(batch, entry, verdict, arrival_ms);
    *is_new = status == EID_OK;
    return status;
}
