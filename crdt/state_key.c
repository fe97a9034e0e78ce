/* Keys of rows. Names are escaped so that no key is the beginning of a sibling's and bytes sort as
 * names do. Fractions are kept in lowest terms, which makes equal places equal keys but does not
 * sort by value: lists are read whole and sorted then, while an order-preserving form of all
 * fractions of 64 bits would cost more than the list. */
#include "crdt/crdt_internal.h"
#include "dag/hash.h"

#define KEY_ESCAPE 0x00u
#define KEY_ZERO 0xffu /* after the escape: a zero byte of the name */
#define KEY_END 0x01u  /* the name is over */
#define KEY_CUT 0x02u  /* the name goes on; its hash follows */

#define KEY_ELEMENT_LEN (1u + 8u + 8u + 16u)

void eid__key_push_child(eid_buf *key, eid_slice name)
{
    bool is_cut = name.len > EID__KEY_NAME_MAX;
    size_t len = is_cut ? EID__KEY_NAME_MAX : name.len;
    uint8_t hash[EID_HASH_BYTES];

    eid_buf_append_byte(key, EID__KEY_CHILD);
    for (size_t i = 0; i < len; i++) {
        eid_buf_append_byte(key, name.at[i]);
        if (name.at[i] == KEY_ESCAPE) eid_buf_append_byte(key, KEY_ZERO);
    }
    eid_buf_append_byte(key, KEY_ESCAPE);
    eid_buf_append_byte(key, is_cut ? KEY_CUT : KEY_END);
    if (!is_cut) return;
    eid_hash_blake3(name, hash);
    eid_buf_append(key, eid_slice_of(hash, sizeof(hash)));
}

void eid_state_child_key(eid_slice name, eid_buf *out)
{
    eid__key_push_child(out, name);
}

void eid__key_push_element(eid_buf *key, const eid_position *reduced)
{
    eid_buf_append_byte(key, EID__KEY_ELEMENT);
    eid_buf_append_u64(key, (uint64_t)reduced->numerator ^ (UINT64_C(1) << 63));
    eid_buf_append_u64(key, reduced->denominator);
    eid_buf_append(key, eid_slice_of(reduced->unique, sizeof(reduced->unique)));
}

void eid__key_push_write(eid_buf *key, const eid_stamp *stamp)
{
    eid_buf_append_byte(key, EID__KEY_WRITE);
    eid_buf_append_u64(key, stamp->height);
    eid_buf_append_byte(key, stamp->id.len);
    eid_buf_append(key, eid_id_slice(&stamp->id));
}

static bool key_read_child(eid_slice rest, eid__key_part *out, eid_buf *name)
{
    size_t i = 1;

    while (i + 1 < rest.len) {
        uint8_t byte = rest.at[i++];

        if (byte != KEY_ESCAPE) {
            eid_buf_append_byte(name, byte);
            continue;
        }
        byte = rest.at[i++];
        if (byte == KEY_ZERO) {
            eid_buf_append_byte(name, 0);
            continue;
        }
        out->is_cut = byte == KEY_CUT;
        out->len = out->is_cut ? i + EID_HASH_BYTES : i;
        return (out->is_cut || byte == KEY_END) && out->len <= rest.len;
    }
    return false;
}

static bool key_read_element(eid_slice rest, eid__key_part *out)
{
    if (rest.len < KEY_ELEMENT_LEN) return false;
    out->position.numerator = (int64_t)(eid_get_u64(rest.at + 1) ^ (UINT64_C(1) << 63));
    out->position.denominator = eid_get_u64(rest.at + 9);
    memcpy(out->position.unique, rest.at + 17, sizeof(out->position.unique));
    out->len = KEY_ELEMENT_LEN;
    return true;
}

static bool key_read_write(eid_slice rest, eid__key_part *out)
{
    size_t used = 0;

    if (rest.len < 10 || rest.len - 10 < rest.at[9]) return false;
    out->stamp.height = eid_get_u64(rest.at + 1);
    out->len = 10u + rest.at[9];
    if (rest.at[9] == 0) return true;
    return eid_id_from_bytes(eid_slice_of(rest.at + 10, rest.at[9]), &out->stamp.id, &used) ==
               EID_OK &&
           used == rest.at[9];
}

bool eid__key_read(eid_slice rest, eid__key_part *out, eid_buf *name)
{
    eid_buf_clear(name);
    *out = (eid__key_part){0};
    if (rest.len == 0) return false;
    out->type = rest.at[0];
    if (out->type == EID__KEY_CHILD) return key_read_child(rest, out, name);
    if (out->type == EID__KEY_ELEMENT) return key_read_element(rest, out);
    return out->type == EID__KEY_WRITE && key_read_write(rest, out);
}
