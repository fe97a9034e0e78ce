/* Editor: a cursor on one value inside a store's document, by the list of keys that lead there.
 *
 * An editor is a value on the stack: its keys are a chain from it to the root, each link borrowed
 * from the one who made it, so a child costs nothing and must not outlive its parent or its key.
 * What it reads and writes is a table of functions: a store behind a transaction reads its history
 * with what is staged merged in, and writes to what is staged; a doc in memory is both.
 *
 * Not here: transactions (node/db). As thread-safe as its target. Source: spec 03 §10.
 */
#ifndef EID_CRDT_EDITOR_H
#define EID_CRDT_EDITOR_H

#include "crdt/doc.h"

typedef struct eid_editor_target {
    void *self;
    /* The whole document as it is now, new. */
    eid_status (*read)(void *self, eid_doc **out);
    /* eid_doc_set_take() on what is staged. */
    eid_status (*set_take)(void *self, eid_slice path, eid_value *value);
    /* Let this doc be what is staged, instead of all that was. Takes it. */
    eid_status (*replace_take)(void *self, eid_doc **doc);
} eid_editor_target;

typedef struct eid_editor {
    const eid_editor_target *target;
    const struct eid_editor *parent; /* NULL at the root */
    eid_slice key;                   /* of the root: nothing */
    size_t depth;                    /* keys from the root to here */
} eid_editor;

/* A target that edits `doc`, which must outlive it. */
eid_editor_target eid_editor_target_of_doc(eid_doc *doc);
/* The cursor on the whole document; borrows the target. */
eid_editor eid_editor_root(const eid_editor_target *target);
/* The cursor one key further; borrows the parent and the key. */
eid_editor eid_editor_child(const eid_editor *parent, eid_slice key);

/* What is there, new; at the root the whole doc. Keys are looked up in docs; one with a dot is a
 * path itself.
 * Errors: KEY_NOT_FOUND (also for a tombstone), STORE_TYPE when something on the way is no doc,
 * those of the target. */
EID_MUST_CHECK eid_status eid_editor_get(const eid_editor *editor, eid_value *out);
EID_MUST_CHECK eid_status eid_editor_get_child(const eid_editor *editor, eid_slice key,
                                               eid_value *out);
/* Set it; missing keys and what is no doc on the way become docs. At the root the value must be a
 * doc, which replaces what is staged. Takes the value. Errors: STORE_TYPE, CRDT_DEPTH. */
EID_MUST_CHECK eid_status eid_editor_set_take(const eid_editor *editor, eid_value *value);
EID_MUST_CHECK eid_status eid_editor_set_text(const eid_editor *editor, eid_slice text);
/* Leave a tombstone here, or under a key. The root cannot go: STORE_TYPE. */
EID_MUST_CHECK eid_status eid_editor_delete(const eid_editor *editor);
EID_MUST_CHECK eid_status eid_editor_delete_child(const eid_editor *editor, eid_slice key);

#endif
