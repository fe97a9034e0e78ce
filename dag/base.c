/* One engine for every alphabet of 2^n letters: what makes RFC 4648 strict (padding, spare bits,
 * impossible lengths) is then written, and tested, once. */
#include "dag/base.h"

#include "dag/assert.h"
#include "dag/dag_internal.h"

static const eid__base base32_code = {"abcdefghijklmnopqrstuvwxyz234567", 5, false, true};
static const eid__base hex_code = {"0123456789abcdef", 4, false, true};
static const eid__base base64_codes[] = {
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, false, false},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, true, false},
};

/* Letters of a whole group: the least common multiple of 8 and `bits`, in letters. */
static size_t base_group(const eid__base *base)
{
    size_t group = 1;

    while (group * base->bits % 8 != 0) group++;
    return group;
}

void eid__base_encode(const eid__base *base, eid_slice bytes, eid_buf *out)
{
    unsigned mask = EID_BIT(base->bits) - 1;
    unsigned held = 0, word = 0;
    size_t count = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        word = (word << 8 | bytes.at[i]) & 0xffff;
        for (held += 8; held >= base->bits; count++) {
            held -= base->bits;
            eid_buf_append_byte(out, (uint8_t)base->letters[word >> held & mask]);
        }
    }
    if (held > 0) {
        eid_buf_append_byte(out, (uint8_t)base->letters[word << (base->bits - held) & mask]);
        count++;
    }
    if (!base->is_padded) return;
    for (size_t group = base_group(base); count % group != 0; count++) {
        eid_buf_append_byte(out, '=');
    }
}

static void base_values(const eid__base *base, int8_t values[256])
{
    memset(values, -1, 256);
    for (int i = 0; base->letters[i]; i++) {
        uint8_t letter = (uint8_t)base->letters[i];

        values[letter] = (int8_t)i;
        if (!base->any_case) continue;
        if (letter >= 'a' && letter <= 'z') values[letter - 'a' + 'A'] = (int8_t)i;
        if (letter >= 'A' && letter <= 'Z') values[letter - 'A' + 'a'] = (int8_t)i;
    }
}

/* Take the padding off; false if it is not exactly what the length asks for. */
static bool base_unpad(const eid__base *base, eid_slice *text)
{
    size_t group, pads = 0;

    if (!base->is_padded) return true;
    group = base_group(base);
    if (text->len % group != 0) return false;
    while (pads < text->len && text->at[text->len - 1 - pads] == '=') pads++;
    text->len -= pads;
    /* More padding than a group has letters to spare would be a group of nothing. */
    return pads < group && (pads == 0 || text->len % group * base->bits % 8 < base->bits);
}

/* Decode unpadded text to exactly text.len * bits / 8 bytes. */
static bool base_decode_at(const eid__base *base, eid_slice text, uint8_t *at)
{
    int8_t values[256];
    unsigned held = 0, word = 0;

    base_values(base, values);
    for (size_t i = 0; i < text.len; i++) {
        int value = values[text.at[i]];

        if (value < 0) return false;
        word = (word << base->bits | (unsigned)value) & 0xffff;
        held += base->bits;
        if (held < 8) continue;
        held -= 8;
        *at++ = (uint8_t)(word >> held);
    }
    return (word & (EID_BIT(held) - 1)) == 0; /* spare bits */
}

bool eid__base_decode(const eid__base *base, eid_slice text, eid_buf *out)
{
    uint8_t *at;

    if (!base_unpad(base, &text)) return false;
    if (text.len * base->bits % 8 >= base->bits) return false; /* a letter too many */
    at = eid_buf_extend(out, text.len * base->bits / 8);
    return at && base_decode_at(base, text, at);
}

bool eid_base64_decode_exact(eid_slice text, uint8_t *out, size_t len)
{
    const eid__base *base = &base64_codes[true];

    if (text.len != (len + 2) / 3 * 4 || !base_unpad(base, &text)) return false;
    return text.len * base->bits / 8 == len && base_decode_at(base, text, out);
}

void eid_base32_encode(eid_slice bytes, eid_buf *out)
{
    eid__base_encode(&base32_code, bytes, out);
}

bool eid_base32_decode(eid_slice text, eid_buf *out)
{
    return eid__base_decode(&base32_code, text, out);
}

void eid_base64_encode(eid_slice bytes, bool padded, eid_buf *out)
{
    eid__base_encode(&base64_codes[padded], bytes, out);
}

bool eid_base64_decode(eid_slice text, bool padded, eid_buf *out)
{
    return eid__base_decode(&base64_codes[padded], text, out);
}

void eid_hex_encode(eid_slice bytes, eid_buf *out)
{
    eid__base_encode(&hex_code, bytes, out);
}

bool eid_hex_decode(eid_slice text, eid_buf *out)
{
    return eid__base_decode(&hex_code, text, out);
}
