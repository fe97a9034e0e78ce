/* Graph walk: breadth-first over ids, each once; what the graph_*.c files share.
 *
 * The walk only goes where it is told: the caller adds ids, takes them one by one, and adds those
 * of the parents that it wants to follow.
 */
#ifndef EID_DAG_GRAPH_WALK_H
#define EID_DAG_GRAPH_WALK_H

#include "dag/graph.h"

/* The place of an id in order of arrival; added if it is new. */
EID_MUST_CHECK eid_status eid__visited_put(eid_visited *visited, const eid_id *id, size_t *place,
                                           bool *is_new);
bool eid__visited_find(const eid_visited *visited, const eid_id *id, size_t *place);
/* Borrowed until the next put. */
const eid_id *eid__visited_at(const eid_visited *visited, size_t place);

typedef struct eid__walk {
    const eid_graph *graph;
    eid_slice store; /* EMPTY = of the tree */
    eid_visited *seen;
    size_t next; /* place in seen of the next to take */
} eid__walk;

/* What a walk comes to. */
typedef struct eid__step {
    eid_id id;
    bool is_held;    /* in this tree; if not, the rest but is_foreign is void */
    bool is_foreign; /* held, in another tree */
    eid_node node;   /* lent until the next step */
} eid__step;

/* Begin; end with eid__walk_fini(), also after an error. */
EID_MUST_CHECK eid_status eid__walk_init(eid__walk *walk, const eid_graph *graph, eid_slice store);
void eid__walk_fini(eid__walk *walk);
EID_MUST_CHECK eid_status eid__walk_add(eid__walk *walk, eid_ids ids);
/* Take the next; NOT_FOUND bare when there is none. */
EID_MUST_CHECK eid_status eid__walk_step(eid__walk *walk, eid__step *out);
/* Look at one id, without walking. */
EID_MUST_CHECK eid_status eid__graph_look(const eid_graph *graph, const eid_id *id, eid_slice store,
                                          eid__step *out);
/* All ids must be held and of this tree. Errors: ENTRY_NOT_FOUND, ENTRY_NOT_IN_TREE. */
EID_MUST_CHECK eid_status eid__graph_require(const eid_graph *graph, eid_ids ids);

#endif
