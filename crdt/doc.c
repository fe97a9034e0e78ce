/* A sorted array and not a hash table: payloads are written in key order, states are compared side
 * by side, most docs have a handful of children, and what arrives sorted is appended. */
#include "crdt/doc.h"

#include <stdatomic.h>

#include "crdt/crdt_internal.h"
#include "dag/alloc.h"
#include "dag/assert.h"

typedef struct doc_child {
    char *key; /* owned; zero-terminated, may hold zeros */
    size_t key_len;
    eid_value value;
} doc_child;

struct eid_doc {
    doc_child *children; /* `count` of them, ascending by key bytes once settled */
    size_t count, cap;
    bool atomic;
    bool unsettled;     /* eid__doc_append_take() came out of order */
    atomic_uint shared; /* references but the first; such a doc is never changed */
};

static eid_slice child_key(const doc_child *child)
{
    return eid_slice_of(child->key, child->key_len);
}

static void child_fini(doc_child *child)
{
    eid_free(child->key);
    eid_value_fini(&child->value);
}

static eid_status child_copy(const doc_child *child, doc_child *out)
{
    eid_status status = eid_value_copy(&child->value, &out->value);

    if (status != EID_OK) return status;
    out->key = eid_memdup(child->key, child->key_len);
    out->key_len = child->key_len;
    if (out->key != NULL) return EID_OK;
    eid_value_fini(&out->value);
    return EID_FAIL(EID_KIND_NO_MEMORY, "key of %zu bytes", child->key_len);
}

bool eid__array_grow(void **items, size_t count, size_t *cap, size_t size)
{
    size_t more = *cap == 0 ? 4 : *cap * 2;
    void *grown;

    if (count < *cap) return true;
    if (more > SIZE_MAX / 2 / size) return false;
    grown = eid_realloc(*items, more * size);
    if (grown == NULL) return false;
    *items = grown;
    *cap = more;
    return true;
}

static eid_status doc_reserve(eid_doc *doc)
{
    void *items = doc->children;
    bool grown = eid__array_grow(&items, doc->count, &doc->cap, sizeof(doc_child));

    EID_ASSERT(atomic_load_explicit(&doc->shared, memory_order_relaxed) == 0);
    doc->children = items;
    return grown ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "doc of %zu children", doc->count);
}

eid_status eid_doc_new(eid_doc **out)
{
    *out = eid_alloc(sizeof(eid_doc));
    return *out != NULL ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "doc");
}

static void doc_clear(eid_doc *doc)
{
    for (size_t i = 0; i < doc->count; i++) child_fini(&doc->children[i]);
    eid_free(doc->children);
    *doc = (eid_doc){0};
}

void eid_doc_free(eid_doc *doc)
{
    if (doc == NULL) return;
    if (atomic_load_explicit(&doc->shared, memory_order_acquire) != 0 &&
        atomic_fetch_sub_explicit(&doc->shared, 1, memory_order_acq_rel) != 0) {
        return;
    }
    atomic_store_explicit(&doc->shared, 0, memory_order_relaxed);
    doc_clear(doc);
    eid_free(doc);
}

eid_doc *eid_doc_ref(eid_doc *doc)
{
    EID_ASSERT(!doc->unsettled);
    (void)atomic_fetch_add_explicit(&doc->shared, 1, memory_order_relaxed);
    return doc;
}

eid_status eid_doc_copy(const eid_doc *doc, eid_doc **out)
{
    eid_doc *copy = NULL;
    eid_status status = eid_doc_new(&copy);

    EID_ASSERT(!doc->unsettled);
    if (status != EID_OK) goto done;
    copy->atomic = doc->atomic;
    for (size_t i = 0; i < doc->count; i++) {
        status = doc_reserve(copy);
        if (status != EID_OK) goto done;
        status = child_copy(&doc->children[i], &copy->children[i]);
        if (status != EID_OK) goto done;
        copy->count++;
    }
    *out = copy;
    copy = NULL;

done:
    eid_doc_free(copy);
    return status;
}

void eid_doc_swap(eid_doc *a, eid_doc *b)
{
    eid_doc other = *a;

    *a = *b;
    *b = other;
}

bool eid_doc_equal(const eid_doc *a, const eid_doc *b)
{
    if (a->atomic != b->atomic || a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        const doc_child *one = &a->children[i], *two = &b->children[i];

        if (!eid_slice_equal(child_key(one), child_key(two))) return false;
        if (!eid_value_equal(&one->value, &two->value)) return false;
    }
    return true;
}

bool eid_doc_is_atomic(const eid_doc *doc)
{
    return doc->atomic;
}

void eid_doc_set_atomic(eid_doc *doc, bool atomic)
{
    doc->atomic = atomic;
}

size_t eid_doc_total(const eid_doc *doc)
{
    return doc->count;
}

const eid_value *eid_doc_at(const eid_doc *doc, size_t i, eid_slice *key)
{
    EID_ASSERT(i < doc->count);
    if (key != NULL) *key = child_key(&doc->children[i]);
    return &doc->children[i].value;
}

size_t eid_doc_live(const eid_doc *doc)
{
    size_t live = 0;

    for (size_t i = 0; i < doc->count; i++) {
        live += doc->children[i].value.type != EID_VALUE_DELETED;
    }
    return live;
}

/* Where the key is, or would be put; the end is tried first, since most keys come in order. */
static size_t doc_find(const eid_doc *doc, eid_slice key, bool *found)
{
    size_t low = 0, high = doc->count;

    EID_ASSERT(!doc->unsettled);
    *found = false;
    if (high > 0 && eid_slice_compare(child_key(&doc->children[high - 1]), key) < 0) return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = eid_slice_compare(child_key(&doc->children[middle]), key);

        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const eid_value *eid_doc_child(const eid_doc *doc, eid_slice key)
{
    bool found;
    size_t at = doc_find(doc, key, &found);

    return found ? &doc->children[at].value : NULL;
}

eid_value *eid_doc_child_mutable(eid_doc *doc, eid_slice key)
{
    bool found;
    size_t at = doc_find(doc, key, &found);

    return found ? &doc->children[at].value : NULL;
}

eid_status eid_doc_put_child_take(eid_doc *doc, eid_slice key, eid_value *value)
{
    doc_child child = {NULL, key.len, *value};
    bool found;
    size_t at = doc_find(doc, key, &found);
    eid_status status;

    if (found) {
        eid_value_fini(&doc->children[at].value);
        doc->children[at].value = *value;
        *value = EID_VALUE_NULL_INIT;
        return EID_OK;
    }
    status = doc_reserve(doc);
    if (status != EID_OK) return status;
    child.key = eid_memdup(key.at, key.len);
    if (child.key == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "key of %zu bytes", key.len);
    memmove(&doc->children[at + 1], &doc->children[at], (doc->count - at) * sizeof(doc_child));
    doc->children[at] = child;
    doc->count++;
    *value = EID_VALUE_NULL_INIT;
    return EID_OK;
}

void eid_doc_drop_child(eid_doc *doc, eid_slice key)
{
    bool found;
    size_t at = doc_find(doc, key, &found);

    if (!found) return;
    child_fini(&doc->children[at]);
    doc->count--;
    memmove(&doc->children[at], &doc->children[at + 1], (doc->count - at) * sizeof(doc_child));
}

eid_status eid__doc_append_take(eid_doc *doc, char **key, size_t key_len, eid_value *value)
{
    doc_child child = {*key, key_len, *value};
    eid_status status = doc_reserve(doc);

    if (status != EID_OK) return status;
    if (doc->count > 0 &&
        eid_slice_compare(child_key(&doc->children[doc->count - 1]), child_key(&child)) >= 0) {
        doc->unsettled = true;
    }
    doc->children[doc->count] = child;
    doc->count++;
    *key = NULL;
    *value = EID_VALUE_NULL_INIT;
    return EID_OK;
}

/* Merge two sorted runs of `from` into `to`; of equal keys the left stays first. */
static void runs_merge(const doc_child *from, size_t left, size_t middle, size_t right,
                       doc_child *to)
{
    size_t a = left, b = middle;

    for (size_t i = left; i < right; i++) {
        bool is_left = b == right || (a < middle && eid_slice_compare(child_key(&from[a]),
                                                                      child_key(&from[b])) <= 0);
        to[i] = is_left ? from[a++] : from[b++];
    }
}

/* Of equal neighbours keep the last. */
static void doc_unify(eid_doc *doc)
{
    size_t kept = 0;

    for (size_t i = 0; i < doc->count; i++) {
        doc_child child = doc->children[i];
        bool again =
            kept > 0 && eid_slice_equal(child_key(&doc->children[kept - 1]), child_key(&child));

        if (again) child_fini(&doc->children[--kept]);
        doc->children[kept++] = child;
    }
    doc->count = kept;
}

eid_status eid__doc_settle(eid_doc *doc)
{
    doc_child *from = doc->children, *to;

    if (!doc->unsettled) return EID_OK;
    to = eid_alloc_array(doc->cap, sizeof(doc_child));
    if (to == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "doc of %zu children", doc->count);
    for (size_t run = 1; run < doc->count; run *= 2) {
        doc_child *other = from;

        for (size_t left = 0; left < doc->count; left += 2 * run) {
            size_t middle = left + run < doc->count ? left + run : doc->count;
            size_t right = middle + run < doc->count ? middle + run : doc->count;

            runs_merge(from, left, middle, right, to);
        }
        from = to;
        to = other;
    }
    doc->children = from;
    eid_free(to);
    doc->unsettled = false;
    doc_unify(doc);
    return EID_OK;
}

/* Insert children that are not there yet, ascending, in one pass from the end: O(both). */
static eid_status doc_insert_all(eid_doc *doc, const doc_child *added, size_t added_count)
{
    size_t from = doc->count, to = doc->count + added_count, cap = doc->cap;
    doc_child *grown = doc->children;

    while (cap < to) cap = cap == 0 ? 4 : cap * 2;
    if (cap != doc->cap) {
        if (cap > SIZE_MAX / 2 / sizeof(doc_child)) return EID_FAIL(EID_KIND_LIMIT, "doc too big");
        grown = eid_realloc(doc->children, cap * sizeof(doc_child));
        if (grown == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "doc of %zu children", to);
        doc->children = grown;
        doc->cap = cap;
    }
    doc->count = to;
    while (added_count > 0) {
        eid_slice key = child_key(&added[added_count - 1]);
        bool old = from > 0 && eid_slice_compare(child_key(&grown[from - 1]), key) > 0;

        grown[--to] = old ? grown[--from] : added[--added_count];
    }
    return EID_OK;
}

/* Merge what is on both sides; copies of what is new go to `added`. */
static eid_status doc_merge_common(eid_doc *self, const eid_doc *other, doc_child *added,
                                   size_t *added_count)
{
    for (size_t i = 0; i < other->count; i++) {
        const doc_child *child = &other->children[i];
        eid_value *mine = eid_doc_child_mutable(self, child_key(child));
        eid_status status = mine != NULL ? eid_value_merge(mine, &child->value)
                                         : child_copy(child, &added[*added_count]);

        if (status != EID_OK) return status;
        if (mine == NULL) (*added_count)++;
    }
    return EID_OK;
}

static eid_status doc_replace(eid_doc *self, const eid_doc *other)
{
    eid_doc *copy = NULL;
    eid_status status = eid_doc_copy(other, &copy);

    if (status != EID_OK) return status;
    doc_clear(self);
    *self = *copy;
    eid_free(copy);
    return EID_OK;
}

eid_status eid_doc_merge(eid_doc *self, const eid_doc *other)
{
    doc_child *added = NULL;
    size_t added_count = 0;
    eid_status status;

    EID_ASSERT(self != other && !other->unsettled);
    if (other->atomic) return doc_replace(self, other);
    added = eid_alloc_array(other->count, sizeof(doc_child));
    if (added == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "doc of %zu children", other->count);
    status = doc_merge_common(self, other, added, &added_count);
    if (status == EID_OK) status = doc_insert_all(self, added, added_count);
    if (status == EID_OK) added_count = 0;
    for (size_t i = 0; i < added_count; i++) child_fini(&added[i]);
    eid_free(added);
    return status;
}
