/* A list is one pass over a store's ledger, path by path, with a path's rows in memory and one
 * losing entry at a time; pruning is the same pass with another end. What equals the present value
 * is kept and not shown: it is no loss now, and may become one when the value changes. */
#include "node/db/conflict_list.h"

#include <stdio.h>

#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/log.h"
#include "node/db/conflict_settle.h"

#define LIST_KEY_MAX (128u * 1024u)
#define LIST_CURSOR_MAX (EID_ENTRY_BYTES_MAX + 2u * LIST_KEY_MAX)
#define LIST_PATH_MAX (EID_ENTRY_BYTES_MAX + 4096u)
#define LIST_POSITION_MAX 48u

typedef struct conflict_list {
    eid_engine *engine;
    eid__dbtree *tree;
    const eid_conflict_query *query;
    eid_slice after_store, after_key; /* of the cursor */
    bool has_after;
    eid_conflict_fn fn; /* NULL = prune */
    void *arg;
    uint64_t pruned;
    eid__settle settle;
    eid__settle_group *group;
    eid_buf cursor;
} conflict_list;

/* An entry that wrote a path, held open. */
typedef struct list_side {
    eid_entry *entry;
    eid_doc *payload;
    eid_state_step steps[EID_DOC_DEPTH_MAX];
    size_t step_count;
    char positions[EID_DOC_DEPTH_MAX][LIST_POSITION_MAX];
    eid_slice names[EID_DOC_DEPTH_MAX];
    eid_conflict_side shown;
} list_side;

static void side_fini(list_side *side)
{
    eid_doc_free(side->payload);
    eid_entry_free(side->entry);
}

static eid_status side_open(const conflict_list *list, const eid_id *id, list_side *side)
{
    eid_index_info info;
    eid_status status = eid_index_find(&list->settle.at, id, &info);

    memset(side, 0, sizeof(*side));
    if (status == EID_OK) status = eid_index_entry(&list->settle.at, id, &side->entry);
    if (status != EID_OK) return status;
    side->shown.entry = *id;
    side->shown.arrived_ms = info.arrival_ms;
    if (!eid_entry_is_unsigned(side->entry)) {
        side->shown.signer = eid_sigkey_display(eid_entry_sigkey(side->entry));
    }
    return EID_OK;
}

/* What it wrote at a path, with the path's names. NOT_FOUND bare if nothing. */
static eid_status side_locate(const conflict_list *list, eid_slice path, list_side *side)
{
    const eid_subtree *subtree = eid_entry_find_subtree(side->entry, list->settle.store);
    eid_status status;

    if (subtree == NULL || !subtree->has_data) return EID_E_NOT_FOUND;
    status = eid_payload_read_doc(subtree->data, &side->payload);
    if (status != EID_OK) return status == EID_E_NO_MEMORY ? status : EID_E_NOT_FOUND;
    status =
        eid_state_locate(side->payload, path, side->steps, &side->step_count, &side->shown.value);
    for (size_t i = 0; i < side->step_count; i++) {
        const eid_state_step *step = &side->steps[i];

        side->names[i] = step->name;
        if (!step->is_element) continue;
        snprintf(side->positions[i], LIST_POSITION_MAX, "[%lld/%llu]",
                 (long long)step->position.numerator,
                 (unsigned long long)step->position.denominator);
        side->names[i] = eid_slice_text(side->positions[i]);
    }
    return status;
}

/* -- which ------------------------------------------------------------------------------------- */

/* Whether a path is the one asked for or below it. */
static bool list_matches_path(eid_slice wanted, const eid_slice *path, size_t count)
{
    eid_buf text;
    eid_slice whole;
    bool is_match;

    if (wanted.len == 0) return true;
    eid_buf_init(&text, LIST_PATH_MAX);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) eid_buf_append_byte(&text, '.');
        eid_buf_append(&text, path[i]);
    }
    whole = eid_buf_slice(&text);
    is_match = eid_buf_status(&text) == EID_OK && eid_slice_has_prefix(whole, wanted) &&
               (whole.len == wanted.len || whole.at[wanted.len] == '.');
    eid_buf_fini(&text);
    return is_match;
}

/* Whether what was lost is what is there anyway. */
static bool list_is_agreed(const eid__settle_group *group, const eid_value *lost)
{
    if (!group->is_known) return false;
    if (group->shows) return eid_value_equal(lost, &group->value);
    return lost->type == EID_VALUE_DELETED;
}

static bool list_is_wanted(const conflict_list *list, const eid__settle_row *row, bool is_agreed)
{
    const eid_conflict_query *query = list->query;

    if (query->entry != NULL && !eid_id_equal(query->entry, &row->row.loser.id)) return false;
    if (list->fn != NULL && is_agreed) return false;
    if (!query->settled_only) return true;
    return is_agreed || (row->row.flags & EID__LOSS_SETTLED);
}

/* -- one row ----------------------------------------------------------------------------------- */

static eid_status list_write_cursor(conflict_list *list, const eid__settle_row *row)
{
    eid_buf *cursor = &list->cursor;

    eid_buf_clear(cursor);
    eid_buf_append_u32(cursor, (uint32_t)list->settle.store.len);
    eid_buf_append(cursor, list->settle.store);
    eid__ledger_loss_key(&row->row, cursor);
    return eid_buf_status(cursor);
}

static eid_status list_give(conflict_list *list, const eid__settle_row *row, const list_side *lost,
                            const list_side *now)
{
    const eid__settle_group *group = list->group;
    eid_conflict conflict = {.store = list->settle.store,
                             .path = lost->names,
                             .path_count = lost->step_count,
                             .lost = lost->shown,
                             .now = now->shown,
                             .is_settled = (row->row.flags & EID__LOSS_SETTLED) != 0};
    eid_status status = list_write_cursor(list, row);

    if (status != EID_OK) return status;
    conflict.now.value =
        group->shows && group->value.type != EID_VALUE_DELETED ? &group->value : NULL;
    if (conflict.lost.value->type == EID_VALUE_DELETED) conflict.lost.value = NULL;
    conflict.cursor = eid_buf_slice(&list->cursor);
    return list->fn(list->arg, &conflict);
}

static eid_status list_prune(conflict_list *list, const eid__settle_row *row, bool is_agreed)
{
    eid_status status;

    eid__settle_lock(&list->settle);
    status = eid__ledger_change(&list->settle.ledger, &row->row, row->row.flags, EID__LOSS_PRUNE);
    status = eid__settle_unlock(&list->settle, status, EID_DURABLE_ASYNC);
    if (status == EID_OK && !is_agreed) list->pruned++;
    return status;
}

static eid_status list_row(conflict_list *list, const eid__settle_row *row, const list_side *now)
{
    const eid__settle_group *group = list->group;
    list_side *lost = eid_alloc(sizeof(*lost));
    bool is_agreed;
    eid_status status;

    if (lost == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for a conflict");
    status = side_open(list, &row->row.loser.id, lost);
    if (status == EID_OK) status = side_locate(list, row->row.path, lost);
    if (status != EID_OK) goto done;
    if (!list_matches_path(list->query->path, lost->names, lost->step_count)) goto done;
    is_agreed = list_is_agreed(group, lost->shown.value);
    if (!list_is_wanted(list, row, is_agreed)) goto done;
    status = list->fn != NULL ? list_give(list, row, lost, now) : list_prune(list, row, is_agreed);

done:
    side_fini(lost);
    eid_free(lost);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* -- one path ---------------------------------------------------------------------------------- */

static eid_status list_group(conflict_list *list)
{
    eid__settle_group *group = list->group;
    list_side now = {.entry = NULL};
    eid_status status = EID_OK;

    if (group->count == 0) return EID_OK;
    for (size_t i = 0; i < group->count; i++) {
        group->rows[i].row.path = eid_buf_slice(&group->path);
    }
    status = eid__settle_group_look(&list->settle, group);
    if (status == EID_OK && group->is_known) {
        status = side_open(list, &group->now.id, &now);
        if (status == EID_E_NOT_FOUND) status = EID_OK;
    }
    for (size_t i = 0; i < group->count && status == EID_OK; i++) {
        const eid__settle_row *row = &group->rows[i];

        if (row->is_out || row->is_absent) continue;
        if (group->is_known && eid_id_equal(&row->row.loser.id, &group->now.id)) continue;
        status = list_row(list, row, &now);
    }
    side_fini(&now);
    eid_value_fini(&group->value);
    group->count = 0;
    return status;
}

static eid_status list_add(conflict_list *list, eid_slice key, eid_slice value)
{
    eid__settle_group *group = list->group;
    eid__loss_row row;
    eid_status status = eid__ledger_read_loss(key, value, &row);

    if (status != EID_OK) return status;
    if (group->count == EID__SETTLE_ROWS_MAX ||
        (group->count > 0 && !eid_slice_equal(row.path, eid_buf_slice(&group->path)))) {
        status = list_group(list);
        if (status != EID_OK) return status;
    }
    if (group->count == 0) {
        eid_buf_clear(&group->path);
        eid_buf_append(&group->path, row.path);
    }
    group->rows[group->count++] = (eid__settle_row){.row = row, .old_flags = row.flags};
    return eid_buf_status(&group->path);
}

/* -- one store --------------------------------------------------------------------------------- */

/* Where the cursor goes on in this store; EMPTY = its beginning. */
static eid_status list_from(const conflict_list *list, const uint8_t *prefix, eid_buf *out)
{
    if (!list->has_after || !eid_slice_equal(list->settle.store, list->after_store)) return EID_OK;
    eid_buf_append(out, eid_slice_of(prefix, EID__LEDGER_PREFIX_BYTES));
    eid_buf_append(out, list->after_key);
    eid_buf_append_byte(out, 0);
    return eid_buf_status(out);
}

static eid_status list_rows(conflict_list *list)
{
    const eid__settle *settle = &list->settle;
    uint8_t prefix[EID__LEDGER_PREFIX_BYTES];
    eid_kv_iter *iter = NULL;
    eid_slice key, value;
    eid_buf from;
    eid_status status;

    eid_buf_init(&from, LIST_CURSOR_MAX);
    eid__ledger_prefix(&settle->ledger, EID__LEDGER_LOSS, prefix);
    status = list_from(list, prefix, &from);
    if (status == EID_OK) {
        status = eid_kv_iter_new(settle->at.kv, settle->view, EID_FAMILY_STATE,
                                 eid_slice_of(prefix, sizeof(prefix)), &iter);
    }
    if (status != EID_OK) goto done;
    eid_kv_iter_seek(iter, eid_buf_slice(&from));
    for (; status == EID_OK && eid_kv_iter_pair(iter, &key, &value); eid_kv_iter_next(iter)) {
        status =
            list_add(list, eid_slice_of(key.at + sizeof(prefix), key.len - sizeof(prefix)), value);
    }
    if (status == EID_OK) status = eid_kv_iter_status(iter);
    if (status == EID_OK) status = list_group(list);

done:
    list->group->count = 0;
    eid_kv_iter_free(iter);
    eid_buf_fini(&from);
    return status;
}

static eid_status list_in_settle(conflict_list *list, eid_slice store,
                                 eid_status (*run)(conflict_list *list))
{
    eid_status status = eid__settle_init(&list->settle, list->engine, list->tree, store);

    if (status == EID_OK) status = run(list);
    eid__settle_fini(&list->settle);
    return status;
}

static eid_status list_hides(conflict_list *list)
{
    return eid__settle_hides(&list->settle);
}

static eid_status list_store(void *self, eid_slice store)
{
    conflict_list *list = self;
    eid_slice wanted = list->query->store;
    eid_status status;

    if (wanted.len > 0 && !eid_slice_equal(wanted, store)) return EID_OK;
    if (list->has_after && eid_slice_compare(store, list->after_store) < 0) return EID_OK;
    status = list_in_settle(list, store, list_hides);
    if (status == EID_OK) status = list_in_settle(list, store, list_rows);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* -- the database ------------------------------------------------------------------------------ */

static eid_status list_read_cursor(conflict_list *list, eid_slice after)
{
    size_t len;

    list->has_after = after.len > 0;
    if (!list->has_after) return EID_OK;
    len = after.len >= 4 ? eid_get_u32(after.at) : after.len;
    if (after.len < 4 || len > after.len - 4) {
        return EID_FAIL(EID_KIND_ARGUMENT, "a cursor of %zu bytes is none of a list of conflicts",
                        after.len);
    }
    list->after_store = eid_slice_of(after.at + 4, len);
    list->after_key = eid_slice_of(after.at + 4 + len, after.len - 4 - len);
    return EID_OK;
}

static eid_status list_run(conflict_list *list, const eid_id *root)
{
    const eid_at at = {.kv = list->engine->kv};
    eid_status status = eid__local_need_held(list->engine, root);

    if (status == EID_OK) status = list_read_cursor(list, list->query->after);
    if (status == EID_OK) status = eid__dbtree_ref(list->engine->trees, root, &list->tree);
    if (status != EID_OK) return status;
    eid_buf_init(&list->cursor, LIST_CURSOR_MAX);
    list->group = eid_alloc(sizeof(*list->group));
    if (list->group != NULL) {
        eid_buf_init(&list->group->path, LIST_KEY_MAX);
        status = eid_index_stores(&at, root, list_store, list);
        eid_buf_fini(&list->group->path);
        eid_value_fini(&list->group->value);
    } else {
        status = EID_FAIL(EID_KIND_NO_MEMORY, "for a list of conflicts");
    }
    eid_free(list->group);
    eid_buf_fini(&list->cursor);
    eid__dbtree_unref(list->engine->trees, list->tree);
    return status == EID_E_AGAIN ? EID_OK : status;
}

eid_status eid__local_conflicts(void *self, const eid_id *root, const eid_conflict_query *query,
                                eid_conflict_fn fn, void *arg)
{
    conflict_list list = {.engine = self, .query = query, .fn = fn, .arg = arg};

    return list_run(&list, root);
}

eid_status eid__local_prune_conflicts(void *self, const eid_id *root,
                                      const eid_conflict_query *query, uint64_t *pruned)
{
    conflict_list list = {.engine = self, .query = query};
    eid_status status = list_run(&list, root);

    *pruned = list.pruned;
    return status == EID_OK ? eid_kv_sync(list.engine->kv) : status;
}
