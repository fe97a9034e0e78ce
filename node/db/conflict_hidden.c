/* What was hidden as a whole (a document that was deleted or replaced while others edited in it) is
 * looked up in parts, each written down before the next: a table may have been hidden. The mark
 * goes at the end, and stays if somebody else has hidden more meanwhile. */
#include "dag/alloc.h"
#include "node/db/conflict_ancestry.h"
#include "node/db/conflict_settle.h"

#define HIDDEN_PART_MAX 128u
#define HIDDEN_BYTES_MAX (4u * 1024u * 1024u) /* of keys in a part */

typedef struct hidden_item {
    size_t at, len; /* of `keys` */
    eid_stamp last;
    size_t hider; /* that it is concurrent to; the count if there is none */
} hidden_item;

typedef struct hidden {
    eid__settle *settle;
    eid_slice under; /* a path and the byte of a space; borrowed */
    eid__hiders hiders;
    eid_buf keys, from;
    hidden_item items[HIDDEN_PART_MAX];
    size_t count;
} hidden;

static eid_status hidden_on_older(void *self, eid_slice key, const eid_stamp *last)
{
    hidden *part = self;
    hidden_item *item = &part->items[part->count];

    if (part->count == HIDDEN_PART_MAX ||
        (part->count > 0 && part->keys.len + key.len > HIDDEN_BYTES_MAX)) {
        return EID_E_AGAIN;
    }
    *item = (hidden_item){part->keys.len, key.len, *last, part->hiders.count};
    eid_buf_append(&part->keys, key);
    part->count++;
    return eid_buf_status(&part->keys);
}

/* Find who hid edits that he did not know: the latest such. */
static eid_status hidden_judge(hidden *part)
{
    const eid__settle *settle = part->settle;
    eid_status status = EID_OK;

    for (size_t h = part->hiders.count; h-- > 0 && status == EID_OK;) {
        const eid_stamp *hider = &part->hiders.at[h];
        eid__sought sought[HIDDEN_PART_MAX];
        size_t count = 0;
        bool counts;

        status = eid__settle_counts(settle, &hider->id, &counts);
        if (status != EID_OK || !counts) continue;
        for (size_t i = 0; i < part->count; i++) {
            hidden_item *item = &part->items[i];

            if (item->hider < part->hiders.count) continue;
            if (eid_stamp_compare(&item->last, hider) >= 0) continue;
            sought[count++] = (eid__sought){.stamp = &item->last, .tag = i};
        }
        if (count == 0) continue;
        status = eid__ancestry_find(eid_index_graph_source(settle->graph), settle->store,
                                    &hider->id, sought, count);
        for (size_t i = 0; i < count; i++) {
            if (!sought[i].is_found) part->items[sought[i].tag].hider = h;
        }
    }
    return status;
}

static eid_status hidden_note(hidden *part)
{
    eid_status status = EID_OK;

    eid__settle_lock(part->settle);
    for (size_t i = 0; i < part->count && status == EID_OK; i++) {
        const hidden_item *item = &part->items[i];
        eid__loss_row row = {.path = eid_slice_of(part->keys.at + item->at, item->len),
                             .loser = item->last,
                             .flags = EID__LOSS_CONFIRMED};

        if (item->hider == part->hiders.count) continue;
        row.winner = part->hiders.at[item->hider];
        status = eid__ledger_note(&part->settle->ledger, &row, NULL);
    }
    return eid__settle_unlock(part->settle, status, EID_DURABLE_ASYNC);
}

/* One part from `from` on; *count is how many were looked at. */
static eid_status hidden_part(hidden *part)
{
    const hidden_item *last;
    eid_status status;

    part->count = 0;
    eid_buf_clear(&part->keys);
    status = eid_state_older(&part->settle->rows.rows, part->under, eid_buf_slice(&part->from),
                             &part->hiders.at[part->hiders.count - 1], hidden_on_older, part);
    if (status != EID_OK || part->count == 0) return status;
    status = hidden_judge(part);
    if (status == EID_OK) status = hidden_note(part);
    last = &part->items[part->count - 1];
    eid_buf_clear(&part->from);
    eid_buf_append(&part->from, eid_slice_of(part->keys.at + last->at, last->len));
    eid_buf_append_byte(&part->from, 0); /* behind it: no component begins with zero */
    return status == EID_OK ? eid_buf_status(&part->from) : status;
}

static eid_status hidden_row(eid__settle *settle, eid_slice under, const eid__hiders *hiders)
{
    hidden *part = eid_alloc(sizeof(*part));
    eid_status status = EID_OK;

    if (part == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for what was hidden");
    part->settle = settle;
    part->under = under;
    part->hiders = *hiders;
    eid_buf_init(&part->keys, 2 * HIDDEN_BYTES_MAX);
    eid_buf_init(&part->from, HIDDEN_BYTES_MAX);
    do {
        status = hidden_part(part);
    } while (status == EID_OK && part->count > 0);
    if (status == EID_OK) {
        eid__settle_lock(settle);
        status = eid__ledger_unhide(&settle->ledger, under, hiders);
        status = eid__settle_unlock(settle, status, EID_DURABLE_ASYNC);
    }
    eid_buf_fini(&part->keys);
    eid_buf_fini(&part->from);
    eid_free(part);
    return status;
}

eid_status eid__settle_hides(eid__settle *settle)
{
    uint8_t prefix[EID__LEDGER_PREFIX_BYTES];
    eid_kv_iter *iter = NULL;
    eid_slice key, value;
    eid_status status;

    eid__ledger_prefix(&settle->ledger, EID__LEDGER_HIDE, prefix);
    status = eid_kv_iter_new(settle->at.kv, settle->view, EID_FAMILY_STATE,
                             eid_slice_of(prefix, sizeof(prefix)), &iter);
    if (status != EID_OK) return status;
    eid_kv_iter_seek(iter, EID_SLICE_EMPTY);
    for (; status == EID_OK && eid_kv_iter_pair(iter, &key, &value); eid_kv_iter_next(iter)) {
        eid_slice under = eid_slice_of(key.at + sizeof(prefix), key.len - sizeof(prefix));
        eid__hiders hiders;

        status = eid__ledger_read_hiders(value, &hiders);
        if (status == EID_OK && hiders.count > 0) status = hidden_row(settle, under, &hiders);
    }
    if (status == EID_OK) status = eid_kv_iter_status(iter);
    eid_kv_iter_free(iter);
    return status;
}
