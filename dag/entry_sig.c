/* Who signs: the part of an entry that names a key. A key text that names no key makes the whole
 * entry unreadable, as it does for the reference, so it is decoded here and not when it is judged.
 */
#include "dag/base.h"
#include "dag/dag_internal.h"
#include "dag/point.h"

#define PUBKEY_PREFIX "ed25519:"

static bool pubkey_parse(eid_slice text, uint8_t out[EID_PUBKEY_BYTES])
{
    size_t prefix = sizeof PUBKEY_PREFIX - 1;

    if (!eid_slice_has_prefix(text, eid_slice_text(PUBKEY_PREFIX))) return false;
    return eid_base64_decode_exact(eid_slice_of(text.at + prefix, text.len - prefix), out,
                                   EID_PUBKEY_BYTES);
}

static void read_hint(eid__reader *reader, eid_hint *out)
{
    size_t left = eid_cbor_map(&reader->cbor);

    *out = (eid_hint){0};
    out->has_name = eid__read_key(reader, &left, "name");
    if (out->has_name) out->name = eid_cbor_text(&reader->cbor);
    out->has_pubkey = eid__read_key(reader, &left, "pubkey");
    if (out->has_pubkey) {
        out->pubkey_text = eid_cbor_text(&reader->cbor);
        if (!pubkey_parse(out->pubkey_text, out->pubkey)) {
            eid_cbor_fail(&reader->cbor, "a text that is no public key before");
        } else if (reader->check_points && !eid_point_is_valid(out->pubkey)) {
            eid_cbor_fail(&reader->cbor, "a public key that is no point of the curve before");
        }
    }
    if (eid__read_key(reader, &left, "is_global")) {
        out->is_global = eid_cbor_bool(&reader->cbor);
        if (!out->is_global) eid_cbor_fail(&reader->cbor, "a false is_global that is written");
    }
    eid__read_map_end(reader, left);
}

static void read_step(eid__reader *reader, eid_delegation_step *out)
{
    size_t left = eid_cbor_map(&reader->cbor);

    eid__read_need(reader, &left, "tips");
    out->tips = eid__read_ids(reader);
    eid__read_need(reader, &left, "tree");
    if (eid_cbor_peek(&reader->cbor) == EID_CBOR_NULL) {
        eid_cbor_null(&reader->cbor);
        out->tree = EID_ID_EMPTY;
    } else {
        eid_cbor_link(&reader->cbor, &out->tree);
    }
    eid__read_map_end(reader, left);
}

static void read_path(eid__reader *reader, eid_sigkey *out)
{
    size_t count = eid__read_count(reader, EID__STEPS_MAX, "delegation steps");
    eid_delegation_step unused;

    for (size_t i = 0; i < count && reader->cbor.status == EID_OK; i++) {
        read_step(reader, reader->steps ? &reader->steps[i] : &unused);
    }
    reader->step_count = count;
    out->path = reader->steps;
    out->path_count = count;
}

void eid__read_sigkey(eid__reader *reader, eid_sigkey *out)
{
    size_t left = eid_cbor_map(&reader->cbor);
    size_t fields;

    *out = (eid_sigkey){0};
    out->is_delegation = eid__read_key(reader, &left, "Delegation");
    if (!out->is_delegation) eid__read_need(reader, &left, "Direct");
    fields = eid_cbor_map(&reader->cbor);
    eid__read_need(reader, &fields, "hint");
    read_hint(reader, &out->hint);
    if (out->is_delegation) {
        eid__read_need(reader, &fields, "path");
        read_path(reader, out);
    }
    eid__read_map_end(reader, fields);
    eid__read_map_end(reader, left);
}

static void write_hint(const eid_hint *hint, eid_buf *out)
{
    eid_cbor_put_map(out, (uint64_t)hint->has_name + hint->has_pubkey + hint->is_global);
    if (hint->has_name) {
        eid_cbor_put_string(out, "name");
        eid_cbor_put_text(out, hint->name);
    }
    if (hint->has_pubkey) {
        eid_cbor_put_string(out, "pubkey");
        eid_cbor_put_text(out, hint->pubkey_text);
    }
    if (hint->is_global) {
        eid_cbor_put_string(out, "is_global");
        eid_cbor_put_bool(out, true);
    }
}

static void write_step(const eid_delegation_step *step, eid_buf *out)
{
    eid_cbor_put_map(out, 2);
    eid_cbor_put_string(out, "tips");
    eid_cbor_put_array(out, step->tips.count);
    for (size_t i = 0; i < step->tips.count; i++) eid_cbor_put_link(out, &step->tips.at[i]);
    eid_cbor_put_string(out, "tree");
    eid_cbor_put_link(out, &step->tree);
}

void eid__sigkey_write(const eid_sigkey *key, eid_buf *out)
{
    eid_cbor_put_map(out, 1);
    eid_cbor_put_string(out, key->is_delegation ? "Delegation" : "Direct");
    eid_cbor_put_map(out, key->is_delegation ? 2 : 1);
    eid_cbor_put_string(out, "hint");
    write_hint(&key->hint, out);
    if (!key->is_delegation) return;
    eid_cbor_put_string(out, "path");
    eid_cbor_put_array(out, key->path_count);
    for (size_t i = 0; i < key->path_count; i++) write_step(&key->path[i], out);
}

const char *eid_hint_type(const eid_hint *hint)
{
    if (hint->is_global && hint->has_pubkey) return "global";
    if (hint->has_pubkey) return "pubkey";
    return hint->has_name ? "name" : "none";
}

bool eid_hint_is_set(const eid_hint *hint)
{
    return hint->has_pubkey || hint->has_name;
}

eid_slice eid_hint_display(const eid_hint *hint)
{
    if (hint->is_global) return eid_slice_text("*");
    if (hint->has_pubkey) return hint->pubkey_text;
    return hint->has_name ? hint->name : eid_slice_text("unknown");
}

bool eid_entry_is_unsigned(const eid_entry *entry)
{
    return !entry->key.is_delegation && !eid_hint_is_set(&entry->key.hint) &&
           !entry->parts.has_signature;
}

const char *eid_entry_malformed_reason(const eid_entry *entry)
{
    bool is_signed = entry->parts.has_signature;

    if (entry->key.is_delegation) {
        return is_signed ? NULL : "delegation entry requires a signature";
    }
    if (is_signed == eid_hint_is_set(&entry->key.hint)) return NULL;
    return is_signed ? "entry has signature but no key hint"
                     : "entry has key hint but no signature";
}
