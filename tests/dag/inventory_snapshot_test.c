/* Inventory of spec 02, "Snapshot": the lines of snapshot.rs. Our snapshot is eid_idset; what goes
 * over the wire of entries is the list in their pin. */
#include "tests/dag/inventory.h"

#define COUNT 3

/* Three ids and their order. */
typedef struct ids {
    eid_id given[COUNT + 1]; /* unsorted, the last one repeated */
    eid_id sorted[COUNT];
} ids;

static ids three(void)
{
    ids self = {.sorted = {raw("a"), raw("b"), raw("c")}};

    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = i + 1; j < COUNT; j++) {
            eid_id swapped = self.sorted[i];

            if (eid_id_compare(&self.sorted[i], &self.sorted[j]) < 0) continue;
            self.sorted[i] = self.sorted[j];
            self.sorted[j] = swapped;
        }
    }
    for (size_t i = 0; i < COUNT; i++) self.given[i] = self.sorted[COUNT - 1 - i];
    self.given[COUNT] = self.given[0];
    return self;
}

static void assert_sorted(const ids *self, eid_ids actual)
{
    assert_int_equal(actual.count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(eid_id_equal(&actual.at[i], &self->sorted[i]));
    }
}

static eid_idset set_of(const eid_id *at, size_t count)
{
    eid_idset set = EID_IDSET_EMPTY;

    must(eid_idset_assign(&set, (eid_ids){at, count}));
    return set;
}

static void empty_const_is_empty(void **state)
{
    eid_idset set = EID_IDSET_EMPTY;

    assert_int_equal(set.count, 0);
    assert_int_equal(eid_idset_ids(&set).count, 0);
}

static void default_equals_empty(void **state)
{
    eid_idset zeroed, empty = EID_IDSET_EMPTY, assigned = set_of(NULL, 0);

    memset(&zeroed, 0, sizeof zeroed);
    assert_true(eid_idset_equal(&zeroed, &empty));
    assert_true(eid_idset_equal(&assigned, &empty));
    eid_idset_fini(&assigned);
}

static void new_sorts_input(void **state)
{
    ids self = three();
    eid_idset set = set_of(self.given, COUNT);

    assert_sorted(&self, eid_idset_ids(&set));
    eid_idset_fini(&set);
}

static void new_dedups_input(void **state)
{
    ids self = three();
    eid_id same[] = {self.sorted[1], self.sorted[1], self.sorted[1]};
    eid_idset set = set_of(same, 3);

    assert_int_equal(set.count, 1);
    assert_true(eid_id_equal(&set.at[0], &self.sorted[1]));
    eid_idset_fini(&set);
}

static void set_equality_holds_via_canonical_form(void **state)
{
    ids self = three();
    eid_idset left = set_of(self.given, COUNT + 1), right = set_of(self.sorted, COUNT);

    assert_true(eid_idset_equal(&left, &right));
    eid_idset_remove(&right, &self.sorted[1]);
    assert_false(eid_idset_equal(&left, &right));
    eid_idset_fini(&left);
    eid_idset_fini(&right);
}

/* As a cache's key is made: from the ids in their order. */
static uint64_t hash_of(const eid_idset *set)
{
    uint64_t hash = set->count;

    for (size_t i = 0; i < set->count; i++) hash = hash * 31 + eid_id_hash(&set->at[i]);
    return hash;
}

static void hash_matches_for_set_equal_snapshots(void **state)
{
    ids self = three();
    eid_idset left = set_of(self.given, COUNT + 1), right = set_of(self.sorted, COUNT);
    eid_idset other = set_of(self.sorted, COUNT - 1);

    assert_int_equal(hash_of(&left), hash_of(&right));
    assert_int_not_equal(hash_of(&left), hash_of(&other));
    eid_idset_fini(&left);
    eid_idset_fini(&right);
    eid_idset_fini(&other);
}

static void from_slice_sorts_and_dedups(void **state)
{
    ids self = three();
    size_t count = eid_ids_normalize(self.given, COUNT + 1);

    assert_sorted(&self, (eid_ids){self.given, count});
}

static void from_array_sorts_and_dedups(void **state)
{
    ids self = three();
    eid_idset set = EID_IDSET_EMPTY;

    for (size_t i = 0; i <= COUNT; i++) must(eid_idset_add(&set, &self.given[i]));
    assert_sorted(&self, eid_idset_ids(&set));
    eid_idset_fini(&set);
}

static void into_tips_returns_sorted_vec(void **state)
{
    ids self = three();
    eid_idset set = set_of(self.given, COUNT + 1);
    eid_id *taken = set.at; /* the array is given away */
    size_t count = set.count;

    set = EID_IDSET_EMPTY;
    assert_sorted(&self, (eid_ids){taken, count});
    set = (eid_idset){taken, count, count};
    eid_idset_fini(&set);
}

static void iter_yields_sorted_tips(void **state)
{
    ids self = three();
    eid_idset set = set_of(self.given, COUNT + 1);

    for (size_t i = 1; i < set.count; i++) {
        assert_true(eid_id_compare(&set.at[i - 1], &set.at[i]) < 0);
    }
    for (size_t i = 0; i < COUNT; i++) assert_true(eid_idset_has(&set, &self.given[i]));
    eid_idset_fini(&set);
}

static void as_ref_exposes_sorted_slice(void **state)
{
    ids self = three();
    eid_idset set = set_of(self.given, COUNT + 1);
    eid_ids lent = eid_idset_ids(&set);

    assert_ptr_equal(lent.at, set.at);
    assert_sorted(&self, lent);
    eid_idset_fini(&set);
}

/* -- on the wire ------------------------------------------------------------------------------- */

/* An entry whose metadata lists these ids as they are. */
static eid_entry *entry_with_pin(const eid_id *at, size_t count)
{
    eid_builder *builder = builder_in_tree();
    char id[EID_ID_TEXT_MAX];
    eid_entry *entry = NULL;
    eid_buf json;

    eid_buf_init(&json, 4096);
    eid_buf_append_text(&json, "{\"settings_tips\":[");
    for (size_t i = 0; i < count; i++) {
        eid_buf_append_format(&json, "%s\"%s\"", i > 0 ? "," : "", eid_id_format(&at[i], id));
    }
    eid_buf_append_text(&json, "],\"entropy\":null}");
    must(eid_builder_set_metadata(builder, eid_buf_slice(&json)));
    must(eid_builder_add_parent(builder, &at[0]));
    must(eid_builder_seal(builder, NULL, NULL, &entry));
    eid_buf_fini(&json);
    eid_builder_free(builder);
    return entry;
}

static void assert_pin_reads(const eid_id *at, size_t count)
{
    ids self = three();
    eid_entry *entry = entry_with_pin(at, count);
    eid_pin pin;

    must(eid_entry_pin(entry, &pin));
    assert_true(pin.valid);
    assert_sorted(&self, eid_idset_ids(&pin.tips));
    eid_pin_fini(&pin);
    eid_entry_free(entry);
}

static void serde_roundtrip_preserves_invariant(void **state)
{
    ids self = three();
    eid_idset set = set_of(self.given, COUNT + 1);

    assert_pin_reads(set.at, set.count);
    eid_idset_fini(&set);
}

static void deserialize_normalizes_unsorted_wire_data(void **state)
{
    ids self = three();

    assert_pin_reads(self.given, COUNT);
}

static void deserialize_dedups_wire_data(void **state)
{
    ids self = three();

    assert_pin_reads(self.given, COUNT + 1);
}

static void serializes_as_bare_id_array(void **state)
{
    ids self = three();
    eid_idset set = set_of(self.given, COUNT + 1);
    char id[EID_ID_TEXT_MAX];
    eid_buf written, wanted;

    eid_buf_init(&written, 4096);
    eid_buf_init(&wanted, 4096);
    eid_pin_write(eid_idset_ids(&set), NULL, &written);
    for (size_t i = 0; i < COUNT; i++) {
        eid_buf_append_format(&wanted, "%s\"%s\"", i > 0 ? "," : "[",
                              eid_id_format(&self.sorted[i], id));
    }
    eid_buf_append_text(&wanted, "]");
    eid_buf_append_byte(&wanted, 0);
    eid_buf_append_byte(&written, 0);
    assert_non_null(strstr((const char *)written.at, (const char *)wanted.at));
    eid_buf_fini(&written);
    eid_buf_fini(&wanted);
    eid_idset_fini(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_const_is_empty),
        cmocka_unit_test(default_equals_empty),
        cmocka_unit_test(new_sorts_input),
        cmocka_unit_test(new_dedups_input),
        cmocka_unit_test(set_equality_holds_via_canonical_form),
        cmocka_unit_test(hash_matches_for_set_equal_snapshots),
        cmocka_unit_test(from_slice_sorts_and_dedups),
        cmocka_unit_test(from_array_sorts_and_dedups),
        cmocka_unit_test(into_tips_returns_sorted_vec),
        cmocka_unit_test(iter_yields_sorted_tips),
        cmocka_unit_test(as_ref_exposes_sorted_slice),
        cmocka_unit_test(serde_roundtrip_preserves_invariant),
        cmocka_unit_test(deserialize_normalizes_unsorted_wire_data),
        cmocka_unit_test(deserialize_dedups_wire_data),
        cmocka_unit_test(serializes_as_bare_id_array),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
