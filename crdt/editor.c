/* A chain of links instead of an array of keys: making a child allocates nothing, and whoever walks
 * down a document with a loop of children keeps them anyway. The chain is put in order only when
 * something is read or written. */
#include "crdt/editor.h"

#define EDITOR_PATH_BYTES_MAX (1u << 20) /* far beyond what an entry's keys are */

static eid_status doc_target_read(void *self, eid_doc **out)
{
    return eid_doc_copy(self, out);
}

static eid_status doc_target_set_take(void *self, eid_slice path, eid_value *value)
{
    return eid_doc_set_take(self, path, value);
}

static eid_status doc_target_replace_take(void *self, eid_doc **doc)
{
    eid_doc_swap(self, *doc);
    eid_doc_free(*doc);
    *doc = NULL;
    return EID_OK;
}

eid_editor_target eid_editor_target_of_doc(eid_doc *doc)
{
    return (eid_editor_target){doc, doc_target_read, doc_target_set_take, doc_target_replace_take};
}

eid_editor eid_editor_root(const eid_editor_target *target)
{
    return (eid_editor){.target = target};
}

eid_editor eid_editor_child(const eid_editor *parent, eid_slice key)
{
    return (eid_editor){
        .target = parent->target, .parent = parent, .key = key, .depth = parent->depth + 1};
}

/* Keys in order, joined by dots as they are: an empty key is dropped by whoever reads the path, if
 * there are others. New: eid_buf_fini(). */
static void editor_path(const eid_editor *editor, eid_buf *out)
{
    if (editor->depth == 0) {
        eid_buf_init(out, EDITOR_PATH_BYTES_MAX);
        return;
    }
    editor_path(editor->parent, out);
    if (editor->depth > 1) eid_buf_append_byte(out, '.');
    eid_buf_append(out, editor->key);
}

static eid_status editor_depth_check(const eid_editor *editor)
{
    if (editor->depth <= EID_DOC_DEPTH_MAX) return EID_OK;
    return EID_FAIL(EID_KIND_CRDT_DEPTH, "%zu keys deep; values lie at most %u deep", editor->depth,
                    EID_DOC_DEPTH_MAX);
}

static eid_status editor_not_found(const eid_editor *editor)
{
    eid_buf path;
    eid_status status;

    editor_path(editor, &path);
    status =
        EID_FAIL(EID_KIND_KEY_NOT_FOUND, "no key \"%.*s\"", EID_SLICE_ARG(eid_buf_slice(&path)));
    eid_buf_fini(&path);
    return status;
}

/* Down from the root: the value at the editor, borrowed from `doc`; NULL at the root itself. */
static eid_status editor_find(const eid_editor *editor, const eid_doc *doc, const eid_value **out)
{
    const eid_value *above;
    eid_status status;

    *out = NULL;
    if (editor->depth == 0) return EID_OK;
    status = editor_find(editor->parent, doc, &above);
    if (status != EID_OK) return status;
    if (above != NULL && above->type != EID_VALUE_DOC) {
        return EID_FAIL(EID_KIND_STORE_TYPE,
                        "expected \"Doc\", found a \"non-node value\" above \"%.*s\"",
                        EID_SLICE_ARG(editor->key));
    }
    *out = eid_doc_get(above != NULL ? above->doc : doc, editor->key);
    return *out != NULL ? EID_OK : EID_E_NOT_FOUND;
}

eid_status eid_editor_get(const eid_editor *editor, eid_value *out)
{
    eid_doc *doc = NULL;
    const eid_value *found;
    eid_status status;

    *out = EID_VALUE_NULL_INIT;
    if (editor->depth > EID_DOC_DEPTH_MAX) return editor_not_found(editor);
    status = editor->target->read(editor->target->self, &doc);
    if (status != EID_OK) goto done;
    status = editor_find(editor, doc, &found);
    if (status == EID_E_NOT_FOUND) status = editor_not_found(editor);
    if (status != EID_OK) goto done;
    if (found != NULL)
        status = eid_value_copy(found, out);
    else
        *out = eid_value_of_doc_take(&doc);

done:
    eid_doc_free(doc);
    return status;
}

eid_status eid_editor_get_child(const eid_editor *editor, eid_slice key, eid_value *out)
{
    eid_editor child = eid_editor_child(editor, key);

    return eid_editor_get(&child, out);
}

static eid_status editor_set_root(const eid_editor *editor, eid_value *value)
{
    eid_status status;

    if (value->type != EID_VALUE_DOC) {
        return EID_FAIL(EID_KIND_STORE_TYPE,
                        "expected \"Doc\", found a \"non-doc value\" (%s) for the root",
                        eid_value_type_name(value->type));
    }
    status = editor->target->replace_take(editor->target->self, &value->doc);
    if (status == EID_OK) *value = EID_VALUE_NULL_INIT;
    return status;
}

eid_status eid_editor_set_take(const eid_editor *editor, eid_value *value)
{
    eid_buf path;
    eid_status status = editor_depth_check(editor);

    if (status != EID_OK) return status;
    if (editor->depth == 0) return editor_set_root(editor, value);
    editor_path(editor, &path);
    status = eid_buf_status(&path);
    if (status == EID_OK) {
        status = editor->target->set_take(editor->target->self, eid_buf_slice(&path), value);
    }
    eid_buf_fini(&path);
    return status;
}

eid_status eid_editor_set_text(const eid_editor *editor, eid_slice text)
{
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status = eid_value_set_text(&value, text);

    if (status == EID_OK) status = eid_editor_set_take(editor, &value);
    eid_value_fini(&value);
    return status;
}

eid_status eid_editor_delete(const eid_editor *editor)
{
    eid_value tombstone = EID_VALUE_DELETED_INIT;

    return eid_editor_set_take(editor, &tombstone);
}

eid_status eid_editor_delete_child(const eid_editor *editor, eid_slice key)
{
    eid_editor child = eid_editor_child(editor, key);

    return eid_editor_delete(&child);
}
