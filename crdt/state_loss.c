/* What applying makes invisible. The records that it visits anyway tell all of it: the one at the
 * path (which of the two writes is older loses, unless they merge), and the floors of those above
 * (what is older than one is hidden). Only what a new floor hides further down is not visited: that
 * is told as one thing, and looked up when somebody wants to know.
 *
 * The lowest level is told, and not the highest: of {"a":{"b":1}} the edit is 1 at a.b, since the
 * docs above it merge with those of others. So one of a hundred fields that were lost is one
 * conflict and the ninety-nine that were kept are none. */
#include "crdt/crdt_internal.h"

static bool loss_is_container(eid_value_type type)
{
    return type == EID_VALUE_DOC || type == EID_VALUE_LIST;
}

/* A value that says something itself, and not only by what it holds. */
static bool loss_is_edit(const eid_value *value)
{
    if (value->type == EID_VALUE_DOC) return eid_doc_total(value->doc) == 0;
    return value->type != EID_VALUE_LIST || eid_list_total(value->list) == 0;
}

/* Whether a value ends what a container of this kind holds. */
static bool loss_ends(const eid_value *value, eid_value_type kind)
{
    if (value->type != kind) return true;
    return kind == EID_VALUE_DOC && eid_doc_is_atomic(value->doc);
}

static const eid_stamp *loss_floor(const eid__loss *loss)
{
    return loss->has_floor ? &loss->floor : NULL;
}

/* What is below a container that is ended. */
static eid_status loss_hide(const eid__loss *loss, eid_slice key, eid_value_type kind)
{
    uint8_t space = kind == EID_VALUE_DOC ? EID__KEY_CHILD : EID__KEY_ELEMENT;

    return loss->notes->hides(loss->notes->self, key, space);
}

static eid_status loss_tell(const eid__loss *loss, eid_slice key, const eid_stamp *loser,
                            const eid_stamp *winner)
{
    return loss->notes->lost(loss->notes->self, key, loser, winner);
}

/* The entry's write is the later one at this path. */
static eid_status loss_meet_older(const eid__loss *loss, eid_slice key, const eid_value *value,
                                  const eid__record *record)
{
    const eid_state_notes *notes = loss->notes;
    bool is_container = loss_is_container(record->kind);
    eid_status status = EID_OK;

    if (is_container && !loss_ends(value, record->kind)) return EID_OK;
    if (!eid__stamp_shows(&record->last, loss_floor(loss))) {
        status = notes->leaves(notes->self, key, eid_slice_of(key.at, loss->floor_key_len + 1),
                               &record->last);
    }
    if (status != EID_OK || loss->covers) return status;
    status = loss_tell(loss, key, &record->last, loss->stamp);
    if (status != EID_OK || !is_container) return status;
    return loss_hide(loss, key, record->kind);
}

/* The entry's write is the earlier one. */
static eid_status loss_meet_newer(const eid__loss *loss, eid_slice key, const eid_value *value,
                                  const eid__record *record)
{
    const eid_stamp *winner = eid__floor_max(&record->last, loss_floor(loss));
    bool is_container = loss_is_container(record->kind);
    eid_status status = EID_OK;

    if (loss_is_edit(value) && (!is_container || value->type != record->kind)) {
        status = loss_tell(loss, key, loss->stamp, winner);
    }
    if (status != EID_OK || !is_container || !loss_ends(value, record->kind)) return status;
    if (!eid__stamp_shows(loss->stamp, eid__record_floor(record))) return EID_OK;
    return loss_hide(loss, key, record->kind);
}

eid_status eid__loss_meet(const eid__loss *loss, eid_slice key, const eid_value *value,
                          const eid__record *record)
{
    int order = record != NULL ? eid_stamp_compare(loss->stamp, &record->last) : 1;
    eid_status status = EID_OK;

    if (loss->notes == NULL || order == 0) return EID_OK;
    if (order < 0) return loss_meet_newer(loss, key, value, record);
    if (record != NULL) status = loss_meet_older(loss, key, value, record);
    if (status != EID_OK || eid__stamp_shows(loss->stamp, loss_floor(loss))) return status;
    return loss_is_edit(value) ? loss_tell(loss, key, loss->stamp, &loss->floor) : EID_OK;
}

eid_status eid__loss_begin(eid__loss *loss, const eid_state_rows *rows, const eid_stamp *stamp,
                           const eid_doc *payload)
{
    const eid_state_notes *notes = loss->notes;
    eid__record root;
    eid_buf row;
    eid_status status;

    loss->stamp = stamp;
    if (notes == NULL) return EID_OK;
    status = notes->covers(notes->self, &loss->covers);
    if (status != EID_OK || loss->covers) return status;
    eid_buf_init(&row, EID__STATE_ROW_BYTES_MAX);
    status = eid__state_root(rows, &row, &root);
    eid_buf_fini(&row);
    if (status != EID_OK) return status;
    loss->has_floor = root.has_floor;
    if (root.has_floor) loss->floor = root.floor;
    if (!eid_doc_is_atomic(payload)) return EID_OK;
    /* Its own floor may be there already, when a part of the store is made again. */
    if (!eid__stamp_shows(stamp, eid__record_floor(&root))) return EID_OK;
    return loss_hide(loss, EID_SLICE_EMPTY, EID_VALUE_DOC);
}

eid__loss_floor eid__loss_enter(eid__loss *loss, size_t key_len, const eid_value *value,
                                const eid__record *record)
{
    eid__loss_floor before = {loss->has_floor, loss->floor, loss->floor_key_len};
    const eid_stamp *own = value->type == record->kind ? eid__record_floor(record) : &record->last;

    if (loss->notes == NULL || own == NULL) return before;
    if (loss->has_floor && eid_stamp_compare(own, &loss->floor) <= 0) return before;
    loss->has_floor = true;
    loss->floor = *own;
    loss->floor_key_len = key_len;
    return before;
}

void eid__loss_leave(eid__loss *loss, const eid__loss_floor *before)
{
    loss->has_floor = before->has;
    loss->floor = before->stamp;
    loss->floor_key_len = before->key_len;
}
