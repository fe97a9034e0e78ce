/* Fractions are compared by cross products in 128 bits, which hold any product of an i64 and a u64,
 * so nothing is rounded; the sums of a midpoint may not fit and are refused (S5). */
#include "crdt/list.h"

#include "crdt/crdt_internal.h"

__extension__ typedef __int128 position_wide;
__extension__ typedef unsigned __int128 position_uwide;

bool eid_position_equal(const eid_position *a, const eid_position *b)
{
    return a->numerator == b->numerator && a->denominator == b->denominator &&
           memcmp(a->unique, b->unique, sizeof(a->unique)) == 0;
}

int eid_position_compare(const eid_position *a, const eid_position *b)
{
    position_wide left = (position_wide)a->numerator * (position_wide)b->denominator;
    position_wide right = (position_wide)b->numerator * (position_wide)a->denominator;

    if (left != right) return left < right ? -1 : 1;
    return memcmp(a->unique, b->unique, sizeof(a->unique));
}

static position_uwide wide_gcd(position_uwide a, position_uwide b)
{
    while (b != 0) {
        position_uwide rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

static position_uwide wide_magnitude(position_wide value)
{
    return value < 0 ? 0 - (position_uwide)value : (position_uwide)value;
}

/* numerator / denominator in lowest terms; false if it does not fit a position. */
static bool position_set(eid_position *out, position_wide numerator, position_uwide denominator)
{
    position_uwide magnitude = wide_magnitude(numerator), divisor;
    uint64_t small;

    divisor = wide_gcd(magnitude, denominator);
    if (divisor == 0) divisor = 1;
    magnitude /= divisor;
    denominator /= divisor;
    if (denominator > UINT64_MAX || magnitude > (position_uwide)INT64_MAX + (numerator < 0)) {
        return false;
    }
    small = (uint64_t)magnitude;
    out->numerator = numerator < 0 ? (int64_t)(0 - small) : (int64_t)small;
    out->denominator = (uint64_t)denominator;
    return true;
}

static eid_position position_whole(int64_t numerator, const uint8_t unique[16])
{
    eid_position position = {.numerator = numerator, .denominator = 1};

    memcpy(position.unique, unique, sizeof(position.unique));
    return position;
}

eid_position eid_position_beginning(const uint8_t unique[16])
{
    return position_whole(0, unique);
}

eid_position eid_position_end(const uint8_t unique[16])
{
    return position_whole(INT64_MAX, unique);
}

eid_status eid_position_new(int64_t numerator, uint64_t denominator, const uint8_t unique[16],
                            eid_position *out)
{
    eid_position position = position_whole(numerator, unique);

    if (denominator == 0) {
        return EID_FAIL(EID_KIND_CRDT_POSITION, "a position's denominator may not be 0");
    }
    position.denominator = denominator;
    *out = eid__position_reduce(&position);
    return EID_OK;
}

eid_position eid__position_reduce(const eid_position *position)
{
    eid_position reduced = *position;

    (void)position_set(&reduced, position->numerator,
                       position->denominator); /* it can only shrink */
    return reduced;
}

eid_status eid_position_between(const eid_position *left, const eid_position *right,
                                const uint8_t unique[16], eid_position *out)
{
    position_wide low = (position_wide)left->numerator * (position_wide)right->denominator;
    position_wide high = (position_wide)right->numerator * (position_wide)left->denominator;
    position_uwide common = (position_uwide)left->denominator * right->denominator;
    position_wide sum;
    bool fits = common > 0 && !__builtin_add_overflow(low, high, &sum);

    if (fits) {
        position_wide middle = sum / 2;

        if (middle != low && middle != high)
            sum = middle;
        else
            fits = !__builtin_mul_overflow(common, (position_uwide)2, &common);
    }
    if (fits) fits = position_set(out, sum, common);
    if (!fits) {
        return EID_FAIL(EID_KIND_CRDT_POSITION,
                        "no room is left between two elements of the list; write it anew");
    }
    memcpy(out->unique, unique, sizeof(out->unique));
    return EID_OK;
}
