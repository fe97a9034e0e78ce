/* One flag is the whole state: a value or an end makes a comma due, a key or a beginning takes it
 * back. Escapes are those of the reference's writer, since payloads are hashed. */
#include <math.h>

#include "dag/json.h"

void eid_json_writer_init(eid_json_writer *writer, eid_buf *out)
{
    *writer = (eid_json_writer){.out = out, .comma = false};
}

/* Before a value or key. */
static void writer_begin(eid_json_writer *writer)
{
    if (writer->comma) eid_buf_append_byte(writer->out, ',');
    writer->comma = true;
}

static void writer_open(eid_json_writer *writer, uint8_t bracket)
{
    writer_begin(writer);
    eid_buf_append_byte(writer->out, bracket);
    writer->comma = false;
}

static void writer_close(eid_json_writer *writer, uint8_t bracket)
{
    eid_buf_append_byte(writer->out, bracket);
    writer->comma = true;
}

void eid_json_object(eid_json_writer *writer)
{
    writer_open(writer, '{');
}

void eid_json_object_end(eid_json_writer *writer)
{
    writer_close(writer, '}');
}

void eid_json_array(eid_json_writer *writer)
{
    writer_open(writer, '[');
}

void eid_json_array_end(eid_json_writer *writer)
{
    writer_close(writer, ']');
}

/* The letter of a two-character escape; 0 where there is none. */
static uint8_t escape_letter(uint8_t byte)
{
    switch (byte) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\b':
        return 'b';
    case '\t':
        return 't';
    case '\n':
        return 'n';
    case '\f':
        return 'f';
    case '\r':
        return 'r';
    default:
        return 0;
    }
}

static void string_write(eid_buf *out, eid_slice text)
{
    size_t from = 0;

    eid_buf_append_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.at[i];
        uint8_t letter = escape_letter(byte);

        if (byte >= 0x20 && letter == 0) continue;
        eid_buf_append(out, eid_slice_of(text.at + from, i - from));
        from = i + 1;
        if (letter != 0) {
            eid_buf_append_byte(out, '\\');
            eid_buf_append_byte(out, letter);
        } else {
            eid_buf_append_format(out, "\\u%04x", byte);
        }
    }
    if (from < text.len) eid_buf_append(out, eid_slice_of(text.at + from, text.len - from));
    eid_buf_append_byte(out, '"');
}

void eid_json_key_slice(eid_json_writer *writer, eid_slice key)
{
    writer_begin(writer);
    string_write(writer->out, key);
    eid_buf_append_byte(writer->out, ':');
    writer->comma = false;
}

void eid_json_key(eid_json_writer *writer, const char *key)
{
    eid_json_key_slice(writer, eid_slice_text(key));
}

void eid_json_string(eid_json_writer *writer, eid_slice text)
{
    writer_begin(writer);
    string_write(writer->out, text);
}

void eid_json_text(eid_json_writer *writer, const char *text)
{
    if (text) {
        eid_json_string(writer, eid_slice_text(text));
    } else {
        eid_json_null(writer);
    }
}

void eid_json_int(eid_json_writer *writer, int64_t value)
{
    writer_begin(writer);
    eid_buf_append_format(writer->out, "%lld", (long long)value);
}

void eid_json_uint(eid_json_writer *writer, uint64_t value)
{
    writer_begin(writer);
    eid_buf_append_format(writer->out, "%llu", (unsigned long long)value);
}

void eid_json_double(eid_json_writer *writer, double value)
{
    if (!isfinite(value)) {
        eid_json_null(writer);
        return;
    }
    writer_begin(writer);
    eid_buf_append_format(writer->out, "%.17g", value);
}

void eid_json_bool(eid_json_writer *writer, bool value)
{
    writer_begin(writer);
    eid_buf_append_text(writer->out, value ? "true" : "false");
}

void eid_json_null(eid_json_writer *writer)
{
    writer_begin(writer);
    eid_buf_append_text(writer->out, "null");
}

void eid_json_raw(eid_json_writer *writer, eid_slice json)
{
    writer_begin(writer);
    eid_buf_append(writer->out, json);
}
