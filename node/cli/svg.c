/* Written by hand and not by graphviz: it needs no other program, the order is the history's own
 * and the same on every machine, and two thousand entries take a blink. */
#include "node/cli/svg.h"

#include <string.h>

#include "dag/alloc.h"
#include "node/cli/lanes.h"

#define SVG_CARD_WIDTH 104
#define SVG_CARD_HEIGHT 26
#define SVG_LANE_WIDTH 124
#define SVG_LAYER_HEIGHT 56
#define SVG_LEFT 70 /* for the heights */
#define SVG_TOP 92  /* for title and legend */
#define SVG_SIGNERS_MAX 8
#define SVG_TITLE_LINES "\n"

/* Fill, frame: light enough for dark text, apart enough for most colour-blind eyes. */
static const char *const svg_colours[SVG_SIGNERS_MAX + 1][2] = {
    {"#dbeafe", "#2563eb"}, {"#fde68a", "#b45309"}, {"#d1fae5", "#047857"},
    {"#fbcfe8", "#be185d"}, {"#e9d5ff", "#7e22ce"}, {"#cffafe", "#0e7490"},
    {"#fed7aa", "#c2410c"}, {"#e7e5e4", "#57534e"}, {"#f1f5f9", "#64748b"}, /* all others */
};

typedef struct svg {
    eid__cli_history *history;
    eid_buf *out;
    size_t *layer; /* of each entry, from the top */
    size_t layers, columns;
    const char *signers[SVG_SIGNERS_MAX];
    size_t signer_count;
    bool others; /* there are more signers */
} svg;

static void svg_text(eid_buf *out, const char *text)
{
    for (size_t i = 0, len = strlen(text); i < len;) {
        size_t step = eid_utf8_step(eid_slice_of(text + i, len - i));
        uint8_t byte = (uint8_t)text[i];

        if (step == 0 || (byte < 0x20) || byte == 0x7f) { /* not allowed in XML at all */
            eid_buf_append_text(out, "\xef\xbf\xbd");
        } else if (byte == '<' || byte == '>' || byte == '&' || byte == '"') {
            eid_buf_append_format(out, "&#%u;", (unsigned)byte);
        } else {
            eid_buf_append(out, eid_slice_of(text + i, step));
        }
        i += step == 0 ? 1 : step;
    }
}

static size_t svg_signer(svg *s, const char *name)
{
    for (size_t i = 0; i < s->signer_count; i++) {
        if (strcmp(s->signers[i], name) == 0) return i;
    }
    if (s->signer_count == SVG_SIGNERS_MAX) {
        s->others = true;
        return SVG_SIGNERS_MAX;
    }
    s->signers[s->signer_count] = name;
    return s->signer_count++;
}

static size_t svg_x(size_t lane)
{
    return SVG_LEFT + lane * SVG_LANE_WIDTH + SVG_CARD_WIDTH / 2;
}

static size_t svg_y(size_t layer)
{
    return SVG_TOP + layer * SVG_LAYER_HEIGHT + SVG_CARD_HEIGHT / 2;
}

static bool svg_place(svg *s)
{
    eid__cli_lanes lanes = {0};
    bool good = true;

    s->layer = eid_alloc_array(s->history->count, sizeof *s->layer);
    if (s->layer == NULL) return false;
    for (size_t i = 0; good && i < s->history->count; i++) {
        const eid__cli_point *point = &s->history->points[i];

        if (i > 0 && point->height != point[-1].height) s->layers++;
        s->layer[i] = s->layers;
        svg_signer(s, point->signer);
        good = eid__cli_lanes_step(&lanes, s->history, i);
        if (lanes.width > s->columns) s->columns = lanes.width;
        if (point->lane >= s->columns) s->columns = point->lane + 1;
    }
    s->layers++;
    eid__cli_lanes_fini(&lanes);
    return good;
}

/* From a card down to its lane, along it, and to the parent's card. */
static void svg_edge(svg *s, size_t place, const eid__cli_edge *edge, const char *colour)
{
    size_t from = s->layer[place], to = s->layer[edge->parent];
    size_t x0 = svg_x(s->history->points[place].lane), x1 = svg_x(edge->lane);
    size_t x2 = svg_x(s->history->points[edge->parent].lane);
    size_t y0 = svg_y(from) + SVG_CARD_HEIGHT / 2, y3 = svg_y(to) - SVG_CARD_HEIGHT / 2;
    size_t gap = SVG_LAYER_HEIGHT - SVG_CARD_HEIGHT;
    size_t y1 = y0 + gap, y2 = y3 - gap, half = gap / 2;

    eid_buf_append_format(s->out, "<path stroke=\"%s\" d=\"M%zu %zu", colour, x0, y0);
    if (to == from + 1) {
        eid_buf_append_format(s->out, "C%zu %zu %zu %zu %zu %zu", x0, y0 + half + 4, x2,
                              y3 - half - 4, x2, y3);
    } else {
        eid_buf_append_format(s->out, "C%zu %zu %zu %zu %zu %zuV%zuC%zu %zu %zu %zu %zu %zu", x0,
                              y0 + half + 4, x1, y1 - half - 4, x1, y1, y2, x1, y2 + half + 4, x2,
                              y3 - half - 4, x2, y3);
    }
    eid_buf_append_text(s->out, "\"/>\n");
}

static void svg_edges(svg *s)
{
    eid_buf_append_text(s->out, "<g fill=\"none\" stroke-width=\"1.8\" stroke-opacity=\".55\">\n");
    for (size_t i = 0; i < s->history->count; i++) {
        const eid__cli_point *point = &s->history->points[i];
        const char *colour = svg_colours[svg_signer(s, point->signer)][1];

        for (size_t k = 0; k < point->edge_count; k++) {
            if (point->edges[k].parent != EID__CLI_POINT_NONE) {
                svg_edge(s, i, &point->edges[k], colour);
            } else { /* to an entry that is not drawn */
                eid_buf_append_format(s->out,
                                      "<path stroke=\"%s\" stroke-dasharray=\"2 3\" "
                                      "d=\"M%zu %zuv14\"/>\n",
                                      colour, svg_x(point->lane),
                                      svg_y(s->layer[i]) + SVG_CARD_HEIGHT / 2);
            }
        }
    }
    eid_buf_append_text(s->out, "</g>\n");
}

static void svg_tooltip(svg *s, const eid__cli_point *point)
{
    eid_buf_append_text(s->out, "<title>");
    svg_text(s->out, point->id);
    eid_buf_append_format(s->out, SVG_TITLE_LINES "height %llu, %zu bytes, %zu parents",
                          (unsigned long long)point->height, point->bytes, point->edge_count);
    eid_buf_append_text(s->out, SVG_TITLE_LINES "stores: ");
    svg_text(s->out, point->stores[0] != 0 ? point->stores : "none");
    eid_buf_append_text(s->out, SVG_TITLE_LINES "signer: ");
    svg_text(s->out, point->signer[0] != 0 ? point->signer : "nobody");
    eid_buf_append_text(s->out, SVG_TITLE_LINES);
    svg_text(s->out, point->verdict);
    eid_buf_append_text(s->out, point->tip ? ", tip</title>" : "</title>");
}

static void svg_card(svg *s, size_t place)
{
    const eid__cli_point *point = &s->history->points[place];
    const char *const *colour = svg_colours[svg_signer(s, point->signer)];
    size_t len = strlen(point->id), x = svg_x(point->lane), y = svg_y(s->layer[place]);
    bool failed = point->verdict[0] == 'F', waits = point->verdict[0] == 'U';
    const char *frame = failed ? "#dc2626" : colour[1];

    eid_buf_append_text(s->out, "<g>");
    svg_tooltip(s, point);
    eid_buf_append_format(s->out,
                          "<rect x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\" rx=\"6\" "
                          "fill=\"%s\" stroke=\"%s\" stroke-width=\"%s\"%s/>",
                          x - SVG_CARD_WIDTH / 2, y - SVG_CARD_HEIGHT / 2, SVG_CARD_WIDTH,
                          SVG_CARD_HEIGHT, colour[0], frame, point->tip ? "3" : "1.2",
                          failed || waits ? " stroke-dasharray=\"4 3\"" : "");
    /* The end of an id tells entries apart; its beginning is the same for all. */
    eid_buf_append_format(s->out, "<text class=\"id\" x=\"%zu\" y=\"%zu\">", x, y + 4);
    svg_text(s->out, len > 10 ? point->id + len - 10 : point->id);
    eid_buf_append_text(s->out, "</text>");
    if (point->tip) {
        eid_buf_append_format(s->out,
                              "<rect x=\"%zu\" y=\"%zu\" width=\"24\" height=\"13\" rx=\"6.5\" "
                              "fill=\"%s\"/><text class=\"tip\" x=\"%zu\" y=\"%zu\">tip</text>",
                              x + SVG_CARD_WIDTH / 2 - 20, y - SVG_CARD_HEIGHT / 2 - 7, frame,
                              x + SVG_CARD_WIDTH / 2 - 8, y - SVG_CARD_HEIGHT / 2 + 3);
    }
    eid_buf_append_text(s->out, "</g>\n");
}

static void svg_heights(svg *s, size_t width)
{
    for (size_t i = 0; i < s->history->count; i++) {
        if (i > 0 && s->layer[i] == s->layer[i - 1]) continue;
        if (s->layer[i] % 2 == 0) {
            eid_buf_append_format(s->out,
                                  "<rect x=\"0\" y=\"%zu\" width=\"%zu\" height=\"%d\" "
                                  "fill=\"#f8fafc\"/>",
                                  svg_y(s->layer[i]) - SVG_LAYER_HEIGHT / 2, width,
                                  SVG_LAYER_HEIGHT);
        }
        eid_buf_append_format(s->out, "<text class=\"height\" x=\"52\" y=\"%zu\">%llu</text>\n",
                              svg_y(s->layer[i]) + 4,
                              (unsigned long long)s->history->points[i].height);
    }
}

static void svg_legend(svg *s)
{
    size_t x = 20;

    for (size_t i = 0; i < s->signer_count + (s->others ? 1 : 0); i++) {
        bool other = i == s->signer_count;
        const char *const *colour = svg_colours[other ? SVG_SIGNERS_MAX : i];
        char name[32];

        eid__cli_short_name(other ? "others" : s->signers[i], name, sizeof name);
        if (name[0] == 0) snprintf(name, sizeof name, "nobody");
        eid_buf_append_format(s->out,
                              "<rect x=\"%zu\" y=\"50\" width=\"14\" height=\"14\" rx=\"4\" "
                              "fill=\"%s\" stroke=\"%s\"/><text class=\"legend\" x=\"%zu\" "
                              "y=\"61\">",
                              x, colour[0], colour[1], x + 20);
        svg_text(s->out, name);
        eid_buf_append_text(s->out, "</text>\n");
        x += 34 + strlen(name) * 8;
    }
}

static size_t svg_legend_width(const svg *s)
{
    return 40 + (s->signer_count + (s->others ? 1 : 0)) * (34 + 20 * 8);
}

static void svg_begin(svg *s, const char *title, size_t width, size_t height)
{
    eid_buf_append_format(s->out,
                          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%zu\" "
                          "viewBox=\"0 0 %zu %zu\">\n<style>"
                          "text{font-family:ui-sans-serif,system-ui,\"DejaVu Sans\",sans-serif;"
                          "fill:#0f172a}"
                          ".id{font:12px ui-monospace,\"DejaVu Sans Mono\",monospace;"
                          "text-anchor:middle}"
                          ".tip{font-size:9px;fill:#fff;text-anchor:middle}"
                          ".height{font-size:11px;fill:#94a3b8;text-anchor:end}"
                          ".legend{font-size:12px}"
                          ".title{font-size:17px;font-weight:600}"
                          ".count{font-size:12px;fill:#64748b}</style>\n"
                          "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
                          "<text class=\"title\" x=\"20\" y=\"32\">",
                          width, height, width, height);
    svg_text(s->out, title);
    eid_buf_append_format(s->out, " <tspan class=\"count\">%s%zu entries</tspan></text>\n",
                          s->history->cut ? "newest " : "", s->history->count);
}

bool eid__cli_svg_draw(eid__cli_history *history, const char *title, eid_buf *out)
{
    svg s = {.history = history, .out = out};
    size_t width, height, legend;
    bool good = svg_place(&s);

    if (good) {
        width = SVG_LEFT + s.columns * SVG_LANE_WIDTH + 20;
        legend = svg_legend_width(&s);
        if (width < legend) width = legend;
        if (width < 360) width = 360;
        height = SVG_TOP + s.layers * SVG_LAYER_HEIGHT + 20;
        svg_begin(&s, title, width, height);
        svg_heights(&s, width);
        svg_legend(&s);
        svg_edges(&s);
        for (size_t i = 0; i < history->count; i++) svg_card(&s, i);
        eid_buf_append_text(out, "</svg>\n");
    }
    eid_free(s.layer);
    return good && eid_buf_status(out) == EID_OK;
}
