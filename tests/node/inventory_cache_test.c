/* Inventory of spec 02, §8.4: the lines of database/in_memory/cache.rs. Only clients of the
 * reference's protocol have merged states kept by a node of ours, each under its own key; scopes
 * are part of the keys (server_ops_store.c). */
#include "dag/alloc.h"
#include "node/service/server_internal.h"
#include "tests/support/test.h"

#define MIB (1024u * 1024u)
#define ROOM_MIB 16u /* of the cache */

static int begin(void **state)
{
    eid__cache *cache = NULL;

    if (eid__cache_new(&cache) != EID_OK) return -1;
    *state = cache;
    return 0;
}

static int end(void **state)
{
    eid__cache_free(*state);
    return 0;
}

/* `mib` MiB of one byte. */
static void put(eid__cache *cache, const char *key, char byte, size_t mib)
{
    uint8_t *value = eid_alloc(mib * MIB);

    assert_non_null(value);
    memset(value, byte, mib * MIB);
    eid__cache_put(cache, eid_slice_text(key), eid_slice_of(value, mib * MIB));
    eid_free(value);
}

/* The byte that is kept under a key; 0 = nothing. */
static char get(eid__cache *cache, const char *key)
{
    eid_buf value;
    char byte = 0;

    eid_buf_init(&value, ROOM_MIB * MIB);
    if (eid__cache_get(cache, eid_slice_text(key), &value) == EID_OK) byte = (char)value.at[0];
    eid_buf_fini(&value);
    return byte;
}

static void shared_and_user_scopes_are_isolated(void **state)
{
    put(*state, "shared/key", 's', 1);
    put(*state, "alice/key", 'a', 1);
    assert_int_equal(get(*state, "bob/key"), 0);
    put(*state, "bob/key", 'b', 1);
    assert_int_equal(get(*state, "shared/key"), 's');
    assert_int_equal(get(*state, "alice/key"), 'a');
    assert_int_equal(get(*state, "bob/key"), 'b');
}

static void lru_evicts_under_byte_pressure(void **state)
{
    put(*state, "1", '1', 5);
    put(*state, "2", '2', 5);
    put(*state, "3", '3', 5);
    assert_int_equal(get(*state, "1"), '1');
    put(*state, "4", '4', 7); /* 2 and 3 are the ones that nobody asked for */
    assert_int_equal(get(*state, "2"), 0);
    assert_int_equal(get(*state, "3"), 0);
    assert_int_equal(get(*state, "1"), '1');
    assert_int_equal(get(*state, "4"), '4');
}

static void get_promotes_to_most_recent(void **state)
{
    put(*state, "old", 'o', 7);
    put(*state, "new", 'n', 7);
    assert_int_equal(get(*state, "old"), 'o');
    put(*state, "more", 'm', 7);
    assert_int_equal(get(*state, "old"), 'o');
    assert_int_equal(get(*state, "new"), 0);
}

static void replace_in_place_keeps_byte_accounting(void **state)
{
    put(*state, "other", 'x', 5);
    for (size_t i = 0; i < 50; i++) put(*state, "same", (char)('a' + i % 20), 1 + i % 5);
    assert_int_equal(get(*state, "other"), 'x');
    assert_int_equal(get(*state, "same"), 'a' + 49 % 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shared_and_user_scopes_are_isolated, begin, end),
        cmocka_unit_test_setup_teardown(lru_evicts_under_byte_pressure, begin, end),
        cmocka_unit_test_setup_teardown(get_promotes_to_most_recent, begin, end),
        cmocka_unit_test_setup_teardown(replace_in_place_keeps_byte_accounting, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
