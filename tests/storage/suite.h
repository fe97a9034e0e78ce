/* Suite: the same tests over each backend, and entries to put into it. */
#ifndef EID_TESTS_STORAGE_SUITE_H
#define EID_TESTS_STORAGE_SUITE_H

#include "dag/builder.h"
#include "dag/random.h"
#include "storage/index.h"
#include "tests/storage/scratch.h"
#include "tests/support/test.h"

typedef struct world {
    scratch folder;
    const char *url;
    eid_kv *kv;
    eid_at at;
} world;

/* Test that a status is OK; prints the reason if it is not. */
#define assert_ok(expression)                                                                      \
    assert_status_is(EID_OK, (expression), #expression, __FILE__, __LINE__)
/* Test for one failure (or bare answer). */
#define assert_status(expected, expression)                                                        \
    assert_status_is((expected), (expression), #expression, __FILE__, __LINE__)
/* Test for a failure of one kind. */
#define assert_kind(expected, expression)                                                          \
    assert_kind_is((expected), (expression), #expression, __FILE__, __LINE__)

static inline void assert_status_is(eid_status expected, eid_status actual, const char *expression,
                                    const char *file, int line)
{
    if (expected == actual) return;
    print_error("%s\n  expected %s\n  got      %s: %s\n", expression, eid_status_name(expected),
                eid_status_name(actual), eid_status_detail(actual).text);
    _fail(file, line);
}

static inline void assert_kind_is(eid_kind expected, eid_status actual, const char *expression,
                                  const char *file, int line)
{
    eid_detail detail = eid_status_detail(actual);

    if (detail.kind == expected) return;
    print_error("%s\n  expected %s\n  got      %s %s: %s\n", expression, eid_kind_name(expected),
                eid_status_name(actual), eid_kind_name(detail.kind), detail.text);
    _fail(file, line);
}

static inline void world_open(world *self)
{
    assert_ok(eid_kv_open(self->url, true, &self->kv));
    self->at = (eid_at){.kv = self->kv};
}

static inline int world_begin(void **state, bool is_memory)
{
    world *self = calloc(1, sizeof *self);

    if (self == NULL) return -1;
    scratch_begin(&self->folder);
    self->url = is_memory ? "memory://" : self->folder.url;
    world_open(self);
    *state = self;
    return 0;
}

static inline int world_begin_memory(void **state)
{
    return world_begin(state, true);
}

static inline int world_begin_rocksdb(void **state)
{
    return world_begin(state, false);
}

static inline int world_end(void **state)
{
    world *self = *state;

    eid_kv_close(self->kv);
    scratch_end(&self->folder);
    free(self);
    return 0;
}

/* Close and open again, where that keeps anything. */
static inline bool world_reopen(world *self)
{
    if (strcmp(eid_kv_backend(self->kv), "memory") == 0) return false;
    eid_kv_close(self->kv);
    world_open(self);
    return true;
}

#define ON_MEMORY(test)                                                                            \
    {                                                                                              \
        "memory: " #test, test, world_begin_memory, world_end, NULL                                \
    }
#define ON_ROCKSDB(test)                                                                           \
    {                                                                                              \
        "rocksdb: " #test, test, world_begin_rocksdb, world_end, NULL                              \
    }
#define ON_ALL(test) ON_MEMORY(test), ON_ROCKSDB(test)

/* One store of an entry to be made. */
typedef struct store_spec {
    const char *name;
    eid_ids parents;
    const uint64_t *height; /* NULL = the tree's */
} store_spec;

typedef struct entry_spec {
    const eid_id *root; /* NULL = a genesis */
    eid_ids parents;
    uint64_t height;
    uint64_t salt; /* tells entries apart that are alike otherwise */
    const store_spec *stores;
    size_t store_count;
} entry_spec;

/* New: eid_entry_free(). */
static inline eid_entry *entry_new(const entry_spec *spec)
{
    eid_builder *builder = NULL;
    eid_entry *entry = NULL;

    assert_ok(eid_builder_new(spec->root, &builder));
    assert_ok(eid_builder_set_parents(builder, spec->parents));
    eid_builder_set_height(builder, spec->height);
    assert_ok(eid_builder_set_metadata(builder, eid_slice_of(&spec->salt, sizeof spec->salt)));
    if (spec->root == NULL) {
        assert_ok(eid_builder_set_data(builder, eid_slice_text(EID_STORE_ROOT), EID_SLICE_EMPTY));
    }
    for (size_t i = 0; i < spec->store_count; i++) {
        const store_spec *store = &spec->stores[i];
        eid_slice name = eid_slice_text(store->name);

        assert_ok(eid_builder_set_data(builder, name, eid_slice_text("{}")));
        assert_ok(eid_builder_set_store_parents(builder, name, store->parents));
        assert_ok(eid_builder_set_store_height(builder, name, store->height));
    }
    assert_ok(eid_builder_seal(builder, NULL, NULL, &entry));
    eid_builder_free(builder);
    return entry;
}

/* Put one entry in a batch of its own. */
static inline bool entry_put(const world *self, const eid_entry *entry, eid_verdict verdict)
{
    eid_batch *batch = NULL;
    bool is_new = false;

    assert_ok(eid_batch_new(self->kv, &batch));
    assert_ok(eid_index_put(batch, entry, verdict, 1000, &is_new));
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    eid_batch_free(batch);
    return is_new;
}

#endif
