/* Rows of one path are looked at together, because an edit whose author went on before the other
 * side's came is lost only in its last form: the nodes that saw them in another order have no row
 * for the first one. Walks start from few entries (winners, what is there now, later losers) and
 * look for many at once. */
#include "node/db/conflict_settle.h"

#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/log.h"
#include "node/db/conflict_ancestry.h"

eid_status eid__settle_init(eid__settle *settle, eid_engine *engine, eid__dbtree *tree,
                            eid_slice store)
{
    bool is_opaque;
    eid_status status;

    memset(settle, 0, sizeof(*settle));
    settle->engine = engine;
    settle->tree = tree;
    settle->store = store;
    settle->at.kv = engine->kv;
    status = eid_kv_view_new(engine->kv, &settle->view);
    if (status != EID_OK) return status;
    settle->at.view = settle->view;
    status = eid_index_database(&settle->at, &tree->root, &settle->database);
    if (status != EID_OK) return status;
    status = eid_index_store_number_find(&settle->at, settle->database, store, &settle->number);
    if (status != EID_OK) return status;
    status = eid__state_is_opaque(&settle->at, settle->database, settle->number, &is_opaque);
    if (status != EID_OK) return status;
    if (is_opaque) return EID_E_NOT_FOUND;
    eid__state_rows_init(&settle->rows, &settle->at, settle->database, settle->number);
    eid__ledger_init(&settle->ledger, &settle->at, settle->database, settle->number);
    return eid_index_graph_new(&settle->at, &tree->root, &settle->graph);
}

void eid__settle_fini(eid__settle *settle)
{
    eid_index_graph_free(settle->graph);
    eid__state_rows_fini(&settle->rows);
    eid__ledger_fini(&settle->ledger);
    if (settle->view != NULL) eid_kv_view_free(settle->engine->kv, settle->view);
}

void eid__settle_lock(eid__settle *settle)
{
    pthread_mutex_lock(&settle->tree->write);
    EID_ASSERT(eid_batch_count(settle->tree->batch) == 0);
    settle->ledger.at = (eid_at){.kv = settle->engine->kv, .batch = settle->tree->batch};
}

eid_status eid__settle_unlock(eid__settle *settle, eid_status status, eid_durability durability)
{
    eid_batch *batch = settle->tree->batch;

    if (status == EID_OK && eid_batch_count(batch) > 0) status = eid_batch_write(batch, durability);
    eid_batch_clear(batch);
    settle->ledger.at = settle->at;
    pthread_mutex_unlock(&settle->tree->write);
    return status;
}

/* -- the rows of a path ------------------------------------------------------------------------ */

static eid_status settle_find(const eid__settle *settle, const eid_id *from, eid__sought *sought,
                              size_t count)
{
    if (count == 0) return EID_OK;
    return eid__ancestry_find(eid_index_graph_source(settle->graph), settle->store, from, sought,
                              count);
}

/* A container that is not empty is no edit, and an empty one has merged with what is there now. */
static bool value_is_edit(const eid__settle_group *group, const eid_value *value)
{
    bool is_container = value->type == EID_VALUE_DOC || value->type == EID_VALUE_LIST;

    if (is_container && group->shows && group->value.type == value->type) return false;
    if (value->type == EID_VALUE_DOC) return eid_doc_total(value->doc) == 0;
    return value->type != EID_VALUE_LIST || eid_list_total(value->list) == 0;
}

/* Whether a loser wrote an edit at the path. */
static eid_status settle_is_edit(const eid__settle *settle, const eid__settle_group *group,
                                 const eid_id *loser, bool *out)
{
    eid_state_step steps[EID_DOC_DEPTH_MAX];
    const eid_subtree *subtree;
    const eid_value *value;
    eid_entry *entry = NULL;
    eid_doc *payload = NULL;
    size_t count;
    eid_status status = eid_index_entry(&settle->at, loser, &entry);

    *out = false;
    if (status != EID_OK) return status == EID_E_NOT_FOUND ? EID_OK : status;
    subtree = eid_entry_find_subtree(entry, settle->store);
    if (subtree == NULL || !subtree->has_data) goto done;
    status = eid_payload_read_doc(subtree->data, &payload);
    if (status == EID_OK) {
        status = eid_state_locate(payload, eid_buf_slice(&group->path), steps, &count, &value);
    } else if (status != EID_E_NO_MEMORY) {
        status = EID_E_NOT_FOUND; /* what is no document has no edits */
    }
    if (status == EID_OK) *out = value_is_edit(group, value);

done:
    eid_doc_free(payload);
    eid_entry_free(entry);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

eid_status eid__settle_counts(const eid__settle *settle, const eid_id *id, bool *out)
{
    eid_index_info info;
    bool is_void = false;
    eid_status status = eid_index_find(&settle->at, id, &info);

    *out = false;
    if (status == EID_OK) status = eid_index_is_void(&settle->at, settle->database, id, &is_void);
    if (status != EID_OK) return status == EID_E_NOT_FOUND ? EID_OK : status;
    *out = info.verdict == EID_VERIFIED && !is_void;
    return EID_OK;
}

/* Who was withdrawn has neither lost nor won: then what is there now is the winner, if any is. */
static eid_status row_meet(const eid__settle *settle, const eid__settle_group *group,
                           eid__settle_row *row)
{
    bool counts;
    eid_status status = eid__settle_counts(settle, &row->row.loser.id, &counts);

    row->is_absent = !counts;
    if (status != EID_OK || !counts) return status;
    status = eid__settle_counts(settle, &row->row.winner.id, &counts);
    if (status != EID_OK || counts) return status;
    row->is_absent = !group->is_known || eid_stamp_compare(&group->now, &row->row.loser) <= 0;
    if (row->is_absent) return EID_OK;
    row->row.winner = group->now;
    row->row.flags = 0;
    return EID_OK;
}

/* Confirm candidates of one winner, that of the row `first`, or put them out. */
static eid_status group_confirm(eid__settle *settle, eid__settle_group *group, size_t first)
{
    eid__sought sought[EID__SETTLE_ROWS_MAX];
    eid_id winner = group->rows[first].row.winner.id;
    size_t count = 0;
    eid_status status;

    for (size_t i = first; i < group->count; i++) {
        eid__settle_row *row = &group->rows[i];

        if (row->is_out || row->is_absent || (row->row.flags & EID__LOSS_CONFIRMED)) continue;
        if (!eid_id_equal(&row->row.winner.id, &winner)) continue;
        sought[count++] = (eid__sought){.stamp = &row->row.loser, .tag = i};
    }
    status = settle_find(settle, &winner, sought, count);
    for (size_t i = 0; i < count && status == EID_OK; i++) {
        eid__settle_row *row = &group->rows[sought[i].tag];

        row->is_out = sought[i].is_found;
        row->row.flags |= EID__LOSS_CONFIRMED;
    }
    return status;
}

static eid_status group_confirm_all(eid__settle *settle, eid__settle_group *group)
{
    eid_status status = EID_OK;

    for (size_t i = 0; i < group->count && status == EID_OK; i++) {
        eid__settle_row *row = &group->rows[i];
        bool is_edit;

        if (row->is_absent || (row->row.flags & EID__LOSS_CONFIRMED)) continue;
        status = settle_is_edit(settle, group, &row->row.loser.id, &is_edit);
        row->is_out = !is_edit;
    }
    for (size_t i = 0; i < group->count && status == EID_OK; i++) {
        eid__settle_row *row = &group->rows[i];

        if (row->is_out || row->is_absent || (row->row.flags & EID__LOSS_CONFIRMED)) continue;
        status = group_confirm(settle, group, i);
    }
    return status;
}

/* A later edit at the path descends from losers: then they were settled, if it descends from the
 * winner as well, and otherwise they are its own past. */
static eid_status group_succeed(eid__settle *settle, eid__settle_group *group,
                                const eid_stamp *later)
{
    eid__sought sought[2 * EID__SETTLE_ROWS_MAX];
    size_t count = 0;
    eid_status status;

    for (size_t i = 0; i < group->count; i++) {
        eid__settle_row *row = &group->rows[i];

        if (row->is_out || row->is_absent || (row->row.flags & EID__LOSS_SETTLED)) continue;
        if (eid_id_equal(&row->row.loser.id, &later->id)) continue;
        if (eid_id_equal(&row->row.winner.id, &later->id)) continue; /* concurrent: confirmed */
        sought[count++] = (eid__sought){.stamp = &row->row.loser, .tag = i};
        sought[count++] = (eid__sought){.stamp = &row->row.winner, .tag = i};
    }
    status = settle_find(settle, &later->id, sought, count);
    for (size_t i = 0; i < count && status == EID_OK; i += 2) {
        eid__settle_row *row = &group->rows[sought[i].tag];

        if (!sought[i].is_found) continue;
        if (sought[i + 1].is_found) {
            row->row.flags |= EID__LOSS_SETTLED;
        } else {
            row->is_out = true;
        }
    }
    return status;
}

static eid_status group_write(eid__settle *settle, const eid__settle_group *group)
{
    eid_status status = EID_OK;

    eid__settle_lock(settle);
    for (size_t i = 0; i < group->count && status == EID_OK; i++) {
        const eid__settle_row *row = &group->rows[i];

        if (!row->is_out && row->row.flags == row->old_flags) continue;
        status = eid__ledger_change(&settle->ledger, &row->row, row->old_flags,
                                    row->is_out ? EID__LOSS_FORGET : EID__LOSS_KEEP);
    }
    status = eid__settle_unlock(settle, status, EID_DURABLE_ASYNC);
    if (status == EID_OK) return EID_OK;
    eid_log_warn("conflicts.write", "reason=%s", eid_status_detail(status).text);
    return EID_OK; /* it can be found out again; a full disk is no reason not to list */
}

/* Losers that were pruned are later edits too. */
static eid_status group_compare_pruned(eid__settle *settle, eid__settle_group *group)
{
    eid_stamp pruned[EID__SETTLE_ROWS_MAX];
    size_t count;
    eid_status status = eid__ledger_pruned(&settle->ledger, eid_buf_slice(&group->path), pruned,
                                           EID__SETTLE_ROWS_MAX, &count);

    for (size_t i = 0; i < count && status == EID_OK; i++) {
        status = group_succeed(settle, group, &pruned[i]);
    }
    return status;
}

/* Compare the losers among each other, if one is new. */
static eid_status group_compare(eid__settle *settle, eid__settle_group *group)
{
    bool is_new = false;
    eid_status status = EID_OK;

    for (size_t i = 0; i < group->count; i++) {
        const eid__settle_row *row = &group->rows[i];

        is_new = is_new || (!row->is_absent && !(row->row.flags & EID__LOSS_LOOKED));
    }
    for (size_t i = 0; i < group->count && is_new && status == EID_OK; i++) {
        eid__settle_row *row = &group->rows[i];

        if (row->is_absent) continue;
        row->row.flags |= EID__LOSS_LOOKED;
        if (!row->is_out) status = group_succeed(settle, group, &row->row.loser);
    }
    return is_new && status == EID_OK ? group_compare_pruned(settle, group) : status;
}

eid_status eid__settle_group_look(eid__settle *settle, eid__settle_group *group)
{
    eid_slice path = eid_buf_slice(&group->path);
    bool is_changed = false;
    eid_status status =
        eid_state_look(&settle->rows.rows, path, &group->now, &group->shows, &group->value);

    group->is_known = status == EID_OK;
    if (status == EID_E_NOT_FOUND) status = EID_OK;
    for (size_t i = 0; i < group->count && status == EID_OK; i++) {
        status = row_meet(settle, group, &group->rows[i]);
    }
    if (status == EID_OK) status = group_confirm_all(settle, group);
    if (status == EID_OK && group->is_known) status = group_succeed(settle, group, &group->now);
    if (status == EID_OK) status = group_compare(settle, group);
    for (size_t i = 0; i < group->count; i++) {
        const eid__settle_row *row = &group->rows[i];

        is_changed = is_changed || row->is_out || row->row.flags != row->old_flags;
    }
    return status == EID_OK && is_changed ? group_write(settle, group) : status;
}
