/* Letters: small trees whose entries are called A (the genesis), B, C ..., and what tests ask of
 * them. */
#ifndef EID_TESTS_STORAGE_LETTERS_H
#define EID_TESTS_STORAGE_LETTERS_H

#include "tests/storage/suite.h"

#define NODES_MAX 16

/* A small tree whose nodes are called by letters: A is the genesis. */
typedef struct letters {
    eid_entry *entries[NODES_MAX];
    size_t count;
} letters;

static inline const eid_id *letter_id(const letters *self, char letter)
{
    return eid_entry_id(self->entries[letter - 'A']);
}

static inline eid_ids letter_ids(const letters *self, const char *names, eid_id *out)
{
    size_t count = 0;

    for (; names[count] != '\0'; count++) out[count] = *letter_id(self, names[count]);
    return (eid_ids){out, count};
}

/* The next letter, with these parents, in the store "s" with those (NULL = not in it). */
static inline void letter_add(letters *self, uint64_t height, const char *parents,
                              const char *in_store)
{
    eid_id main_ids[NODES_MAX], store_ids[NODES_MAX];
    store_spec store = {.name = "s"};
    entry_spec spec = {.height = height, .salt = self->count, .stores = &store};

    if (self->count > 0) spec.root = letter_id(self, 'A');
    spec.parents = letter_ids(self, parents, main_ids);
    if (in_store != NULL) {
        store.parents = letter_ids(self, in_store, store_ids);
        spec.store_count = 1;
    }
    self->entries[self->count++] = entry_new(&spec);
}

static inline void letters_free(letters *self)
{
    while (self->count > 0) eid_entry_free(self->entries[--self->count]);
}

/* A chain A - B - C - D - E, all in the store. */
static inline void letters_chain(letters *self)
{
    self->count = 0;
    letter_add(self, 0, "", "");
    letter_add(self, 1, "A", "A");
    letter_add(self, 2, "B", "B");
    letter_add(self, 3, "C", "C");
    letter_add(self, 4, "D", "D");
}

/* A; B and C on it; D on both. */
static inline void letters_diamond(letters *self)
{
    self->count = 0;
    letter_add(self, 0, "", "");
    letter_add(self, 1, "A", "A");
    letter_add(self, 1, "A", "A");
    letter_add(self, 2, "BC", "BC");
}

static inline void expect_set(const letters *self, const char *names, const eid_idset *actual)
{
    eid_idset expected = EID_IDSET_EMPTY;
    eid_id ids[NODES_MAX];

    assert_ok(eid_idset_assign(&expected, letter_ids(self, names, ids)));
    if (!eid_idset_equal(&expected, actual)) {
        print_error("expected the tips %s, got:\n", names);
        for (size_t i = 0; i < actual->count; i++)
            print_error("  %s\n", eid_id_str(&actual->at[i]));
        fail();
    }
    eid_idset_fini(&expected);
}

static inline void expect_tips(const world *self, const letters *tree, eid_level level,
                               const char *names)
{
    static const char *const stores[] = {"", "s"};
    eid_idset tips = EID_IDSET_EMPTY;

    for (size_t i = 0; i < 2; i++) {
        assert_ok(eid_index_tips(&self->at, letter_id(tree, 'A'), level, eid_slice_text(stores[i]),
                                 &tips));
        expect_set(tree, names, &tips);
    }
    eid_idset_fini(&tips);
}

static inline void put_letters(const world *self, const letters *tree, const char *names,
                               eid_verdict verdict)
{
    for (; *names != '\0'; names++) {
        assert_true(entry_put(self, tree->entries[*names - 'A'], verdict));
    }
}

static inline void set_verdict(const world *self, const eid_id *id, eid_verdict verdict)
{
    eid_batch *batch = NULL;

    assert_ok(eid_batch_new(self->kv, &batch));
    assert_ok(eid_index_set_verdict(batch, id, verdict));
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    eid_batch_free(batch);
}

#endif
