/* The tokens of JSON. Strings without escapes, nearly all there are, are lent from the input; the
 * others are decoded into the reader's scratch buffer. */
#include "dag/dag_internal.h"

static size_t json_take_digits(eid_json *json)
{
    const uint8_t *from = json->at;

    while (eid__json_peek(json) >= '0' && eid__json_peek(json) <= '9') json->at++;
    return (size_t)(json->at - from);
}

bool eid__json_take_number(eid_json *json)
{
    const uint8_t *from = json->at;

    (void)eid__json_take(json, '-');
    if (!eid__json_take(json, '0') && json_take_digits(json) == 0) return false;
    if (eid__json_take(json, '.') && json_take_digits(json) == 0) return false;
    if (eid__json_take(json, 'e') || eid__json_take(json, 'E')) {
        if (!eid__json_take(json, '+')) (void)eid__json_take(json, '-');
        if (json_take_digits(json) == 0) return false;
    }
    json->text = eid_slice_of(from, (size_t)(json->at - from));
    return true;
}

/* Four hexadecimal digits; -1 if they are none. */
static int32_t json_take_hex4(eid_json *json)
{
    int32_t value = 0;

    if (json->end - json->at < 4) return -1;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t c = *json->at++;
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

static void utf8_append(eid_buf *out, uint32_t point)
{
    if (point < 0x80) {
        eid_buf_append_byte(out, (uint8_t)point);
        return;
    }
    if (point < 0x800) {
        eid_buf_append_byte(out, (uint8_t)(0xc0 | point >> 6));
    } else if (point < 0x10000) {
        eid_buf_append_byte(out, (uint8_t)(0xe0 | point >> 12));
        eid_buf_append_byte(out, (uint8_t)(0x80 | (point >> 6 & 0x3f)));
    } else {
        eid_buf_append_byte(out, (uint8_t)(0xf0 | point >> 18));
        eid_buf_append_byte(out, (uint8_t)(0x80 | (point >> 12 & 0x3f)));
        eid_buf_append_byte(out, (uint8_t)(0x80 | (point >> 6 & 0x3f)));
    }
    eid_buf_append_byte(out, (uint8_t)(0x80 | (point & 0x3f)));
}

/* What follows "\u": one unit, or a pair of surrogates. */
static bool json_take_unicode(eid_json *json)
{
    int32_t high = json_take_hex4(json);
    int32_t low;

    if (high < 0 || (high >= 0xdc00 && high <= 0xdfff)) return false;
    if (high < 0xd800 || high > 0xdbff) {
        utf8_append(&json->scratch, (uint32_t)high);
        return true;
    }
    if (!eid__json_take_word(json, "\\u")) return false;
    low = json_take_hex4(json);
    if (low < 0xdc00 || low > 0xdfff) return false;
    utf8_append(&json->scratch,
                0x10000 + ((uint32_t)(high - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
    return true;
}

/* The byte that a one-letter escape stands for; 0 for none. */
static uint8_t escape_byte(uint8_t letter)
{
    switch (letter) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '/':
        return '/';
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

/* The next run of plain bytes of a string, up to what ends it or is escaped. */
static eid_slice json_take_plain(eid_json *json)
{
    const uint8_t *from = json->at;

    while (json->at < json->end && *json->at != '"' && *json->at != '\\' && *json->at >= 0x20) {
        json->at++;
    }
    return eid_slice_of(from, (size_t)(json->at - from));
}

/* A string, of which the opening quote is taken, into .text; NULL or what is wrong with it. */
const char *eid__json_take_string(eid_json *json)
{
    eid_slice plain = json_take_plain(json);
    bool is_escaped = eid__json_peek(json) == '\\';

    eid_buf_clear(&json->scratch);
    json->text = plain;
    if (is_escaped) eid_buf_append(&json->scratch, plain);
    while (eid__json_take(json, '\\')) {
        uint8_t byte = escape_byte(eid__json_peek(json));

        if (byte != 0) {
            json->at++;
            eid_buf_append_byte(&json->scratch, byte);
        } else if (!eid__json_take(json, 'u') || !json_take_unicode(json)) {
            return "a bad escape";
        }
        eid_buf_append(&json->scratch, json_take_plain(json));
    }
    if (!eid__json_take(json, '"')) {
        return json->at == json->end ? "a string without end" : "a raw control character";
    }
    if (is_escaped) json->text = eid_buf_slice(&json->scratch);
    if (json->scratch.status != EID_OK) json->status = json->scratch.status;
    if (!eid_slice_is_utf8(json->text)) return "text that is not UTF-8";
    return NULL;
}

/* A string whose content does not matter: escapes must have their form, bytes may be any. */
const char *eid__json_pass_string(eid_json *json)
{
    (void)json_take_plain(json);
    while (eid__json_take(json, '\\')) {
        if (escape_byte(eid__json_peek(json)) != 0) {
            json->at++;
        } else if (!eid__json_take(json, 'u') || json_take_hex4(json) < 0) {
            return "a bad escape";
        }
        (void)json_take_plain(json);
    }
    if (eid__json_take(json, '"')) return NULL;
    return json->at == json->end ? "a string without end" : "a raw control character";
}
