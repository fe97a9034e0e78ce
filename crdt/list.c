/* A sorted array, as for docs. Positions of denominator 0 (which no node writes) have no consistent
 * order: they compare equal to others that differ among themselves. A list that holds one is
 * searched from the front, which is what the reference's tree does while it has a single node. */
#include "crdt/list.h"

#include "crdt/crdt_internal.h"
#include "dag/alloc.h"
#include "dag/assert.h"

#define LIST_NODE_MAX 11u /* elements in one node of the reference's tree */

typedef struct list_element {
    eid_position position;
    eid_value value;
} list_element;

struct eid_list {
    list_element *elements; /* `count` of them, ascending once settled */
    size_t count, cap;
    bool disordered; /* holds a denominator of 0 */
    bool unsettled;  /* eid__list_append_take() came out of order */
};

static eid_status list_reserve(eid_list *list)
{
    void *items = list->elements;
    bool grown = eid__array_grow(&items, list->count, &list->cap, sizeof(list_element));

    list->elements = items;
    return grown ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "list of %zu elements", list->count);
}

eid_status eid_list_new(eid_list **out)
{
    *out = eid_alloc(sizeof(eid_list));
    return *out != NULL ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "list");
}

void eid_list_clear(eid_list *list)
{
    for (size_t i = 0; i < list->count; i++) eid_value_fini(&list->elements[i].value);
    eid_free(list->elements);
    *list = (eid_list){0};
}

void eid_list_free(eid_list *list)
{
    if (list == NULL) return;
    eid_list_clear(list);
    eid_free(list);
}

eid_status eid_list_copy(const eid_list *list, eid_list **out)
{
    eid_list *copy = NULL;
    eid_status status = eid_list_new(&copy);

    EID_ASSERT(!list->unsettled);
    if (status != EID_OK) goto done;
    copy->disordered = list->disordered;
    for (size_t i = 0; i < list->count; i++) {
        status = list_reserve(copy);
        if (status != EID_OK) goto done;
        copy->elements[i].position = list->elements[i].position;
        status = eid_value_copy(&list->elements[i].value, &copy->elements[i].value);
        if (status != EID_OK) goto done;
        copy->count++;
    }
    *out = copy;
    copy = NULL;

done:
    eid_list_free(copy);
    return status;
}

bool eid_list_equal(const eid_list *a, const eid_list *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!eid_position_equal(&a->elements[i].position, &b->elements[i].position)) return false;
        if (!eid_value_equal(&a->elements[i].value, &b->elements[i].value)) return false;
    }
    return true;
}

size_t eid_list_total(const eid_list *list)
{
    return list->count;
}

const eid_value *eid_list_at(const eid_list *list, size_t i, eid_position *position)
{
    EID_ASSERT(i < list->count);
    if (position != NULL) *position = list->elements[i].position;
    return &list->elements[i].value;
}

size_t eid_list_live(const eid_list *list)
{
    size_t live = 0;

    for (size_t i = 0; i < list->count; i++) {
        live += list->elements[i].value.type != EID_VALUE_DELETED;
    }
    return live;
}

const eid_value *eid_list_next(const eid_list *list, size_t *at, eid_position *position)
{
    while (*at < list->count && list->elements[*at].value.type == EID_VALUE_DELETED) (*at)++;
    return *at < list->count ? eid_list_at(list, (*at)++, position) : NULL;
}

const eid_value *eid_list_get(const eid_list *list, size_t index)
{
    const eid_value *value;
    size_t at = 0;

    while ((value = eid_list_next(list, &at, NULL)) != NULL && index > 0) index--;
    return value;
}

eid_value *eid_list_get_mutable(eid_list *list, size_t index)
{
    size_t at = 0;

    for (size_t i = 0; i <= index; i++) {
        if (eid_list_next(list, &at, NULL) == NULL) return NULL;
    }
    return &list->elements[at - 1].value;
}

static size_t list_find_from_front(const eid_list *list, const eid_position *position, bool *found)
{
    size_t at = 0;
    int order = -1;

    while (at < list->count) {
        order = eid_position_compare(&list->elements[at].position, position);
        if (order >= 0) break;
        at++;
    }
    *found = at < list->count && order == 0;
    return at;
}

/* Where the position is, or would be put. */
static size_t list_find(const eid_list *list, const eid_position *position, bool *found)
{
    size_t low = 0, high = list->count;

    EID_ASSERT(!list->unsettled);
    if (list->disordered || position->denominator == 0) {
        return list_find_from_front(list, position, found);
    }
    *found = false;
    if (high > 0 && eid_position_compare(&list->elements[high - 1].position, position) < 0) {
        return high;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = eid_position_compare(&list->elements[middle].position, position);

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

const eid_value *eid_list_find(const eid_list *list, const eid_position *position, size_t *at)
{
    bool found;
    size_t place = list_find(list, position, &found);

    if (!found) return NULL;
    if (at != NULL) *at = place;
    return &list->elements[place].value;
}

eid_value *eid_list_find_mutable(eid_list *list, const eid_position *position)
{
    size_t at;

    return eid_list_find(list, position, &at) != NULL ? &list->elements[at].value : NULL;
}

bool eid_list_drop(eid_list *list, const eid_position *position)
{
    bool found;
    size_t at = list_find(list, position, &found);

    if (!found) return false;
    eid_value_fini(&list->elements[at].value);
    list->count--;
    memmove(&list->elements[at], &list->elements[at + 1],
            (list->count - at) * sizeof(list_element));
    return true;
}

/* Put an element where list_find() said; takes the value. */
static eid_status list_insert(eid_list *list, size_t at, const eid_position *position,
                              eid_value *value)
{
    eid_status status = list_reserve(list);

    if (status != EID_OK) return status;
    memmove(&list->elements[at + 1], &list->elements[at],
            (list->count - at) * sizeof(list_element));
    list->elements[at] = (list_element){*position, *value};
    list->count++;
    list->disordered |= position->denominator == 0;
    *value = EID_VALUE_NULL_INIT;
    return EID_OK;
}

eid_status eid_list_put_take(eid_list *list, const eid_position *position, eid_value *value)
{
    bool found;
    size_t at = list_find(list, position, &found);

    if (!found) return list_insert(list, at, position, value);
    eid_value_fini(&list->elements[at].value);
    list->elements[at].value = *value;
    *value = EID_VALUE_NULL_INIT;
    return EID_OK;
}

eid_status eid__list_append_take(eid_list *list, const eid_position *position, eid_value *value)
{
    size_t count = list->count;

    if (count > 0 && eid_position_compare(&list->elements[count - 1].position, position) >= 0) {
        list->unsettled = true;
    }
    list->unsettled |= position->denominator == 0 || list->disordered;
    return list_insert(list, count, position, value);
}

void eid__list_respell_last(eid_list *list, int64_t numerator, uint64_t denominator)
{
    EID_ASSERT(list->count > 0);
    list->elements[list->count - 1].position.numerator = numerator;
    list->elements[list->count - 1].position.denominator = denominator;
}

/* Merge two sorted runs of `from` into `to`; of equal positions the left stays first. */
static void runs_merge(const list_element *from, size_t left, size_t middle, size_t right,
                       list_element *to)
{
    size_t a = left, b = middle;

    for (size_t i = left; i < right; i++) {
        bool is_left = b == right || (a < middle && eid_position_compare(&from[a].position,
                                                                         &from[b].position) <= 0);

        to[i] = is_left ? from[a++] : from[b++];
    }
}

/* Of equal neighbours keep the first position with the last value. */
static void list_unify(eid_list *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        list_element element = list->elements[i];

        if (kept > 0 &&
            eid_position_compare(&list->elements[kept - 1].position, &element.position) == 0) {
            element.position = list->elements[--kept].position;
            eid_value_fini(&list->elements[kept].value);
        }
        list->elements[kept++] = element;
    }
    list->count = kept;
}

/* Put the elements one after the other, as a reader without bulk loading would. */
static eid_status list_settle_singly(eid_list *list)
{
    size_t count = list->count;
    list_element waiting[LIST_NODE_MAX];
    eid_status status = EID_OK;

    EID_ASSERT(count <= LIST_NODE_MAX);
    memcpy(waiting, list->elements, count * sizeof(list_element));
    list->count = 0;
    list->unsettled = false;
    for (size_t i = 0; i < count; i++) {
        if (status == EID_OK) {
            status = eid_list_put_take(list, &waiting[i].position, &waiting[i].value);
        }
        eid_value_fini(&waiting[i].value);
    }
    return status;
}

eid_status eid__list_settle(eid_list *list)
{
    list_element *from = list->elements, *to;

    if (!list->unsettled) return EID_OK;
    if (list->disordered && list->count <= LIST_NODE_MAX) return list_settle_singly(list);
    to = eid_alloc_array(list->cap, sizeof(list_element));
    if (to == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "list of %zu elements", list->count);
    for (size_t run = 1; run < list->count; run *= 2) {
        list_element *other = from;

        for (size_t left = 0; left < list->count; left += 2 * run) {
            size_t middle = left + run < list->count ? left + run : list->count;
            size_t right = middle + run < list->count ? middle + run : list->count;

            runs_merge(from, left, middle, right, to);
        }
        from = to;
        to = other;
    }
    list->elements = from;
    eid_free(to);
    list->unsettled = false;
    list_unify(list);
    return EID_OK;
}

eid_status eid_list_merge(eid_list *self, const eid_list *other)
{
    eid_status status = EID_OK;

    EID_ASSERT(self != other && !other->unsettled);
    for (size_t i = 0; i < other->count && status == EID_OK; i++) {
        const list_element *element = &other->elements[i];
        bool found;
        size_t at = list_find(self, &element->position, &found);
        eid_value copy = EID_VALUE_NULL_INIT;

        if (found) {
            status = eid_value_merge(&self->elements[at].value, &element->value);
            continue;
        }
        status = eid_value_copy(&element->value, &copy);
        if (status == EID_OK) status = list_insert(self, at, &element->position, &copy);
        eid_value_fini(&copy);
    }
    return status;
}
