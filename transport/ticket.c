/* Reading is as tolerant as the reference's form decoder, since people paste what mail programs and
 * browsers have been at; what is written has one form only. A ticket is a hint and never authority,
 * so an address nobody understands costs nothing. */
#include "transport/ticket.h"

#include "dag/alloc.h"
#include "dag/assert.h"

static const char ticket_prefix[] = "eidetica:?";

void eid_ticket_fini(eid_ticket *ticket)
{
    for (size_t i = 0; i < ticket->count; i++) {
        eid_free(ticket->at[i].type);
        eid_free(ticket->at[i].address);
    }
    eid_free(ticket->at);
    eid_free(ticket->name);
    eid_idset_fini(&ticket->tips);
    *ticket = (eid_ticket){0};
}

/* Append a copy of both, room doubling. */
static eid_status address_push(eid_ticket *ticket, eid_slice type, eid_slice address)
{
    eid_ticket_address *grown = ticket->at;
    eid_ticket_address item;

    if (ticket->count == EID_TICKET_ADDRESSES_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "a ticket with more than %u addresses",
                        EID_TICKET_ADDRESSES_MAX);
    }
    if ((ticket->count & (ticket->count - 1)) == 0) { /* full at each power of two */
        grown =
            eid_realloc(ticket->at, (ticket->count == 0 ? 1 : 2 * ticket->count) * sizeof *grown);
        if (!grown) return EID_FAIL(EID_KIND_NO_MEMORY, "for the addresses of a ticket");
        ticket->at = grown;
    }
    item.type = eid_slice_dup_text(type);
    item.address = eid_slice_dup_text(address);
    if (!item.type || !item.address) {
        eid_free(item.type);
        eid_free(item.address);
        return EID_FAIL(EID_KIND_NO_MEMORY, "for an address of a ticket");
    }
    ticket->at[ticket->count++] = item;
    return EID_OK;
}

eid_status eid_ticket_add(eid_ticket *ticket, const char *type, const char *address)
{
    return address_push(ticket, eid_slice_text(type), eid_slice_text(address));
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* How many bytes at the front, which begin no character, one replacement character stands for: the
 * longest beginning of a character, or one byte (Unicode 15, §3.9, "maximal subparts"). */
static size_t utf8_broken_bytes(eid_slice text)
{
    uint8_t c = text.at[0];
    size_t want = c >= 0xc2 && c <= 0xdf   ? 2
                  : (c & 0xf0) == 0xe0     ? 3
                  : c >= 0xf0 && c <= 0xf4 ? 4
                                           : 1;
    uint8_t low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    uint8_t high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    size_t at = 1;

    for (; at < want && at < text.len; at++) {
        if (text.at[at] < low || text.at[at] > high) break;
        low = 0x80;
        high = 0xbf;
    }
    return at;
}

static void utf8_append_lossy(eid_slice text, eid_buf *out)
{
    while (text.len > 0) {
        size_t step = eid_utf8_step(text);

        if (step > 0) {
            eid_buf_append(out, eid_slice_of(text.at, step));
        } else {
            step = utf8_broken_bytes(text);
            eid_buf_append_text(out, "\xef\xbf\xbd");
        }
        text = eid_slice_of(text.at + step, text.len - step);
    }
}

/* Undo application/x-www-form-urlencoded; malformed escapes stand for themselves. */
static eid_status form_decode(eid_slice text, eid_buf *out)
{
    eid_status status;
    eid_buf bytes;

    eid_buf_init(&bytes, EID_TICKET_BYTES_MAX);
    eid_buf_clear(out);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        int high = c == '%' && i + 2 < text.len ? hex_digit(text.at[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.at[i + 2]) : -1;

        if (low >= 0) {
            c = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        eid_buf_append_byte(&bytes, c);
    }
    status = eid_buf_status(&bytes);
    if (status == EID_OK) {
        utf8_append_lossy(eid_buf_slice(&bytes), out);
        status = eid_buf_status(out);
    }
    eid_buf_fini(&bytes);
    return status;
}

/* Cut at the first `mark`; without one, all is `head`. */
static bool text_cut(eid_slice text, char mark, eid_slice *head, eid_slice *tail)
{
    const uint8_t *at = text.len > 0 ? memchr(text.at, mark, text.len) : NULL;

    *head = text;
    *tail = EID_SLICE_EMPTY;
    if (!at) return false;
    head->len = (size_t)(at - text.at);
    *tail = eid_slice_of(at + 1, text.len - head->len - 1);
    return true;
}

static bool text_has_zero(eid_slice text)
{
    return text.len > 0 && memchr(text.at, 0, text.len) != NULL;
}

static eid_status address_read(eid_slice value, eid_ticket *out)
{
    eid_slice type, address;

    if (!text_cut(value, ':', &type, &address) || text_has_zero(value)) return EID_OK;
    return address_push(out, type, address);
}

/* `<count>:<id>,…`: a state to reach. Only a hint: anything wrong with it discards it. */
static eid_status tips_read(eid_slice value, eid_ticket *out)
{
    eid_slice number, rest, piece;
    eid_status status = EID_OK;
    size_t count = 0;
    bool is_good;

    eid_idset_fini(&out->tips);
    is_good = text_cut(value, ':', &number, &rest) && number.len > 0 && number.len <= 2;
    for (size_t i = 0; is_good && i < number.len; i++) {
        is_good = number.at[i] >= '0' && number.at[i] <= '9';
        count = count * 10 + (size_t)(number.at[i] - '0');
    }
    is_good = is_good && count > 0 && count <= EID_TICKET_TIPS_MAX;
    for (bool more = is_good; is_good && more;) {
        eid_id id;

        more = text_cut(rest, ',', &piece, &rest);
        is_good = out->tips.count < count && eid_id_parse(piece, &id) == EID_OK && id.len > 0;
        if (is_good) status = eid_idset_add(&out->tips, &id);
        if (status != EID_OK) return status;
    }
    if (!is_good || out->tips.count != count) eid_idset_fini(&out->tips);
    return EID_OK;
}

static eid_status name_read(eid_slice value, eid_ticket *out)
{
    if (value.len > EID_TICKET_NAME_MAX || text_has_zero(value)) return EID_OK;
    eid_free(out->name);
    out->name = eid_slice_dup_text(value);
    return out->name ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "for the name of a ticket");
}

static eid_status pair_read(eid_slice key, eid_slice value, bool *has_db, eid_ticket *out)
{
    eid_status status = EID_OK;

    if (eid_slice_is(key, "db")) {
        status = eid_id_parse(value, &out->database);
        *has_db = status == EID_OK;
    } else if (eid_slice_is(key, "pr")) {
        status = address_read(value, out);
    } else if (eid_slice_is(key, "tips")) {
        status = tips_read(value, out);
    } else if (eid_slice_is(key, "nm")) {
        status = name_read(value, out);
    } else if (eid_slice_is(key, "pk") && out->key_count < EID_TICKET_KEYS_MAX) {
        if (eid_node_id_parse(value, out->keys[out->key_count]) == EID_OK) out->key_count++;
    }
    return status;
}

static eid_status pairs_read(eid_slice rest, bool *has_db, eid_ticket *out)
{
    eid_status status = EID_OK;
    eid_buf key, value;

    eid_buf_init(&key, 4 * EID_TICKET_BYTES_MAX);
    eid_buf_init(&value, 4 * EID_TICKET_BYTES_MAX);
    for (bool more = true; more && status == EID_OK;) {
        eid_slice piece, left, right;

        more = text_cut(rest, '&', &piece, &rest);
        if (piece.len == 0) continue;
        (void)text_cut(piece, '=', &left, &right);
        status = form_decode(left, &key);
        if (status == EID_OK) status = form_decode(right, &value);
        if (status == EID_OK) {
            status = pair_read(eid_buf_slice(&key), eid_buf_slice(&value), has_db, out);
        }
    }
    eid_buf_fini(&key);
    eid_buf_fini(&value);
    return status;
}

/* The first 20 characters of what was given instead. */
static eid_status prefix_error(eid_slice text)
{
    size_t len = 0;

    for (size_t n = 0; n < 20 && len < text.len; n++) {
        size_t step = eid_utf8_step(eid_slice_of(text.at + len, text.len - len));

        len += step == 0 ? 1 : step;
    }
    return EID_FAIL(EID_KIND_TICKET, "Expected 'eidetica:?' prefix, got: %.*s", (int)len,
                    len > 0 ? (const char *)text.at : "");
}

eid_status eid_ticket_parse(eid_slice text, eid_ticket *out)
{
    eid_slice prefix = eid_slice_text(ticket_prefix);
    bool has_db = false;
    eid_status status;

    *out = (eid_ticket){0};
    if (!eid_slice_has_prefix(text, prefix)) return prefix_error(text);
    if (text.len > EID_TICKET_BYTES_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "a ticket of %zu bytes, at most %u are read", text.len,
                        EID_TICKET_BYTES_MAX);
    }
    status = pairs_read(eid_slice_of(text.at + prefix.len, text.len - prefix.len), &has_db, out);
    if (status == EID_OK && !has_db) {
        status = EID_FAIL(EID_KIND_TICKET, "Ticket URL missing 'db' parameter");
    }
    if (status != EID_OK) eid_ticket_fini(out);
    return status;
}

static void value_write(const char *text, eid_buf *out)
{
    for (; *text; text++) {
        if (strchr("%&=#+", *text)) {
            eid_buf_append_format(out, "%%%02X", (unsigned)(uint8_t)*text);
        } else {
            eid_buf_append_byte(out, (uint8_t)*text);
        }
    }
}

eid_status eid_ticket_format(const eid_ticket *ticket, eid_buf *out)
{
    char id[EID_ID_TEXT_MAX], node[EID_NODE_ID_TEXT];

    eid_buf_append_format(out, "%sdb=%s", ticket_prefix, eid_id_format(&ticket->database, id));
    for (size_t i = 0; i < ticket->count; i++) {
        eid_buf_append_text(out, "&pr=");
        value_write(ticket->at[i].type, out);
        eid_buf_append_byte(out, ':');
        value_write(ticket->at[i].address, out);
    }
    for (size_t i = 0; i < ticket->key_count; i++) {
        eid_buf_append_format(out, "&pk=%s", eid_node_id_format(ticket->keys[i], node));
    }
    if (ticket->tips.count > 0) eid_buf_append_format(out, "&tips=%zu:", ticket->tips.count);
    for (size_t i = 0; i < ticket->tips.count; i++) {
        if (i > 0) eid_buf_append_byte(out, ',');
        eid_buf_append_text(out, eid_id_format(&ticket->tips.at[i], id));
    }
    if (ticket->name) {
        eid_buf_append_text(out, "&nm=");
        value_write(ticket->name, out);
    }
    return eid_buf_status(out);
}

eid_status eid_ticket_quic(const eid_ticket *ticket, size_t i, eid_quic_address *out)
{
    for (size_t at = 0; at < ticket->count; at++) {
        if (strcmp(ticket->at[at].type, "quic") != 0) continue;
        if (eid_quic_address_parse(eid_slice_text(ticket->at[at].address), out) != EID_OK) continue;
        if (i-- == 0) return EID_OK;
    }
    return EID_E_NOT_FOUND;
}
