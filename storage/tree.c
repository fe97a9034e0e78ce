/* A treap and not a balanced tree: path copying needs a shape that few rotations keep, and its
 * deletion is ten lines. Keys and values lie in counted cells, so that copying a node copies no
 * bytes. Source: Seidel and Aragon, Randomized search trees (1996). */
#include "storage/tree.h"

#include <stdatomic.h>

#include "dag/alloc.h"
#include "dag/assert.h"

typedef struct tree_cell {
    atomic_size_t refs;
    size_t key_len, value_len;
    uint8_t bytes[]; /* key, then value */
} tree_cell;

struct eid__tree {
    atomic_size_t refs;
    uint64_t priority; /* not less than the children's */
    tree_cell *cell;
    eid__tree *left, *right;
};

static tree_cell *cell_new(eid_slice key, eid_slice value)
{
    tree_cell *cell = eid_alloc(sizeof *cell + key.len + value.len);

    if (cell == NULL) return NULL;
    atomic_init(&cell->refs, 1);
    cell->key_len = key.len;
    cell->value_len = value.len;
    if (key.len > 0) memcpy(cell->bytes, key.at, key.len);
    if (value.len > 0) memcpy(cell->bytes + key.len, value.at, value.len);
    return cell;
}

static tree_cell *cell_ref(tree_cell *cell)
{
    atomic_fetch_add_explicit(&cell->refs, 1, memory_order_relaxed);
    return cell;
}

static void cell_unref(tree_cell *cell)
{
    if (atomic_fetch_sub_explicit(&cell->refs, 1, memory_order_acq_rel) == 1) eid_free(cell);
}

static eid_slice cell_key(const tree_cell *cell)
{
    return eid_slice_of(cell->bytes, cell->key_len);
}

static void cell_pair(const tree_cell *cell, eid__tree_pair *out)
{
    out->key = cell_key(cell);
    out->value = eid_slice_of(cell->bytes + cell->key_len, cell->value_len);
}

eid__tree *eid__tree_ref(eid__tree *tree)
{
    if (tree != NULL) atomic_fetch_add_explicit(&tree->refs, 1, memory_order_relaxed);
    return tree;
}

void eid__tree_unref(eid__tree *tree)
{
    while (tree != NULL && atomic_fetch_sub_explicit(&tree->refs, 1, memory_order_acq_rel) == 1) {
        eid__tree *right = tree->right;

        eid__tree_unref(tree->left);
        cell_unref(tree->cell);
        eid_free(tree);
        tree = right;
    }
}

/* Take: `cell`, left to the caller on failure. */
static eid__tree *tree_node_new(tree_cell *cell, uint64_t priority)
{
    eid__tree *node = eid_alloc(sizeof *node);

    if (node == NULL) return NULL;
    atomic_init(&node->refs, 1);
    node->priority = priority;
    node->cell = cell;
    return node;
}

/* Make *slot a node that no other version sees. All nodes above it must be such nodes already. */
static bool tree_own(eid__tree **slot)
{
    eid__tree *shared = *slot;
    eid__tree *own;

    if (atomic_load_explicit(&shared->refs, memory_order_acquire) == 1) return true;
    own = tree_node_new(shared->cell, shared->priority);
    if (own == NULL) return false;
    cell_ref(own->cell);
    own->left = eid__tree_ref(shared->left);
    own->right = eid__tree_ref(shared->right);
    *slot = own;
    eid__tree_unref(shared);
    return true;
}

/* Lift the left or right child of *slot above it; both are owned. */
static void tree_rotate(eid__tree **slot, bool left)
{
    eid__tree *down = *slot;
    eid__tree *up = left ? down->left : down->right;

    if (left) {
        down->left = up->right;
        up->right = down;
    } else {
        down->right = up->left;
        up->left = down;
    }
    *slot = up;
}

static bool tree_insert(eid__tree **slot, tree_cell *cell, uint64_t priority)
{
    eid__tree **child;
    int order;

    if (*slot == NULL) {
        *slot = tree_node_new(cell, priority);
        return *slot != NULL;
    }
    if (!tree_own(slot)) return false;
    order = eid_slice_compare(cell_key(cell), cell_key((*slot)->cell));
    if (order == 0) {
        cell_unref((*slot)->cell);
        (*slot)->cell = cell;
        return true;
    }
    child = order < 0 ? &(*slot)->left : &(*slot)->right;
    if (!tree_insert(child, cell, priority)) return false;
    if ((*child)->priority > (*slot)->priority) tree_rotate(slot, order < 0);
    return true;
}

bool eid__tree_put(eid__tree **root, eid_slice key, eid_slice value, uint64_t priority)
{
    tree_cell *cell = cell_new(key, value);

    if (cell == NULL) return false;
    if (tree_insert(root, cell, priority)) return true;
    cell_unref(cell);
    return false;
}

/* Take the node of *slot out: it sinks until it has one child at most. */
static bool tree_remove(eid__tree **slot)
{
    eid__tree *gone = *slot;

    while (gone->left != NULL && gone->right != NULL) {
        bool left = gone->left->priority > gone->right->priority;

        if (!tree_own(left ? &gone->left : &gone->right)) return false;
        tree_rotate(slot, left);
        slot = left ? &(*slot)->right : &(*slot)->left;
        EID_ASSERT(*slot == gone);
    }
    *slot = gone->left != NULL ? gone->left : gone->right;
    gone->left = NULL;
    gone->right = NULL;
    eid__tree_unref(gone);
    return true;
}

bool eid__tree_delete(eid__tree **root, eid_slice key)
{
    eid__tree_pair pair;
    eid__tree **slot = root;

    if (!eid__tree_find(*root, key, &pair)) return true;
    for (;;) {
        int order;

        if (!tree_own(slot)) return false;
        order = eid_slice_compare(key, cell_key((*slot)->cell));
        if (order == 0) return tree_remove(slot);
        slot = order < 0 ? &(*slot)->left : &(*slot)->right;
    }
}

bool eid__tree_find(const eid__tree *tree, eid_slice key, eid__tree_pair *out)
{
    while (tree != NULL) {
        int order = eid_slice_compare(key, cell_key(tree->cell));

        if (order == 0) {
            cell_pair(tree->cell, out);
            return true;
        }
        tree = order < 0 ? tree->left : tree->right;
    }
    return false;
}

bool eid__tree_after(const eid__tree *tree, eid_slice key, bool at, eid__tree_pair *out)
{
    const eid__tree *best = NULL;

    while (tree != NULL) {
        int order = eid_slice_compare(key, cell_key(tree->cell));

        if (order < 0 || (at && order == 0)) {
            best = tree;
            tree = tree->left;
        } else {
            tree = tree->right;
        }
    }
    if (best != NULL) cell_pair(best->cell, out);
    return best != NULL;
}

bool eid__tree_before(const eid__tree *tree, eid_slice key, eid__tree_pair *out)
{
    const eid__tree *best = NULL;

    while (tree != NULL) {
        if (eid_slice_compare(key, cell_key(tree->cell)) > 0) {
            best = tree;
            tree = tree->right;
        } else {
            tree = tree->left;
        }
    }
    if (best != NULL) cell_pair(best->cell, out);
    return best != NULL;
}

bool eid__tree_last(const eid__tree *tree, eid__tree_pair *out)
{
    if (tree == NULL) return false;
    while (tree->right != NULL) tree = tree->right;
    cell_pair(tree->cell, out);
    return true;
}
