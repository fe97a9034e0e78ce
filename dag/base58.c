/* Schoolbook conversion between base 256 and a base that is no power of two. Quadratic, therefore
 * bounded; only ids of version 0 and foreign spellings of ids come this way. */
#include "dag/base.h"

#include "dag/dag_internal.h"

const eid__radix eid__base58 = {"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
                                false};

static int radix_value(const eid__radix *radix, uint8_t letter)
{
    const char *at;

    if (letter == 0) return -1;
    if (radix->any_case && letter >= 'A' && letter <= 'Z') letter = (uint8_t)(letter + 'a' - 'A');
    at = strchr(radix->letters, letter);
    return at ? (int)(at - radix->letters) : -1;
}

/* digits (big-endian, `len` of them, in base `base`) = digits * factor + carry; gives what no
 * longer fits, as one more leading digit. */
static unsigned digits_push(uint8_t *digits, size_t len, unsigned base, unsigned factor,
                            unsigned carry)
{
    for (size_t i = len; i-- > 0;) {
        carry += digits[i] * factor;
        digits[i] = (uint8_t)(carry % base);
        carry /= base;
    }
    return carry;
}

bool eid__radix_decode(const eid__radix *radix, eid_slice text, eid_buf *out)
{
    uint8_t digits[EID__RADIX_TEXT_MAX]; /* at the end of it, `used` bytes */
    unsigned base = (unsigned)strlen(radix->letters);
    size_t zeros = 0, used = 0;

    if (text.len > EID__RADIX_TEXT_MAX) return false;
    while (zeros < text.len && radix_value(radix, text.at[zeros]) == 0) zeros++;
    for (size_t i = zeros; i < text.len; i++) {
        int value = radix_value(radix, text.at[i]);
        unsigned carry;

        if (value < 0) return false;
        carry = digits_push(digits + sizeof digits - used, used, 256, base, (unsigned)value);
        if (carry > 0) digits[sizeof digits - ++used] = (uint8_t)carry;
    }
    for (size_t i = 0; i < zeros; i++) eid_buf_append_byte(out, 0);
    eid_buf_append(out, eid_slice_of(digits + sizeof digits - used, used));
    return out->status == EID_OK;
}

void eid__radix_encode(const eid__radix *radix, eid_slice bytes, eid_buf *out)
{
    uint8_t digits[EID__RADIX_TEXT_MAX];
    unsigned base = (unsigned)strlen(radix->letters);
    size_t zeros = 0, used = 0;

    while (zeros < bytes.len && bytes.at[zeros] == 0) zeros++;
    for (size_t i = zeros; i < bytes.len; i++) {
        unsigned carry = digits_push(digits + sizeof digits - used, used, base, 256, bytes.at[i]);

        for (; carry > 0; carry /= base) {
            if (used == sizeof digits) {
                out->status = EID_FAIL(EID_KIND_LIMIT, "%zu bytes in base %u", bytes.len, base);
                return;
            }
            digits[sizeof digits - ++used] = (uint8_t)(carry % base);
        }
    }
    for (size_t i = 0; i < zeros; i++) eid_buf_append_byte(out, (uint8_t)radix->letters[0]);
    for (size_t i = sizeof digits - used; i < sizeof digits; i++) {
        eid_buf_append_byte(out, (uint8_t)radix->letters[digits[i]]);
    }
}

bool eid_base58_decode(eid_slice text, eid_buf *out)
{
    return eid__radix_decode(&eid__base58, text, out);
}

void eid_base58_encode(eid_slice bytes, eid_buf *out)
{
    eid__radix_encode(&eid__base58, bytes, out);
}
