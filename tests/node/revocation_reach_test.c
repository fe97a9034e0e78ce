/* Scenes of what revocation reaches besides keys, and where it holds (auth/REVOCATION.md): whoever
 * acts for others, stores that are no documents, databases that are not enforced, a restart. */
#include "crdt/ydoc.h"
#include "tests/node/revocation_stage.h"
#include "tests/storage/scratch.h"

/* -- other principals -------------------------------------------------------------------------- */

static void test_revocation__reaches_whoever_acts_as_global(void **state)
{
    stage s;
    eid_id open, late;
    step any = {.by = BOB, .is_global = true, .store = "data"};

    stage_set(&s);
    open = stage_settings(&s, ALICE, NULL, stage_global(&s, "write:10"));
    any.payload = stage_number(&s, "before", 1);
    stage_do(&s, any);
    stage_settings(&s, ALICE, NULL, stage_global(&s, NULL));
    any.payload = stage_number(&s, "after", 2);
    any.at[0] = &open;
    late = stage_do(&s, any);
    assert_true(stage_is_void(&s, &late));
    assert_int_equal(stage_read(&s, "before"), 1);
    assert_int_equal(stage_read(&s, "after"), -1);
    stage_clear(&s);
}

static void test_revocation__of_one_key_reaches_it_as_global_too(void **state)
{
    stage s;
    eid_id open, bobs, carols;
    step any = {.by = BOB, .is_global = true, .store = "data", .at = {&open}};

    stage_set(&s);
    open = stage_settings(&s, ALICE, NULL, stage_global(&s, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL)); /* who had no record */
    any.payload = stage_number(&s, "bob", 1);
    bobs = stage_do(&s, any);
    any.by = CAROL;
    any.payload = stage_number(&s, "carol", 2);
    carols = stage_do(&s, any);
    assert_true(stage_is_void(&s, &bobs));
    assert_false(stage_is_void(&s, &carols));
    any.by = BOB;
    any.at[0] = NULL; /* he has seen it, and the grant to all still stands */
    any.payload = stage_number(&s, "bob", 3);
    bobs = stage_do(&s, any);
    assert_true(stage_is_void(&s, &bobs));
    assert_int_equal(stage_read(&s, "bob"), -1);
    assert_int_equal(stage_read(&s, "carol"), 2);
    stage_clear(&s);
}

static void test_revocation__reaches_the_keys_of_a_delegation(void **state)
{
    stage s;
    eid_id far, grant, early, late;
    step through = {.by = DAVE, .through = &far, .store = "data"};

    stage_set(&s);
    far = stage_genesis(&s, DAVE, NULL);
    grant = stage_settings(&s, ALICE, NULL, stage_delegate(&s, &far, "write:3"));
    through.payload = stage_number(&s, "early", 1);
    early = stage_do(&s, through);
    stage_settings(&s, ALICE, NULL, stage_delegate(&s, &far, NULL));
    through.at[0] = &grant;
    through.payload = stage_number(&s, "late", 2);
    late = stage_do(&s, through);
    assert_false(stage_is_void(&s, &early));
    assert_true(stage_is_void(&s, &late));
    assert_int_equal(stage_read(&s, "early"), 1);
    assert_int_equal(stage_read(&s, "late"), -1);
    stage_clear(&s);
}

static void test_revocation__of_one_key_reaches_it_through_a_delegation(void **state)
{
    stage s;
    eid_id far, grant, late;
    step through = {.by = DAVE, .through = &far, .store = "data"};

    stage_set(&s);
    far = stage_genesis(&s, DAVE, NULL);
    stage_settings(&s, ALICE, NULL, stage_delegate(&s, &far, "write:3"));
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, DAVE, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, DAVE, NULL));
    through.at[0] = &grant;
    through.payload = stage_number(&s, "late", 2);
    late = stage_do(&s, through);
    assert_true(stage_is_void(&s, &late));
    stage_clear(&s);
}

static void test_revocation__of_everything_at_once_is_one_of_each(void **state)
{
    stage s;
    eid_id grants, late, alices;

    stage_set(&s);
    stage_settings(&s, ALICE, NULL, stage_key(&s, CAROL, "admin:0"));
    grants = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    stage_settings(&s, CAROL, NULL, stage_text(&s, "auth.keys", "gone"));
    late = stage_write(&s, BOB, &grants, "x", 1);
    alices = stage_settings(&s, ALICE, &grants, stage_key(&s, DAVE, "write:10"));
    assert_true(stage_is_void(&s, &late));
    assert_true(stage_is_void(&s, &alices)); /* of one strength */
    assert_int_equal(stage_level(&s, DAVE), FACTS_NONE);
    stage_clear(&s);
}

/* -- other stores ------------------------------------------------------------------------------ */

/* A payload that appends to a text document, as if its author had seen nothing. */
static const char *text_payload(stage *self, uint32_t client, const char *text)
{
    eid_buf update, payload;
    eid_ydoc *doc;

    eid_buf_init(&update, 10000);
    eid_buf_init(&payload, 10000);
    assert_ok(eid_ydoc_new(client, &doc));
    assert_ok(eid_ydoc_text_insert(doc, "t", 0, eid_slice_text(text)));
    assert_ok(eid_ydoc_encode(doc, EID_SLICE_EMPTY, &update));
    assert_ok(eid_ydoc_payload_write(eid_buf_slice(&update), &payload));
    self->payloads[self->payload_count] = eid_buf_take_text(&payload);
    eid_ydoc_free(doc);
    eid_buf_fini(&update);
    eid_buf_fini(&payload);
    return self->payloads[self->payload_count++];
}

static void assert_text(stage *self, const char *expected)
{
    const eid_seam *seam = self->world.seam;
    eid_idset tips = EID_IDSET_EMPTY;
    eid_buf update, text;
    eid_ydoc *doc;

    eid_buf_init(&update, 10000);
    eid_buf_init(&text, 10000);
    assert_ok(seam->tips(seam->self, &self->root, false, &tips));
    assert_ok(
        seam->text(seam->self, &self->root, eid_slice_text("text"), eid_idset_ids(&tips), &update));
    assert_ok(eid_ydoc_new(99, &doc));
    assert_ok(eid_ydoc_apply(doc, eid_buf_slice(&update)));
    assert_ok(eid_ydoc_view_text(doc, "t", &text));
    assert_true(eid_slice_is(eid_buf_slice(&text), expected));
    eid_ydoc_free(doc);
    eid_buf_fini(&update);
    eid_buf_fini(&text);
    eid_idset_fini(&tips);
}

static void test_revocation__reaches_text_documents(void **state)
{
    stage s;
    eid_id grant, stolen;
    step edit = {.by = ALICE, .store = "text"};

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    edit.payload = text_payload(&s, 1, "ours");
    stage_do(&s, edit);
    assert_text(&s, "ours");
    edit.by = BOB;
    edit.at[0] = &grant;
    edit.payload = text_payload(&s, 2, "theirs");
    stolen = stage_do(&s, edit);
    assert_text(&s, "ourstheirs");
    stage_settings(&s, ALICE, &grant, stage_key(&s, BOB, NULL));
    assert_text(&s, "ours");
    stage_settings(&s, ALICE, NULL, stage_readmit(&s, &stolen, true));
    assert_text(&s, "ourstheirs");
    stage_clear(&s);
}

/* -- where it holds ---------------------------------------------------------------------------- */

static void test_revocation__is_as_in_the_reference_where_it_is_not_enforced(void **state)
{
    static const char *const others[] = {NULL, "Enforced", "pinned"};

    for (size_t i = 0; i < EID_COUNT(others); i++) {
        stage s;
        eid_id grant, late;

        stage_set_as(&s, "memory://", others[i]);
        grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
        stage_settings(&s, ALICE, NULL, stage_text(&s, "revocation", "enforced")); /* too late */
        stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
        late = stage_write(&s, BOB, &grant, "x", 1);
        assert_false(stage_is_void(&s, &late));
        assert_int_equal(stage_read(&s, "x"), 1);
        stage_clear(&s);
    }
}

static void test_revocation__cannot_be_turned_off(void **state)
{
    stage s;
    eid_id grant, late;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_text(&s, "revocation", "off"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
    late = stage_write(&s, BOB, &grant, "x", 1);
    assert_true(stage_is_void(&s, &late));
    assert_int_not_equal(s.world.seam->set_strict(s.world.seam->self, &s.root, false), EID_OK);
    stage_clear(&s);
}

static void test_revocation__refuses_an_entry_that_is_not_higher_than_its_parents(void **state)
{
    static const char *const kinds[] = {"enforced", "pinned"};

    for (size_t i = 0; i < EID_COUNT(kinds); i++) {
        step low = {.by = ALICE, .store = "data"};
        eid_builder *builder;
        eid_id id;
        stage s;

        stage_set_as(&s, "memory://", kinds[i]);
        stage_write(&s, ALICE, NULL, "x", 1);
        low.payload = stage_number(&s, "x", 2);
        builder = stage_build(&s, &low);
        eid_builder_set_height(builder, 1);
        id = stage_take(&s, stage_seal(&s, builder, &low));
        assert_string_equal(eid_verdict_name(stage_verdict(&s, &id)),
                            i == 0 ? "Failed" : "Verified");
        stage_clear(&s);
    }
}

static void test_revocation__is_kept_over_a_restart(void **state)
{
    eid_engine_config config = {.create = false, .verify_inline = true};
    eid_id grant, stolen, missed;
    scratch place;
    stage s;

    scratch_begin(&place);
    stage_set_as(&s, place.url, "enforced");
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
    stolen = stage_write(&s, BOB, &grant, "x", 1);
    missed = stage_write(&s, BOB, &grant, "y", 2);
    stage_settings(&s, ALICE, NULL, stage_readmit(&s, &missed, true));
    eid_engine_close(s.world.engine);
    config.url = place.url;
    assert_ok(eid_engine_open(&config, &s.world.engine));
    s.world.seam = eid_engine_seam(s.world.engine);
    assert_true(stage_is_void(&s, &stolen));
    assert_false(stage_is_void(&s, &missed));
    assert_int_equal(stage_read(&s, "x"), -1);
    assert_int_equal(stage_read(&s, "y"), 2);
    assert_int_equal(stage_level(&s, BOB), FACTS_NONE);
    stolen = stage_write(&s, BOB, &grant, "z", 3);
    assert_true(stage_is_void(&s, &stolen));
    stage_clear(&s);
    scratch_end(&place);
}

static void test_revocation__is_forgotten_with_its_database(void **state)
{
    stage s;
    const eid_at *at;
    eid_id grant, stolen;
    eid_idset voids = EID_IDSET_EMPTY;

    stage_set(&s);
    at = &(const eid_at){.kv = eid_engine_kv(s.world.engine)};
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
    stolen = stage_write(&s, BOB, &grant, "x", 1);
    assert_true(stage_is_void(&s, &stolen));
    assert_ok(s.world.seam->forget(s.world.seam->self, &s.root));
    assert_ok(eid_index_voids(at, &s.root, &voids));
    assert_int_equal(voids.count, 0);
    for (size_t i = s.count; i > 0; i--) stage_take(&s, s.entries[i - 1]); /* all come again */
    assert_true(stage_is_void(&s, &stolen));
    assert_int_equal(stage_read(&s, "x"), -1);
    eid_idset_fini(&voids);
    stage_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revocation__reaches_whoever_acts_as_global),
        cmocka_unit_test(test_revocation__of_one_key_reaches_it_as_global_too),
        cmocka_unit_test(test_revocation__reaches_the_keys_of_a_delegation),
        cmocka_unit_test(test_revocation__of_one_key_reaches_it_through_a_delegation),
        cmocka_unit_test(test_revocation__of_everything_at_once_is_one_of_each),
        cmocka_unit_test(test_revocation__reaches_text_documents),
        cmocka_unit_test(test_revocation__is_as_in_the_reference_where_it_is_not_enforced),
        cmocka_unit_test(test_revocation__cannot_be_turned_off),
        cmocka_unit_test(test_revocation__refuses_an_entry_that_is_not_higher_than_its_parents),
        cmocka_unit_test(test_revocation__is_kept_over_a_restart),
        cmocka_unit_test(test_revocation__is_forgotten_with_its_database),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
