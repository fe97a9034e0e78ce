/* One table of keys for all messages: a key means the same wherever it stands, and each type says
 * which it must have and which it may have. So a body is read by one loop, and a new message is two
 * table lines. Another type's key is passed over like any unknown one: a later version may give it
 * to this type with another meaning. */
#include "node/sync/message.h"

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/cbor.h"

enum {
    HAS_NODE = EID_BIT(0),
    HAS_ADDRS = EID_BIT(1),
    HAS_LIMITS = EID_BIT(2),
    HAS_ADDR = EID_BIT(3),
    HAS_CODE = EID_BIT(4),
    HAS_TEXT = EID_BIT(5),
    HAS_TYPE = EID_BIT(6),
    HAS_ROOT = EID_BIT(7),
    HAS_TIPS = EID_BIT(8),
    HAS_HAVE = EID_BIT(9),
    HAS_COUNT = EID_BIT(10),
    HAS_COMMON = EID_BIT(11),
    HAS_PROOFS = EID_BIT(12),
    HAS_PARTS = EID_BIT(13),
    HAS_ENTRIES = EID_BIT(14),
    HAS_IDS = EID_BIT(15),
};

static const struct message_rule {
    eid_message_type type;
    const char *name;
    unsigned required, optional;
} message_rules[] = {
    {EID_MESSAGE_HELLO, "hello", HAS_NODE | HAS_ADDRS | HAS_LIMITS, 0},
    {EID_MESSAGE_OBSERVED, "observed", HAS_ADDR, 0},
    {EID_MESSAGE_GOODBYE, "goodbye", HAS_CODE | HAS_TEXT, 0},
    {EID_MESSAGE_ERROR, "error", HAS_CODE | HAS_TEXT, HAS_TYPE},
    {EID_MESSAGE_OPEN, "open", HAS_ROOT | HAS_TIPS | HAS_HAVE | HAS_COUNT | HAS_PROOFS, 0},
    {EID_MESSAGE_ACCEPT, "accept", HAS_TIPS | HAS_HAVE | HAS_COUNT | HAS_COMMON | HAS_PROOFS, 0},
    {EID_MESSAGE_REFUSE, "refuse", HAS_CODE | HAS_TEXT, 0},
    {EID_MESSAGE_RANGES, "ranges", HAS_PARTS, 0},
    {EID_MESSAGE_ENTRIES, "entries", HAS_ENTRIES, 0},
    {EID_MESSAGE_DONE, "done", HAS_TIPS | HAS_COUNT, 0},
    {EID_MESSAGE_ACK, "ack", HAS_TIPS | HAS_COUNT, 0},
    {EID_MESSAGE_WANT, "want", HAS_IDS, 0},
};

static const struct message_rule *message_find_rule(uint64_t type)
{
    for (size_t i = 0; i < EID_COUNT(message_rules); i++) {
        if ((uint64_t)message_rules[i].type == type) return &message_rules[i];
    }
    return NULL;
}

const char *eid_message_name(uint64_t type)
{
    const struct message_rule *rule = message_find_rule(type);

    return rule ? rule->name : "?";
}

static size_t read_count(eid_cbor *cbor, size_t max)
{
    size_t count = eid_cbor_array(cbor);

    if (count <= max) return count;
    eid_cbor_fail(cbor, "more items than allowed");
    return 0;
}

/* Ids in strict order without repeats: what a set is on the wire. */
static void read_ids(eid_cbor *cbor, size_t max, eid_idset *out)
{
    size_t count = read_count(cbor, max);
    eid_id *ids = count ? eid_alloc_array(count, sizeof *ids) : NULL;

    eid_idset_fini(out);
    if (count && !ids) {
        eid_cbor_fail(cbor, "no memory");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        eid_cbor_link(cbor, &ids[i]);
        if (i > 0 && cbor->status == EID_OK && eid_id_compare(&ids[i - 1], &ids[i]) >= 0) {
            eid_cbor_fail(cbor, "ids not in order");
        }
    }
    *out = (eid_idset){ids, count, count};
}

static void read_fixed(eid_cbor *cbor, uint8_t *out, size_t len)
{
    eid_slice bytes = eid_cbor_bytes(cbor);

    if (cbor->status != EID_OK) return;
    if (bytes.len == len)
        memcpy(out, bytes.at, len);
    else
        eid_cbor_fail(cbor, "bytes of the wrong length");
}

static void read_text(eid_cbor *cbor, size_t max, eid_slice *out)
{
    *out = eid_cbor_text(cbor);
    if (out->len > max) eid_cbor_fail(cbor, "text too long");
}

static void read_limits(eid_cbor *cbor, eid_message *out)
{
    size_t count = eid_cbor_map(cbor);
    eid_slice last = EID_SLICE_EMPTY;
    unsigned seen = 0;

    for (size_t i = 0; i < count && cbor->status == EID_OK; i++) {
        eid_slice key = eid_cbor_key(cbor, &last);

        if (eid_slice_is(key, "message")) {
            out->message_max = eid_cbor_uint(cbor);
            seen |= 1;
        } else if (eid_slice_is(key, "streams")) {
            out->streams_max = eid_cbor_uint(cbor);
            seen |= 2;
        } else {
            eid_cbor_skip(cbor);
        }
    }
    if (seen != 3) eid_cbor_fail(cbor, "incomplete limits");
}

static void read_proof(eid_cbor *cbor, eid_sync_proof *out)
{
    size_t count = eid_cbor_map(cbor);
    eid_slice last = EID_SLICE_EMPTY;
    unsigned seen = 0;

    for (size_t i = 0; i < count && cbor->status == EID_OK; i++) {
        eid_slice key = eid_cbor_key(cbor, &last);

        if (eid_slice_is(key, "key")) {
            read_fixed(cbor, out->key.bytes, sizeof out->key.bytes);
            seen |= 1;
        } else if (eid_slice_is(key, "sig")) {
            read_fixed(cbor, out->signature, sizeof out->signature);
            seen |= 2;
        } else {
            eid_cbor_skip(cbor);
        }
    }
    if (seen != 3) eid_cbor_fail(cbor, "incomplete proof");
}

static void read_proofs(eid_cbor *cbor, eid_message *out)
{
    size_t count = read_count(cbor, EID_MESSAGE_PROOFS_MAX);

    for (size_t i = 0; i < count; i++) read_proof(cbor, &out->proofs[i]);
    out->proof_count = count;
}

static void read_bound(eid_cbor *cbor, eid_bound *out)
{
    size_t count = eid_cbor_array(cbor);

    out->open = count == 0;
    if (count == 0) return;
    if (count != 2) {
        eid_cbor_fail(cbor, "a bound is [] or [height, id]");
        return;
    }
    out->item.height = eid_cbor_uint(cbor);
    eid_cbor_link(cbor, &out->item.id);
}

static void read_part_ids(eid_cbor *cbor, eid_part *out)
{
    eid_idset set = EID_IDSET_EMPTY;

    read_ids(cbor, EID_MESSAGE_PART_IDS_MAX, &set);
    eid_free(out->ids);
    out->ids = set.at;
    out->id_count = set.count;
    out->has_ids = true;
}

static void read_part(eid_cbor *cbor, eid_part *out)
{
    enum { N = 1, FP = 2, TO = 4, IDS = 8, FROM = 16 };
    size_t count = eid_cbor_map(cbor);
    eid_slice last = EID_SLICE_EMPTY;
    unsigned seen = 0;

    for (size_t i = 0; i < count && cbor->status == EID_OK; i++) {
        eid_slice key = eid_cbor_key(cbor, &last);

        if (eid_slice_is(key, "n")) {
            out->count = eid_cbor_uint(cbor);
            seen |= N;
        } else if (eid_slice_is(key, "fp")) {
            read_fixed(cbor, out->sum, sizeof out->sum);
            seen |= FP;
        } else if (eid_slice_is(key, "to")) {
            read_bound(cbor, &out->to);
            seen |= TO;
        } else if (eid_slice_is(key, "ids")) {
            read_part_ids(cbor, out);
            seen |= IDS;
        } else if (eid_slice_is(key, "from")) {
            read_bound(cbor, &out->from);
            seen |= FROM;
        } else {
            eid_cbor_skip(cbor);
        }
    }
    if (seen != (N | FP | TO | FROM) && seen != (TO | IDS | FROM)) {
        eid_cbor_fail(cbor, "a part needs bounds, and a fingerprint or ids");
    }
}

static void read_parts(eid_cbor *cbor, eid_message *out)
{
    size_t count = read_count(cbor, EID_MESSAGE_PARTS_MAX);

    if (count == 0 || cbor->status != EID_OK) return;
    out->parts = eid_alloc_array(count, sizeof *out->parts);
    if (!out->parts) {
        eid_cbor_fail(cbor, "no memory");
        return;
    }
    out->part_count = count;
    for (size_t i = 0; i < count; i++) read_part(cbor, &out->parts[i]);
}

static void read_entries(eid_cbor *cbor, eid_message *out)
{
    size_t count = read_count(cbor, EID_MESSAGE_ENTRIES_MAX);

    if (count == 0 || cbor->status != EID_OK) return;
    out->entries = eid_alloc_array(count, sizeof *out->entries);
    if (!out->entries) {
        eid_cbor_fail(cbor, "no memory");
        return;
    }
    out->entry_count = count;
    for (size_t i = 0; i < count; i++) out->entries[i] = eid_cbor_bytes(cbor);
}

static void read_node(eid_cbor *cbor, eid_message *out)
{
    read_text(cbor, EID_MESSAGE_TEXT_MAX, &out->node);
}
static void read_addr(eid_cbor *cbor, eid_message *out)
{
    read_text(cbor, EID_ADDRESS_TEXT_MAX, &out->addr);
}
static void read_words(eid_cbor *cbor, eid_message *out)
{
    read_text(cbor, EID_MESSAGE_TEXT_MAX, &out->text);
}
static void read_code(eid_cbor *cbor, eid_message *out)
{
    out->code = eid_cbor_uint(cbor);
}
static void read_about(eid_cbor *cbor, eid_message *out)
{
    out->about = eid_cbor_uint(cbor);
}
static void read_root(eid_cbor *cbor, eid_message *out)
{
    eid_cbor_link(cbor, &out->root);
}
static void read_tips(eid_cbor *cbor, eid_message *out)
{
    read_ids(cbor, EID_SYNC_TIPS_MAX, &out->tips);
}
static void read_have(eid_cbor *cbor, eid_message *out)
{
    read_ids(cbor, EID_SYNC_TIPS_MAX, &out->have);
}
static void read_wanted(eid_cbor *cbor, eid_message *out)
{
    read_ids(cbor, EID_SYNC_TIPS_MAX, &out->ids);
}
static void read_number(eid_cbor *cbor, eid_message *out)
{
    out->count = eid_cbor_uint(cbor);
}
static void read_common(eid_cbor *cbor, eid_message *out)
{
    out->common = eid_cbor_bool(cbor);
}

static const struct message_key {
    const char *name;
    unsigned bit;
    void (*read)(eid_cbor *cbor, eid_message *out);
} message_keys[] = {
    {"node", HAS_NODE, read_node},       {"addrs", HAS_ADDRS, read_addr},
    {"limits", HAS_LIMITS, read_limits}, {"addr", HAS_ADDR, read_addr},
    {"code", HAS_CODE, read_code},       {"text", HAS_TEXT, read_words},
    {"type", HAS_TYPE, read_about},      {"root", HAS_ROOT, read_root},
    {"tips", HAS_TIPS, read_tips},       {"have", HAS_HAVE, read_have},
    {"count", HAS_COUNT, read_number},   {"common", HAS_COMMON, read_common},
    {"proofs", HAS_PROOFS, read_proofs}, {"parts", HAS_PARTS, read_parts},
    {"b", HAS_ENTRIES, read_entries},    {"ids", HAS_IDS, read_wanted},
};

static unsigned read_member(eid_cbor *cbor, eid_slice *last, unsigned allowed, eid_message *out)
{
    eid_slice key = eid_cbor_key(cbor, last);

    for (size_t i = 0; i < EID_COUNT(message_keys); i++) {
        if (!(message_keys[i].bit & allowed)) continue;
        if (!eid_slice_is(key, message_keys[i].name)) continue;
        message_keys[i].read(cbor, out);
        return message_keys[i].bit;
    }
    eid_cbor_skip(cbor);
    return 0;
}

static void read_body(eid_cbor *cbor, const struct message_rule *rule, eid_message *out)
{
    size_t count = eid_cbor_map(cbor);
    eid_slice last = EID_SLICE_EMPTY;
    unsigned seen = 0;

    for (size_t i = 0; i < count && cbor->status == EID_OK; i++) {
        seen |= read_member(cbor, &last, rule->required | rule->optional, out);
    }
    if ((seen & rule->required) != rule->required) eid_cbor_fail(cbor, "a member is missing");
}

eid_status eid_message_decode(eid_slice bytes, eid_message *out)
{
    const struct message_rule *rule;
    eid_cbor cbor;

    memset(out, 0, sizeof *out);
    eid_cbor_init(&cbor, bytes);
    if (eid_cbor_array(&cbor) != 2) eid_cbor_fail(&cbor, "a message is [type, body]");
    out->type = eid_cbor_uint(&cbor);
    rule = message_find_rule(out->type);
    if (rule)
        read_body(&cbor, rule, out);
    else
        eid_cbor_skip(&cbor);
    if (eid_cbor_finish(&cbor) == EID_OK) return EID_OK;
    return EID_FAIL(EID_KIND_SYNC_MESSAGE, "%s message of %zu bytes does not decode",
                    eid_message_name(out->type), bytes.len);
}

void eid_message_init(eid_message *message, eid_message_type type)
{
    memset(message, 0, sizeof *message);
    message->type = (uint64_t)type;
}

void eid_message_fini(eid_message *message)
{
    eid_idset_fini(&message->tips);
    eid_idset_fini(&message->have);
    eid_idset_fini(&message->ids);
    for (size_t i = 0; i < message->part_count; i++) eid_free(message->parts[i].ids);
    eid_free(message->parts);
    eid_free(message->entries);
    memset(message, 0, sizeof *message);
}
