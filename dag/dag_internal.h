/* What the files of this folder share and nobody else sees: the engines of the base
 * encodings, the tokens of JSON, an
 * entry's parts between its forms. */
#ifndef EID_DAG_INTERNAL_H
#define EID_DAG_INTERNAL_H

#include "dag/builder.h"
#include "dag/cbor.h"
#include "dag/entry.h"
#include "dag/json.h"

/* An encoding whose alphabet has 2^bits letters (RFC 4648 and plain binary). */
typedef struct eid__base {
    const char *letters;
    unsigned bits;
    bool is_padded; /* with '=' to whole groups, and then required */
    bool any_case;  /* decoding takes both cases */
} eid__base;

void eid__base_encode(const eid__base *base, eid_slice bytes, eid_buf *out);
/* Append the decoded bytes; false if the text is not canonical or `out` fails. */
bool eid__base_decode(const eid__base *base, eid_slice text, eid_buf *out);

/* An encoding as one big number in base `letter count` (base58, base36); leading first letters are
 * leading zero bytes. */
typedef struct eid__radix {
    const char *letters;
    bool any_case;
} eid__radix;

#define EID__RADIX_TEXT_MAX 512 /* the work grows with the square of the length */

bool eid__radix_decode(const eid__radix *radix, eid_slice text, eid_buf *out);
void eid__radix_encode(const eid__radix *radix, eid_slice bytes, eid_buf *out);

extern const eid__radix eid__base58;

/* Decode text whose first character names its encoding, as ids may come (multiformats multibase:
 * 0 b B c C v V t T f F k K m M u U z). */
bool eid__multibase_decode(eid_slice text, eid_buf *out);

/* What the JSON reader may meet next, kept in eid_json.expect. */
typedef enum eid__json_expect {
    EID__JSON_VALUE,
    EID__JSON_VALUE_OR_END, /* just after '[' */
    EID__JSON_KEY_OR_END,   /* just after '{' */
    EID__JSON_MORE_OR_END,  /* after a value in a container */
    EID__JSON_NOTHING,      /* after the top-level value */
} eid__json_expect;

static inline void eid__json_skip_space(eid_json *json)
{
    while (json->at < json->end &&
           (*json->at == ' ' || *json->at == '\n' || *json->at == '\t' || *json->at == '\r')) {
        json->at++;
    }
}

/* The next byte without taking it; 0, which no JSON contains, at the end. */
static inline uint8_t eid__json_peek(const eid_json *json)
{
    return json->at < json->end ? *json->at : 0;
}

static inline bool eid__json_take(eid_json *json, uint8_t byte)
{
    if (eid__json_peek(json) != byte || json->at == json->end) return false;
    json->at++;
    return true;
}

static inline bool eid__json_take_word(eid_json *json, const char *word)
{
    eid_slice rest = eid_slice_of(json->at, (size_t)(json->end - json->at));

    if (!eid_slice_has_prefix(rest, eid_slice_text(word))) return false;
    json->at += strlen(word);
    return true;
}

/* Take a number into .text; false if there is none. */
bool eid__json_take_number(eid_json *json);
/* Take a string, of which the opening quote is taken already, into .text; NULL, or what is wrong.
 */
const char *eid__json_take_string(eid_json *json);
/* The same for a string whose content does not matter: escapes must have their form, bytes may be
 * any. */
const char *eid__json_pass_string(eid_json *json);
/* Take a string, number, boolean or null. */
eid_json_event eid__json_scalar(eid_json *json);
/* A value is over: set what may come now. */
void eid__json_after_value(eid_json *json);

/* Take the next of these members (NULL ends `names`): *which is its place, and `seen` has a bit for
 * each. False at the end of the object or after an error. Others are passed over, repeated ones
 * refused. */
bool eid__json_next_member(eid_json *json, const char *const *names, unsigned *seen,
                           unsigned *which);
/* The members whose bits are in `needed` must have been there. */
EID_MUST_CHECK eid_status eid__json_members_end(eid_json *json, unsigned seen, unsigned needed);
EID_MUST_CHECK eid_status eid__json_open_object(eid_json *json);

/* An entry's parts, borrowed from whatever holds them: what is encoded, validated and printed. */
typedef struct eid__parts {
    const eid_id *root; /* NULL = none */
    uint64_t height;
    eid_ids parents;
    bool has_metadata;
    eid_slice metadata;
    const eid_subtree *subtrees;
    size_t subtree_count;
    const eid_sigkey *key;
    bool has_signature;
    eid_slice signature;
} eid__parts;

struct eid_entry {
    eid_id id;
    eid_slice bytes;
    eid_id root;
    eid_sigkey key;
    eid__parts parts; /* slices of `bytes`, tables behind this struct */
    size_t sig_from,
        sig_end; /* where in `bytes` the member `sig` of the signature information is */
};

#define EID__SIG_MAP_AT 5   /* offset of the head of the signature information, in every entry */
#define EID__STEPS_MAX 256u /* delegation steps; auth allows far fewer */

/* Reads an entry, twice: with NULL tables it counts what the tables must hold. */
typedef struct eid__reader {
    eid_cbor cbor;
    bool check_points; /* whether key texts must name points of the curve */
    bool too_big;      /* the error is that of a limit of ours */
    eid_id *ids;
    eid_subtree *subtrees;
    eid_delegation_step *steps;
    size_t id_count, subtree_count, step_count;
} eid__reader;

/* Read a whole entry into `out`, whose key is out_key's place. Errors stick in reader->cbor. */
void eid__entry_read(eid__reader *reader, eid_entry *out);
/* An array of links; an empty id where it holds a null. */
eid_ids eid__read_ids(eid__reader *reader);
/* The count of an array of at most `max`. */
size_t eid__read_count(eid__reader *reader, size_t max, const char *what);
/* Whether the map's next key is this one, which is then taken; `left` counts the keys to come. Keys
 * are asked for in canonical order, so what is in no place is met at the end. */
bool eid__read_key(eid__reader *reader, size_t *left, const char *name);
/* The same for a key that must be there. */
void eid__read_need(eid__reader *reader, size_t *left, const char *name);
/* The map must be over. */
void eid__read_map_end(eid__reader *reader, size_t left);
/* The value of `key` in the signature information. */
void eid__read_sigkey(eid__reader *reader, eid_sigkey *out);

/* Append the canonical encoding without a signature; *sig_at tells where it belongs. */
void eid__parts_write(const eid__parts *parts, eid_buf *out, size_t *sig_at);
/* Put the signature's text into such an encoding, which begins at the start of `out`. */
void eid__parts_put_signature(eid_buf *out, size_t sig_at, eid_slice text);
/* Append the signature key. */
void eid__sigkey_write(const eid_sigkey *key, eid_buf *out);
/* The rules of spec 01 §8. */
EID_MUST_CHECK eid_status eid__parts_validate(const eid__parts *parts);
bool eid__parts_is_root(const eid__parts *parts);

/* The builder's inside, for the JSON reader, which must not sort nor merge. */
typedef struct eid__ids {
    eid_id *at;
    size_t count, cap;
} eid__ids;

typedef struct eid__node {
    eid_subtree view; /* what eid_builder_store() lends; kept up to date with the rest */
    eid_buf name, data;
    eid__ids parents;
} eid__node;

/* A copy of a signature key with what it points to. */
typedef struct eid__owned_key {
    eid_sigkey view;
    eid_buf name, pubkey_text;
    eid_delegation_step *path;
    eid_id *tips; /* of all steps */
} eid__owned_key;

struct eid_builder {
    bool has_root;
    eid_id root;
    uint64_t height;
    eid__ids parents;
    bool has_metadata;
    eid_buf metadata;
    eid__node *nodes;
    size_t node_count, node_cap;
    eid__owned_key key;
    bool has_signature;
    eid_buf signature;
};

/* Make the parts of the builder as they are; `subtrees` are its stores in the order wanted. */
void eid__builder_parts(const eid_builder *builder, const eid_subtree *subtrees, eid__parts *out);
void eid__owned_key_fini(eid__owned_key *key);
EID_MUST_CHECK eid_status eid__owned_key_set(eid__owned_key *key, const eid_sigkey *from);

EID_MUST_CHECK eid_status eid__ids_append(eid__ids *list, const eid_id *id);
/* Append a store without looking for one of its name. Lent until the next store is made. */
EID_MUST_CHECK eid_status eid__builder_append(eid_builder *builder, eid_slice name,
                                              eid__node **out);
/* Make the view show what was put into the node's own members. */
void eid__node_refresh(eid__node *node);
EID_MUST_CHECK eid_status eid__node_set_name(eid__node *node, eid_slice name);
EID_MUST_CHECK eid_status eid__node_set_data(eid__node *node, eid_slice data);
EID_MUST_CHECK eid_status eid__node_add_parent(eid__node *node, const eid_id *parent);
void eid__node_set_height(eid__node *node, const uint64_t *height, uint64_t tree_height);
/* Encode as it is, in the given order, without validation. New: eid_entry_free(). */
EID_MUST_CHECK eid_status eid__builder_encode(const eid_builder *builder, eid_entry **out);

/* Reading the JSON form of an entry: the id whose event was taken, a list of ids, the value of
 * `sig`. */
EID_MUST_CHECK eid_status eid__json_read_id(eid_json *json, eid_id *out);
EID_MUST_CHECK eid_status eid__json_read_ids(eid_json *json, eid__ids *out);
EID_MUST_CHECK eid_status eid__json_read_signature_info(eid_json *json, eid_builder *builder);

#endif
