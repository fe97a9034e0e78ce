/* Entries with the n-th allocation failing, for every n: each call succeeds, or says that memory is
 * missing and leaks nothing (the address sanitizer looks). */
#include <stdlib.h>

#include "dag/alloc.h"
#include "dag/builder.h"
#include "dag/entry.h"
#include "tests/dag/examples.h"

#define ALLOCATIONS_MAX 1000 /* no round needs as many; a loop that never succeeds must end */

typedef eid_status (*attempt_fn)(const example *one);

static eid_status attempt_decode(const example *one)
{
    uint8_t bytes[2000];
    size_t len = strlen(one->hex) / 2;
    eid_entry *entry = NULL;
    eid_pin pin;
    eid_status status;

    for (size_t i = 0; i < len; i++) {
        char digits[3] = {one->hex[2 * i], one->hex[2 * i + 1], 0};

        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    status = eid_entry_decode(eid_slice_of(bytes, len), &entry);
    if (status == EID_OK) {
        status = eid_entry_pin(entry, &pin);
        eid_pin_fini(&pin);
    }
    eid_entry_free(entry);
    return status;
}

static eid_status attempt_json(const example *one)
{
    static const char json[] =
        "{\"tree\":{\"parents\":[\"bafkr4iaowyvzl6if4ye7s5bagfmefhldjv65n6nw757pgaex4i3xpl4t5y\"],"
        "\"metadata\":[1,2]},\"subtrees\":[{\"name\":\"a\\n\",\"parents\":[],\"data\":[1]}],"
        "\"sig\":{"
        "\"sig\":\"AA==\",\"key\":{\"Delegation\":{\"path\":[{\"tree\":\"\",\"tips\":[\"\"]}],"
        "\"hint\":{\"name\":\"alice\"}}}}}";
    eid_entry *entry = NULL, *back = NULL;
    eid_buf out;
    eid_status status = eid_entry_from_json(eid_slice_text(json), &entry);

    eid_buf_init(&out, 10000);
    if (status == EID_OK) status = eid_entry_to_json(entry, &out);
    if (status == EID_OK) status = eid_entry_from_json(eid_buf_slice(&out), &back);
    if (status == EID_OK) assert_true(eid_id_equal(eid_entry_id(entry), eid_entry_id(back)));
    eid_buf_fini(&out);
    eid_entry_free(back);
    eid_entry_free(entry);
    return status;
}

static eid_status sign_zero(void *self, eid_slice message, uint8_t signature[64])
{
    memset(signature, 0, 64);
    return EID_OK;
}

static eid_status attempt_build(const example *one)
{
    eid_id id = eid_id_of_raw(eid_slice_text("x"));
    eid_delegation_step path[] = {{id, {&id, 1}}};
    eid_sigkey key = {true, {.has_name = true, .name = eid_slice_text("n")}, path, 1};
    eid_builder *builder = NULL;
    eid_entry *entry = NULL;
    eid_status status = eid_builder_new(&id, &builder);

    if (status == EID_OK) status = eid_builder_set_sigkey(builder, &key);
    if (status == EID_OK) status = eid_builder_add_parent(builder, &id);
    if (status == EID_OK) status = eid_builder_set_metadata(builder, eid_slice_text("{}"));
    for (char name = 'a'; name < 'h' && status == EID_OK; name++) {
        status = eid_builder_set_data(builder, eid_slice_of(&name, 1), eid_slice_text("data"));
        if (status != EID_OK) break;
        status = eid_builder_add_store_parent(builder, eid_slice_of(&name, 1), &id);
    }
    if (status == EID_OK) status = eid_builder_seal(builder, sign_zero, NULL, &entry);
    eid_entry_free(entry);
    eid_builder_free(builder);
    return status;
}

static void fail_each(attempt_fn attempt, const example *one, bool sticky)
{
    for (uint64_t nth = 1; nth < ALLOCATIONS_MAX; nth++) {
        eid_status status;

        eid_alloc_fail_at(nth, sticky);
        status = attempt(one);
        if (eid_alloc_fail_at(0, false) < nth) {
            assert_int_equal(status, EID_OK);
            return;
        }
        if (status != EID_OK) assert_int_equal(status, EID_E_NO_MEMORY);
    }
    fail_msg("more than %d allocations", ALLOCATIONS_MAX);
}

static void test_entry_decode__survives_each_failing_allocation(void **state)
{
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        fail_each(attempt_decode, &examples[i], false);
        fail_each(attempt_decode, &examples[i], true);
    }
}

static void test_entry_json__survives_each_failing_allocation(void **state)
{
    fail_each(attempt_json, NULL, false);
    fail_each(attempt_json, NULL, true);
}

static void test_builder__survives_each_failing_allocation(void **state)
{
    fail_each(attempt_build, NULL, false);
    fail_each(attempt_build, NULL, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entry_decode__survives_each_failing_allocation),
        cmocka_unit_test(test_entry_json__survives_each_failing_allocation),
        cmocka_unit_test(test_builder__survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
