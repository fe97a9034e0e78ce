/* The tips are stored as a Doc with the children "0", "1", …; since a snapshot is a sorted set,
 * their numbers do not matter once they are read. */
#include "auth/delegation.h"

#include <stdio.h>

#include "auth/settings.h"

static const eid_doc *delegation_doc(const eid_doc *doc, const char *key)
{
    const eid_value *value = eid_doc_child(doc, eid_slice_text(key));

    return value && value->type == EID_VALUE_DOC ? value->doc : NULL;
}

/* An unsigned integer as the reference reads one: digits, at most a machine word. */
static bool delegation_is_number(eid_slice key)
{
    size_t start = key.len > 1 && key.at[0] == '+' ? 1 : 0;
    uint64_t value = 0;

    if (key.len == start) return false;
    for (size_t i = start; i < key.len; i++) {
        uint64_t digit = (uint64_t)key.at[i] - '0';

        if (key.at[i] < '0' || digit > 9) return false;
        if (value > (UINT64_MAX - digit) / 10) return false;
        value = value * 10 + digit;
    }
    return true;
}

static eid_status delegation_read_tips(const eid_doc *tips, eid_idset *out)
{
    for (size_t i = 0; i < eid_doc_total(tips); i++) {
        eid_slice key;
        const eid_value *value = eid_doc_at(tips, i, &key);
        eid_id id;
        eid_status status;

        if (value->type != EID_VALUE_TEXT || !delegation_is_number(key)) continue;
        status = eid_id_parse(eid_value_text(value), &id);
        if (status == EID_OK) status = eid_idset_add(out, &id);
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

static eid_status delegation_read_bounds(const eid_doc *bounds, eid_bounds *out)
{
    const eid_doc *max = delegation_doc(bounds, "max");
    const eid_doc *min = delegation_doc(bounds, "min");
    eid_status status;

    if (!max) return EID_FAIL(EID_KIND_AUTH_CONFIG, "a delegation without an upper bound");
    status = eid_permission_from_doc(max, &out->max);
    out->has_min = min != NULL;
    if (status == EID_OK && min) status = eid_permission_from_doc(min, &out->min);
    return status;
}

eid_status eid_delegation_from_doc(const eid_doc *doc, eid_delegation *out)
{
    const eid_doc *bounds = delegation_doc(doc, "permission_bounds");
    const eid_doc *tree = delegation_doc(doc, "tree");
    const eid_value *root = tree ? eid_doc_child(tree, eid_slice_text("root")) : NULL;
    const eid_doc *tips = tree ? delegation_doc(tree, "tips") : NULL;
    eid_status status;

    *out = (eid_delegation){.tips = EID_IDSET_EMPTY};
    if (!bounds) return EID_FAIL(EID_KIND_AUTH_CONFIG, "a delegation without permission bounds");
    if (!root || root->type != EID_VALUE_TEXT) {
        return EID_FAIL(EID_KIND_AUTH_CONFIG, "a delegation without the root of its tree");
    }
    status = delegation_read_bounds(bounds, &out->bounds);
    if (status == EID_OK) status = eid_id_parse(eid_value_text(root), &out->root);
    if (status == EID_OK && tips) status = delegation_read_tips(tips, &out->tips);
    if (status != EID_OK) eid_delegation_fini(out);
    return status;
}

static eid_status delegation_put(eid_doc *doc, const char *key, eid_permission permission)
{
    eid_doc *child = NULL;
    eid_value value;
    eid_status status = eid_permission_to_doc(permission, &child);

    if (status != EID_OK) return status;
    value = eid_value_of_doc_take(&child);
    status = eid_doc_put_child_take(doc, eid_slice_text(key), &value);
    eid_value_fini(&value);
    return status;
}

static eid_status delegation_put_tips(eid_doc *doc, eid_ids tips)
{
    char path[32], text[EID_ID_TEXT_MAX];
    eid_doc *child;
    eid_status status = eid_doc_ensure_doc(doc, eid_slice_text("tree.tips"), &child);

    for (size_t i = 0; status == EID_OK && i < tips.count; i++) {
        (void)snprintf(path, sizeof path, "%zu", i);
        status = eid_doc_set_text(child, eid_slice_text(path),
                                  eid_slice_text(eid_id_format(&tips.at[i], text)));
    }
    return status;
}

eid_status eid_delegation_to_doc(const eid_delegation *delegation, eid_doc **out)
{
    const eid_bounds *bounds = &delegation->bounds;
    char text[EID_ID_TEXT_MAX];
    eid_doc *doc = NULL, *child;
    eid_status status = eid_doc_new(&doc);

    if (status != EID_OK) return status;
    eid_doc_set_atomic(doc, true);
    status = eid_doc_ensure_doc(doc, eid_slice_text("permission_bounds"), &child);
    if (status == EID_OK) status = delegation_put(child, "max", bounds->max);
    if (status == EID_OK && bounds->has_min) status = delegation_put(child, "min", bounds->min);
    if (status == EID_OK) {
        status = eid_doc_set_text(doc, eid_slice_text("tree.root"),
                                  eid_slice_text(eid_id_format(&delegation->root, text)));
    }
    if (status == EID_OK) status = delegation_put_tips(doc, eid_idset_ids(&delegation->tips));
    if (status == EID_OK) {
        *out = doc;
        doc = NULL;
    }
    eid_doc_free(doc);
    return status;
}

eid_status eid_settings_put_delegation(eid_doc *settings, const eid_delegation *delegation)
{
    char text[EID_ID_TEXT_MAX];
    eid_doc *parent, *record = NULL;
    eid_value value;
    eid_status status = eid_doc_ensure_doc(settings, eid_slice_text("auth.delegations"), &parent);

    if (status != EID_OK) return status;
    status = eid_delegation_to_doc(delegation, &record);
    if (status != EID_OK) return status;
    value = eid_value_of_doc_take(&record);
    status = eid_doc_put_child_take(parent, eid_slice_text(eid_id_format(&delegation->root, text)),
                                    &value);
    eid_value_fini(&value);
    return status;
}

void eid_delegation_fini(eid_delegation *delegation)
{
    eid_idset_fini(&delegation->tips);
}
