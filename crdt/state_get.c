/* A path needs its record and the floors of those above it: one lookup per name, no scan unless the
 * value is a doc or a list. */
#include "crdt/crdt_internal.h"

/* What the walk down has come to. */
typedef struct state_walk {
    eid_buf key, row;
    eid__record record;
    bool has_floor; /* of the docs above */
    eid_stamp floor;
} state_walk;

static const eid_stamp *walk_floor(const state_walk *walk)
{
    return walk->has_floor ? &walk->floor : NULL;
}

/* Go on to a child of the doc at hand. NOT_FOUND if it does not show. */
static eid_status walk_step(state_walk *walk, const eid_state_rows *rows, eid_slice name)
{
    const eid_stamp *floor = eid__floor_max(eid__record_floor(&walk->record), walk_floor(walk));
    eid_status status;

    if (walk->record.kind != EID_VALUE_DOC) return EID_E_NOT_FOUND;
    walk->has_floor = floor != NULL;
    if (floor != NULL && floor != &walk->floor) walk->floor = *floor;
    eid__key_push_child(&walk->key, name);
    status = eid_buf_status(&walk->key);
    if (status != EID_OK) return status;
    eid_buf_clear(&walk->row);
    status = rows->get(rows->self, eid_buf_slice(&walk->key), &walk->row);
    if (status != EID_OK) return status;
    status = eid__record_read(eid_buf_slice(&walk->row), NULL, &walk->record);
    if (status != EID_OK) return status;
    return eid__stamp_shows(&walk->record.last, walk_floor(walk)) ? EID_OK : EID_E_NOT_FOUND;
}

eid_status eid_state_get(const eid_state_rows *rows, const eid_slice *path, size_t count,
                         eid_value *out, eid_stamp *who)
{
    state_walk walk = {0};
    eid_status status;

    if (count > EID_DOC_DEPTH_MAX) return EID_E_NOT_FOUND; /* nothing lies as deep */
    eid_buf_init(&walk.key, EID__STATE_KEY_BYTES_MAX);
    eid_buf_init(&walk.row, EID__STATE_ROW_BYTES_MAX);
    status = eid__state_root(rows, &walk.row, &walk.record);
    for (size_t i = 0; i < count && status == EID_OK; i++) {
        status = walk_step(&walk, rows, path[i]);
    }
    if (status == EID_OK) {
        status =
            eid__state_value(rows, eid_buf_slice(&walk.key), &walk.record, walk_floor(&walk), out);
    }
    if (status == EID_OK && who != NULL) *who = walk.record.last;
    eid_buf_fini(&walk.key);
    eid_buf_fini(&walk.row);
    return status;
}
