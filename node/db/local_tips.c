/* Where a database stands, and what lies between two such points. The visible tips come from the
 * cache; the loose ones are seldom asked for and are made from the index each time. */
#include "dag/alloc.h"
#include "node/db/added.h"
#include "node/db/local.h"

static eid_status tips_visible(void *arg, eid__current *current, const eid_at *at,
                               const eid_id *root)
{
    eid_idset *out = arg;
    eid_status status = eid__current_need_tips(current, at, root);

    return status == EID_OK ? eid_idset_assign(out, eid_idset_ids(&current->tips)) : status;
}

/* The raw tips without those that Failed (spec 02 §9.2). */
static eid_status tips_loose(eid_engine *engine, const eid_id *root, eid_idset *out)
{
    eid_at at = {.kv = engine->kv};
    eid_idset raw = EID_IDSET_EMPTY;
    eid_kv_view *view = NULL;
    eid_status status = eid_kv_view_new(engine->kv, &view);

    if (status != EID_OK) return status;
    at.view = view;
    status = eid_index_tips(&at, root, EID_LEVEL_RAW, EID_SLICE_EMPTY, &raw);
    for (size_t i = 0; i < raw.count && status == EID_OK; i++) {
        eid_index_info info;

        status = eid_index_find(&at, &raw.at[i], &info);
        if (status == EID_OK && info.verdict != EID_FAILED) {
            status = eid_idset_add(out, &raw.at[i]);
        }
    }
    eid_idset_fini(&raw);
    eid_kv_view_free(engine->kv, view);
    return status;
}

eid_status eid__local_tips(void *self, const eid_id *root, bool loose, eid_idset *out)
{
    eid_engine *engine = self;
    eid__dbtree *tree;
    eid_status status;

    *out = EID_IDSET_EMPTY;
    if (loose) {
        status = tips_loose(engine, root, out);
    } else {
        status = eid__dbtree_ref(engine->trees, root, &tree);
        if (status != EID_OK) return status;
        status = eid__dbtree_read(tree, tips_visible, out);
        eid__dbtree_unref(engine->trees, tree);
    }
    if (status != EID_OK) eid_idset_fini(out);
    return status;
}

eid_status eid__local_added(void *self, const eid_id *root, eid_ids previous, eid_ids post,
                            eid_status (*fn)(void *arg, const eid_id *id), void *arg)
{
    eid_engine *engine = self;
    eid__added added = {.max = SIZE_MAX};
    eid_status status = eid__added_find(engine->kv, root, previous, post, &added);

    for (size_t i = 0; i < added.count && status == EID_OK; i++) status = fn(arg, &added.at[i]);
    eid__added_fini(&added);
    return status == EID_E_AGAIN ? EID_OK : status;
}
