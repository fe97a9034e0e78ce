/* Every row of the table of holes (spec 05 §7.5) that concerns received entries: what a strict tree
 * makes of it, and what a lenient one does, which is what the reference does. */
#include "tests/auth/history.h"

enum { ADMIN, WRITER, OUTSIDER };

#define ENTRIES_MAX 16

typedef struct scene {
    eid_entry *entries[ENTRIES_MAX];
    size_t count;
    eid_entry *foreign; /* the genesis of another database, held as Verified */
    eid_id root;        /* of entry 0, the genesis: one admin */
} scene;

static const eid_id *scene_id(const scene *at, size_t i)
{
    return eid_entry_id(at->entries[i]);
}

static size_t scene_add(scene *at, history_plan plan)
{
    if (plan.root && !plan.height) plan.height = at->count;
    assert_true(at->count < ENTRIES_MAX);
    at->entries[at->count] = history_make(&plan);
    return at->count++;
}

static eid_entry *genesis_of(int admin)
{
    char *grant = history_grant(admin, EID_PERMISSION_ADMIN, EID_KEY_ACTIVE);
    eid_entry *entry =
        history_make(&(history_plan){.pin = HISTORY_PIN_EMPTY, .settings = grant, .signer = admin});

    eid_free(grant);
    return entry;
}

static scene scene_begin(void)
{
    scene at = {.count = 1};

    at.entries[0] = genesis_of(ADMIN);
    at.foreign = genesis_of(OUTSIDER);
    at.root = *eid_entry_id(at.entries[0]);
    return at;
}

/* Deliver all, one by one and in the opposite order; then the statuses must read `expected`. */
static void scene_check(const scene *at, bool strict, bool backwards, const char *expected)
{
    history_store store;
    char actual[ENTRIES_MAX + 1] = "";

    history_store_open(&store);
    history_put(&store, at->foreign, EID_VERIFIED);
    for (size_t i = 0; i < at->count; i++) {
        history_put(&store, at->entries[backwards ? at->count - 1 - i : i], EID_UNVERIFIED);
        (void)history_verify(&store, &at->root, strict);
    }
    for (size_t i = 0; i < at->count; i++) actual[i] = history_status(&store, at->entries[i]);
    history_store_close(&store);
    if (strcmp(actual, expected) != 0) {
        fail_msg("strict %d, backwards %d: expected %s, got %s", strict, backwards, expected,
                 actual);
    }
}

static void scene_end(scene *at, const char *strict, const char *lenient)
{
    scene_check(at, true, false, strict);
    scene_check(at, true, true, strict);
    scene_check(at, false, false, lenient);
    scene_check(at, false, true, lenient);
    for (size_t i = 0; i < at->count; i++) eid_entry_free(at->entries[i]);
    eid_entry_free(at->foreign);
}

static void test_row_1__refuses_unsigned_data_without_a_pin(void **state)
{
    scene at = scene_begin();
    history_plan plan = {.root = &at.root,
                         .parents = history_ids(&at.root, 1),
                         .data = "{\"children\":{}}",
                         .signer = HISTORY_UNSIGNED};

    plan.pin = HISTORY_PIN_NONE;
    scene_add(&at, plan);
    plan.pin = HISTORY_PIN_EMPTY;
    scene_add(&at, plan);
    scene_end(&at, "VFF", "VVV");
}

static void test_row_2__refuses_an_entry_that_authorises_itself(void **state)
{
    scene at = scene_begin();
    char *grant = history_grant(OUTSIDER, EID_PERMISSION_ADMIN, EID_KEY_ACTIVE);

    scene_add(&at, (history_plan){.root = &at.root,
                                  .parents = history_ids(&at.root, 1),
                                  .pin = HISTORY_PIN_EMPTY,
                                  .settings = grant,
                                  .settings_parents = history_ids(&at.root, 1),
                                  .signer = OUTSIDER});
    eid_free(grant);
    scene_end(&at, "VF", "VV");
}

static void test_row_2__holds_in_a_database_without_keys_too(void **state)
{
    scene at = {.count = 1, .foreign = genesis_of(OUTSIDER)};
    char *grant = history_grant(OUTSIDER, EID_PERMISSION_ADMIN, EID_KEY_ACTIVE);
    history_plan plan = {.root = &at.root, .pin = HISTORY_PIN_EMPTY, .settings = grant};

    at.entries[0] = history_make(&(history_plan){
        .pin = HISTORY_PIN_EMPTY, .settings = "{\"children\":{}}", .signer = HISTORY_UNSIGNED});
    at.root = *scene_id(&at, 0);
    plan.parents = plan.settings_parents = history_ids(&at.root, 1);
    plan.signer = OUTSIDER;
    scene_add(&at, plan);
    plan.signer = HISTORY_UNSIGNED;
    scene_add(&at, plan);
    eid_free(grant);
    scene_end(&at, "VFF", "VVF");
}

static void test_row_3__refuses_a_pin_outside_the_settings_of_the_tree(void **state)
{
    scene at = scene_begin();
    history_plan plan = {.root = &at.root,
                         .parents = history_ids(&at.root, 1),
                         .pins = history_ids(&at.root, 1),
                         .data = "{\"children\":{}}",
                         .signer = ADMIN};
    size_t data = scene_add(&at, plan);

    plan.signer = HISTORY_UNSIGNED;
    plan.pins = history_ids(eid_entry_id(at.foreign), 1);
    scene_add(&at, plan);
    plan.pins = history_ids(scene_id(&at, data), 1); /* held, of the tree, and no settings entry */
    scene_add(&at, plan);
    scene_end(&at, "VVFF", "VVVV");
}

static void test_row_5__a_payload_that_is_no_document_harms_nobody_else(void **state)
{
    scene at = scene_begin();
    history_plan bad = {.root = &at.root,
                        .parents = history_ids(&at.root, 1),
                        .pins = history_ids(&at.root, 1),
                        .settings = "no document",
                        .settings_parents = history_ids(&at.root, 1),
                        .signer = ADMIN};
    size_t carrier = scene_add(&at, bad);
    history_plan plan = {.root = &at.root,
                         .parents = history_ids(&at.root, 1),
                         .pins = history_ids(scene_id(&at, carrier), 1),
                         .data = "{\"children\":{}}",
                         .signer = ADMIN};

    scene_add(&at, plan); /* pins the garbage */
    plan.pins = history_ids(&at.root, 1);
    scene_add(&at, plan); /* goes on beside it */
    bad.pin = HISTORY_PIN_EMPTY;
    scene_add(&at, bad); /* its own pin */
    scene_end(&at, "VFFVF", "VFFVF");
}

static void test_row_6__the_closure_of_a_pin_stays_in_the_tree(void **state)
{
    scene at = scene_begin();
    char *grant = history_grant(WRITER, EID_PERMISSION_WRITE, EID_KEY_ACTIVE);
    eid_id both[2] = {at.root, *eid_entry_id(at.foreign)};
    size_t settings = scene_add(&at, (history_plan){.root = &at.root,
                                                    .parents = history_ids(&at.root, 1),
                                                    .pins = history_ids(&at.root, 1),
                                                    .settings = grant,
                                                    .settings_parents = history_ids(both, 2),
                                                    .signer = ADMIN});

    scene_add(&at, (history_plan){.root = &at.root,
                                  .parents = history_ids(scene_id(&at, settings), 1),
                                  .pins = history_ids(scene_id(&at, settings), 1),
                                  .data = "{\"children\":{}}",
                                  .signer = WRITER});
    eid_free(grant);
    scene_end(&at, "VVV", "VVV");
}

static void test_row_7__refuses_a_pin_on_failed_settings(void **state)
{
    scene at = scene_begin();
    char *grant = history_grant(OUTSIDER, EID_PERMISSION_ADMIN, EID_KEY_ACTIVE);
    history_plan plan = {.root = &at.root,
                         .parents = history_ids(&at.root, 1),
                         .pins = history_ids(&at.root, 1),
                         .settings = grant,
                         .settings_parents = history_ids(&at.root, 1),
                         .signer = OUTSIDER};
    size_t self_grant = scene_add(&at, plan), over;

    /* An admin's settings entry that names the self-grant among its settings parents. */
    plan.settings_parents = history_ids(scene_id(&at, self_grant), 1);
    plan.settings = "{\"children\":{}}";
    plan.signer = ADMIN;
    over = scene_add(&at, plan);

    plan.settings = NULL;
    plan.data = "{\"children\":{}}";
    plan.signer = OUTSIDER;
    plan.pins = history_ids(scene_id(&at, self_grant), 1);
    scene_add(&at, plan);
    plan.pins = history_ids(scene_id(&at, over), 1);
    scene_add(&at, plan);
    eid_free(grant);
    scene_end(&at, "VFVFF", "VFVVV");
}

static void test_row_7__leaves_a_pin_on_undecided_settings_undecided(void **state)
{
    scene at = scene_begin();
    char *grant = history_grant(WRITER, EID_PERMISSION_WRITE, EID_KEY_ACTIVE);
    size_t settings = scene_add(&at, (history_plan){.root = &at.root,
                                                    .parents = history_ids(&at.root, 1),
                                                    .pin = HISTORY_PIN_BAD,
                                                    .settings = grant,
                                                    .settings_parents = history_ids(&at.root, 1),
                                                    .signer = ADMIN});

    scene_add(&at, (history_plan){.root = &at.root,
                                  .parents = history_ids(&at.root, 1),
                                  .pins = history_ids(scene_id(&at, settings), 1),
                                  .data = "{\"children\":{}}",
                                  .signer = WRITER});
    eid_free(grant);
    scene_end(&at, "VUU", "VUV");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_row_1__refuses_unsigned_data_without_a_pin),
        cmocka_unit_test(test_row_2__refuses_an_entry_that_authorises_itself),
        cmocka_unit_test(test_row_2__holds_in_a_database_without_keys_too),
        cmocka_unit_test(test_row_3__refuses_a_pin_outside_the_settings_of_the_tree),
        cmocka_unit_test(test_row_5__a_payload_that_is_no_document_harms_nobody_else),
        cmocka_unit_test(test_row_6__the_closure_of_a_pin_stays_in_the_tree),
        cmocka_unit_test(test_row_7__refuses_a_pin_on_failed_settings),
        cmocka_unit_test(test_row_7__leaves_a_pin_on_undecided_settings_undecided),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
