/* Graph: walks over the Merkle-DAG of one database, or of one store in it, through a source.
 *
 * The source is whoever holds entries (storage, a test's table). Walks keep their own visited sets;
 * memory is O(visited). They never look at payloads. Source: spec 02 §4-§7, §10.
 */
#ifndef EID_DAG_GRAPH_H
#define EID_DAG_GRAPH_H

#include "dag/id.h"

/* What a walk needs to know of one entry. Slices and ids are lent until the next find(). */
typedef struct eid_node {
    eid_id tree; /* its database */
    uint64_t height;
    eid_ids parents;
    bool in_store; /* of the store asked for */
    uint64_t store_height;
    eid_ids store_parents;
} eid_node;

typedef struct eid_graph {
    void *self;
    /* One entry; `store` has len 0 when only the tree matters. NOT_FOUND (bare) if not held. */
    eid_status (*find)(void *self, const eid_id *id, eid_slice store, eid_node *out);
    eid_id tree;
} eid_graph;

/* A list of (height, id) in order; New: eid_order_fini(). */
typedef struct eid_order_item {
    uint64_t height;
    eid_id id;
} eid_order_item;
typedef struct eid_order {
    eid_order_item *at;
    size_t count, cap;
} eid_order;
#define EID_ORDER_EMPTY ((eid_order){NULL, 0, 0})
void eid_order_fini(eid_order *order);
EID_MUST_CHECK eid_status eid_order_push(eid_order *order, uint64_t height, const eid_id *id);
/* Sort by (height, id). */
void eid_order_sort(eid_order *order);

/* Set of ids for walks: add answers whether it was new (hash table). */
typedef struct eid_visited eid_visited;
EID_MUST_CHECK eid_status eid_visited_new(eid_visited **out);
void eid_visited_free(eid_visited *visited);
EID_MUST_CHECK eid_status eid_visited_add(eid_visited *visited, const eid_id *id, bool *is_new);
bool eid_visited_has(const eid_visited *visited, const eid_id *id);
size_t eid_visited_count(const eid_visited *visited);

/* Closure of tips over main parents, tree order (get_tree_from_tips, spec 02 §5).
 * Errors: ENTRY_NOT_FOUND, ENTRY_NOT_IN_TREE for a tip. Missing or foreign ancestors are skipped.
 */
EID_MUST_CHECK eid_status eid_graph_closure(const eid_graph *graph, eid_ids tips, eid_order *out);
/* Closure over store parents, store order (store_at): bad tips are ignored, missing skipped.
 * *has_gap tells that something was missing (may be NULL). */
EID_MUST_CHECK eid_status eid_graph_store_closure(const eid_graph *graph, eid_slice store,
                                                  eid_ids tips, eid_order *out, bool *has_gap);
/* Store tips as of a boundary of main tips (store_snapshot_at, §6.2). */
EID_MUST_CHECK eid_status eid_graph_store_tips_at(const eid_graph *graph, eid_slice store,
                                                  eid_ids boundary, eid_idset *out);
/* Merge base = lowest common dominator (§7.1). Errors: EMPTY_ENTRY_LIST, NO_COMMON_ANCESTOR, … */
EID_MUST_CHECK eid_status eid_graph_merge_base(const eid_graph *graph, eid_slice store, eid_ids ids,
                                               eid_id *out);
/* Entries from `to` down to, without, `from` (§7.2), store order. Errors: ENTRY_NOT_FOUND. */
EID_MUST_CHECK eid_status eid_graph_path(const eid_graph *graph, eid_slice store,
                                         const eid_id *from, eid_ids to, eid_order *out);
typedef enum eid_reach { EID_REACH_YES, EID_REACH_NO, EID_REACH_UNKNOWN } eid_reach;
/* Are all targets ancestors-or-equal of some `from` (§7.3)? `missing` gets what could not be seen.
 * Errors: ENTRY_NOT_IN_TREE. */
EID_MUST_CHECK eid_status eid_graph_reachable(const eid_graph *graph, eid_ids from, eid_ids targets,
                                              eid_reach *out, eid_idset *missing);
/* Store parents of an entry in store order (get_sorted_store_parents). */
EID_MUST_CHECK eid_status eid_graph_sorted_store_parents(const eid_graph *graph, eid_slice store,
                                                         const eid_id *id, eid_order *out);
/* ids_added (§10): entries reached from `post`, stopping at members of `previous`; parents first,
 * ties by (height, id). */
EID_MUST_CHECK eid_status eid_graph_added(const eid_graph *graph, eid_ids previous, eid_ids post,
                                          eid_order *out);

/* Entries in the past of `tips` (themselves included) that are not in the past of `have`, in
 * (height, id) order. Ids of `have` that the graph does not hold are ignored. Work is in proportion
 * to the answer and to what of `have`'s past lies as high as it. Errors: NO_MEMORY, the source's.
 */
EID_MUST_CHECK eid_status eid_graph_diff(const eid_graph *graph, eid_ids have, eid_ids tips,
                                         eid_order *out);

/* Heights (§3): what a new node over parents of maximal height gets. */
typedef enum eid_height_strategy {
    EID_HEIGHT_INCREMENTAL,
    EID_HEIGHT_TIMESTAMP
} eid_height_strategy;
uint64_t eid_height_next(eid_height_strategy strategy, bool has_parents, uint64_t parent_max,
                         uint64_t now_ms);

#endif
