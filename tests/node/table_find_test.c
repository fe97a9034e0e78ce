/* Finding rows: what equals what, and indexes that are exact whatever is written, merged, withdrawn
 * or restarted. The rule they are held to is a look at every row. */
#include "dag/random.h"
#include "node/db/db_internal.h"
#include "node/db/row_field.h"
#include "node/db/row_index.h"
#include "tests/node/inventory_stores.h"

#include <unistd.h>

/* -- comparable forms -------------------------------------------------------------------------- */

static void test_row_field__compares_values_and_not_spellings(void **state)
{
    static const struct {
        const char *row, *value;
        bool is_equal;
    } cases[] = {
        {"{\"f\":1}", "1", true},
        {"{\"f\":1.0}", "1", true},
        {"{\"f\":1e0}", "1.00", true},
        {"{\"f\":-0}", "0", true},
        {"{\"f\":1.5}", "15e-1", true},
        {"{\"f\":9223372036854775807}", "9223372036854775807", true},
        {"{\"f\":9223372036854775807}", "9223372036854775806", false},
        {"{\"f\":18446744073709551615}", "18446744073709551615", true},
        {"{\"f\":\"1\"}", "1", false},
        {"{\"f\":\"a\"}", "\"\\u0061\"", true},
        {"{\"f\":true}", "true", true},
        {"{\"f\":true}", "false", false},
        {"{\"f\":null}", "null", true},
        {"{\"g\":null}", "null", false},
        {"{\"f\":1,\"f\":2}", "2", true},
        {"{\"f\":1,\"f\":2}", "1", false},
        {"{\"f\":{\"f\":1}}", "1", false},
        {"{\"f\":[1]}", "1", false},
        {"{\"o\":{\"f\":1},\"f\":2}", "2", true},
        {"{\"f\":1,\"f\":[]}", "1", false},
        {"[1]", "1", false},
        {"1", "1", false},
        {"{\"f\":1", "1", false},
        {"", "1", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        eid_buf scalar, found;
        eid_status status;

        eid_buf_init(&scalar, 1000);
        eid_buf_init(&found, 1000);
        assert_ok(eid__row_scalar(text(cases[i].value), &scalar));
        status = eid__row_field(text(cases[i].row), text("f"), &found);
        if ((status == EID_OK && eid_slice_equal(eid_buf_slice(&scalar), eid_buf_slice(&found))) !=
            cases[i].is_equal) {
            fail_msg("%s and %s", cases[i].row, cases[i].value);
        }
        eid_buf_fini(&scalar);
        eid_buf_fini(&found);
    }
}

static void test_row_field__takes_scalars_only(void **state)
{
    eid_buf scalar;

    eid_buf_init(&scalar, 1000);
    assert_kind(STORE_OPERATION, eid__row_scalar(text("[1]"), &scalar));
    assert_kind(STORE_OPERATION, eid__row_scalar(text("{}"), &scalar));
    assert_kind(JSON, eid__row_scalar(text("1 2"), &scalar));
    assert_kind(JSON, eid__row_scalar(text(""), &scalar));
    assert_kind(JSON, eid__row_scalar(text("word"), &scalar));
    eid_buf_fini(&scalar);
}

/* -- indexes ----------------------------------------------------------------------------------- */

static void index_set(test_world *world, const char *field, bool on)
{
    assert_ok(world->seam->set_index(world->seam->self, &world->root, text("t"), text(field), on));
}

/* Whether an index is made and used. */
static bool index_is_ready(test_world *world, const char *field)
{
    const eid_at at = {.kv = world->engine->kv};
    eid__row_store store;
    eid__row_mark mark;
    eid_buf marks;
    bool is_ready;

    assert_ok(eid_index_database(&at, &world->root, &store.database));
    assert_ok(eid_index_store_number_find(&at, store.database, text("t"), &store.store));
    eid_buf_init(&marks, 100000);
    assert_ok(eid__row_marks_read(&at, store, &marks));
    is_ready = eid__row_marks_find(eid_buf_slice(&marks), text(field), &mark) && mark.is_ready;
    eid_buf_fini(&marks);
    return is_ready;
}

typedef struct rows_text {
    const char *field;
    eid_buf scalar, found;
    char text[8000];
} rows_text;

static eid_status on_row(void *arg, eid_slice key, eid_slice json)
{
    rows_text *rows = arg;
    size_t len = strlen(rows->text);

    snprintf(rows->text + len, sizeof rows->text - len, "%.*s=%.*s;", EID_SLICE_ARG(key),
             EID_SLICE_ARG(json));
    return EID_OK;
}

static eid_status on_any_row(void *arg, eid_slice key, eid_slice json)
{
    rows_text *rows = arg;

    if (eid__row_field(json, text(rows->field), &rows->found) != EID_OK) return EID_OK;
    if (!eid_slice_equal(eid_buf_slice(&rows->found), eid_buf_slice(&rows->scalar))) return EID_OK;
    return on_row(arg, key, json);
}

/* A member's value is found where a look at every row finds it. */
static void find_check(eid_txn *txn, const char *field, const char *value)
{
    rows_text *wanted = eid_alloc(sizeof *wanted), *found = eid_alloc(sizeof *found);

    assert_non_null(wanted);
    assert_non_null(found);
    wanted->field = field;
    eid_buf_init(&wanted->scalar, 1000);
    eid_buf_init(&wanted->found, 1000);
    assert_ok(eid__row_scalar(text(value), &wanted->scalar));
    assert_ok(eid_table_scan(txn, text("t"), false, EID_SLICE_EMPTY, on_any_row, wanted));
    assert_ok(eid_table_find(txn, text("t"), text(field), text(value), on_row, found));
    assert_string_equal(found->text, wanted->text);
    eid_buf_fini(&wanted->scalar);
    eid_buf_fini(&wanted->found);
    eid_free(wanted);
    eid_free(found);
}

static void find_check_all(test_world *world)
{
    static const char *const values[] = {"0", "1", "2", "\"x\"", "null"};
    eid_txn *txn = stores_reader(world);

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        find_check(txn, "n", values[i]);
        find_check(txn, "s", values[i]);
    }
    eid_txn_free(txn);
}

static void row_write(test_world *world, const char *key, const char *row)
{
    eid_txn *txn = world_begin(world);

    assert_ok(eid_table_set(txn, text("t"), text(key), text(row)));
    world_commit(txn);
}

static void test_table_index__follows_every_change(void **state)
{
    test_world *world = *state;
    eid_txn *txn;
    bool was_live;

    row_write(world, "a", "{\"n\":1}");
    index_set(world, "n", true);
    assert_false(index_is_ready(world, "n"));
    find_check_all(world); /* the first who asks makes it */
    assert_true(index_is_ready(world, "n"));
    row_write(world, "b", "{\"n\":1,\"s\":\"x\"}");
    find_check_all(world);
    row_write(world, "a", "{\"n\":2}");
    find_check_all(world);
    txn = world_begin(world);
    assert_ok(eid_table_delete(txn, text("t"), text("b"), &was_live));
    assert_ok(eid_table_set(txn, text("t"), text("c"), text("{\"n\":1}")));
    find_check(txn, "n", "1"); /* staged rows count */
    world_commit(txn);
    find_check_all(world);
    assert_true(index_is_ready(world, "n"));
}

static eid_status on_field(void *arg, eid_slice field)
{
    char *list = arg;

    strncat(list, (const char *)field.at, field.len);
    strcat(list, ";");
    return EID_OK;
}

static void test_table_index__is_listed_dropped_and_bounded(void **state)
{
    test_world *world = *state;
    const eid_seam *seam = world->seam;
    char list[400] = "", field[32];

    row_write(world, "a", "{\"n\":1}");
    index_set(world, "s", true);
    index_set(world, "n", true);
    index_set(world, "n", true);
    assert_ok(seam->indexes(seam->self, &world->root, text("t"), on_field, list));
    assert_string_equal(list, "n;s;");
    find_check_all(world);
    assert_true(index_is_ready(world, "n"));
    index_set(world, "n", false);
    index_set(world, "n", false);
    assert_false(index_is_ready(world, "n"));
    find_check_all(world);
    for (int i = 0; i < 15; i++) {
        snprintf(field, sizeof field, "f%d", i);
        index_set(world, field, true);
    }
    assert_kind(LIMIT, seam->set_index(seam->self, &world->root, text("t"), text("one"), true));
    assert_ok(seam->forget(seam->self, &world->root));
    assert_kind(DATABASE_NOT_FOUND,
                seam->indexes(seam->self, &world->root, text("t"), on_field, list));
}

static void test_table_index__is_made_again_with_the_state(void **state)
{
    test_world *world = *state;
    const eid_seam *seam = world->seam;

    row_write(world, "a", "{\"n\":1}");
    row_write(world, "b", "{\"n\":2}");
    index_set(world, "n", true);
    find_check_all(world);
    assert_ok(seam->set_strict(seam->self, &world->root, false));
    find_check_all(world);
    assert_ok(seam->set_strict(seam->self, &world->root, true));
    find_check_all(world);
    row_write(world, "b", "{\"n\":1}");
    find_check_all(world);
    assert_true(index_is_ready(world, "n"));
}

static void test_table_index__survives_a_restart(void **state)
{
    test_world world = {0};
    char folder[100], url[200];
    eid_engine_config config = {.url = url, .create = true, .verify_inline = true};

    assert_non_null(getcwd(folder, sizeof folder));
    snprintf(url, sizeof url, "rocksdb://%s/find.%d", folder, (int)getpid());
    world_key(1, &world.key);
    world.signer = (eid_signer){.key = &world.key};
    for (int i = 0; i < 3; i++) {
        assert_ok(eid_engine_open(&config, &world.engine));
        world.seam = eid_engine_seam(world.engine);
        if (i == 0) {
            assert_ok(
                eid_txn_create_database(world.seam, NULL, &world.key, NULL, NULL, &world.root));
            row_write(&world, "a", "{\"n\":1}");
            index_set(&world, "n", true);
        }
        find_check_all(&world);
        assert_true(index_is_ready(&world, "n"));
        row_write(&world, i == 1 ? "a" : "b", "{\"n\":2}");
        find_check_all(&world);
        eid_engine_close(world.engine);
    }
    eid_key_wipe(&world.key);
}

/* -- random histories -------------------------------------------------------------------------- */

/* A change of some rows; now and then by somebody who does not write tables as we do. */
static void random_change(eid_txn *txn, eid_random_seeded *random)
{
    static const char *const rows[] = {"{\"n\":0}", "{\"n\":1}",    "{\"n\":1.0,\"s\":\"x\"}",
                                       "{\"n\":2}", "{\"s\":1}",    "{\"s\":null,\"n\":0}",
                                       "\"x\"",     "{\"s\":\"x\"}"};
    eid_doc *staged;
    eid_value odd;
    bool was_live;

    for (uint64_t i = eid_random_below(random, 4); i < 4; i++) {
        char key[2] = {(char)('a' + (char)eid_random_below(random, 6)), 0};
        uint64_t what = eid_random_below(random, 12);
        assert_ok(eid_txn_open_store(txn, text("t"), EID_TYPE_TABLE));
        assert_ok(eid_txn_staged(txn, text("t"), &staged));
        if (what < 8) {
            assert_ok(eid_table_set(txn, text("t"), text(key), text(rows[what])));
        } else if (what < 10) {
            assert_ok(eid_table_delete(txn, text("t"), text(key), &was_live));
        } else if (what == 10) {
            odd = stores_value("{\"Doc\":{\"children\":{\"n\":{\"Int\":1}}}}");
            assert_ok(eid_doc_put_child_take(staged, text(key), &odd));
        } else {
            eid_doc_set_atomic(staged, true); /* all other rows go */
        }
    }
}

static void random_run(uint64_t seed)
{
    eid_random_seeded random = {seed};
    test_world one, two;

    world_open_database(&one);
    inventory_peer(&one, &two);
    inventory_send_all(&one, &two);
    for (int i = 0; i < 12; i++) {
        test_world *here = eid_random_below(&random, 2) ? &one : &two;
        eid_txn *txn = world_begin(here);
        random_change(txn, &random);
        world_commit(txn);
        if (eid_random_below(&random, 5) == 0) {
            index_set(here, eid_random_below(&random, 2) ? "n" : "s",
                      eid_random_below(&random, 4) > 0);
        }
        if (eid_random_below(&random, 3) == 0) find_check_all(here);
        if (eid_random_below(&random, 4) == 0) {
            inventory_send_all(here, here == &one ? &two : &one);
        }
    }
    inventory_send_all(&one, &two);
    inventory_send_all(&two, &one);
    find_check_all(&one);
    find_check_all(&two);
    world_close(&one);
    world_close(&two);
}

static void test_table_index__is_exact_in_random_histories(void **state)
{
    for (uint64_t seed = 1; seed <= 60; seed++) random_run(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_row_field__compares_values_and_not_spellings),
        cmocka_unit_test(test_row_field__takes_scalars_only),
        INVENTORY_TEST(test_table_index__follows_every_change),
        INVENTORY_TEST(test_table_index__is_listed_dropped_and_bounded),
        INVENTORY_TEST(test_table_index__is_made_again_with_the_state),
        cmocka_unit_test(test_table_index__survives_a_restart),
        cmocka_unit_test(test_table_index__is_exact_in_random_histories),
    };

    STORES_MAIN(tests);
}
