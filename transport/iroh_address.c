/* The text is "endpoint" and base32 of: 00, the endpoint's key, a count, and for each path its
 * kind: 0 and a URL with its length, or 1, the family (0 or 1), the address and the port. Numbers
 * are varints (LEB128). */
#include "transport/iroh_address.h"

#include "dag/base.h"

#define IROH_PREFIX "endpoint"
#define IROH_BYTES_MAX 16384u

typedef struct iroh_reader {
    const uint8_t *at, *end;
    bool failed;
} iroh_reader;

static const uint8_t *iroh_take(iroh_reader *reader, size_t len)
{
    const uint8_t *at = reader->at;

    if (reader->failed || (size_t)(reader->end - reader->at) < len) {
        reader->failed = true;
        return NULL;
    }
    reader->at += len;
    return at;
}

static uint64_t iroh_varint(iroh_reader *reader)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 63; shift += 7) {
        const uint8_t *byte = iroh_take(reader, 1);

        if (!byte) return 0;
        value |= (uint64_t)(*byte & 0x7f) << shift;
        if (*byte < 0x80) return value;
    }
    reader->failed = true;
    return 0;
}

static void iroh_read_relay(iroh_reader *reader, eid_iroh_path *out)
{
    uint64_t len = iroh_varint(reader);
    const uint8_t *at;

    if (len >= sizeof out->relay) reader->failed = true;
    at = iroh_take(reader, reader->failed ? 0 : (size_t)len);
    if (reader->failed) return;
    if (!eid_slice_is_utf8(eid_slice_of(at, (size_t)len)) || memchr(at, 0, (size_t)len)) {
        reader->failed = true;
        return;
    }
    out->is_relay = true;
    memcpy(out->relay, at, (size_t)len);
}

static void iroh_read_ip(iroh_reader *reader, eid_iroh_path *out)
{
    uint64_t family = iroh_varint(reader);
    const uint8_t *ip = iroh_take(reader, family == 0 ? 4 : 16);
    uint64_t port = iroh_varint(reader);

    if (family > 1 || port > UINT16_MAX) reader->failed = true;
    if (reader->failed) return;
    out->address.family = family == 0 ? 4 : 6;
    memcpy(out->address.ip, ip, family == 0 ? 4 : 16);
    out->address.port = (uint16_t)port;
}

static void iroh_read(iroh_reader *reader, eid_iroh_address *out)
{
    const uint8_t *variant = iroh_take(reader, 1);
    const uint8_t *endpoint = iroh_take(reader, sizeof out->endpoint);
    uint64_t count = iroh_varint(reader);

    if (reader->failed || *variant != 0 || count > EID_IROH_PATHS_MAX) {
        reader->failed = true;
        return;
    }
    memcpy(out->endpoint, endpoint, sizeof out->endpoint);
    for (out->count = 0; out->count < count && !reader->failed; out->count++) {
        uint64_t kind = iroh_varint(reader);

        if (kind == 0)
            iroh_read_relay(reader, &out->at[out->count]);
        else if (kind == 1)
            iroh_read_ip(reader, &out->at[out->count]);
        else
            reader->failed = true;
    }
    if (reader->at != reader->end) reader->failed = true;
}

eid_status eid_iroh_address_parse(eid_slice text, eid_iroh_address *out)
{
    const size_t prefix = strlen(IROH_PREFIX);
    iroh_reader reader = {.failed = true};
    eid_buf bytes;

    memset(out, 0, sizeof *out);
    eid_buf_init(&bytes, IROH_BYTES_MAX);
    if (text.len <= IROH_BYTES_MAX && eid_slice_has_prefix(text, eid_slice_text(IROH_PREFIX)) &&
        eid_base32_decode(eid_slice_of(text.at + prefix, text.len - prefix), &bytes)) {
        reader = (iroh_reader){bytes.at, bytes.at + bytes.len, false};
        iroh_read(&reader, out);
    }
    eid_buf_fini(&bytes);
    if (!reader.failed) return EID_OK;
    memset(out, 0, sizeof *out);
    return EID_FAIL(EID_KIND_ADDRESS, "no iroh endpoint text: %.*s",
                    (int)(text.len > 40 ? 40 : text.len), (const char *)text.at);
}

static void iroh_put_varint(eid_buf *out, uint64_t value)
{
    while (value >= 0x80) {
        eid_buf_append_byte(out, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    eid_buf_append_byte(out, (uint8_t)value);
}

static void iroh_put_path(eid_buf *out, const eid_iroh_path *path)
{
    bool is_ip6 = path->address.family == 6;

    if (path->is_relay) {
        eid_buf_append_byte(out, 0);
        iroh_put_varint(out, strlen(path->relay));
        eid_buf_append_text(out, path->relay);
        return;
    }
    eid_buf_append_byte(out, 1);
    iroh_put_varint(out, is_ip6 ? 1 : 0);
    eid_buf_append(out, eid_slice_of(path->address.ip, is_ip6 ? 16 : 4));
    iroh_put_varint(out, path->address.port);
}

eid_status eid_iroh_address_format(const eid_iroh_address *address, eid_buf *out)
{
    eid_status status;
    eid_buf bytes;

    eid_buf_init(&bytes, IROH_BYTES_MAX);
    eid_buf_append_byte(&bytes, 0);
    eid_buf_append(&bytes, eid_slice_of(address->endpoint, sizeof address->endpoint));
    iroh_put_varint(&bytes, address->count);
    for (int relays = 1; relays >= 0; relays--) {
        for (size_t i = 0; i < address->count; i++) {
            if (address->at[i].is_relay == (relays == 1)) iroh_put_path(&bytes, &address->at[i]);
        }
    }
    status = eid_buf_status(&bytes);
    if (status == EID_OK) {
        eid_buf_append_text(out, IROH_PREFIX);
        eid_base32_encode(eid_buf_slice(&bytes), out);
        status = eid_buf_status(out);
    }
    eid_buf_fini(&bytes);
    return status;
}
