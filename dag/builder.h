/* Builder: collects the parts of a new entry and writes them once, in canonical order.
 *
 * Order of use: begin, parts, eid_builder_seal() with a signing function. The parts are sorted and
 * deduplicated, the encoder writes into one buffer, the signature is put into the same bytes.
 * Slices and ids given are copied. Not thread-safe. Source: spec 01 §6, §7.
 */
#ifndef EID_DAG_BUILDER_H
#define EID_DAG_BUILDER_H

#include "dag/entry.h"

typedef struct eid_builder eid_builder;

/* Sign `message`; writes 64 bytes. */
typedef eid_status (*eid_sign_fn)(void *self, eid_slice message, uint8_t signature[64]);

/* An entry of the tree `root`; NULL or the empty id = none (a genesis). New: eid_builder_free(). */
EID_MUST_CHECK eid_status eid_builder_new(const eid_id *root, eid_builder **out);
void eid_builder_free(eid_builder *builder);

/* Setters; errors NO_MEMORY, LIMIT. */
EID_MUST_CHECK eid_status eid_builder_set_parents(eid_builder *builder, eid_ids parents);
EID_MUST_CHECK eid_status eid_builder_add_parent(eid_builder *builder, const eid_id *parent);
void eid_builder_set_height(eid_builder *builder, uint64_t height);
EID_MUST_CHECK eid_status eid_builder_set_metadata(eid_builder *builder, eid_slice metadata);
/* Replace the payload, or append a node with it. */
EID_MUST_CHECK eid_status eid_builder_set_data(eid_builder *builder, eid_slice store,
                                               eid_slice data);
/* Make sure that the node exists (without data if new). */
EID_MUST_CHECK eid_status eid_builder_touch(eid_builder *builder, eid_slice store);
EID_MUST_CHECK eid_status eid_builder_set_store_parents(eid_builder *builder, eid_slice store,
                                                        eid_ids parents);
EID_MUST_CHECK eid_status eid_builder_add_store_parent(eid_builder *builder, eid_slice store,
                                                       const eid_id *parent);
/* NULL = inherit the tree's height. */
EID_MUST_CHECK eid_status eid_builder_set_store_height(eid_builder *builder, eid_slice store,
                                                       const uint64_t *height);
/* Copies the key (hint, path). Default: the empty direct hint. */
EID_MUST_CHECK eid_status eid_builder_set_sigkey(eid_builder *builder, const eid_sigkey *key);
/* A ready signature text, for vectors; eid_builder_seal() without a sign function keeps it. */
EID_MUST_CHECK eid_status eid_builder_set_signature(eid_builder *builder, eid_slice text);

/* Whether the node exists, and its payload (has_data false = none). Borrowed. */
const eid_subtree *eid_builder_find(const eid_builder *builder, eid_slice store);
size_t eid_builder_store_count(const eid_builder *builder);
const eid_subtree *eid_builder_store(const eid_builder *builder, size_t i); /* insertion order */
void eid_builder_remove_store(eid_builder *builder, eid_slice store);

/* Sort, validate (spec 01 §8), encode, sign if `sign` is given, hash. The builder may be used
 * again. New: eid_entry_free(). Errors: ENTRY_STRUCTURE, ID_FORMAT, ENTRY_TOO_BIG, NO_MEMORY,
 * sign's own. */
EID_MUST_CHECK eid_status eid_builder_seal(eid_builder *builder, eid_sign_fn sign, void *self,
                                           eid_entry **out);

#endif
