/* A line is an array of cells with a bit for each side that a stroke leaves to; which character has
 * which strokes is a table. So forks, joins and crossings need no cases of their own. */
#include "node/cli/graph.h"

#include "dag/alloc.h"
#include "node/cli/lanes.h"
#include "node/cli/text.h"

enum { GRAPH_UP = 1, GRAPH_DOWN = 2, GRAPH_LEFT = 4, GRAPH_RIGHT = 8 };

static const char *const graph_unicode[16] = {" ", "│", "│", "│", "─", "╯", "╮", "┤",
                                              "─", "╰", "╭", "├", "─", "┴", "┬", "┼"};
static const char *const graph_ascii[16] = {" ", "|", "|", "|", "-", "+", "+", "+",
                                            "-", "+", "+", "+", "-", "+", "+", "+"};
static const char *const graph_colours[] = {"31", "32", "33", "34", "35", "36"};

typedef struct graph {
    const eid__cli_graph_style *style;
    eid_buf *out;
    eid_buf cells; /* of the line, a byte each */
    eid_buf above; /* lanes that were taken above an entry: 1 = by another, 2 = by an edge to it */
} graph;

static void graph_colour(const graph *g, size_t lane)
{
    const char *code = graph_colours[lane % (sizeof graph_colours / sizeof graph_colours[0])];

    if (g->style->colour) eid_buf_append_format(g->out, "\033[%sm", code);
}

static void graph_plain(const graph *g)
{
    if (g->style->colour) eid_buf_append_text(g->out, "\033[0m");
}

/* The cells as text; in the line of an entry, `entry` is its lane, else SIZE_MAX. */
static void graph_flush(const graph *g, size_t entry, bool tip)
{
    const char *const *strokes = g->style->unicode ? graph_unicode : graph_ascii;
    const char *dot = g->style->unicode ? (tip ? "◉" : "●") : (tip ? "@" : "*");
    size_t len = g->cells.len;

    while (len > 0 && g->cells.at[len - 1] == 0 && len - 1 != entry) len--;
    for (size_t lane = 0; lane < len; lane++) {
        bool joined = (g->cells.at[lane] & GRAPH_LEFT) != 0;

        graph_colour(g, lane);
        if (lane > 0) eid_buf_append_text(g->out, joined ? strokes[GRAPH_LEFT] : " ");
        eid_buf_append_text(g->out, lane == entry ? dot : strokes[g->cells.at[lane]]);
        graph_plain(g);
    }
}

static void graph_stroke(uint8_t *cells, size_t from, size_t to)
{
    size_t low = from < to ? from : to, high = from < to ? to : from;

    for (size_t lane = low; lane < high; lane++) {
        cells[lane] |= GRAPH_RIGHT;
        cells[lane + 1] |= GRAPH_LEFT;
    }
}

static bool graph_cells(graph *g, size_t width)
{
    eid_buf_clear(&g->cells);
    return width == 0 || eid_buf_extend(&g->cells, width) != NULL;
}

/* Above an entry: edges that come together in it. */
static bool graph_joins(graph *g, const eid__cli_point *point)
{
    size_t width = g->above.len;
    bool any = false;

    if (!graph_cells(g, width)) return false;
    for (size_t lane = 0; lane < width; lane++) {
        g->cells.at[lane] = g->above.at[lane] == 1 ? GRAPH_UP | GRAPH_DOWN : 0;
    }
    for (size_t lane = 0; lane < width; lane++) {
        if (g->above.at[lane] != 2) continue;
        g->cells.at[lane] |= GRAPH_UP;
        if (lane == point->lane) g->cells.at[lane] |= GRAPH_DOWN;
        if (lane == point->lane) continue;
        graph_stroke(g->cells.at, lane, point->lane);
        any = true;
    }
    if (!any) return true;
    graph_flush(g, SIZE_MAX, false);
    eid_buf_append_byte(g->out, '\n');
    return true;
}

static void graph_words(const graph *g, const eid__cli_point *point)
{
    bool good = point->verdict[0] == 'V';
    char signer[32];

    if (g->style->colour) eid_buf_append_text(g->out, "\033[33m");
    eid_buf_append_format(g->out, "  %.16s", point->id);
    graph_plain(g);
    eid__cli_short_name(point->signer, signer, sizeof signer);
    eid_buf_append_format(g->out, "  h%llu  ", (unsigned long long)point->height);
    eid__cli_text_append(g->out, eid_slice_text(point->stores));
    if (signer[0] != 0) eid_buf_append_text(g->out, "  ");
    eid__cli_text_append(g->out, eid_slice_text(signer));
    if (point->tip) eid_buf_append_text(g->out, "  (tip)");
    if (!good) eid_buf_append_format(g->out, "  %s", point->verdict);
    eid_buf_append_byte(g->out, '\n');
}

static bool graph_entry(graph *g, const eid__cli_point *point)
{
    size_t width = g->above.len > point->lane ? g->above.len : point->lane + 1;

    if (!graph_cells(g, width)) return false;
    for (size_t lane = 0; lane < width; lane++) {
        bool passes = lane < g->above.len && g->above.at[lane] == 1;

        g->cells.at[lane] = passes ? GRAPH_UP | GRAPH_DOWN : 0;
    }
    graph_flush(g, point->lane, point->tip);
    graph_words(g, point);
    return true;
}

/* Below an entry: its edges part. */
static bool graph_parts(graph *g, const eid__cli_point *point, const eid__cli_lanes *lanes)
{
    size_t width = lanes->width > point->lane ? lanes->width : point->lane + 1;
    bool any = false;

    if (!graph_cells(g, width)) return false;
    for (size_t lane = 0; lane < width; lane++) {
        bool after = lane < lanes->width && lanes->target[lane] != EID__CLI_POINT_NONE;
        bool passes = lane < g->above.len && g->above.at[lane] == 1;

        g->cells.at[lane] = (uint8_t)((after ? GRAPH_DOWN : 0) | (passes ? GRAPH_UP : 0));
    }
    g->cells.at[point->lane] |= GRAPH_UP;
    for (size_t i = 0; i < point->edge_count; i++) {
        const eid__cli_edge *edge = &point->edges[i];

        if (edge->parent == EID__CLI_POINT_NONE || edge->lane == point->lane) continue;
        graph_stroke(g->cells.at, point->lane, edge->lane);
        any = true;
    }
    if (!any) return true;
    graph_flush(g, SIZE_MAX, false);
    eid_buf_append_byte(g->out, '\n');
    return true;
}

static bool graph_remember(graph *g, const eid__cli_lanes *lanes, size_t place)
{
    eid_buf_clear(&g->above);
    if (lanes->width > 0 && eid_buf_extend(&g->above, lanes->width) == NULL) return false;
    for (size_t lane = 0; lane < lanes->width; lane++) {
        size_t target = lanes->target[lane];

        g->above.at[lane] = target == EID__CLI_POINT_NONE ? 0 : target == place ? 2 : 1;
    }
    return true;
}

bool eid__cli_graph_draw(eid__cli_history *history, const eid__cli_graph_style *style, eid_buf *out)
{
    eid__cli_lanes lanes = {0};
    graph g = {.style = style, .out = out};
    bool good = true;

    eid_buf_init(&g.cells, 1u << 24);
    eid_buf_init(&g.above, 1u << 24);
    for (size_t i = 0; good && i < history->count; i++) {
        good = graph_remember(&g, &lanes, i) && eid__cli_lanes_step(&lanes, history, i) &&
               graph_joins(&g, &history->points[i]) && graph_entry(&g, &history->points[i]) &&
               graph_parts(&g, &history->points[i], &lanes);
    }
    eid__cli_lanes_fini(&lanes);
    eid_buf_fini(&g.cells);
    eid_buf_fini(&g.above);
    return good && eid_buf_status(out) == EID_OK;
}
