/* List: elements at fractional positions with unique ids; read, kept, edited and merged.
 *
 * An element keeps its position for ever, so concurrent edits of two replicas meet in one order;
 * what is removed stays as a tombstone. An index counts live elements, a place (`at`) counts all of
 * them. The edits by index are in list_edit.c, new positions in position.c and position_place.c.
 * Not thread-safe. Source: spec 03 §5.
 */
#ifndef EID_CRDT_LIST_H
#define EID_CRDT_LIST_H

#include "crdt/value.h"
#include "dag/random.h"

typedef struct eid_position {
    int64_t numerator;
    uint64_t denominator;
    uint8_t unique[16]; /* UUID */
} eid_position;

/* A fraction in lowest terms. Errors: CRDT_POSITION when the denominator is 0. */
EID_MUST_CHECK eid_status eid_position_new(int64_t numerator, uint64_t denominator,
                                           const uint8_t unique[16], eid_position *out);
/* 0/1 and (2^63 - 1)/1: where a first element goes, and behind what a push can make. */
eid_position eid_position_beginning(const uint8_t unique[16]);
eid_position eid_position_end(const uint8_t unique[16]);
/* All three members are the same: what compares as 0 may still be spelled otherwise. */
bool eid_position_equal(const eid_position *a, const eid_position *b);
/* Cross products in 128 bits, then the unique id. */
int eid_position_compare(const eid_position *a, const eid_position *b);
/* Strictly between as spec 03 §5.1, with overflow refused: CRDT_POSITION. */
EID_MUST_CHECK eid_status eid_position_between(const eid_position *left, const eid_position *right,
                                               const uint8_t unique[16], eid_position *out);
/* A new position strictly after `left` and before `right`; either may be NULL: then next to the
 * other, one whole above or below it, or 0/1 if both are. Between two it is the midpoint, from
 * denominators of EID_POSITION_MIDPOINT_MAX on the simplest fraction; where none fits, or both have
 * one fraction, the id is drawn so that it parts them. Errors: CRDT_POSITION when there is no room,
 * and for denominators of 0. */
#define EID_POSITION_MIDPOINT_MAX ((uint64_t)1 << 32) /* half the bits: the rest is for crowds */
EID_MUST_CHECK eid_status eid_position_place(const eid_position *left, const eid_position *right,
                                             const eid_random *random, eid_position *out);

/* New: eid_list_free(). */
EID_MUST_CHECK eid_status eid_list_new(eid_list **out);
void eid_list_free(eid_list *list);
EID_MUST_CHECK eid_status eid_list_copy(const eid_list *list, eid_list **out);
bool eid_list_equal(const eid_list *a, const eid_list *b);
/* All elements, tombstones included, ascending. Borrowed. */
size_t eid_list_total(const eid_list *list);
const eid_value *eid_list_at(const eid_list *list, size_t i, eid_position *position);
size_t eid_list_live(const eid_list *list);
/* Live element by index, or NULL. Borrowed until the list changes. */
const eid_value *eid_list_get(const eid_list *list, size_t index);
eid_value *eid_list_get_mutable(eid_list *list, size_t index);
/* The first live element from place *at on, which is then moved past it; NULL at the end. Begin
 * with *at = 0; `position` may be NULL. */
const eid_value *eid_list_next(const eid_list *list, size_t *at, eid_position *position);
/* The element at this position, tombstones included, or NULL; *at (may be NULL) is its place. */
const eid_value *eid_list_find(const eid_list *list, const eid_position *position, size_t *at);
eid_value *eid_list_find_mutable(eid_list *list, const eid_position *position);
/* Insert or replace at an exact position, which keeps its first spelling; takes the value. */
EID_MUST_CHECK eid_status eid_list_put_take(eid_list *list, const eid_position *position,
                                            eid_value *value);
/* Remove physically, which no merge can know of: for building. False if nothing was there. */
bool eid_list_drop(eid_list *list, const eid_position *position);
void eid_list_clear(eid_list *list);

/* -- edits by index ---------------------------------------------------------------------------- */

/* Append: floor(last) + 1 over 1, where last counts tombstones. Takes the value; `position` (may be
 * NULL) is the new one; its index is eid_list_live() - 1. Errors: CRDT_POSITION, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_list_push_take(eid_list *list, eid_value *value,
                                             const eid_random *random, eid_position *position);
/* Put a new element before the live element `index`, or last if there are as many: between its two
 * live neighbours, whatever tombstones lie there (S4). Takes the value.
 * Errors: CRDT_LIST_INDEX, CRDT_POSITION, NO_MEMORY; then nothing has changed. */
EID_MUST_CHECK eid_status eid_list_insert_take(eid_list *list, size_t index, eid_value *value,
                                               const eid_random *random, eid_position *position);
/* Replace a live element in its place. Takes the value; *old (may be NULL) is what was there, new.
 * Errors: CRDT_LIST_INDEX. */
EID_MUST_CHECK eid_status eid_list_set_take(eid_list *list, size_t index, eid_value *value,
                                            eid_value *old);
/* Leave a tombstone in place of a live element; otherwise the same. */
EID_MUST_CHECK eid_status eid_list_remove(eid_list *list, size_t index, eid_value *old);

/* Union by position; both sides of one position merge as values. `other` is newer; on an error self
 * may be half merged and must be dropped. */
EID_MUST_CHECK eid_status eid_list_merge(eid_list *self, const eid_list *other);

#endif
