/* Edits by index, over the operations on places and positions. Neighbours of a new element are live
 * ones, except at both ends, where a position beyond everything is as good and is what every node
 * picks. Elements of denominator 0, which only a broken node makes, are never neighbours: they have
 * no place in the order, and would otherwise keep everybody from adding to the list. */
#include "crdt/list.h"

#include "crdt/crdt_internal.h"
#include "dag/assert.h"

#define LIST_AT_NONE SIZE_MAX

static eid_status list_index_fail(const eid_list *list, size_t index)
{
    return EID_FAIL(EID_KIND_CRDT_LIST_INDEX, "list index %zu is out of bounds: the list holds %zu",
                    index, eid_list_live(list));
}

/* The nearest element at or beyond a place, to the left (step -1) or right, with a place in the
 * order; false if there is none. */
static bool list_neighbour(const eid_list *list, size_t at, bool leftwards, eid_position *out)
{
    for (; at < eid_list_total(list); at += leftwards ? (size_t)-1 : 1) {
        (void)eid_list_at(list, at, out);
        if (out->denominator != 0) return true;
    }
    return false; /* the step left of 0 is past the end, too */
}

/* The place of a live index; LIST_AT_NONE past the end. */
static size_t list_place(const eid_list *list, size_t index)
{
    size_t at = 0;

    for (size_t i = 0; i <= index; i++) {
        if (eid_list_next(list, &at, NULL) == NULL) return LIST_AT_NONE;
    }
    return at - 1;
}

static eid_status list_add(eid_list *list, const eid_position *position, eid_value *value,
                           eid_position *out)
{
    EID_ASSERT(eid_list_find(list, position, NULL) == NULL);
    if (out != NULL) *out = *position;
    return eid_list_put_take(list, position, value);
}

eid_status eid_list_push_take(eid_list *list, eid_value *value, const eid_random *random,
                              eid_position *position)
{
    eid_position last, fresh;
    bool has_last = list_neighbour(list, eid_list_total(list) - 1, true, &last);
    eid_status status;

    if (has_last) { /* one whole above the floor comes after `last` */
        last.numerator = eid__position_floor(&last);
        last.denominator = 1;
    }
    status = eid_position_place(has_last ? &last : NULL, NULL, random, &fresh);
    if (status != EID_OK) return status;
    return list_add(list, &fresh, value, position);
}

eid_status eid_list_insert_take(eid_list *list, size_t index, eid_value *value,
                                const eid_random *random, eid_position *position)
{
    size_t live = eid_list_live(list), total = eid_list_total(list), from_left, from_right;
    eid_position left, right, fresh;
    bool has_left, has_right;
    eid_status status;

    if (index > live) return list_index_fail(list, index);
    from_left = index < live && index > 0 ? list_place(list, index - 1) : total - 1;
    from_right = index > 0 ? list_place(list, index) : 0;
    has_left = index > 0 && list_neighbour(list, from_left, true, &left);
    has_right = list_neighbour(list, from_right, false, &right);
    status = eid_position_place(has_left ? &left : NULL, has_right ? &right : NULL, random, &fresh);
    if (status != EID_OK) return status;
    return list_add(list, &fresh, value, position);
}

eid_status eid_list_set_take(eid_list *list, size_t index, eid_value *value, eid_value *old)
{
    eid_value *element = eid_list_get_mutable(list, index);

    if (element == NULL) return list_index_fail(list, index);
    if (old != NULL)
        *old = *element;
    else
        eid_value_fini(element);
    *element = *value;
    *value = EID_VALUE_NULL_INIT;
    return EID_OK;
}

eid_status eid_list_remove(eid_list *list, size_t index, eid_value *old)
{
    eid_value tombstone = EID_VALUE_DELETED_INIT;

    return eid_list_set_take(list, index, &tombstone, old);
}
