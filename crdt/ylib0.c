/* Integers are read by hand and not by a table of types: there are three, and each has its own
 * rule for what does not fit. */
#include "crdt/ylib0.h"

#define VARINT_BYTES_MAX 10u /* 64 bits in groups of seven */

void eid__yreader_fail(eid__yreader *reader, const char *why)
{
    if (reader->error == NULL) reader->error = why;
    reader->rest.len = 0;
}

uint8_t eid__yread_byte(eid__yreader *reader)
{
    uint8_t byte;

    if (reader->rest.len == 0) {
        eid__yreader_fail(reader, "it ends too early");
        return 0;
    }
    byte = reader->rest.at[0];
    reader->rest.at++;
    reader->rest.len--;
    return byte;
}

uint64_t eid__yread_uint(eid__yreader *reader)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
        uint64_t byte = eid__yread_byte(reader);
        uint64_t group = byte & 0x7f;

        if (i == VARINT_BYTES_MAX - 1 && group > 1) break;
        value |= group << (7 * i);
        if (byte < 0x80) return reader->error == NULL ? value : 0;
    }
    eid__yreader_fail(reader, "an integer is longer than 64 bits");
    return 0;
}

uint32_t eid__yread_u32(eid__yreader *reader)
{
    uint64_t value = eid__yread_uint(reader);

    if (value <= UINT32_MAX) return (uint32_t)value;
    eid__yreader_fail(reader, "a clock or a count is longer than 32 bits");
    return 0;
}

uint32_t eid__yread_client(eid__yreader *reader)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
        uint32_t byte = eid__yread_byte(reader);

        value |= (byte & 0x7f) << (7 * i % 32);
        if (byte < 0x80) return reader->error == NULL ? value : 0;
    }
    eid__yreader_fail(reader, "a client id is longer than 64 bits");
    return 0;
}

eid_slice eid__yread_bytes(eid__yreader *reader, uint64_t len)
{
    eid_slice bytes;

    if (len > reader->rest.len) {
        eid__yreader_fail(reader, "it ends too early");
        return EID_SLICE_EMPTY;
    }
    bytes = eid_slice_of(reader->rest.at, (size_t)len);
    reader->rest.at += bytes.len;
    reader->rest.len -= bytes.len;
    return bytes;
}

eid_slice eid__yread_block(eid__yreader *reader)
{
    uint64_t len = eid__yread_uint(reader);

    return eid__yread_bytes(reader, len);
}

eid_slice eid__yread_text(eid__yreader *reader)
{
    eid_slice text = eid__yread_block(reader);

    if (eid_slice_is_utf8(text)) return text;
    eid__yreader_fail(reader, "a text is not UTF-8");
    return EID_SLICE_EMPTY;
}

void eid__ywrite_uint(eid_buf *out, uint64_t value)
{
    while (value >= 0x80) {
        eid_buf_append_byte(out, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    eid_buf_append_byte(out, (uint8_t)value);
}

void eid__ywrite_block(eid_buf *out, eid_slice bytes)
{
    eid__ywrite_uint(out, bytes.len);
    eid_buf_append(out, bytes);
}
