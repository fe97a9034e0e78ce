/* Shortest heads only; the order of map keys is the caller's, who knows them at compile time. */
#include "dag/cbor.h"

static void head_write(eid_buf *out, unsigned major, uint64_t value)
{
    uint8_t bytes[9];
    unsigned size = value < 24            ? 0
                    : value <= UINT8_MAX  ? 1
                    : value <= UINT16_MAX ? 2
                    : value <= UINT32_MAX ? 4
                                          : 8;
    unsigned info = size == 0   ? (unsigned)value
                    : size == 1 ? 24
                    : size == 2 ? 25
                    : size == 4 ? 26
                                : 27;

    bytes[0] = (uint8_t)(major << 5 | info);
    for (unsigned i = 0; i < size; i++) bytes[1 + i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    eid_buf_append(out, eid_slice_of(bytes, size + 1));
}

void eid_cbor_put_uint(eid_buf *out, uint64_t value)
{
    head_write(out, 0, value);
}

void eid_cbor_put_int(eid_buf *out, int64_t value)
{
    if (value >= 0) {
        head_write(out, 0, (uint64_t)value);
    } else {
        head_write(out, 1, (uint64_t)(-1 - value));
    }
}

void eid_cbor_put_bytes(eid_buf *out, eid_slice bytes)
{
    head_write(out, 2, bytes.len);
    eid_buf_append(out, bytes);
}

void eid_cbor_put_text(eid_buf *out, eid_slice text)
{
    head_write(out, 3, text.len);
    eid_buf_append(out, text);
}

void eid_cbor_put_string(eid_buf *out, const char *text)
{
    eid_cbor_put_text(out, eid_slice_text(text));
}

void eid_cbor_put_array(eid_buf *out, uint64_t count)
{
    head_write(out, 4, count);
}

void eid_cbor_put_map(eid_buf *out, uint64_t count)
{
    head_write(out, 5, count);
}

void eid_cbor_put_bool(eid_buf *out, bool value)
{
    eid_buf_append_byte(out, value ? 0xf5 : 0xf4);
}

void eid_cbor_put_null(eid_buf *out)
{
    eid_buf_append_byte(out, 0xf6);
}

void eid_cbor_put_link(eid_buf *out, const eid_id *id)
{
    static const uint8_t tag[] = {0xd8, 0x2a};

    if (eid_id_is_empty(id)) {
        eid_cbor_put_null(out);
        return;
    }
    eid_buf_append(out, eid_slice_of(tag, sizeof tag));
    head_write(out, 2, id->len + 1u);
    eid_buf_append_byte(out, 0);
    eid_buf_append(out, eid_id_slice(id));
}
