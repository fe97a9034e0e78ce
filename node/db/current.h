/* Current: what one database looks like now, kept from one transaction to the next: visible tips of
 * the tree and of its stores, merged `_settings` and `_index`, local numbers.
 *
 * Filled part by part from where `at` says; all parts must be of one moment, which is the business
 * of the owner (tree.h: its `cache` lock, and no write under way). Bounded.
 */
#ifndef EID_NODE_DB_CURRENT_H
#define EID_NODE_DB_CURRENT_H

#include "node/db/seam.h"

#define EID__CURRENT_STORES_MAX 64u /* remembered; more are looked up again */

typedef struct eid__current_store {
    char *name; /* owned */
    size_t name_len;
    bool has_tips;
    eid_idset tips;
    uint64_t height_max;
    uint32_t number; /* 0 = not known */
    bool is_opaque;  /* good when number is known */
    bool has_root;   /* likewise: the state has a record of its root, which is rare */
} eid__current_store;

typedef struct eid__current {
    uint32_t database; /* 0 = not known */
    bool has_tips;
    eid_idset tips;
    uint64_t height_max;
    eid__current_store stores[EID__CURRENT_STORES_MAX];
    size_t store_count;
    eid_doc *settings; /* NULL = not known */
    eid_policy *policy;
    eid_doc *index; /* NULL = not known */
} eid__current;

/* A zeroed struct is empty. Free what is held; it is empty afterwards. */
void eid__current_clear(eid__current *current);

/* Make parts known. `root` is the database. Lent parts are good until the next change. */
EID_MUST_CHECK eid_status eid__current_need_tips(eid__current *current, const eid_at *at,
                                                 const eid_id *root);
EID_MUST_CHECK eid_status eid__current_need_store(eid__current *current, const eid_at *at,
                                                  const eid_id *root, eid_slice name,
                                                  const eid__current_store **out);
/* The local numbers of a store; NOT_FOUND bare if it holds no state. */
EID_MUST_CHECK eid_status eid__current_need_number(eid__current *current, const eid_at *at,
                                                   const eid_id *root, eid_slice name,
                                                   const eid__current_store **out);
EID_MUST_CHECK eid_status eid__current_need_settings(eid__current *current, const eid_at *at,
                                                     const eid_id *root);
EID_MUST_CHECK eid_status eid__current_need_index(eid__current *current, const eid_at *at,
                                                  const eid_id *root);

/* An entry became visible whose children are not: move the tips that are known. */
void eid__current_advance(eid__current *current, const eid_entry *entry);
/* Many did, or in an unknown order: forget all tips. `settings`, `index`: these Docs too. */
void eid__current_forget_tips(eid__current *current, bool settings, bool index);
/* A store may have become opaque, or got a record of its root: forget the numbers. */
void eid__current_forget_numbers(eid__current *current);

#endif
