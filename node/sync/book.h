/* Book: what is remembered of peers: their addresses, the databases in common, how far both got.
 * Kept in memory and written to the `_sync` database, whose records have the reference's shape
 * (spec 10 §3).
 *
 * Answers come from memory; a keeper thread writes changes, gathered, as one entry. Thread-safe.
 */
#ifndef EID_NODE_SYNC_BOOK_H
#define EID_NODE_SYNC_BOOK_H

#include "dag/json.h"
#include "node/db/txn.h"
#include "transport/address.h"

#define EID_BOOK_PEERS_MAX 4096u
#define EID_BOOK_CURSORS_MAX 65536u

typedef struct eid_book eid_book;

/* Load the book of the `_sync` database `root`, signed by the device key (borrowed until closed).
 * New: eid_book_close(). */
EID_MUST_CHECK eid_status eid_book_open(const eid_seam *seam, const eid_key *device,
                                        const eid_id *root, eid_book **out);
/* Write what is not written, and end. NULL does nothing. */
void eid_book_close(eid_book *book);

/* Each peer with an address or a relation; fn may not call the book. */
void eid_book_each(eid_book *book,
                   void (*fn)(void *arg, const eid_quic_address *address, bool blocked,
                              const eid_id *roots, size_t root_count),
                   void *arg);
/* A peer was met: its address, and that it has `root` (NULL = nothing new about that). */
void eid_book_remember(eid_book *book, const eid_quic_address *address, const eid_id *root);
bool eid_book_is_blocked(eid_book *book, const uint8_t node[32]);
/* Tips that both sides had; NOT_FOUND bare. */
EID_MUST_CHECK eid_status eid_book_cursor(eid_book *book, const uint8_t node[32],
                                          const eid_id *root, eid_idset *out);
void eid_book_set_cursor(eid_book *book, const uint8_t node[32], const eid_id *root, eid_ids tips);
/* Write the fields of one peer, if known, into an open JSON object: addresses, status, first_seen,
 * last_seen. */
void eid_book_describe(eid_book *book, const uint8_t node[32], eid_json_writer *out);

#endif
