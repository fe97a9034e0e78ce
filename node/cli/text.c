/* A short list of ranges, and not a table of Unicode: only what changes how other text is shown has
 * to go, and that has been stable for decades. */
#include "node/cli/text.h"

static uint32_t text_code(const uint8_t *at, size_t len)
{
    uint32_t code = len == 1 ? at[0] : at[0] & (0xffU >> (len + 1));

    for (size_t i = 1; i < len; i++) code = code << 6 | (at[i] & 0x3fU);
    return code;
}

static bool text_is_unsafe(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
    if (code == 0xad || code == 0x61c || code == 0xfeff) return true;
    if (code >= 0x200b && code <= 0x200f) return true; /* zero width, marks */
    if (code >= 0x2028 && code <= 0x202e) return true; /* line ends, embeddings, overrides */
    if (code >= 0x2060 && code <= 0x206f) return true; /* isolates, invisible operators */
    if (code >= 0xfff9 && code <= 0xfffb) return true; /* interlinear */
    return code >= 0xe0000 && code <= 0xe007f;         /* tags */
}

void eid__cli_text_append(eid_buf *out, eid_slice text)
{
    for (size_t i = 0; i < text.len;) {
        size_t len = eid_utf8_step(eid_slice_of(text.at + i, text.len - i));
        uint32_t code = len == 0 ? text.at[i] : text_code(text.at + i, len);

        if (len == 0 || (code < 0x80 && text_is_unsafe(code))) {
            eid_buf_append_format(out, "\\x%02x", (unsigned)text.at[i]);
        } else if (text_is_unsafe(code)) {
            eid_buf_append_format(out, "\\u{%x}", (unsigned)code);
        } else {
            eid_buf_append(out, eid_slice_of(text.at + i, len));
        }
        i += len == 0 ? 1 : len;
    }
}

static void text_append_json_escape(eid_buf *out, uint32_t code)
{
    if (code >= 0x10000) {
        code -= 0x10000;
        eid_buf_append_format(out, "\\u%04x\\u%04x", 0xd800U + (unsigned)(code >> 10),
                              0xdc00U + (unsigned)(code & 0x3ff));
    } else {
        eid_buf_append_format(out, "\\u%04x", (unsigned)code);
    }
}

void eid__cli_text_append_json(eid_buf *out, eid_slice json)
{
    for (size_t i = 0; i < json.len;) {
        size_t len = eid_utf8_step(eid_slice_of(json.at + i, json.len - i));
        uint32_t code = len == 0 ? 0xfffd : text_code(json.at + i, len);

        /* Below 0x20, JSON itself only lets blanks stand between its tokens. */
        if (len == 0 || (code >= 0x20 && text_is_unsafe(code))) {
            text_append_json_escape(out, code);
        } else {
            eid_buf_append(out, eid_slice_of(json.at + i, len));
        }
        i += len == 0 ? 1 : len;
    }
}

static size_t text_code_width(uint32_t code)
{
    if (code >= 0x300 && code <= 0x36f) return 0;
    if ((code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf)) return 2;
    if ((code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff)) return 2;
    if ((code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60)) return 2;
    return code >= 0x1f300 && code <= 0x1faff ? 2 : 1;
}

size_t eid__cli_text_width(eid_slice text)
{
    size_t width = 0;

    for (size_t i = 0; i < text.len;) {
        size_t len = eid_utf8_step(eid_slice_of(text.at + i, text.len - i));

        if (len == 0) len = 1;
        width += text_code_width(len == 1 ? text.at[i] : text_code(text.at + i, len));
        i += len;
    }
    return width;
}
