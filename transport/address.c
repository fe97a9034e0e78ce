/* The whole text is checked for its few allowed characters first: what passes needs no escaping in
 * a ticket, whatever comes of its candidates. Candidates of classes that a later version may add
 * are skipped unread, so that they may look as they like. */
#include "transport/address.h"

#include <stdio.h>

#include "dag/assert.h"
#include "dag/base.h"
#include "transport/transport_internal.h"

#define ADDRESS_NODE_CHARS (EID_NODE_ID_TEXT - 1)
#define ADDRESS_DNS_MAX 253u
#define ADDRESS_LABEL_MAX 63u

static const char address_classes[] = "dlsr"; /* in the order of dialling */

char *eid_node_id_format(const uint8_t node[EID_NODE_ID_BYTES], char *out)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned bits = 0, held = 0;
    size_t len = 0;

    for (size_t i = 0; i < EID_NODE_ID_BYTES; i++) {
        held = (held << 8) | node[i];
        for (bits += 8; bits >= 5; bits -= 5) out[len++] = letters[(held >> (bits - 5)) & 31];
        held &= 0xff;
    }
    out[len++] = letters[(held << (5 - bits)) & 31];
    EID_ASSERT(len == ADDRESS_NODE_CHARS);
    out[len] = '\0';
    return out;
}

eid_status eid_node_id_parse(eid_slice text, uint8_t out[EID_NODE_ID_BYTES])
{
    bool is_good = text.len == ADDRESS_NODE_CHARS;
    eid_status status = EID_OK;
    eid_buf bytes;

    eid_buf_init(&bytes, EID_NODE_ID_BYTES);
    for (size_t i = 0; is_good && i < text.len; i++) is_good = text.at[i] < 'A' || text.at[i] > 'Z';
    is_good = is_good && eid_base32_decode(text, &bytes) && bytes.len == EID_NODE_ID_BYTES;
    if (is_good) {
        memcpy(out, bytes.at, EID_NODE_ID_BYTES);
    } else {
        status = EID_FAIL(EID_KIND_ADDRESS, "\"%.*s\" is not a node id of %d base32 characters",
                          EID_SLICE_ARG(text), ADDRESS_NODE_CHARS);
    }
    eid_buf_fini(&bytes);
    return status;
}

static bool is_alnum(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool text_is_plain(eid_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_alnum(text.at[i]) && !memchr("@,~:.[]-", text.at[i], 8)) return false;
    }
    return true;
}

/* Take what stands before the first `mark` off the front; false, and nothing taken, without one. */
static bool text_take(eid_slice *rest, char mark, eid_slice *out)
{
    const uint8_t *at = rest->len > 0 ? memchr(rest->at, mark, rest->len) : NULL;

    if (!at) return false;
    *out = eid_slice_of(rest->at, (size_t)(at - rest->at));
    *rest = eid_slice_of(at + 1, rest->len - out->len - 1);
    return true;
}

/* A DNS name of letters, digits and inner hyphens (RFC 1123 §2.1), or an IPv4 address: a last label
 * of digits alone is no name. */
static bool host_is_name(eid_slice host)
{
    size_t start = 0;
    bool is_number = false;

    if (host.len > ADDRESS_DNS_MAX) return false;
    for (size_t i = 0; i <= host.len; i++) {
        if (i < host.len && host.at[i] != '.') continue;
        if (i == start || i - start > ADDRESS_LABEL_MAX) return false;
        if (host.at[start] == '-' || host.at[i - 1] == '-') return false;
        is_number = true;
        for (size_t at = start; at < i; at++) {
            if (!is_alnum(host.at[at]) && host.at[at] != '-') return false;
            if (host.at[at] < '0' || host.at[at] > '9') is_number = false;
        }
        start = i + 1;
    }
    return !is_number;
}

static bool host_is_good(eid_slice host, bool is_bracketed)
{
    eid_netaddr addr;

    if (is_bracketed) return eid__ip_parse(host, true, &addr);
    return eid__ip_parse(host, false, &addr) || host_is_name(host);
}

/* Read one candidate whose class is known; NULL, or what is wrong with it. */
static const char *candidate_read(char klass, eid_slice text, eid_candidate_addr *out)
{
    eid_slice via, host, port;
    bool is_bracketed;

    *out = (eid_candidate_addr){.klass = klass};
    out->has_via = text_take(&text, '@', &via);
    if (out->has_via != (klass == 'r'))
        return "a node before the host is for class r, and only there";
    if (out->has_via && eid_node_id_parse(via, out->via) != EID_OK)
        return "the node to go by is no node id";
    if (!eid__host_port_split(text, &host, &port, &is_bracketed))
        return "a candidate reads HOST:PORT";
    if (!host_is_good(host, is_bracketed))
        return "a host is an IPv4 address, an [IPv6] one or a name";
    if (!eid__port_parse(port, &out->port) || out->port == 0) return "a port is 1 to 65535";
    memcpy(out->host, host.at, host.len);
    return NULL;
}

/* Read one candidate into the next place; one of an unknown class leaves no trace. */
static const char *candidate_add(eid_slice text, eid_quic_address *out)
{
    eid_slice klass = eid_slice_text("d");
    const char *wrong;

    if (text_take(&text, '~', &klass) && klass.len == 0) return "a class has a letter";
    if (klass.len != 1 || !memchr(address_classes, klass.at[0], 4)) return NULL;
    wrong = candidate_read((char)klass.at[0], text, &out->at[out->count]);
    if (!wrong) out->count++;
    return wrong;
}

static const char *candidates_read(eid_slice text, eid_quic_address *out)
{
    eid_slice piece;
    bool is_last = false;

    for (size_t n = 0; !is_last; n++) {
        const char *wrong;

        if (n == EID_CANDIDATES_MAX_PER_NODE) return "more than 8 candidates";
        is_last = !text_take(&text, ',', &piece);
        if (is_last) piece = text;
        wrong = candidate_add(piece, out);
        if (wrong) return wrong;
    }
    return NULL;
}

eid_status eid_quic_address_parse(eid_slice text, eid_quic_address *out)
{
    eid_quic_address address = {0};
    eid_slice rest = text, node;
    const char *wrong = NULL;
    eid_status status;

    if (text.len >= EID_ADDRESS_TEXT_MAX) {
        return EID_FAIL(EID_KIND_ADDRESS, "an address of %zu bytes, at most %u are allowed",
                        text.len, EID_ADDRESS_TEXT_MAX - 1);
    }
    if (!text_is_plain(text)) {
        wrong = "a character that no address has";
    } else if (!text_take(&rest, '@', &node)) {
        wrong = "there is no @ in it";
    }
    if (!wrong) {
        status = eid_node_id_parse(node, address.node);
        if (status != EID_OK) return status;
        wrong = candidates_read(rest, &address);
    }
    if (wrong) {
        return EID_FAIL(EID_KIND_ADDRESS, "\"%.*s\": %s", EID_SLICE_ARG(text), wrong);
    }
    *out = address;
    return EID_OK;
}

static void candidate_write(const eid_candidate_addr *at, eid_buf *out)
{
    char node[EID_NODE_ID_TEXT];
    bool is_v6 = strchr(at->host, ':') != NULL;

    if (at->klass != 'd') eid_buf_append_format(out, "%c~", at->klass);
    if (at->has_via) eid_buf_append_format(out, "%s@", eid_node_id_format(at->via, node));
    eid_buf_append_format(out, is_v6 ? "[%s]:%u" : "%s:%u", at->host, (unsigned)at->port);
}

eid_status eid_quic_address_format(const eid_quic_address *address, char *out)
{
    char node[EID_NODE_ID_TEXT];
    eid_status status;
    eid_buf text;

    EID_ASSERT(address->count <= EID_CANDIDATES_MAX_PER_NODE);
    if (address->count == 0) {
        return EID_FAIL(EID_KIND_ADDRESS, "node %s has no address to write",
                        eid_node_id_format(address->node, node));
    }
    eid_buf_init(&text, EID_ADDRESS_TEXT_MAX - 1);
    eid_buf_append_format(&text, "%s@", eid_node_id_format(address->node, node));
    for (size_t i = 0; i < address->count; i++) {
        if (i > 0) eid_buf_append_byte(&text, ',');
        candidate_write(&address->at[i], &text);
    }
    status = eid_buf_status(&text);
    if (status == EID_OK) {
        memcpy(out, text.at, text.len);
        out[text.len] = '\0';
    }
    eid_buf_fini(&text);
    return status;
}

static bool candidate_equal(const eid_candidate_addr *a, const eid_candidate_addr *b)
{
    return a->klass == b->klass && a->port == b->port && a->has_via == b->has_via &&
           (!a->has_via || memcmp(a->via, b->via, sizeof a->via) == 0) &&
           strcmp(a->host, b->host) == 0;
}

static bool candidate_is_in(const eid_candidate_addr *at, size_t count,
                            const eid_candidate_addr *candidate)
{
    for (size_t i = 0; i < count; i++) {
        if (candidate_equal(&at[i], candidate)) return true;
    }
    return false;
}

/* Append those of class `klass` in `from` that are not there yet. */
static void merge_class(eid_quic_address *into, const eid_quic_address *from, char klass)
{
    for (size_t i = 0; i < from->count && into->count < EID_CANDIDATES_MAX_PER_NODE; i++) {
        if (from->at[i].klass != klass) continue;
        if (candidate_is_in(into->at, into->count, &from->at[i])) continue;
        into->at[into->count++] = from->at[i];
    }
}

void eid_quic_address_merge(eid_quic_address *into, const eid_quic_address *from)
{
    eid_quic_address old = *into;

    EID_ASSERT(memcmp(into->node, from->node, sizeof into->node) == 0);
    into->count = 0;
    for (const char *klass = address_classes; *klass; klass++) {
        merge_class(into, &old, *klass);
        merge_class(into, from, *klass);
    }
}
