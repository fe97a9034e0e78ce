/* YATA: an insert lies between the two neighbours it was made between. Where others have inserted
 * at the same place, all replicas must choose the same order without asking, and inserts must not
 * be interleaved: among rivals with the same left neighbour the lower client goes first, and a
 * rival that hangs on another rival stays with it.
 *
 * The blocks passed in a call are not collected but numbered in `seen`: above `began` is "passed in
 * this call", above `settled` "not yet known to stand before us". */
#include "crdt/ystore.h"
#include "dag/assert.h"

static bool id_equal(eid__yid a, eid__yid b)
{
    return a.client == b.client && a.clock == b.clock;
}

static bool origin_equal(const eid__yitem *a, const eid__yitem *b)
{
    return a->has_origin == b->has_origin && (!a->has_origin || id_equal(a->origin, b->origin));
}

static bool right_origin_equal(const eid__yitem *a, const eid__yitem *b)
{
    return a->has_right_origin == b->has_right_origin &&
           (!a->has_right_origin || id_equal(a->right_origin, b->right_origin));
}

static bool id_missing(const eid_ydoc *doc, const eid__yitem *item, eid__yid id, eid__yid *out)
{
    if (id.client == item->id.client || id.clock < eid__yclient_state(doc, id.client)) return false;
    *out = id;
    return true;
}

bool eid__yitem_missing(const eid_ydoc *doc, const eid__yitem *item, eid__yid *out)
{
    if (item->has_origin && id_missing(doc, item, item->origin, out)) return true;
    if (item->has_right_origin && id_missing(doc, item, item->right_origin, out)) return true;
    return item->parent_form == EID__YPARENT_ITEM && id_missing(doc, item, item->parent_item, out);
}

/* -- roots and keys ---------------------------------------------------------------------------- */

eid__ytype *eid__yroot_find(const eid_ydoc *doc, eid_slice name)
{
    uint64_t hash = eid__yhash_bytes(doc->secret, 0, name);
    eid__ytype *root;
    size_t probe = 0;

    while ((root = eid__ytable_next(&doc->roots, hash, &probe)) != NULL) {
        if (eid_slice_equal(root->name, name)) return root;
    }
    return NULL;
}

eid__ytype *eid__yroot_make(eid_ydoc *doc, eid_slice name)
{
    eid__ytype *root = eid__yroot_find(doc, name);

    if (root != NULL) return root;
    root = eid__yarena_alloc(&doc->arena, sizeof(*root));
    if (root == NULL) return NULL;
    root->name = name;
    if (!eid__ytable_put(&doc->roots, eid__yhash_bytes(doc->secret, 0, name), root)) return NULL;
    root->next = doc->root_first;
    doc->root_first = root;
    return root;
}

static uint64_t entry_hash(const eid_ydoc *doc, const eid__ytype *type, eid_slice key)
{
    return eid__yhash_bytes(doc->secret, (uint64_t)(uintptr_t)type, key);
}

eid__yentry *eid__yentry_find(const eid_ydoc *doc, const eid__ytype *type, eid_slice key)
{
    uint64_t hash = entry_hash(doc, type, key);
    eid__yentry *entry;
    size_t probe = 0;

    while ((entry = eid__ytable_next(&doc->by_key, hash, &probe)) != NULL) {
        if (entry->type == type && eid_slice_equal(entry->key, key)) return entry;
    }
    return NULL;
}

static eid__yentry *entry_make(eid_ydoc *doc, eid__ytype *type, eid_slice key)
{
    eid__yentry *entry = eid__yentry_find(doc, type, key);

    if (entry != NULL) return entry;
    entry = eid__yarena_alloc(&doc->arena, sizeof(*entry));
    if (entry == NULL) return NULL;
    *entry = (eid__yentry){.type = type, .key = key};
    return eid__ytable_put(&doc->by_key, entry_hash(doc, type, key), entry) ? entry : NULL;
}

/* -- where it belongs -------------------------------------------------------------------------- */

/* Neighbours at the time it was made, cut so that it fits between. A GC among them, or a parent
 * that is no type any more, makes the block one: `parent` stays NULL. */
static bool item_resolve(eid_ydoc *doc, eid__yitem *item)
{
    const eid__yitem *named = NULL, *holder;

    /* The right one first: a cut for the left one leaves it its beginning, not the other way round,
     * should a peer name them in the wrong order. */
    if (item->has_right_origin) {
        item->right = eid__yitem_starting(doc, item->right_origin);
        if (item->right == NULL) return false;
        named = item->right;
    }
    if (item->has_origin) {
        item->left = eid__yitem_ending(doc, item->origin);
        if (item->left == NULL) return false;
        if (named == NULL || named->parent != NULL) named = item->left;
    }
    if (named != NULL) {
        item->parent = named->parent;
        item->entry = named->entry;
        return true;
    }
    if (item->parent_form == EID__YPARENT_ITEM) {
        holder = eid__yitem_find(doc, item->parent_item);
        EID_ASSERT(holder != NULL);
        item->parent = holder->kind == EID__Y_TYPE ? holder->content.type : NULL;
    } else {
        item->parent = eid__yroot_make(doc, item->parent_root);
        if (item->parent == NULL) return false;
    }
    if (!item->has_sub || item->parent == NULL) return true;
    item->entry = entry_make(doc, item->parent, item->sub);
    return item->entry != NULL;
}

/* Whether somebody stands where the block would go. */
static bool item_has_rivals(const eid__yitem *item)
{
    if (item->left != NULL) return item->left->right != item->right;
    return item->right == NULL || item->right->left != NULL;
}

static eid__yitem *item_first_rival(const eid__yitem *item)
{
    if (item->left != NULL) return item->left->right;
    return item->entry != NULL ? item->entry->first : item->parent->start;
}

/* Whether the rival's left neighbour is a block that was passed: then it hangs on it. */
static bool rival_hangs(const eid_ydoc *doc, const eid__yitem *rival, uint64_t began,
                        const eid__yitem **on)
{
    if (!rival->has_origin) return false;
    *on = eid__yitem_find(doc, rival->origin);
    return *on != NULL && (*on)->seen > began;
}

static void item_pass_rivals(eid_ydoc *doc, eid__yitem *item)
{
    uint64_t began = doc->mark, settled = doc->mark;
    const eid__yitem *on = NULL;

    for (eid__yitem *rival = item_first_rival(item); rival != NULL && rival != item->right;
         rival = rival->right) {
        bool passes;

        rival->seen = ++doc->mark;
        if (origin_equal(item, rival)) {
            passes = rival->id.client < item->id.client;
            if (!passes && right_origin_equal(item, rival)) break;
        } else {
            if (!rival_hangs(doc, rival, began, &on)) break;
            passes = on->seen <= settled;
        }
        if (!passes) continue;
        item->left = rival;
        settled = doc->mark;
    }
}

static void item_link(eid__yitem *item)
{
    eid__ytype *type = item->parent;
    eid__yentry *entry = item->entry;

    if (item->left != NULL) {
        item->right = item->left->right;
        item->left->right = item;
    } else if (entry != NULL) {
        item->right = entry->first;
        entry->first = item;
    } else {
        item->right = type->start;
        type->start = item;
    }
    if (item->right != NULL) {
        item->right->left = item;
    } else if (entry != NULL) {
        if (entry->last == NULL) {
            entry->next = type->entries;
            type->entries = entry;
        }
        entry->last = item;
        if (item->left != NULL) eid__yitem_delete(item->left);
    }
    if (entry == NULL && eid__yitem_counts(item)) type->length += item->len;
}

static bool item_make_type(eid_ydoc *doc, eid__yitem *item)
{
    if (item->kind != EID__Y_TYPE) return true;
    item->content.type = eid__yarena_alloc(&doc->arena, sizeof(eid__ytype));
    if (item->content.type == NULL) return false;
    item->content.type->item = item;
    return true;
}

bool eid__yitem_integrate(eid_ydoc *doc, eid__yitem *item)
{
    EID_ASSERT(item->id.clock == eid__yclient_state(doc, item->id.client));
    if (item->kind != EID__Y_GC && !item_resolve(doc, item)) return false;
    if (item->parent == NULL) {
        item->kind = EID__Y_GC;
        item->is_deleted = true;
        item->left = item->right = NULL;
        item->entry = NULL;
        return eid__yclient_append(doc, item);
    }
    if (!item_make_type(doc, item) || !eid__yclient_append(doc, item)) return false;
    item->has_sub = item->entry != NULL;
    if (item_has_rivals(item)) item_pass_rivals(doc, item);
    item_link(item);
    if ((item->parent->item != NULL && item->parent->item->is_deleted) ||
        (item->entry != NULL && item->right != NULL)) {
        eid__yitem_delete(item);
    }
    return true;
}
