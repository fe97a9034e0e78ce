/* The merge base is a vertex that every way from the given entries to a root of the store goes
 * through. Spec 02 §7.1 states it as one walk for each candidate and tip; here it is one pass:
 * number the ancestors in a topological order, and a vertex is on all ways if and only if no edge
 * passes over its number (a way that avoids it has such an edge; and an edge that passes over it is
 * part of a way whose other vertices have lower, then higher numbers).
 *
 * Where an ancestor is not held a way leads nowhere and does not count, as in the reference. An
 * entry from which no way leads to a root (`lost`) then only has to have the base as an ancestor.
 */
#include "dag/alloc.h"
#include "dag/graph_walk.h"

/* A vertex: an ancestor, or an id that is not held. */
typedef struct base_vertex {
    uint64_t height; /* in the store */
    bool is_held;
    bool is_end;         /* ways end here: a root of the store */
    bool is_lost;        /* no way leads from here to an end */
    uint32_t waiting;    /* children that have no number yet */
    uint32_t reached;    /* by so many lost starts */
    uint32_t mark;       /* the last lost start that reached it, counted from 1 */
    size_t first, count; /* edges to its parents */
} base_vertex;

typedef struct base {
    eid__walk walk; /* place in walk.seen = vertex */
    base_vertex *vertices;
    size_t vertex_cap;
    uint32_t *edges;
    size_t edge_count, edge_cap;
    uint32_t *numbered; /* vertices in topological order, children first */
    uint32_t *number;   /* of a vertex */
    int32_t *over;      /* edges that begin to pass over a number, less those that end */
} base;

static void base_fini(base *self)
{
    eid__walk_fini(&self->walk);
    eid_free(self->vertices);
    eid_free(self->edges);
    eid_free(self->numbered);
    eid_free(self->number);
    eid_free(self->over);
}

/* Room for one more of an array. */
static eid_status base_reserve(void **array, size_t count, size_t *cap, size_t size)
{
    size_t wanted = *cap == 0 ? 64 : *cap * 2;
    void *grown;

    if (count < *cap) return EID_OK;
    if (wanted > UINT32_MAX / 2) return EID_FAIL(EID_KIND_LIMIT, "too many edges for a walk");
    grown = eid_realloc(*array, wanted * size);
    if (grown == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a walk");
    *array = grown;
    *cap = wanted;
    return EID_OK;
}

static eid_status base_add_edges(base *self, base_vertex *vertex, eid_ids parents)
{
    eid_status status = EID_OK;

    vertex->first = self->edge_count;
    for (size_t i = 0; status == EID_OK && i < parents.count; i++) {
        void *edges = self->edges;
        size_t place = 0;
        bool is_new;

        status = base_reserve(&edges, self->edge_count, &self->edge_cap, sizeof *self->edges);
        self->edges = edges;
        if (status != EID_OK) break;
        status = eid__visited_put(self->walk.seen, &parents.at[i], &place, &is_new);
        self->edges[self->edge_count++] = (uint32_t)place;
    }
    vertex->count = self->edge_count - vertex->first;
    return status;
}

/* All ancestors of what the walk begins with, and their edges. */
static eid_status base_collect(base *self)
{
    eid_status status = EID_OK;

    while (status == EID_OK) {
        void *vertices = self->vertices;
        size_t place = self->walk.next;
        base_vertex vertex = {.height = 0};
        eid__step step;

        status = eid__walk_step(&self->walk, &step);
        if (status != EID_OK) break;
        status = base_reserve(&vertices, place, &self->vertex_cap, sizeof *self->vertices);
        self->vertices = vertices;
        if (status != EID_OK) break;
        vertex.is_held = step.is_held;
        if (step.is_held && step.node.in_store) {
            vertex.height = step.node.store_height;
            status = base_add_edges(self, &vertex, step.node.store_parents);
        }
        /* An entry without the store, or of another database, is a root too: no way goes on. */
        vertex.is_end = (step.is_held || step.is_foreign) && vertex.count == 0;
        self->vertices[place] = vertex;
    }
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* Number the vertices, each after all its children. */
static eid_status base_number(base *self)
{
    size_t count = eid_visited_count(self->walk.seen);
    size_t ready = 0;

    self->numbered = eid_alloc_array(count, sizeof *self->numbered);
    self->number = eid_alloc_array(count, sizeof *self->number);
    self->over = eid_alloc_array(count + 2, sizeof *self->over);
    if (self->numbered == NULL || self->number == NULL || self->over == NULL) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a walk");
    }
    for (size_t i = 0; i < self->edge_count; i++) self->vertices[self->edges[i]].waiting++;
    for (size_t i = 0; i < count; i++) {
        if (self->vertices[i].waiting == 0) self->numbered[ready++] = (uint32_t)i;
    }
    for (size_t i = 0; i < ready; i++) {
        const base_vertex *vertex = &self->vertices[self->numbered[i]];

        self->number[self->numbered[i]] = (uint32_t)i;
        for (size_t e = 0; e < vertex->count; e++) {
            uint32_t parent = self->edges[vertex->first + e];

            if (--self->vertices[parent].waiting == 0) self->numbered[ready++] = parent;
        }
    }
    if (ready == count) return EID_OK;
    return EID_FAIL(EID_KIND_CYCLE, "entries are ancestors of themselves");
}

/* Find the vertices that no way leads on from; parents have higher numbers. */
static void base_mark_lost(base *self)
{
    for (size_t i = eid_visited_count(self->walk.seen); i-- > 0;) {
        base_vertex *vertex = &self->vertices[self->numbered[i]];

        vertex->is_lost = !vertex->is_end;
        for (size_t e = 0; e < vertex->count && vertex->is_lost; e++) {
            vertex->is_lost = self->vertices[self->edges[vertex->first + e]].is_lost;
        }
    }
}

/* Count, at each ancestor of a lost start, that it is one. Children come first in `numbered`. */
static void base_reach(base *self, size_t start, uint32_t mark)
{
    size_t count = eid_visited_count(self->walk.seen);

    self->vertices[start].mark = mark;
    for (size_t i = self->number[start]; i < count; i++) {
        base_vertex *vertex = &self->vertices[self->numbered[i]];

        if (vertex->mark != mark) continue;
        vertex->reached++;
        for (size_t e = 0; e < vertex->count; e++) {
            self->vertices[self->edges[vertex->first + e]].mark = mark;
        }
    }
}

/* An edge passes over the numbers from `from` to `before` - 1. */
static void base_pass_over(base *self, size_t from, size_t before)
{
    self->over[from]++;
    self->over[before]--;
}

/* All edges of ways, those into the starts and out of the ends included. */
static void base_count_over(base *self, size_t start_count)
{
    size_t count = eid_visited_count(self->walk.seen);

    for (size_t i = 0; i < start_count; i++) {
        if (!self->vertices[i].is_lost) base_pass_over(self, 0, self->number[i]);
    }
    for (size_t i = 0; i < count; i++) {
        const base_vertex *vertex = &self->vertices[i];
        size_t after = (size_t)self->number[i] + 1;

        for (size_t e = 0; e < vertex->count; e++) {
            uint32_t parent = self->edges[vertex->first + e];

            if (!self->vertices[parent].is_lost) {
                base_pass_over(self, after, self->number[parent]);
            }
        }
        if (vertex->is_end) base_pass_over(self, after, count);
    }
}

/* Is a vertex better than the best so far: higher, or as high and of a lesser id? */
static bool base_is_better(const base *self, size_t place, size_t best)
{
    uint64_t height = self->vertices[place].height;
    uint64_t best_height = self->vertices[best].height;

    if (height != best_height) return height > best_height;
    return eid_id_compare(eid__visited_at(self->walk.seen, place),
                          eid__visited_at(self->walk.seen, best)) < 0;
}

/* The best of the vertices that are on all ways and above all lost starts; false if none is. */
static bool base_choose(base *self, size_t start_count, size_t *out)
{
    size_t count = eid_visited_count(self->walk.seen);
    uint32_t lost_count = 0;
    int64_t over = 0;
    bool found = false;

    for (size_t i = 0; i < start_count; i++) {
        if (self->vertices[i].is_lost) base_reach(self, i, ++lost_count);
    }
    for (size_t i = 0; i < count; i++) {
        size_t place = self->numbered[i];
        const base_vertex *vertex = &self->vertices[place];

        over += self->over[i];
        if (over != 0 || !vertex->is_held || vertex->reached != lost_count) continue;
        if (found && !base_is_better(self, place, *out)) continue;
        *out = place;
        found = true;
    }
    return found;
}

eid_status eid_graph_merge_base(const eid_graph *graph, eid_slice store, eid_ids ids, eid_id *out)
{
    base self = {.vertices = NULL};
    size_t place = 0, start_count;
    eid_status status;

    if (ids.count == 0) {
        return EID_FAIL(EID_KIND_EMPTY_ENTRY_LIST, "find_merge_base of no entries");
    }
    if (ids.count == 1) {
        *out = ids.at[0];
        return EID_OK;
    }
    status = eid__graph_require(graph, ids);
    if (status != EID_OK) return status;
    status = eid__walk_init(&self.walk, graph, store);
    if (status == EID_OK) status = eid__walk_add(&self.walk, ids);
    if (status != EID_OK) goto done;
    start_count = eid_visited_count(self.walk.seen);
    status = base_collect(&self);
    if (status == EID_OK) status = base_number(&self);
    if (status != EID_OK) goto done;
    base_mark_lost(&self);
    base_count_over(&self, start_count);
    if (base_choose(&self, start_count, &place)) {
        *out = *eid__visited_at(self.walk.seen, place);
    } else {
        status = EID_FAIL(EID_KIND_NO_COMMON_ANCESTOR, "%zu entries of `%.*s`", ids.count,
                          EID_SLICE_ARG(store));
    }

done:
    base_fini(&self);
    return status;
}
