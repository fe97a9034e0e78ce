/* A decoder by ranges of the second byte (RFC 3629 §4) and not a state table: the ranges can be
 * compared with the grammar of the RFC line by line. ASCII, nearly all there is, goes eight bytes a
 * step. */
#include <string.h>

#include "dag/bytes.h"

static bool utf8_is_tail(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

static bool utf8_second_fits(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return utf8_is_tail(second);
    }
}

size_t eid_utf8_step(eid_slice text)
{
    uint8_t first;
    size_t len;

    if (text.len == 0) return 0;
    first = text.at[0];
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    len = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (text.len < len || !utf8_second_fits(first, text.at[1])) return 0;
    for (size_t i = 2; i < len; i++) {
        if (!utf8_is_tail(text.at[i])) return 0;
    }
    return len;
}

bool eid_slice_is_utf8(eid_slice a)
{
    const uint64_t high_bits = UINT64_C(0x8080808080808080);

    while (a.len > 0) {
        uint64_t word;
        size_t step;

        if (a.len >= sizeof word) {
            memcpy(&word, a.at, sizeof word);
            step = (word & high_bits) == 0 ? sizeof word : eid_utf8_step(a);
        } else {
            step = eid_utf8_step(a);
        }
        if (step == 0) return false;
        a.at += step;
        a.len -= step;
    }
    return true;
}
