/* Inventory of spec 02: the lines of backend/verification.rs, mod.rs, errors.rs and save_load.rs.
 * What a file of JSON is to the reference's memory backend is to ours the folder of RocksDB: what
 * is stored survives closing, and a folder that is not ours is refused. */
#include "storage/index_parts.h"
#include "tests/storage/letters.h"

static void expect_verdict(const world *self, const eid_id *id, eid_verdict wanted)
{
    eid_index_info info;

    assert_ok(eid_index_find(&self->at, id, &info));
    assert_int_equal(info.verdict, wanted);
}

/* How many of a tree have each verdict. */
static void expect_counts(const world *self, const letters *tree, uint64_t verified,
                          uint64_t failed, uint64_t unverified)
{
    eid_index_counts counts;

    assert_ok(eid_index_count(&self->at, letter_id(tree, 'A'), &counts));
    assert_int_equal(counts.verified, verified);
    assert_int_equal(counts.failed, failed);
    assert_int_equal(counts.unverified, unverified);
    assert_int_equal(counts.entries, verified + failed + unverified);
}

static void expect_unverified(const world *self, const letters *tree, const char *names)
{
    eid_order order = EID_ORDER_EMPTY;

    assert_ok(eid_index_unverified(&self->at, letter_id(tree, 'A'), 100, &order));
    assert_int_equal(order.count, strlen(names));
    for (size_t i = 0; i < order.count; i++) {
        assert_true(eid_id_equal(letter_id(tree, names[i]), &order.at[i].id));
    }
    eid_order_fini(&order);
}

/* -- verification.rs --------------------------------------------------------------------------- */

static void test_verification_status_basic_operations(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_UNVERIFIED);
    expect_verdict(self, letter_id(&tree, 'A'), EID_UNVERIFIED);
    expect_unverified(self, &tree, "A");
    set_verdict(self, letter_id(&tree, 'A'), EID_VERIFIED);
    expect_verdict(self, letter_id(&tree, 'A'), EID_VERIFIED);
    expect_unverified(self, &tree, "");
    set_verdict(self, letter_id(&tree, 'A'), EID_FAILED);
    expect_verdict(self, letter_id(&tree, 'A'), EID_FAILED);
    expect_counts(self, &tree, 0, 1, 0);
    letters_free(&tree);
}

static void test_verification_status_default_behavior(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_UNVERIFIED);
    set_verdict(self, letter_id(&tree, 'A'), EID_VERIFIED);
    expect_counts(self, &tree, 1, 0, 0);
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "A");
    letters_free(&tree);
}

static void test_verification_status_multiple_entries(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "ABCD", EID_UNVERIFIED);
    set_verdict(self, letter_id(&tree, 'A'), EID_VERIFIED);
    set_verdict(self, letter_id(&tree, 'C'), EID_FAILED);
    expect_counts(self, &tree, 1, 1, 2);
    expect_unverified(self, &tree, "BD");
    letters_free(&tree);
}

static void test_verification_status_not_found_errors(void **state)
{
    world *self = *state;
    eid_id unknown = eid_id_of_entry(eid_slice_text("nobody"));
    eid_batch *batch = NULL;
    eid_index_info info;

    assert_status(EID_E_NOT_FOUND, eid_index_find(&self->at, &unknown, &info));
    assert_ok(eid_batch_new(self->kv, &batch));
    assert_status(EID_E_NOT_FOUND, eid_index_set_verdict(batch, &unknown, EID_VERIFIED));
    assert_int_equal(eid_batch_count(batch), 0);
    eid_batch_free(batch);
}

static void test_verification_status_serialization(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_VERIFIED);
    put_letters(self, &tree, "B", EID_FAILED);
    put_letters(self, &tree, "C", EID_UNVERIFIED);
    assert_true(world_reopen(self));
    expect_verdict(self, letter_id(&tree, 'A'), EID_VERIFIED);
    expect_verdict(self, letter_id(&tree, 'B'), EID_FAILED);
    expect_verdict(self, letter_id(&tree, 'C'), EID_UNVERIFIED);
    expect_counts(self, &tree, 1, 1, 1);
    letters_free(&tree);
}

static void test_backend_verification_helpers(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_VERIFIED);   /* put and promoted at once */
    put_letters(self, &tree, "B", EID_UNVERIFIED); /* put */
    expect_verdict(self, letter_id(&tree, 'A'), EID_VERIFIED);
    expect_verdict(self, letter_id(&tree, 'B'), EID_UNVERIFIED);
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "A");
    expect_tips(self, &tree, EID_LEVEL_RAW, "B");
    letters_free(&tree);
}

static void test_reput_does_not_demote_existing_verified_entry(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_VERIFIED);
    assert_false(entry_put(self, tree.entries[0], EID_UNVERIFIED));
    expect_verdict(self, letter_id(&tree, 'A'), EID_VERIFIED);
    put_letters(self, &tree, "B", EID_UNVERIFIED);
    assert_false(entry_put(self, tree.entries[1], EID_VERIFIED));
    expect_verdict(self, letter_id(&tree, 'B'), EID_UNVERIFIED);
    letters_free(&tree);
}

/* -- mod.rs ------------------------------------------------------------------------------------ */

static void db_int_roundtrip_and_stable_codes(void **state)
{
    const eid_verdict verdicts[] = {EID_VERIFIED, EID_FAILED, EID_UNVERIFIED};

    for (uint8_t code = 0; code < 3; code++) {
        eid_verdict read = EID_FAILED;

        assert_int_equal(verdicts[code], code);
        assert_ok(eid__verdict_read(code, &read));
        assert_int_equal(read, verdicts[code]);
    }
}

static void unknown_db_int_is_rejected_not_coerced(void **state)
{
    const uint8_t codes[] = {3, 4, 99, 255 /* -1 */};
    eid_verdict read;

    for (size_t i = 0; i < sizeof codes; i++) {
        assert_kind(EID_KIND_STORE_CORRUPT, eid__verdict_read(codes[i], &read));
    }
}

/* -- errors.rs --------------------------------------------------------------------------------- */

typedef struct error_row {
    eid_kind kind;
    const char *label;
    eid_status status; /* what a caller can do; the reference's classes are finer or coarser */
} error_row;

static const error_row error_rows[] = {
    {EID_KIND_ENTRY_NOT_FOUND, "EntryNotFound", EID_E_NOT_FOUND},
    {EID_KIND_ENTRY_NOT_IN_TREE, "EntryNotInTree", EID_E_INVALID},
    {EID_KIND_ENTRY_NOT_IN_STORE, "EntryNotInSubtree", EID_E_INVALID},
    {EID_KIND_NO_COMMON_ANCESTOR, "NoCommonAncestor", EID_E_INVALID},
    {EID_KIND_EMPTY_ENTRY_LIST, "EmptyEntryList", EID_E_INVALID},
    {EID_KIND_STATUS_NOT_FOUND, "VerificationStatusNotFound", EID_E_NOT_FOUND},
    {EID_KIND_STORE_CORRUPT, "TreeIntegrityViolation", EID_E_CORRUPT},
};

static void test_error_helpers(void **state)
{
    for (size_t i = 0; i < sizeof error_rows / sizeof error_rows[0]; i++) {
        const error_row *row = &error_rows[i];

        assert_string_equal(eid_kind_label(row->kind), row->label);
        assert_int_equal(eid_kind_status(row->kind), row->status);
        assert_string_equal(eid_kind_module(row->kind), "backend");
    }
}

/* The id is in the sentence that a caller gets, whoever passed the status on. */
static void test_error_conversion(void **state)
{
    world *self = *state;
    eid_id unknown = eid_id_of_entry(eid_slice_text("nobody"));
    eid_order order = EID_ORDER_EMPTY;
    eid_index_graph *graph = NULL;
    char text[EID_ID_TEXT_MAX];
    eid_detail detail;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_VERIFIED);
    assert_ok(eid_index_graph_new(&self->at, letter_id(&tree, 'A'), &graph));
    detail = eid_status_detail(
        eid_graph_closure(eid_index_graph_source(graph), (eid_ids){&unknown, 1}, &order));
    assert_int_equal(detail.kind, EID_KIND_ENTRY_NOT_FOUND);
    assert_string_equal(eid_kind_module(detail.kind), "backend");
    assert_non_null(strstr(detail.text, eid_id_format(&unknown, text)));
    eid_order_fini(&order);
    eid_index_graph_free(graph);
    letters_free(&tree);
}

/* -- save_load.rs ------------------------------------------------------------------------------ */

static void test_in_memory_backend_save_and_load(void **state)
{
    world *self = *state;
    eid_idset roots = EID_IDSET_EMPTY;
    struct stat info;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_UNVERIFIED);
    assert_true(world_reopen(self));
    assert_int_equal(stat(self->folder.store, &info), 0);
    assert_ok(eid_index_databases(&self->at, &roots));
    expect_set(&tree, "A", &roots);
    eid_idset_fini(&roots);
    letters_free(&tree);
}

static void test_load_non_existent_file(void **state)
{
    world *self = *state;
    eid_idset roots = EID_IDSET_EMPTY;
    char url[SCRATCH_SIZE + 64];
    eid_kv *kv = NULL;
    eid_at at;

    (void)snprintf(url, sizeof url, "rocksdb://%s/absent", self->folder.path);
    assert_kind(EID_KIND_STORE_MISSING, eid_kv_open(url, false, &kv));
    assert_ok(eid_kv_open(url, true, &kv));
    at = (eid_at){.kv = kv};
    assert_ok(eid_index_databases(&at, &roots));
    assert_int_equal(roots.count, 0);
    eid_kv_close(kv);
}

static void test_load_invalid_file(void **state)
{
    world *self = *state;
    char path[SCRATCH_SIZE + 64], url[SCRATCH_SIZE + 80];
    eid_kv *kv = NULL;
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/junk", self->folder.path);
    (void)snprintf(url, sizeof url, "rocksdb://%s", path);
    file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("this is no store", file);
    (void)fclose(file);
    assert_int_not_equal(eid_kv_open(url, true, &kv), EID_OK);
    assert_null(kv);
}

static void test_save_load_with_various_entries(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    letter_add(&tree, 1, "A", "A"); /* F and G, beside the chain */
    letter_add(&tree, 1, "A", NULL);
    put_letters(self, &tree, "ABCFG", EID_UNVERIFIED);
    assert_true(world_reopen(self));
    for (const char *name = "ABCFG"; *name != 0; name++) {
        eid_entry *read = NULL;

        assert_ok(eid_index_entry(&self->at, letter_id(&tree, *name), &read));
        assert_true(
            eid_slice_equal(eid_entry_bytes(read), eid_entry_bytes(tree.entries[*name - 'A'])));
        eid_entry_free(read);
    }
    {
        eid_idset tips = EID_IDSET_EMPTY;

        assert_ok(eid_index_tips(&self->at, letter_id(&tree, 'A'), EID_LEVEL_RAW, EID_SLICE_EMPTY,
                                 &tips));
        expect_set(&tree, "CFG", &tips);
        assert_ok(eid_index_tips(&self->at, letter_id(&tree, 'A'), EID_LEVEL_RAW,
                                 eid_slice_text("s"), &tips));
        expect_set(&tree, "CF", &tips);
        eid_idset_fini(&tips);
    }
    letters_free(&tree);
}

/* Change the mark that says by whom and in which version the store was written; len 0 = take it
 * away. Then it must not open. */
static void refuse_format(world *self, const char *version)
{
    const eid_kv_write_op op = {.family = EID_FAMILY_META,
                                .key = eid_slice_text("eidetica-format"),
                                .value = eid_slice_text(version),
                                .is_delete = version[0] == 0};
    eid_kv *kv = NULL;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_UNVERIFIED);
    letters_free(&tree);
    assert_ok(eid_kv_write(self->kv, &op, 1, EID_DURABLE_SYNC));
    eid_kv_close(self->kv);
    self->kv = NULL;
    assert_kind(EID_KIND_STORE_FORMAT, eid_kv_open(self->url, true, &kv));
}

static void test_load_wrong_version_fails(void **state)
{
    refuse_format(*state, "99");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ALL(test_verification_status_basic_operations),
        ON_ALL(test_verification_status_default_behavior),
        ON_ALL(test_verification_status_multiple_entries),
        ON_ALL(test_verification_status_not_found_errors),
        ON_ROCKSDB(test_verification_status_serialization),
        ON_ALL(test_backend_verification_helpers),
        ON_ALL(test_reput_does_not_demote_existing_verified_entry),
        cmocka_unit_test(db_int_roundtrip_and_stable_codes),
        cmocka_unit_test(unknown_db_int_is_rejected_not_coerced),
        cmocka_unit_test(test_error_helpers),
        ON_ALL(test_error_conversion),
        ON_ROCKSDB(test_in_memory_backend_save_and_load),
        ON_ROCKSDB(test_load_non_existent_file),
        ON_ROCKSDB(test_load_invalid_file),
        ON_ROCKSDB(test_save_load_with_various_entries),
        ON_ROCKSDB(test_load_wrong_version_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
