/* The command line: what is accepted, and what is said of the rest. */
#include "node/cli/parse.h"

#include <string.h>

#include "node/cli/help.h"
#include "node/cli/number.h"
#include "tests/support/test.h"

static const eid__cli_command table_commands[] = {
    {"log", "DB", EID__CLI_SET(GRAPH) | EID__CLI_SET(LIMIT), NULL, "about log", NULL},
    {"daemon", "", EID__CLI_SET(LISTEN) | EID__CLI_SET(SOCKET), NULL, "about daemon", NULL},
    {"daemon init", "", EID__CLI_SET(USERNAME), NULL, "about init", NULL},
    {"set", "DB STORE PATH VALUE", EID__CLI_SET(TEXT), NULL, "about set", "More about set."},
    {"get", "DB STORE [PATH]", 0, NULL, "about get", NULL},
};
static const eid__cli_table table = {table_commands, 5};

static char *env_of_test(const char *name)
{
    static char user[] = "ada";

    return strcmp(name, "EIDETICA_USER") == 0 ? user : NULL;
}

/* Parse words that end with NULL; "" if they were accepted, else the reason. */
static const char *parse_words(eid__cli_args *args, const char *const *words)
{
    static char reason[512];
    char *argv[24];
    int argc = 0;
    eid_buf why;

    while (words[argc] != NULL) {
        argv[argc] = (char *)(uintptr_t)words[argc];
        argc++;
    }
    eid_buf_init(&why, sizeof reason - 1);
    reason[0] = 0;
    if (!eid__cli_parse(&table, argc, argv, env_of_test, args, &why)) {
        memcpy(reason, why.at, why.len);
        reason[why.len] = 0;
        assert_true(why.len > 0);
    }
    eid_buf_fini(&why);
    return reason;
}

#define PARSE(args, ...) parse_words(args, (const char *const[]){__VA_ARGS__, NULL})

static void test_cli_parse__takes_options_anywhere(void **state)
{
    eid__cli_args args;

    assert_string_equal(PARSE(&args, "--json", "log", "-n", "12", "notes", "--graph"), "");
    assert_string_equal(args.command->name, "log");
    assert_int_equal(args.operand_count, 1);
    assert_string_equal(args.operands[0], "notes");
    assert_int_equal(args.options[EID__OPT_LIMIT].number, 12);
    assert_true(args.options[EID__OPT_JSON].given);
    assert_true(args.options[EID__OPT_GRAPH].given);
    assert_false(args.options[EID__OPT_QUIET].given);
}

static void test_cli_parse__knows_the_ways_to_write_a_value(void **state)
{
    eid__cli_args args;

    assert_string_equal(PARSE(&args, "log", "x", "--limit=7"), "");
    assert_int_equal(args.options[EID__OPT_LIMIT].number, 7);
    assert_string_equal(PARSE(&args, "log", "x", "-n8"), "");
    assert_int_equal(args.options[EID__OPT_LIMIT].number, 8);
    assert_string_equal(PARSE(&args, "log", "x", "-qvvn", "9"), "");
    assert_int_equal(args.options[EID__OPT_LIMIT].number, 9);
    assert_int_equal(args.options[EID__OPT_VERBOSE].number, 2);
    assert_true(args.options[EID__OPT_QUIET].given);
}

static void test_cli_parse__prefers_the_longer_name(void **state)
{
    eid__cli_args args;

    assert_string_equal(PARSE(&args, "daemon", "-d", "/x", "init", "--username", "u"), "");
    assert_string_equal(args.command->name, "daemon init");
    assert_string_equal(PARSE(&args, "daemon", "--listen", "a:1", "--listen", "b:2"), "");
    assert_string_equal(args.command->name, "daemon");
    assert_int_equal(args.list_count, 2);
    assert_string_equal(args.list[1], "b:2");
}

static void test_cli_parse__takes_negative_numbers_and_dashes_as_words(void **state)
{
    eid__cli_args args;

    assert_string_equal(PARSE(&args, "set", "db", "s", "p", "-5"), "");
    assert_string_equal(args.operands[3], "-5");
    assert_string_equal(PARSE(&args, "set", "db", "s", "p", "--", "--text"), "");
    assert_string_equal(args.operands[3], "--text");
    assert_string_equal(PARSE(&args, "set", "db", "s", "-", ""), "");
    assert_string_equal(args.operands[2], "-");
    assert_string_equal(args.operands[3], "");
}

static void test_cli_parse__lets_the_environment_stand_in(void **state)
{
    eid__cli_args args;

    assert_string_equal(PARSE(&args, "get", "db", "s"), "");
    assert_string_equal(args.options[EID__OPT_USER].text, "ada");
    assert_int_equal(args.operand_count, 2);
    assert_string_equal(PARSE(&args, "get", "db", "s", "p", "-u", "bob"), "");
    assert_string_equal(args.options[EID__OPT_USER].text, "bob");
}

static void test_cli_parse__refuses_with_a_reason(void **state)
{
    eid__cli_args args;

    assert_string_equal(parse_words(&args, (const char *const[]){NULL}), "a command is missing");
    assert_string_equal(PARSE(&args, "nothing"), "there is no command \"nothing\"");
    assert_string_equal(PARSE(&args, "get"), "DB is missing");
    assert_string_equal(PARSE(&args, "get", "a"), "STORE is missing");
    assert_string_equal(PARSE(&args, "get", "a", "b", "c", "d"), "\"d\" is one word too many");
    assert_string_equal(PARSE(&args, "log", "x", "--nope"), "there is no option --nope");
    assert_string_equal(PARSE(&args, "log", "x", "--limi", "3"), "there is no option --limi");
    assert_string_equal(PARSE(&args, "log", "x", "-Z"), "there is no option -Z");
    assert_string_equal(PARSE(&args, "log", "x", "--text"), "there is no option --text here");
    assert_string_equal(PARSE(&args, "log", "x", "-n"), "-n needs a value: N");
    assert_string_equal(PARSE(&args, "log", "x", "--graph=1"), "--graph takes no value");
    assert_string_equal(PARSE(&args, "log", "x", "-u", "a", "-u", "b"), "-u is given twice");
    assert_string_equal(PARSE(&args, "log", "x", "-n", "0"),
                        "-n: \"0\" is no number from 1 to 4294967295");
    assert_string_equal(PARSE(&args, "log", "x", "--log-format", "tex"),
                        "--log-format: \"tex\" is not one of text|json");
    assert_string_equal(PARSE(&args, "log", "x", "--data-dir="), "--data-dir: \"\" is not allowed");
}

static void test_cli_parse__bounds_words_and_lists(void **state)
{
    eid__cli_args args;

    assert_string_equal(PARSE(&args, "get", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11",
                              "12", "13", "14", "15", "16"),
                        "too many words, from \"16\" on");
    assert_string_equal(PARSE(&args, "get", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"),
                        "\"4\" is one word too many");
}

static void test_cli_number__takes_plain_decimals_only(void **state)
{
    static const char *const bad[] = {"",   " 1",  "1 ",  "+1",  "-1",
                                      "01", "0x1", "1e3", "1.0", "18446744073709551616"};
    uint64_t number = 77;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(eid__cli_number_parse(bad[i], 0, UINT64_MAX, &number));
    }
    assert_int_equal(number, 77);
    assert_true(eid__cli_number_parse("0", 0, 5, &number));
    assert_true(eid__cli_number_parse("18446744073709551615", 0, UINT64_MAX, &number));
    assert_true(number == UINT64_MAX);
    assert_false(eid__cli_number_parse("6", 0, 5, &number));
}

static void test_cli_duration__knows_its_units(void **state)
{
    uint64_t ms = 0;

    assert_true(eid__cli_duration_parse("500ms", &ms));
    assert_int_equal(ms, 500);
    assert_true(eid__cli_duration_parse("30", &ms));
    assert_int_equal(ms, 30000);
    assert_true(eid__cli_duration_parse("2h", &ms));
    assert_int_equal(ms, 7200000);
    assert_false(eid__cli_duration_parse("5y", &ms));
    assert_false(eid__cli_duration_parse("s", &ms));
    assert_false(eid__cli_duration_parse("1 s", &ms));
    assert_false(eid__cli_duration_parse("18446744073709551615h", &ms));
}

static void test_cli_help__names_every_command_and_option(void **state)
{
    eid_buf out;

    eid_buf_init(&out, 1u << 20);
    eid__cli_help_program(&table, NULL, &out);
    eid_buf_append_byte(&out, 0);
    assert_non_null(strstr((char *)out.at, "set DB STORE PATH VALUE"));
    assert_non_null(strstr((char *)out.at, "-d, --data-dir DIR"));
    eid_buf_clear(&out);
    eid__cli_help_man(&table, "1.2.3", &out);
    eid_buf_append_byte(&out, 0);
    assert_non_null(strstr((char *)out.at, ".SS \"eidetica set \\fIDB STORE PATH VALUE\\fP\""));
    assert_non_null(strstr((char *)out.at, "\\-\\-no\\-color"));
    eid_buf_clear(&out);
    eid__cli_help_bash(&table, &out);
    eid_buf_append_byte(&out, 0);
    assert_non_null(strstr((char *)out.at, "'daemon init') options=' --username'"));
    eid_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cli_parse__takes_options_anywhere),
        cmocka_unit_test(test_cli_parse__knows_the_ways_to_write_a_value),
        cmocka_unit_test(test_cli_parse__prefers_the_longer_name),
        cmocka_unit_test(test_cli_parse__takes_negative_numbers_and_dashes_as_words),
        cmocka_unit_test(test_cli_parse__lets_the_environment_stand_in),
        cmocka_unit_test(test_cli_parse__refuses_with_a_reason),
        cmocka_unit_test(test_cli_parse__bounds_words_and_lists),
        cmocka_unit_test(test_cli_number__takes_plain_decimals_only),
        cmocka_unit_test(test_cli_duration__knows_its_units),
        cmocka_unit_test(test_cli_help__names_every_command_and_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
