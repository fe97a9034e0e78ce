/* List: elements at fractional positions with unique ids; read, kept and merged (spec 03 §5). */
#ifndef EID_CRDT_LIST_H
#define EID_CRDT_LIST_H

#include "crdt/value.h"

typedef struct eid_position {
    int64_t numerator;
    uint64_t denominator;
    uint8_t unique[16]; /* UUID */
} eid_position;

/* Cross products in 128 bits, then the unique id. */
int eid_position_compare(const eid_position *a, const eid_position *b);
/* Strictly between as spec 03 §5.1, with overflow refused: CRDT_POSITION. */
EID_MUST_CHECK eid_status eid_position_between(const eid_position *left, const eid_position *right,
                                               const uint8_t unique[16], eid_position *out);

EID_MUST_CHECK eid_status eid_list_new(eid_list **out);
void eid_list_free(eid_list *list);
EID_MUST_CHECK eid_status eid_list_copy(const eid_list *list, eid_list **out);
bool eid_list_equal(const eid_list *a, const eid_list *b);
/* All elements, tombstones included, ascending. Borrowed. */
size_t eid_list_total(const eid_list *list);
const eid_value *eid_list_at(const eid_list *list, size_t i, eid_position *position);
size_t eid_list_live(const eid_list *list);
/* Live element by index, or NULL. */
const eid_value *eid_list_get(const eid_list *list, size_t index);
/* Insert or replace at an exact position; takes the value. */
EID_MUST_CHECK eid_status eid_list_put_take(eid_list *list, const eid_position *position,
                                            eid_value *value);
EID_MUST_CHECK eid_status eid_list_merge(eid_list *self, const eid_list *other);

#endif
