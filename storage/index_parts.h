/* Index parts: keys, records and helpers that the index_*.c files share; private to this folder.
 *
 * Keys (integers big-endian; `db` = local number, 4 bytes):
 *   meta   "db/" root                     the database's record: number, counters, highest entry
 *          "dbn/" db                      its root
 *          "store/" db name               the store's local number
 *   entry  CID                            format, arrival, db, exact bytes
 *   order  db height CID                  verdict
 *   graph  db CID                         format, verdict, height, parents, stores with theirs
 *   tip    db 0 name                      a frontier, "" = of the tree (index_frontier.c)
 *          db 1 name-length name CID      an item of a frontier that is spread
 *          db 2 height CID                an entry that is Unverified
 *          db 3 CID                       an entry that is void
 * Only ids of entries that we hashed ourselves are keys, so that their bytes sort as the ids do.
 */
#ifndef EID_STORAGE_INDEX_PARTS_H
#define EID_STORAGE_INDEX_PARTS_H

#include "storage/index.h"

#define EID__RECORD_FORMAT 1u /* first byte of each record of ours */

/* --- reading (index_access.c) --- */

/* One value, from where `at` says. NOT_FOUND bare. */
EID_MUST_CHECK eid_status eid__at_get(const eid_at *at, eid_family family, eid_slice key,
                                      eid_buf *out);
/* The same of a key that changes only with entries of its database: the batch may remember it. */
EID_MUST_CHECK eid_status eid__at_get_hot(const eid_at *at, eid_family family, eid_slice key,
                                          eid_buf *out);
static inline eid_at eid__at_batch(eid_batch *batch)
{
    return (eid_at){eid_batch_kv(batch), batch, NULL};
}

/* Walk the keys with a prefix, ascending, the batch's changes included. Lent pairs are good until
 * the cursor moves or their key is changed in the batch; the batch must not be written meanwhile.
 */
typedef struct eid__cursor eid__cursor;
/* At the first key. New: eid__cursor_free(). */
EID_MUST_CHECK eid_status eid__cursor_new(const eid_at *at, eid_family family, eid_slice prefix,
                                          eid__cursor **out);
void eid__cursor_free(eid__cursor *cursor);
void eid__cursor_seek(eid__cursor *cursor, eid_slice from);
bool eid__cursor_pair(const eid__cursor *cursor, eid_slice *key, eid_slice *value);
void eid__cursor_next(eid__cursor *cursor);
EID_MUST_CHECK eid_status eid__cursor_status(const eid__cursor *cursor);

/* A reader of stored records; after its first error everything is 0. */
typedef struct eid__record {
    const uint8_t *at, *end;
    bool failed;
} eid__record;
eid__record eid__record_begin(eid_slice bytes); /* takes and checks the format byte */
uint8_t eid__record_u8(eid__record *record);
uint32_t eid__record_u32(eid__record *record);
uint64_t eid__record_u64(eid__record *record);
eid_slice eid__record_slice(eid__record *record, size_t len);
void eid__record_id(eid__record *record, eid_id *out);
/* Pass over so many ids. */
void eid__record_skip_ids(eid__record *record, uint32_t count);
/* OK, or STORE_CORRUPT after an error. */
EID_MUST_CHECK eid_status eid__record_status(const eid__record *record, const char *what);
void eid__record_put_id(eid_buf *out, const eid_id *id); /* length byte, bytes */

/* --- keys --- */

typedef struct eid__key {
    uint8_t bytes[24 + EID_ID_BYTES_MAX];
    size_t len;
} eid__key;
static inline eid_slice eid__key_slice(const eid__key *key)
{
    return (eid_slice){key->bytes, key->len};
}
void eid__key_db(eid__key *key, uint32_t database); /* prefix of order, graph, tip, state */
void eid__key_order(eid__key *key, uint32_t database, uint64_t height, const eid_id *id);
void eid__key_graph(eid__key *key, uint32_t database, const eid_id *id);
void eid__key_unverified(eid__key *key, uint32_t database, uint64_t height, const eid_id *id);
/* The prefix of all of a kind in `tip`. */
typedef enum eid__tip_kind {
    EID__TIP_FRONTIER,
    EID__TIP_ITEM,
    EID__TIP_UNVERIFIED,
    EID__TIP_VOID,
} eid__tip_kind;
void eid__key_tip(eid__key *key, uint32_t database, eid__tip_kind kind);

/* --- databases (index_database.c) --- */

typedef struct eid__database {
    uint32_t number;
    uint32_t stores; /* store numbers given so far */
    bool has_genesis;
    eid_index_counts counts;
    eid_order_item last; /* the highest (height, id) */
} eid__database;
/* NOT_FOUND bare. */
EID_MUST_CHECK eid_status eid__database_get(const eid_at *at, const eid_id *root,
                                            eid__database *out);
EID_MUST_CHECK eid_status eid__database_put(eid_batch *batch, const eid_id *root,
                                            const eid__database *database);
/* The record, begun with a number of its own if there is none; written by eid__database_put(). */
EID_MUST_CHECK eid_status eid__database_need(eid_batch *batch, const eid_id *root,
                                             eid__database *out);
EID_MUST_CHECK eid_status eid__database_delete(eid_batch *batch, const eid_id *root,
                                               uint32_t number);
/* The key of a store's number, begun by this and ended with eid_buf_fini(); name EMPTY = prefix. */
void eid__store_number_key(uint32_t database, eid_slice name, eid_buf *out);
/* The root of a number. Errors: STORE_CORRUPT. */
EID_MUST_CHECK eid_status eid__database_root(const eid_at *at, uint32_t number, eid_id *out);
/* The counter of a verdict. */
uint64_t *eid__counts_of(eid_index_counts *counts, eid_verdict verdict);

/* --- nodes (index_node.c): the graph record --- */

/* The tree's node (name EMPTY) or one of a store. */
typedef struct eid__edges {
    eid_slice name;
    uint64_t height;
    eid_ids parents;
} eid__edges;
typedef struct eid__node {
    eid_verdict verdict;
    size_t count;
    eid__edges *edges; /* [0] is the tree's, each name once */
    eid_id *ids;       /* what parents point to after a read; else NULL */
    eid_buf bytes;     /* what names point to after a read */
} eid__node;
/* Of an entry, borrowing from it. End both with eid__node_fini(). */
EID_MUST_CHECK eid_status eid__node_of(const eid_entry *entry, eid_verdict verdict, eid__node *out);
/* From the store. NOT_FOUND bare. */
EID_MUST_CHECK eid_status eid__node_get(const eid_at *at, uint32_t database, const eid_id *id,
                                        eid__node *out);
void eid__node_fini(eid__node *node);
EID_MUST_CHECK eid_status eid__node_put(eid_batch *batch, uint32_t database, const eid_id *id,
                                        const eid__node *node);
/* Only verdict and height; NOT_FOUND bare. */
EID_MUST_CHECK eid_status eid__node_peek(const eid_at *at, uint32_t database, const eid_id *id,
                                         eid_verdict *verdict, uint64_t *height);
/* A verdict from a stored byte. Errors: STORE_CORRUPT. */
EID_MUST_CHECK eid_status eid__verdict_read(uint8_t code, eid_verdict *out);

/* --- frontiers (index_frontier.c) --- */

/* Which levels an entry joins: RAW when it is stored, VISIBLE when it becomes Verified. */
#define EID__JOIN_RAW 1u
#define EID__JOIN_VISIBLE 2u
/* With VISIBLE, when all Verified entries join again in tree order: those after this one have not.
 */
#define EID__JOIN_AGAIN 4u
/* Join an entry with its edges to the frontiers of the tree and of its stores. */
EID_MUST_CHECK eid_status eid__frontier_join(eid_batch *batch, uint32_t database, const eid_id *id,
                                             const eid__node *node, unsigned levels);
/* Whether an entry with these parents is certainly not held, because none of them was ever listed
 * as a parent: one look at what joining it needs anyway, instead of one at all entries. */
EID_MUST_CHECK eid_status eid__frontier_is_next(eid_batch *batch, uint32_t database,
                                                eid_ids parents, bool *out);
/* Forget the visible level of all frontiers of a database. */
EID_MUST_CHECK eid_status eid__frontier_clear_visible(eid_batch *batch, uint32_t database);
/* Tips of one level, unsorted. New: eid_order_fini(), also after an error. */
EID_MUST_CHECK eid_status eid__frontier_tips(const eid_at *at, uint32_t database, eid_slice name,
                                             eid_level level, eid_order *out);

/* Read a pair of `order`. Errors: STORE_CORRUPT. */
EID_MUST_CHECK eid_status eid__order_read(eid_slice key, eid_slice value, eid_order_item *item,
                                          eid_verdict *verdict);
/* The ids of a list as a set. */
EID_MUST_CHECK eid_status eid__order_ids(const eid_order *order, eid_idset *out);

/* --- entries (index_read.c) --- */

/* The record of an entry into `record` and what its head says; `bytes` points into it. NOT_FOUND
 * bare. */
typedef struct eid__entry_head {
    uint64_t arrival_ms;
    uint32_t database;
    eid_slice bytes;
} eid__entry_head;
EID_MUST_CHECK eid_status eid__entry_get(const eid_at *at, const eid_id *id, eid_buf *record,
                                         eid__entry_head *out);
EID_MUST_CHECK eid_status eid__entry_put(eid_batch *batch, const eid_id *id,
                                         const eid__entry_head *head);

#endif
