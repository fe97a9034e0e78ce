/* Entry: one signed node of a database's Merkle-DAG, read in place from its canonical DAG-CBOR.
 *
 * An entry owns one copy of the bytes exactly as received; names, payloads and signature are slices
 * of them. Bytes whose canonical encoding differs are refused (spec 01 H3), so the id is the hash
 * of what is held. Immutable after decoding: any thread may read it.
 *
 * Not here: making entries (builder.h), judging them (auth/). Source: spec 01 §2-§4, §8, §10.
 */
#ifndef EID_DAG_ENTRY_H
#define EID_DAG_ENTRY_H

#include "dag/bytes.h"
#include "dag/id.h"

#define EID_ENTRY_BYTES_MAX (1024u * 1024u) /* refused above; architecture "Limits" */
#define EID_ENTRY_PARENTS_MAX 1024u
#define EID_ENTRY_STORES_MAX 256u
#define EID_ENTRY_NAME_MAX 255u /* bytes of a name that we create; received ones may be longer */

#define EID_STORE_SETTINGS "_settings"
#define EID_STORE_INDEX "_index"
#define EID_STORE_ROOT "_root"

#define EID_PUBKEY_BYTES 32

typedef struct eid_subtree {
    eid_slice name;
    eid_ids parents;
    bool has_data;
    eid_slice data;
    bool has_height;
    uint64_t height; /* effective: its own, else the tree's */
} eid_subtree;

typedef struct eid_hint {
    bool has_name, has_pubkey, is_global;
    eid_slice name;
    eid_slice pubkey_text;            /* "ed25519:…" as written */
    uint8_t pubkey[EID_PUBKEY_BYTES]; /* decoded */
} eid_hint;

typedef struct eid_delegation_step {
    eid_id tree;
    eid_ids tips; /* in the given order */
} eid_delegation_step;

/* Who signs: directly, or through a path of delegated trees (path_count > 0 or is_delegation). */
typedef struct eid_sigkey {
    bool is_delegation;
    eid_hint hint;
    const eid_delegation_step *path;
    size_t path_count;
} eid_sigkey;

typedef struct eid_entry eid_entry;

/* Read canonical bytes (copied). New: eid_entry_free(). Structure is checked as spec 01 §2; the
 * rules of §8 are eid_entry_validate()'s. Errors: ENTRY_BYTES (with offset and cause),
 * ENTRY_TOO_BIG, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_entry_decode(eid_slice bytes, eid_entry **out);
/* The same for bytes of our own store under `id`: the hash is recomputed and compared first
 * (error STORE_CORRUPT), key points are not checked again. */
EID_MUST_CHECK eid_status eid_entry_decode_stored(eid_slice bytes, const eid_id *id,
                                                  eid_entry **out);
void eid_entry_free(eid_entry *entry);

/* All getters lend until the entry is freed. */
const eid_id *eid_entry_id(const eid_entry *entry);
eid_slice eid_entry_bytes(const eid_entry *entry);
const eid_id *eid_entry_root(const eid_entry *entry); /* NULL if none */
/* The id of its database: root, or its own id if it has none. */
const eid_id *eid_entry_tree(const eid_entry *entry);
eid_ids eid_entry_parents(const eid_entry *entry);
uint64_t eid_entry_height(const eid_entry *entry);
bool eid_entry_metadata(const eid_entry *entry, eid_slice *out); /* false if absent */
size_t eid_entry_subtree_count(const eid_entry *entry);
const eid_subtree *eid_entry_subtree(const eid_entry *entry, size_t i);
/* First subtree of that name, or NULL. */
const eid_subtree *eid_entry_find_subtree(const eid_entry *entry, eid_slice name);
const eid_sigkey *eid_entry_sigkey(const eid_entry *entry);
bool eid_entry_signature(const eid_entry *entry, eid_slice *text); /* false if absent */

bool eid_entry_is_root(const eid_entry *entry);
bool eid_entry_is_in_tree(const eid_entry *entry, const eid_id *tree);
bool eid_entry_is_unsigned(const eid_entry *entry);
/* Why the signature information contradicts itself (spec 01 §4.5), or NULL. */
const char *eid_entry_malformed_reason(const eid_entry *entry);
/* "global", "pubkey", "name", "none". */
const char *eid_hint_type(const eid_hint *hint);
bool eid_hint_is_set(const eid_hint *hint);
/* How people are shown the signer: "*", the key's text, its name, or "unknown". Borrowed. */
eid_slice eid_hint_display(const eid_hint *hint);

/* Structural rules of spec 01 §8. Errors: ENTRY_STRUCTURE (text as §8), ID_FORMAT. */
EID_MUST_CHECK eid_status eid_entry_validate(const eid_entry *entry);
/* The bytes that the signature covers: the encoding without `sig.sig`. Appended to `out`. */
EID_MUST_CHECK eid_status eid_entry_signing_bytes(const eid_entry *entry, eid_buf *out);

/* Commit metadata (spec 01 §5). */
typedef struct eid_pin {
    bool present;   /* metadata exists */
    bool valid;     /* it parses as commit metadata */
    eid_idset tips; /* settings_tips */
    bool has_entropy;
    uint64_t entropy;
} eid_pin;
/* Read the pin; never fails for malformed metadata (valid = false). End with eid_pin_fini(). */
EID_MUST_CHECK eid_status eid_entry_pin(const eid_entry *entry, eid_pin *out);
void eid_pin_fini(eid_pin *pin);
/* Append {"settings_tips":[…],"entropy":…}. */
void eid_pin_write(eid_ids settings_tips, const uint64_t *entropy, eid_buf *out);

/* JSON form of spec 01 §11 (compact, declared member order). */
EID_MUST_CHECK eid_status eid_entry_to_json(const eid_entry *entry, eid_buf *out);
/* Read the JSON form; the result is the entry of its canonical encoding. Errors: ENTRY_BYTES. */
EID_MUST_CHECK eid_status eid_entry_from_json(eid_slice json, eid_entry **out);

#endif
