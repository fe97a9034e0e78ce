/* Where a new element goes. The midpoint, which every node computes, halves the room each time:
 * after some 60 insertions at one spot none fits into 64 bits. So from a denominator of 2^32 on the
 * simplest fraction is taken, which grows by a constant where elements are added one after the
 * other, and only as fast as Fibonacci's numbers at worst. When fractions have run out, or elements
 * share one because they were appended concurrently, the id decides: a random one would land
 * anywhere among them (spec 03 §5.2), so ours is drawn from the ids between theirs. */
#include "crdt/list.h"

#include "crdt/crdt_internal.h"

__extension__ typedef __int128 position_wide;
__extension__ typedef unsigned __int128 position_uwide;

/* Ids that must lie between two others, for two replicas that insert there at once not to draw the
 * same one. */
#define POSITION_IDS_MIN ((position_uwide)1 << 64)
#define POSITION_DRAWS_MAX 64 /* the bits that mark a version 4 may push a draw outside */

static const uint8_t id_lowest[16] = {0};
static const uint8_t id_highest[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static position_uwide id_number(const uint8_t id[16])
{
    return (position_uwide)eid_get_u64(id) << 64 | eid_get_u64(id + 8);
}

static void id_put(position_uwide number, uint8_t out[16])
{
    eid_put_u64(out, (uint64_t)(number >> 64));
    eid_put_u64(out + 8, (uint64_t)number);
    out[6] = (uint8_t)((out[6] & 0x0f) | 0x40); /* version 4 */
    out[8] = (uint8_t)((out[8] & 0x3f) | 0x80); /* of RFC 4122 */
}

static position_uwide id_draw(const eid_random *random)
{
    uint64_t high = eid_random_u64(random);

    return (position_uwide)high << 64 | eid_random_u64(random);
}

/* A random version 4 id strictly between two ids; false if there are too few. */
static bool id_between(const uint8_t low[16], const uint8_t high[16], const eid_random *random,
                       uint8_t out[16])
{
    position_uwide first = id_number(low), room = id_number(high) - first;

    if (memcmp(low, high, 16) >= 0 || room < POSITION_IDS_MIN) return false;
    for (int i = 0; i < POSITION_DRAWS_MAX; i++) {
        id_put(first + 1 + id_draw(random) % (room - 1), out);
        if (memcmp(low, out, 16) < 0 && memcmp(out, high, 16) < 0) return true;
    }
    return false;
}

static position_wide wide_floor(position_wide numerator, position_wide denominator)
{
    position_wide quotient = numerator / denominator;

    return quotient - (numerator % denominator < 0);
}

int64_t eid__position_floor(const eid_position *position)
{
    return (int64_t)wide_floor(position->numerator, (position_wide)position->denominator);
}

/* The fraction strictly between two others with the least denominator, along their continued
 * fractions: no product here exceeds what the neighbours' own cross products need. False if it does
 * not fit. */
static bool position_simplest(const eid_position *left, const eid_position *right,
                              eid_position *out)
{
    position_wide low[2] = {left->numerator, (position_wide)left->denominator};
    position_wide high[2] = {right->numerator, (position_wide)right->denominator};
    position_wide last[2] = {0, 1}, now[2] = {1, 0}; /* convergents */
    bool done = false;

    while (!done) {
        position_wide whole = wide_floor(low[0], low[1]), step = whole, next[2];

        done = (whole + 1) * high[1] < high[0]; /* a whole number lies between */
        if (done) step++;
        next[0] = step * now[0] + last[0];
        next[1] = step * now[1] + last[1];
        memcpy(last, now, sizeof(last));
        memcpy(now, next, sizeof(now));
        next[0] = high[1];
        next[1] = high[0] - whole * high[1];
        high[0] = low[1];
        high[1] = low[0] - whole * low[1]; /* 0 stands for infinity */
        memcpy(low, next, sizeof(low));
    }
    if (now[0] < INT64_MIN || now[0] > INT64_MAX || now[1] > (position_wide)UINT64_MAX) {
        return false;
    }
    out->numerator = (int64_t)now[0];
    out->denominator = (uint64_t)now[1];
    return true;
}

static eid_status position_no_room(void)
{
    return EID_FAIL(EID_KIND_CRDT_POSITION,
                    "no room is left between two elements of the list; write it anew");
}

/* Beside a single neighbour: a whole step away, or with its fraction where that does not fit. */
static eid_status position_beside(const eid_position *neighbour, bool after,
                                  const eid_random *random, eid_position *out)
{
    eid_position moved = *neighbour;
    const uint8_t *low = id_lowest, *high = id_highest;

    if (__builtin_add_overflow(neighbour->numerator, after ? 1 : -1, &moved.numerator)) {
        moved.numerator = neighbour->numerator;
        low = after ? neighbour->unique : id_lowest;
        high = after ? id_highest : neighbour->unique;
    }
    if (!id_between(low, high, random, moved.unique)) return position_no_room();
    *out = eid__position_reduce(&moved);
    return EID_OK;
}

/* With the fraction of one neighbour, behind or before it. */
static eid_status position_by_id(const eid_position *left, const eid_position *right,
                                 const eid_random *random, eid_position *out)
{
    uint8_t unique[16];

    if (id_between(left->unique, id_highest, random, unique))
        return eid_position_new(left->numerator, left->denominator, unique, out);
    if (id_between(id_lowest, right->unique, random, unique))
        return eid_position_new(right->numerator, right->denominator, unique, out);
    return position_no_room();
}

static bool position_same_fraction(const eid_position *a, const eid_position *b)
{
    return (position_wide)a->numerator * (position_wide)b->denominator ==
           (position_wide)b->numerator * (position_wide)a->denominator;
}

eid_status eid_position_place(const eid_position *left, const eid_position *right,
                              const eid_random *random, eid_position *out)
{
    uint8_t unique[16];

    if ((left != NULL && left->denominator == 0) || (right != NULL && right->denominator == 0)) {
        return EID_FAIL(EID_KIND_CRDT_POSITION, "a neighbour has a denominator of 0");
    }
    id_put(id_draw(random), unique);
    if (left == NULL && right == NULL) {
        *out = eid_position_beginning(unique);
        return EID_OK;
    }
    if (left == NULL || right == NULL) {
        return position_beside(left != NULL ? left : right, left != NULL, random, out);
    }
    if (position_same_fraction(left, right)) {
        if (!id_between(left->unique, right->unique, random, unique)) return position_no_room();
        return eid_position_new(left->numerator, left->denominator, unique, out);
    }
    if (eid_position_compare(left, right) > 0) return position_no_room();
    if (eid_position_between(left, right, unique, out) == EID_OK &&
        out->denominator <= EID_POSITION_MIDPOINT_MAX) {
        return EID_OK;
    }
    memcpy(out->unique, unique, sizeof(unique));
    if (position_simplest(left, right, out)) return EID_OK;
    return position_by_id(left, right, random, out);
}
