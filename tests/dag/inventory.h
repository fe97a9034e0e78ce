/* What the tests that bear the names of the specification's inventory share: opaque ids, and a
 * builder of an ordinary entry. */
#ifndef EID_TESTS_DAG_INVENTORY_H
#define EID_TESTS_DAG_INVENTORY_H

#include "dag/builder.h"
#include "tests/dag/examples.h"

static inline eid_slice text(const char *string)
{
    return eid_slice_text(string);
}

static inline eid_id raw(const char *string)
{
    return eid_id_of_raw(text(string));
}

static inline void must(eid_status status)
{
    if (status != EID_OK) fail_msg("%s", eid_status_detail(status).text);
}

/* Of the tree "test_root", without parents. */
static inline eid_builder *builder_in_tree(void)
{
    eid_id root = raw("test_root");
    eid_builder *builder;

    must(eid_builder_new(&root, &builder));
    return builder;
}

static inline eid_builder *builder_with_parent(const char *parent)
{
    eid_builder *builder = builder_in_tree();
    eid_id id = raw(parent);

    must(eid_builder_add_parent(builder, &id));
    return builder;
}

/* A genesis with nothing but its marker. */
static inline eid_builder *builder_of_root(void)
{
    eid_builder *builder;

    must(eid_builder_new(NULL, &builder));
    must(eid_builder_set_data(builder, text(EID_STORE_ROOT), EID_SLICE_EMPTY));
    return builder;
}

static inline void builder_put(eid_builder *builder, const char *store, const char *data)
{
    must(eid_builder_set_data(builder, text(store), text(data)));
}

static inline void builder_link(eid_builder *builder, const char *store, const char *parent)
{
    eid_id id = raw(parent);

    must(eid_builder_add_store_parent(builder, text(store), &id));
}

/* Unsigned; the builder stays. New: eid_entry_free(). */
static inline eid_entry *sealed(eid_builder *builder)
{
    eid_entry *entry = NULL;

    must(eid_builder_seal(builder, NULL, NULL, &entry));
    return entry;
}

/* Unsigned; the builder goes. New: eid_entry_free(). */
static inline eid_entry *sealed_last(eid_builder *builder)
{
    eid_entry *entry = sealed(builder);

    eid_builder_free(builder);
    return entry;
}

/* The builder goes; it must be refused with `part` in the text. */
static inline void assert_refused(eid_builder *builder, eid_kind kind, const char *part)
{
    eid_entry *entry = NULL;
    eid_status status = eid_builder_seal(builder, NULL, NULL, &entry);
    eid_detail detail = eid_status_detail(status);

    eid_entry_free(entry);
    eid_builder_free(builder);
    if (status == EID_OK || detail.kind != kind || !strstr(detail.text, part)) {
        fail_msg("%s \"%s\", wanted %s \"…%s…\"", eid_kind_name(detail.kind), detail.text,
                 eid_kind_name(kind), part);
    }
}

static inline void assert_id(const eid_id *actual, const char *of_raw)
{
    eid_id expected = raw(of_raw);

    assert_string_equal(eid_id_str(actual), eid_id_str(&expected));
}

/* `names` ends with NULL; they are those of raw ids, in the expected order. */
static inline void assert_ids(eid_ids actual, const char *const *names)
{
    size_t count = 0;

    while (names[count]) count++;
    assert_int_equal(actual.count, count);
    for (size_t i = 0; i < count; i++) assert_id(&actual.at[i], names[i]);
}

static inline void assert_data(const eid_entry *entry, const char *store, const char *data)
{
    const eid_subtree *subtree = eid_entry_find_subtree(entry, text(store));

    assert_non_null(subtree);
    assert_true(subtree->has_data);
    assert_int_equal(subtree->data.len, strlen(data));
    assert_memory_equal(subtree->data.at, data, strlen(data));
}

static inline void assert_same_id(const eid_entry *a, const eid_entry *b)
{
    assert_string_equal(eid_id_str(eid_entry_id(a)), eid_id_str(eid_entry_id(b)));
}

/* What its bytes and its JSON say is the entry itself. */
static inline void assert_round_trips(const eid_entry *entry)
{
    eid_entry *back = NULL;
    eid_buf json;

    must(eid_entry_decode(eid_entry_bytes(entry), &back));
    assert_true(eid_slice_equal(eid_entry_bytes(back), eid_entry_bytes(entry)));
    assert_same_id(back, entry);
    eid_entry_free(back);
    eid_buf_init(&json, SIZE_MAX);
    must(eid_entry_to_json(entry, &json));
    must(eid_entry_from_json(eid_buf_slice(&json), &back));
    assert_true(eid_slice_equal(eid_entry_bytes(back), eid_entry_bytes(entry)));
    eid_entry_free(back);
    eid_buf_fini(&json);
}

#endif
