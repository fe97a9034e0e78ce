/* Random histories of one store: entries over random parents that write random values, and what
 * each of them writes at which path. */
#ifndef EID_TESTS_NODE_CONFLICT_HISTORY_H
#define EID_TESTS_NODE_CONFLICT_HISTORY_H

#include "tests/node/engine_world.h"

#define ENTRIES_MAX 10
#define WRITES_MAX 64
#define PATH_TEXT 64

typedef struct write {
    char path[PATH_TEXT];
    eid_value_type type;
    bool is_atomic, is_edit;
} write;

typedef struct member {
    eid_entry *entry;
    eid_stamp stamp;
    bool ancestors[ENTRIES_MAX];
    write writes[WRITES_MAX]; /* [0] is the payload itself, at "" */
    size_t write_count;
    bool is_void;
} member;

typedef struct history {
    uint64_t seed;
    eid_random_seeded random;
    bool is_flat;
    bool is_odd; /* heights do not always rise */
    eid_entry *genesis;
    eid_id root;
    member members[ENTRIES_MAX];
    size_t count;
    int64_t next_value;
} history;

#define CHECK(h, condition)                                                                        \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error("seed %llu: %s\n", (unsigned long long)(h)->seed, #condition);             \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

static uint64_t pick(history *h, uint64_t bound)
{
    return eid_random_below(&h->random, bound);
}

/* -- histories --------------------------------------------------------------------------------- */

static inline void random_value(history *h, unsigned depth, eid_value *out);

static inline eid_doc *random_doc(history *h, unsigned depth)
{
    static const char *const names[] = {"a", "b", "c"};
    eid_doc *doc;
    size_t children = pick(h, depth == 0 ? 3 : 4) + (depth == 0);

    assert_ok(eid_doc_new(&doc));
    /* Not of a whole store where heights are odd: a floor there is not looked at by who has it. */
    eid_doc_set_atomic(doc, !h->is_flat && pick(h, 8) == 0 && (depth > 0 || !h->is_odd));
    for (size_t i = 0; i < children; i++) {
        eid_value value = EID_VALUE_NULL_INIT;

        random_value(h, depth + 1, &value);
        assert_ok(eid_doc_put_child_take(doc, eid_slice_text(names[pick(h, 3)]), &value));
    }
    return doc;
}

static inline eid_list *random_list(history *h, unsigned depth)
{
    static const eid_position places[] = {{0, 1, {0}}, {1, 2, {0}}, {3, 1, {0}}};
    eid_list *list;

    assert_ok(eid_list_new(&list));
    for (size_t i = pick(h, 3); i > 0; i--) {
        eid_value value = EID_VALUE_NULL_INIT;

        random_value(h, depth + 1, &value);
        assert_ok(eid_list_put_take(list, &places[pick(h, 3)], &value));
    }
    return list;
}

static inline void random_value(history *h, unsigned depth, eid_value *out)
{
    uint64_t which = h->is_flat || depth >= 4 ? pick(h, 6) : pick(h, 14);

    if (which == 0) {
        *out = EID_VALUE_DELETED_INIT;
    } else if (which < 6) {
        *out = eid_value_of_int(h->next_value++);
    } else if (which < 11) {
        eid_doc *doc = random_doc(h, depth);

        *out = eid_value_of_doc_take(&doc);
    } else {
        eid_list *list = random_list(h, depth);

        *out = eid_value_of_list_take(&list);
    }
}

static inline void member_add(history *h, member *self, const char *path, const eid_value *value)
{
    write *added = &self->writes[self->write_count];
    char below[PATH_TEXT];

    CHECK(h, self->write_count < WRITES_MAX);
    self->write_count++;
    snprintf(added->path, sizeof(added->path), "%s", path);
    added->type = value->type;
    added->is_edit = true;
    if (value->type == EID_VALUE_DOC) {
        added->is_atomic = eid_doc_is_atomic(value->doc);
        added->is_edit = eid_doc_total(value->doc) == 0 && path[0] != 0;
        for (size_t i = 0; i < eid_doc_total(value->doc); i++) {
            eid_slice name;
            const eid_value *child = eid_doc_at(value->doc, i, &name);

            snprintf(below, sizeof(below), "%.40s%s%.*s", path, path[0] != 0 ? "." : "",
                     EID_SLICE_ARG(name));
            member_add(h, self, below, child);
        }
    }
    if (value->type != EID_VALUE_LIST) return;
    added->is_edit = eid_list_total(value->list) == 0;
    for (size_t i = 0; i < eid_list_total(value->list); i++) {
        eid_position place;
        const eid_value *child = eid_list_at(value->list, i, &place);

        snprintf(below, sizeof(below), "%.40s.[%lld/%llu]", path, (long long)place.numerator,
                 (unsigned long long)place.denominator);
        member_add(h, self, below, child);
    }
}

/* Over random earlier ones, of which ancestors of others are left out. */
static inline void member_parents(history *h, size_t i, eid_builder *builder, uint64_t *height)
{
    member *self = &h->members[i];
    bool chosen[ENTRIES_MAX] = {false};
    bool is_any = false;

    for (size_t p = 0; p < i; p++) chosen[p] = pick(h, 3) == 0 || (p + 1 == i && pick(h, 2) == 0);
    for (size_t p = 0; p < i; p++) {
        for (size_t q = 0; q < i; q++) {
            if (chosen[q] && h->members[q].ancestors[p]) chosen[p] = false;
        }
    }
    *height = 0;
    for (size_t p = 0; p < i; p++) {
        if (!chosen[p]) continue;
        is_any = true;
        self->ancestors[p] = true;
        for (size_t q = 0; q < i; q++) self->ancestors[q] |= h->members[p].ancestors[q];
        if (h->members[p].stamp.height + 1 > *height) *height = h->members[p].stamp.height + 1;
        assert_ok(eid_builder_add_parent(builder, &h->members[p].stamp.id));
        assert_ok(
            eid_builder_add_store_parent(builder, eid_slice_text("data"), &h->members[p].stamp.id));
    }
    if (!is_any) assert_ok(eid_builder_add_parent(builder, &h->root));
    if (h->is_odd && pick(h, 4) == 0) *height = pick(h, 4);
}

static inline void member_make(history *h, size_t i)
{
    member *self = &h->members[i];
    eid_doc *doc = random_doc(h, 0);
    eid_value value;
    eid_builder *builder;
    eid_buf pin;

    assert_ok(eid_builder_new(&h->root, &builder));
    member_parents(h, i, builder, &self->stamp.height);
    world_set_doc(builder, "data", doc);
    value = eid_value_of_doc_take(&doc);
    member_add(h, self, "", &value);
    eid_value_fini(&value);
    assert_ok(eid_builder_set_store_height(builder, eid_slice_text("data"), &self->stamp.height));
    eid_builder_set_height(builder, self->stamp.height + 1);
    eid_buf_init(&pin, 1000); /* two entries may write the same, and are two */
    eid_pin_write((eid_ids){NULL, 0}, &(uint64_t){i}, &pin);
    assert_ok(eid_builder_set_metadata(builder, eid_buf_slice(&pin)));
    eid_buf_fini(&pin);
    assert_ok(eid_builder_seal(builder, NULL, NULL, &self->entry));
    eid_builder_free(builder);
    self->stamp.id = *eid_entry_id(self->entry);
}

static inline void history_begin(history *h, uint64_t seed)
{
    eid_builder *builder;

    memset(h, 0, sizeof(*h));
    h->seed = seed;
    h->random.state = seed;
    h->is_flat = pick(h, 2) == 0;
    h->is_odd = pick(h, 8) == 0;
    assert_ok(eid_builder_new(NULL, &builder));
    assert_ok(eid_builder_set_data(builder, eid_slice_text(EID_STORE_SETTINGS),
                                   eid_slice_text("{\"children\":{}}")));
    assert_ok(
        eid_builder_set_data(builder, eid_slice_text(EID_STORE_ROOT), eid_slice_text("\"\"")));
    assert_ok(eid_builder_seal(builder, NULL, NULL, &h->genesis));
    eid_builder_free(builder);
    h->root = *eid_entry_id(h->genesis);
    h->count = 2 + pick(h, ENTRIES_MAX - 1);
    for (size_t i = 0; i < h->count; i++) member_make(h, i);
}

static inline void history_end(history *h)
{
    for (size_t i = 0; i < h->count; i++) eid_entry_free(h->members[i].entry);
    eid_entry_free(h->genesis);
}

#endif
