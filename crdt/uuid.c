/* Our own forty lines: which spellings are read is part of the payload format. */
#include "crdt/uuid.h"

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool has_hyphen_after(size_t byte)
{
    return byte == 3 || byte == 5 || byte == 7 || byte == 9;
}

/* `hyphens`: whether they stand in their four places, or nowhere. */
static bool uuid_digits(const uint8_t *at, bool hyphens, uint8_t out[EID_UUID_BYTES])
{
    for (size_t i = 0; i < EID_UUID_BYTES; i++) {
        int high = hex_digit(at[0]), low = hex_digit(at[1]);

        if (high < 0 || low < 0) return false;
        out[i] = (uint8_t)(high * 16 + low);
        at += 2;
        if (hyphens && has_hyphen_after(i) && *at++ != '-') return false;
    }
    return true;
}

bool eid_uuid_parse(eid_slice text, uint8_t out[EID_UUID_BYTES])
{
    switch (text.len) {
    case 32:
        return uuid_digits(text.at, false, out);
    case EID_UUID_TEXT:
        return uuid_digits(text.at, true, out);
    case EID_UUID_TEXT + 2:
        return text.at[0] == '{' && text.at[37] == '}' && uuid_digits(text.at + 1, true, out);
    case EID_UUID_TEXT + 9:
        return memcmp(text.at, "urn:uuid:", 9) == 0 && uuid_digits(text.at + 9, true, out);
    default:
        return false;
    }
}

void eid_uuid_format(const uint8_t uuid[EID_UUID_BYTES], char out[EID_UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < EID_UUID_BYTES; i++) {
        *out++ = digits[uuid[i] >> 4];
        *out++ = digits[uuid[i] & 15];
        if (has_hyphen_after(i)) *out++ = '-';
    }
}
