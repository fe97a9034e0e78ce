/* Writing goes straight into the frame; the length is put in front when it is known. Keys stand in
 * canonical order by the order of the calls. */
#include "node/sync/message.h"

#include "dag/assert.h"
#include "dag/cbor.h"

static void write_text(eid_buf *out, const char *key, eid_slice text)
{
    eid_cbor_put_string(out, key);
    eid_cbor_put_text(out, text);
}

static void write_uint(eid_buf *out, const char *key, uint64_t value)
{
    eid_cbor_put_string(out, key);
    eid_cbor_put_uint(out, value);
}

static void write_ids(eid_buf *out, const char *key, eid_ids ids)
{
    eid_cbor_put_string(out, key);
    eid_cbor_put_array(out, ids.count);
    for (size_t i = 0; i < ids.count; i++) eid_cbor_put_link(out, &ids.at[i]);
}

static void write_proofs(eid_buf *out, const eid_message *message)
{
    eid_cbor_put_string(out, "proofs");
    eid_cbor_put_array(out, message->proof_count);
    for (size_t i = 0; i < message->proof_count; i++) {
        const eid_sync_proof *proof = &message->proofs[i];

        eid_cbor_put_map(out, 2);
        eid_cbor_put_string(out, "key");
        eid_cbor_put_bytes(out, eid_slice_of(proof->key.bytes, sizeof proof->key.bytes));
        eid_cbor_put_string(out, "sig");
        eid_cbor_put_bytes(out, eid_slice_of(proof->signature, sizeof proof->signature));
    }
}

static void write_hello(eid_buf *out, const eid_message *message)
{
    eid_cbor_put_map(out, 3);
    write_text(out, "node", message->node);
    write_text(out, "addrs", message->addr);
    eid_cbor_put_string(out, "limits");
    eid_cbor_put_map(out, 2);
    write_uint(out, "message", message->message_max);
    write_uint(out, "streams", message->streams_max);
}

static void write_error(eid_buf *out, const eid_message *message)
{
    bool has_about = message->type == EID_MESSAGE_ERROR && message->about != 0;

    eid_cbor_put_map(out, has_about ? 3 : 2);
    write_uint(out, "code", message->code);
    write_text(out, "text", message->text);
    if (has_about) write_uint(out, "type", message->about);
}

static void write_open(eid_buf *out, const eid_message *message)
{
    eid_cbor_put_map(out, 5);
    write_ids(out, "have", eid_idset_ids(&message->have));
    eid_cbor_put_string(out, "root");
    eid_cbor_put_link(out, &message->root);
    write_ids(out, "tips", eid_idset_ids(&message->tips));
    write_uint(out, "count", message->count);
    write_proofs(out, message);
}

static void write_accept(eid_buf *out, const eid_message *message)
{
    eid_cbor_put_map(out, 5);
    write_ids(out, "have", eid_idset_ids(&message->have));
    write_ids(out, "tips", eid_idset_ids(&message->tips));
    write_uint(out, "count", message->count);
    eid_cbor_put_string(out, "common");
    eid_cbor_put_bool(out, message->common);
    write_proofs(out, message);
}

static void write_bound(eid_buf *out, const char *key, const eid_bound *bound)
{
    eid_cbor_put_string(out, key);
    eid_cbor_put_array(out, bound->open ? 0 : 2);
    if (bound->open) return;
    eid_cbor_put_uint(out, bound->item.height);
    eid_cbor_put_link(out, &bound->item.id);
}

static void write_part(eid_buf *out, const eid_part *part)
{
    eid_cbor_put_map(out, part->has_ids ? 3 : 4);
    if (!part->has_ids) {
        write_uint(out, "n", part->count);
        eid_cbor_put_string(out, "fp");
        eid_cbor_put_bytes(out, eid_slice_of(part->sum, sizeof part->sum));
    }
    write_bound(out, "to", &part->to);
    if (part->has_ids) write_ids(out, "ids", (eid_ids){part->ids, part->id_count});
    write_bound(out, "from", &part->from);
}

static void write_ranges(eid_buf *out, const eid_message *message)
{
    eid_cbor_put_map(out, 1);
    eid_cbor_put_string(out, "parts");
    eid_cbor_put_array(out, message->part_count);
    for (size_t i = 0; i < message->part_count; i++) write_part(out, &message->parts[i]);
}

static void write_entries(eid_buf *out, const eid_message *message)
{
    eid_cbor_put_map(out, 1);
    eid_cbor_put_string(out, "b");
    eid_cbor_put_array(out, message->entry_count);
    for (size_t i = 0; i < message->entry_count; i++) {
        eid_cbor_put_bytes(out, message->entries[i]);
    }
}

static void write_state(eid_buf *out, const eid_message *message)
{
    eid_cbor_put_map(out, 2);
    write_ids(out, "tips", eid_idset_ids(&message->tips));
    write_uint(out, "count", message->count);
}

static void write_body(eid_buf *out, const eid_message *message)
{
    switch ((eid_message_type)message->type) {
    case EID_MESSAGE_HELLO:
        write_hello(out, message);
        return;
    case EID_MESSAGE_OBSERVED:
        eid_cbor_put_map(out, 1);
        write_text(out, "addr", message->addr);
        return;
    case EID_MESSAGE_GOODBYE:
    case EID_MESSAGE_ERROR:
    case EID_MESSAGE_REFUSE:
        write_error(out, message);
        return;
    case EID_MESSAGE_OPEN:
        write_open(out, message);
        return;
    case EID_MESSAGE_ACCEPT:
        write_accept(out, message);
        return;
    case EID_MESSAGE_RANGES:
        write_ranges(out, message);
        return;
    case EID_MESSAGE_ENTRIES:
        write_entries(out, message);
        return;
    case EID_MESSAGE_DONE:
    case EID_MESSAGE_ACK:
        write_state(out, message);
        return;
    case EID_MESSAGE_WANT:
        eid_cbor_put_map(out, 1);
        write_ids(out, "ids", eid_idset_ids(&message->ids));
        return;
    }
    EID_ASSERT(false); /* a type that we never send */
}

eid_status eid_message_encode(const eid_message *message, eid_buf *out)
{
    size_t start = out->len;
    size_t len;

    eid_buf_append_u32(out, 0);
    eid_cbor_put_array(out, 2);
    eid_cbor_put_uint(out, message->type);
    write_body(out, message);
    if (eid_buf_status(out) != EID_OK) return eid_buf_status(out);
    len = out->len - start - EID_FRAME_HEAD;
    if (len > EID_SYNC_MESSAGE_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "a message of %zu bytes is over the limit", len);
    }
    eid_put_u32(out->at + start, (uint32_t)len);
    return EID_OK;
}
