/* Doc: a map from text to values, possibly atomic, with tombstones; the payload and the state of
 * most stores. Source: spec 03 §3, §4, §6.
 *
 * Paths are texts with '.' between components (path.h); the functions ending in _child take one
 * child name verbatim. Lookups give live values only unless said. Not thread-safe.
 */
#ifndef EID_CRDT_DOC_H
#define EID_CRDT_DOC_H

#include "crdt/value.h"

/* Deepest path that can be written and read back (spec 03 §3.2): 42 components. */
#define EID_DOC_DEPTH_MAX 42u

/* New: eid_doc_free(). */
EID_MUST_CHECK eid_status eid_doc_new(eid_doc **out);
void eid_doc_free(eid_doc *doc);
/* Ref: one more owner, who frees it too; from now on nobody changes it. Any thread. */
eid_doc *eid_doc_ref(eid_doc *doc);
EID_MUST_CHECK eid_status eid_doc_copy(const eid_doc *doc, eid_doc **out);
/* Let two docs have each other's contents. */
void eid_doc_swap(eid_doc *a, eid_doc *b);
bool eid_doc_equal(const eid_doc *a, const eid_doc *b);
bool eid_doc_is_atomic(const eid_doc *doc);
void eid_doc_set_atomic(eid_doc *doc, bool atomic);
/* Children, tombstones included, ascending by key bytes; i < eid_doc_total(). Borrowed. */
size_t eid_doc_total(const eid_doc *doc);
const eid_value *eid_doc_at(const eid_doc *doc, size_t i, eid_slice *key);
/* Live children. */
size_t eid_doc_live(const eid_doc *doc);

/* One child by name, tombstones included; NULL if absent. Borrowed until the doc changes. */
const eid_value *eid_doc_child(const eid_doc *doc, eid_slice key);
eid_value *eid_doc_child_mutable(eid_doc *doc, eid_slice key);
/* Put a child: takes the value (it is Null afterwards) if and only if this succeeds. */
EID_MUST_CHECK eid_status eid_doc_put_child_take(eid_doc *doc, eid_slice key, eid_value *value);
/* Remove a child physically; for building and for folding away, not for users' deletes. */
void eid_doc_drop_child(eid_doc *doc, eid_slice key);

/* Live value at a path; NULL if none. Docs by key, lists by decimal index. Borrowed. */
const eid_value *eid_doc_get(const eid_doc *doc, eid_slice path);
/* The same to change in place; docs only, lists are not entered. */
eid_value *eid_doc_get_mutable(eid_doc *doc, eid_slice path);
/* Whether exactly this path holds a tombstone. */
bool eid_doc_is_tombstone(const eid_doc *doc, eid_slice path);
/* Set: missing or non-doc intermediates become fresh docs. Takes the value. A path of dots only
 * does nothing. Errors: CRDT_DEPTH when the result could not be read back, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_doc_set_take(eid_doc *doc, eid_slice path, eid_value *value);
/* The same; *old is the live value that was there, new, or Deleted where there was none. */
EID_MUST_CHECK eid_status eid_doc_exchange_take(eid_doc *doc, eid_slice path, eid_value *value,
                                                eid_value *old);
EID_MUST_CHECK eid_status eid_doc_set_text(eid_doc *doc, eid_slice path, eid_slice text);
EID_MUST_CHECK eid_status eid_doc_set_int(eid_doc *doc, eid_slice path, int64_t value);
/* Leave a tombstone; *was_live (may be NULL) tells whether something live was there. */
EID_MUST_CHECK eid_status eid_doc_remove(eid_doc *doc, eid_slice path, bool *was_live);
/* The child doc at a path, made (with intermediates) if missing or not a doc. Borrowed. */
EID_MUST_CHECK eid_status eid_doc_ensure_doc(eid_doc *doc, eid_slice path, eid_doc **out);

/* -- edits (doc_edit.c) ------------------------------------------------------------------------ */

/* The live value at a path, put there first if there is none. Takes *value either way; *out is
 * borrowed and may be changed in place.
 * Errors: CRDT_PATH for dots only, CRDT_TYPE for an element of a list (edit the list), CRDT_DEPTH.
 */
EID_MUST_CHECK eid_status eid_doc_get_or_insert_take(eid_doc *doc, eid_slice path, eid_value *value,
                                                     eid_value **out);
/* Changes a value, of which it is given a copy of its own; on an error nothing is changed. */
typedef eid_status (*eid_value_edit_fn)(void *self, eid_value *value);
/* Read, edit, write back. Errors: CRDT_NOT_FOUND when nothing live is there, CRDT_TYPE for an
 * element of a list, CRDT_DEPTH, those of `edit`. */
EID_MUST_CHECK eid_status eid_doc_modify(eid_doc *doc, eid_slice path, eid_value_edit_fn edit,
                                         void *self);
/* The same, of *value where nothing live is; takes *value either way. */
EID_MUST_CHECK eid_status eid_doc_modify_or_insert_take(eid_doc *doc, eid_slice path,
                                                        eid_value *value, eid_value_edit_fn edit,
                                                        void *self);
/* Add to an integer, which begins as 0; *sum may be NULL. A read and a write, as every edit: of
 * concurrent ones the later wins. Errors: CRDT_TYPE, ARGUMENT when the sum leaves 64 bits. */
EID_MUST_CHECK eid_status eid_doc_add_int(eid_doc *doc, eid_slice path, int64_t delta,
                                          int64_t *sum);
/* JSON kept as a text: written as given, read back only if it is JSON. *json is borrowed.
 * Errors: JSON when it is none; CRDT_NOT_FOUND, CRDT_TYPE, CRDT_DECODE on reading. */
EID_MUST_CHECK eid_status eid_doc_set_json(eid_doc *doc, eid_slice path, eid_slice json);
EID_MUST_CHECK eid_status eid_doc_get_json(const eid_doc *doc, eid_slice path, eid_slice *json);

/* merge(self, other) of spec 03 §6.1: `other` is newer. self is changed; on an error it may be half
 * merged and must be dropped. */
EID_MUST_CHECK eid_status eid_doc_merge(eid_doc *self, const eid_doc *other);

#endif
