/* Greedy, leftmost first: stable while a history grows, and good enough, since histories are mostly
 * chains with short forks. */
#include "node/cli/lanes.h"

#include "dag/alloc.h"

void eid__cli_lanes_fini(eid__cli_lanes *lanes)
{
    eid_free(lanes->target);
    eid_free(lanes->height);
    eid_free(lanes->used);
    *lanes = (eid__cli_lanes){0};
}

static bool lanes_grow(eid__cli_lanes *lanes)
{
    size_t cap = lanes->cap == 0 ? 16 : lanes->cap * 2;
    size_t *target = eid_realloc(lanes->target, cap * sizeof *target);
    uint64_t *height;
    bool *used;

    if (target != NULL) lanes->target = target;
    height = eid_realloc(lanes->height, cap * sizeof *height);
    if (height != NULL) lanes->height = height;
    used = eid_realloc(lanes->used, cap * sizeof *used);
    if (used != NULL) lanes->used = used;
    if (target == NULL || height == NULL || used == NULL) return false;
    lanes->cap = cap;
    return true;
}

/* The leftmost lane that leads to `point`; width if there is none. */
static size_t lanes_find(const eid__cli_lanes *lanes, size_t point)
{
    size_t lane = 0;

    while (lane < lanes->width && lanes->target[lane] != point) lane++;
    return lane;
}

/* A free lane; if an entry is to stand in it, one without another of the same height. */
static bool lanes_free(eid__cli_lanes *lanes, const eid__cli_point *standing, size_t *out)
{
    size_t lane = 0;

    for (; lane < lanes->width; lane++) {
        bool taken =
            standing != NULL && lanes->used[lane] && lanes->height[lane] == standing->height;

        if (lanes->target[lane] == EID__CLI_POINT_NONE && !taken) break;
    }
    if (lane == lanes->width) {
        if (lanes->width == lanes->cap && !lanes_grow(lanes)) return false;
        lanes->target[lane] = EID__CLI_POINT_NONE;
        lanes->used[lane] = false;
        lanes->width++;
    }
    *out = lane;
    return true;
}

static bool lanes_edge(eid__cli_lanes *lanes, const eid__cli_point *point, eid__cli_edge *edge)
{
    size_t lane = lanes_find(lanes, edge->parent);

    if (lane == lanes->width) {
        lane = point->lane; /* the first new edge goes straight down */
        if (lanes->target[lane] != EID__CLI_POINT_NONE && !lanes_free(lanes, NULL, &lane)) {
            return false;
        }
        lanes->target[lane] = edge->parent;
    }
    edge->lane = lane;
    return true;
}

bool eid__cli_lanes_step(eid__cli_lanes *lanes, eid__cli_history *history, size_t place)
{
    eid__cli_point *point = &history->points[place];

    point->lane = lanes_find(lanes, place);
    if (point->lane == lanes->width && !lanes_free(lanes, point, &point->lane)) return false;
    for (size_t lane = 0; lane < lanes->width; lane++) {
        if (lanes->target[lane] == place) lanes->target[lane] = EID__CLI_POINT_NONE;
    }
    lanes->used[point->lane] = true;
    lanes->height[point->lane] = point->height;
    for (size_t i = 0; i < point->edge_count; i++) {
        if (point->edges[i].parent == EID__CLI_POINT_NONE) continue;
        if (!lanes_edge(lanes, point, &point->edges[i])) return false;
    }
    while (lanes->width > 0 && lanes->target[lanes->width - 1] == EID__CLI_POINT_NONE &&
           !(lanes->used[lanes->width - 1] && lanes->height[lanes->width - 1] == point->height)) {
        lanes->width--;
    }
    return true;
}
