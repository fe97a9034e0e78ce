/* Histories as drawings. */
#include "node/cli/graph.h"

#include <stdlib.h>
#include <string.h>

#include "node/cli/lanes.h"
#include "node/cli/svg.h"
#include "tests/support/test.h"

/* Add an entry; `parents` is a text of one-letter ids. */
static void add(eid__cli_history *history, const char *id, uint64_t height, const char *parents)
{
    static const char *const stores[] = {"doc"};
    char names[16][2];
    const char *ids[16];
    eidetica_entry entry = {.id = id,
                            .height = height,
                            .parent_count = strlen(parents),
                            .parents = ids,
                            .store_count = 1,
                            .stores = stores,
                            .signer = "<&ada>",
                            .verdict = "Verified",
                            .bytes = 100};

    for (size_t i = 0; i < entry.parent_count; i++) {
        names[i][0] = parents[i];
        names[i][1] = 0;
        ids[i] = names[i];
    }
    assert_true(eid__cli_history_add(history, &entry));
}

/* The drawing without what is said about the entries. */
static void check_graph(eid__cli_history *history, const char *expected)
{
    eid__cli_graph_style style = {.unicode = true};
    char drawn[4096] = "";
    eid_buf out;
    char *line, *rest;

    eid_buf_init(&out, 65536);
    assert_true(eid__cli_history_link(history));
    assert_true(eid__cli_graph_draw(history, &style, &out));
    eid_buf_append_byte(&out, 0);
    for (line = strtok_r((char *)out.at, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *words = strstr(line, "  h");
        size_t len = strlen(drawn);

        if (words != NULL) *words = 0;
        snprintf(drawn + len, sizeof drawn - len, "%s\n", line);
    }
    assert_string_equal(drawn, expected);
    eid_buf_fini(&out);
    eid__cli_history_fini(history);
}

static void test_cli_graph__draws_a_chain(void **state)
{
    eid__cli_history history = {.max = 10};

    add(&history, "c", 2, "b");
    add(&history, "b", 1, "a");
    add(&history, "a", 0, "");
    check_graph(&history, "◉  c\n●  b\n●  a\n");
}

static void test_cli_graph__draws_a_diamond(void **state)
{
    eid__cli_history history = {.max = 10};

    add(&history, "d", 2, "bc");
    add(&history, "c", 1, "a");
    add(&history, "b", 1, "a");
    add(&history, "a", 0, "");
    check_graph(&history, "◉  d\n├─╮\n│ ●  c\n● │  b\n╰─┤\n  ●  a\n");
}

static void test_cli_graph__draws_several_tips_and_what_is_not_there(void **state)
{
    eid__cli_history history = {.max = 10};

    add(&history, "z", 5, "y");
    add(&history, "x", 5, "y");
    add(&history, "y", 4, "q"); /* q was not read */
    check_graph(&history, "◉  z\n│ ◉  x\n├─╯\n●  y\n");
}

static void test_cli_history__refuses_more_than_its_limit(void **state)
{
    eid__cli_history history = {.max = 1};
    eidetica_entry entry = {.id = "b", .signer = "", .verdict = "Verified"};

    add(&history, "a", 0, "");
    assert_false(eid__cli_history_add(&history, &entry));
    assert_true(history.cut);
    assert_false(history.broken);
    eid__cli_history_fini(&history);
}

static void test_cli_history__ignores_a_parent_that_is_not_older(void **state)
{
    eid__cli_history history = {.max = 10};

    add(&history, "a", 1, "b");
    add(&history, "b", 1, "a");
    assert_true(eid__cli_history_link(&history));
    assert_string_equal(history.points[0].id, "b");
    assert_int_equal(history.points[0].edges[0].parent, 1);
    assert_true(history.points[1].edges[0].parent == EID__CLI_POINT_NONE);
    eid__cli_history_fini(&history);
}

/* No two entries of one height in one place, and no edge through an entry: random histories. */
static void test_cli_lanes__keep_edges_and_entries_apart(void **state)
{
    for (unsigned seed = 1; seed <= 200; seed++) {
        eid__cli_history history = {.max = 26};
        eid__cli_lanes lanes = {0};
        uint64_t heights[26];
        uint32_t chance = seed * 2654435761u;

        for (unsigned i = 0; i < 26; i++) {
            char id[2] = {(char)('a' + i), 0}, parents[3] = "";
            unsigned count = i == 0 ? 0 : 1 + (chance >> 13) % 2;

            heights[i] = 0;
            for (unsigned k = 0; k < count; k++) {
                unsigned parent;

                chance = chance * 1664525u + 1013904223u;
                parent = i - 1 - (chance >> 16) % (i < 4 ? i : 4);
                if (k == 1 && parents[0] == (char)('a' + parent)) break;
                parents[k] = (char)('a' + parent);
                if (heights[parent] + 1 > heights[i]) heights[i] = heights[parent] + 1;
            }
            add(&history, id, heights[i], parents);
        }
        assert_true(eid__cli_history_link(&history));
        for (size_t i = 0; i < history.count; i++) {
            assert_true(eid__cli_lanes_step(&lanes, &history, i));
            for (size_t k = 0; k < i; k++) {
                assert_false(history.points[k].height == history.points[i].height &&
                             history.points[k].lane == history.points[i].lane);
                for (size_t e = 0; e < history.points[k].edge_count; e++) {
                    const eid__cli_edge *edge = &history.points[k].edges[e];

                    assert_false(edge->parent != EID__CLI_POINT_NONE && edge->parent > i &&
                                 history.points[k].height > history.points[i].height &&
                                 history.points[edge->parent].height < history.points[i].height &&
                                 edge->lane == history.points[i].lane);
                }
            }
        }
        eid__cli_lanes_fini(&lanes);
        eid__cli_history_fini(&history);
    }
}

static void test_cli_svg__escapes_what_entries_say(void **state)
{
    eid__cli_history history = {.max = 10};
    eid_buf out;

    add(&history, "b", 1, "a");
    add(&history, "a", 0, "");
    assert_true(eid__cli_history_link(&history));
    eid_buf_init(&out, 65536);
    assert_true(eid__cli_svg_draw(&history, "<script>\x01", &out));
    eid_buf_append_byte(&out, 0);
    assert_null(strstr((char *)out.at, "<script>"));
    assert_null(strstr((char *)out.at, "<&ada>"));
    assert_null(strchr((char *)out.at, 1));
    assert_non_null(strstr((char *)out.at, "&#60;&#38;ada&#62;"));
    assert_non_null(strstr((char *)out.at, ">tip</text>"));
    eid_buf_fini(&out);
    eid__cli_history_fini(&history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cli_graph__draws_a_chain),
        cmocka_unit_test(test_cli_graph__draws_a_diamond),
        cmocka_unit_test(test_cli_graph__draws_several_tips_and_what_is_not_there),
        cmocka_unit_test(test_cli_history__refuses_more_than_its_limit),
        cmocka_unit_test(test_cli_history__ignores_a_parent_that_is_not_older),
        cmocka_unit_test(test_cli_lanes__keep_edges_and_entries_apart),
        cmocka_unit_test(test_cli_svg__escapes_what_entries_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
