/* The prefix is written once and the rest of a key appended to it, because a payload of many paths
 * asks for many rows. A payload is read before its first row is put, so that one that is no Doc
 * leaves the mark and nothing else. */
#include "node/db/state_rows.h"

#include <stdatomic.h>

#include "crdt/payload.h"
#include "dag/log.h"
#include "node/db/conflict_notes.h"
#include "node/db/row_index.h"

#define STATE_KEY_BYTES_MAX (4u * 1024u * 1024u) /* a whole payload as one key, zeros escaped */

static atomic_uint_fast64_t state_applied;

uint64_t eid_state_applied(void)
{
    return atomic_load_explicit(&state_applied, memory_order_relaxed);
}

static void state_prefix(uint8_t prefix[EID__STATE_PREFIX_BYTES], uint32_t database, uint32_t store,
                         uint8_t kind)
{
    eid_put_u32(prefix, database);
    eid_put_u32(prefix + 4, store);
    prefix[8] = kind;
}

/* The whole key of a row; lent until the next call. */
static eid_status state_rows_key(eid__state_rows *rows, eid_slice key, eid_slice *out)
{
    eid_buf_clear(&rows->key);
    eid_buf_append(&rows->key, eid_slice_of(rows->prefix, sizeof(rows->prefix)));
    eid_buf_append(&rows->key, key);
    *out = eid_buf_slice(&rows->key);
    return eid_buf_status(&rows->key);
}

static eid_status state_get(const eid_at *at, eid_slice key, eid_buf *out)
{
    if (at->batch != NULL) return eid_batch_get(at->batch, EID_FAMILY_STATE, key, out);
    return eid_kv_get(at->kv, at->view, EID_FAMILY_STATE, key, out);
}

static eid_status state_rows_get(void *self, eid_slice key, eid_buf *out)
{
    eid__state_rows *rows = self;
    eid_slice whole;
    eid_status status;

    if (key.len == 0 && rows->is_rootless) return EID_E_NOT_FOUND;
    status = state_rows_key(rows, key, &whole);
    if (status == EID_OK && key.len == 0 && rows->at.batch != NULL) { /* each entry asks */
        return eid_batch_get_hot(rows->at.batch, EID_FAMILY_STATE, whole, out);
    }
    return status == EID_OK ? state_get(&rows->at, whole, out) : status;
}

static eid_status state_rows_put(void *self, eid_slice key, eid_slice value)
{
    eid__state_rows *rows = self;
    eid_slice whole;
    eid_status status = state_rows_key(rows, key, &whole);

    if (status != EID_OK) return status;
    if (key.len == 0) rows->wrote_root = true;
    rows->bytes += whole.len + value.len;
    if (rows->bytes > EID__STATE_BYTES_MAX) {
        rows->is_over = true;
        return EID_FAIL(EID_KIND_LIMIT, "a payload that makes more than %u bytes of rows",
                        EID__STATE_BYTES_MAX);
    }
    return eid_batch_put(rows->at.batch, EID_FAMILY_STATE, whole, value);
}

static eid_status state_rows_scan(void *self, eid_slice prefix, eid_slice from,
                                  eid_status (*fn)(void *arg, eid_slice key, eid_slice value),
                                  void *arg)
{
    eid__state_rows *rows = self;
    eid_kv_iter *iter = NULL;
    eid_slice whole, key, value;
    eid_status status = state_rows_key(rows, prefix, &whole);

    if (status != EID_OK) return status;
    status = eid_kv_iter_new(rows->at.kv, rows->at.view, EID_FAMILY_STATE, whole, &iter);
    if (status != EID_OK) return status;
    status = state_rows_key(rows, from, &whole);
    if (status != EID_OK) goto done;
    eid_kv_iter_seek(iter, whole);
    for (; eid_kv_iter_pair(iter, &key, &value); eid_kv_iter_next(iter)) {
        key.at += sizeof(rows->prefix);
        key.len -= sizeof(rows->prefix);
        status = fn(arg, key, value);
        if (status != EID_OK) goto done;
    }
    status = eid_kv_iter_status(iter);

done:
    eid_kv_iter_free(iter);
    return status;
}

void eid__state_rows_init(eid__state_rows *rows, const eid_at *at, uint32_t database,
                          uint32_t store)
{
    memset(rows, 0, sizeof(*rows));
    rows->at = *at;
    state_prefix(rows->prefix, database, store, EID__STATE_ROW);
    eid_buf_init(&rows->key, STATE_KEY_BYTES_MAX);
    rows->rows.self = rows;
    rows->rows.get = state_rows_get;
    rows->rows.put = at->batch != NULL ? state_rows_put : NULL;
    rows->rows.scan = at->batch == NULL ? state_rows_scan : NULL;
}

void eid__state_rows_fini(eid__state_rows *rows)
{
    eid_buf_fini(&rows->key);
}

/* Whether there is the key that is nothing but a prefix. */
static eid_status state_has(const eid_at *at, const uint32_t numbers[2], uint8_t kind, bool *out)
{
    uint8_t key[EID__STATE_PREFIX_BYTES];
    eid_buf value;
    eid_status status;

    eid_buf_init(&value, STATE_KEY_BYTES_MAX);
    state_prefix(key, numbers[0], numbers[1], kind);
    status = state_get(at, eid_slice_of(key, sizeof(key)), &value);
    eid_buf_fini(&value);
    *out = status == EID_OK;
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

eid_status eid__state_is_opaque(const eid_at *at, uint32_t database, uint32_t store, bool *out)
{
    return state_has(at, (const uint32_t[]){database, store}, EID__STATE_OPAQUE, out);
}

eid_status eid__state_has_root(const eid_at *at, uint32_t database, uint32_t store, bool *out)
{
    return state_has(at, (const uint32_t[]){database, store}, EID__STATE_ROW, out);
}

static eid_status state_mark(eid_batch *batch, uint32_t database, uint32_t store)
{
    uint8_t key[EID__STATE_PREFIX_BYTES];

    state_prefix(key, database, store, EID__STATE_OPAQUE);
    return eid_batch_put(batch, EID_FAMILY_STATE, eid_slice_of(key, sizeof(key)),
                         eid_slice_text("1"));
}

/* What the notes are of; *is_theirs tells that the payload is at fault and not our storage. */
static eid_status state_apply_payload(const eid_at *at, const uint32_t numbers[2],
                                      eid__notes *notes, bool *is_theirs, bool *marked)
{
    const eid__row_store store = {numbers[0], numbers[1]};
    eid__state_rows rows;
    eid_buf marks;
    eid_doc *doc = NULL;
    eid_status status = eid_payload_read_doc(notes->subtree->data, &doc);

    *is_theirs = status != EID_OK && status != EID_E_NO_MEMORY;
    if (status != EID_OK) return status;
    eid_buf_init(&marks, STATE_KEY_BYTES_MAX);
    eid__state_rows_init(&rows, at, numbers[0], numbers[1]);
    status = eid__row_marks_read(at, store, &marks);
    if (status != EID_OK) goto done;
    status = eid__row_index_change(at, store, eid_buf_slice(&marks), doc, false);
    if (status != EID_OK) goto done;
    status = eid_state_apply_noting(&rows.rows, notes->stamp, doc, &notes->notes);
    *is_theirs = rows.is_over;
    *marked = *marked || rows.wrote_root;
    if (status != EID_OK) goto done;
    status = eid__row_index_change(at, store, eid_buf_slice(&marks), doc, true);

done:
    eid_buf_fini(&marks);
    eid__state_rows_fini(&rows);
    eid_doc_free(doc);
    return status;
}

/* What an entry writes to one of its stores. */
static eid_status state_apply_store(const eid_at *at, uint32_t numbers[2], eid__notes *what,
                                    bool *marked)
{
    const eid_stamp stamp = {what->subtree->height, *eid_entry_id(what->entry)};
    bool is_theirs = false;
    eid__notes notes;
    eid_status status;

    eid__notes_init(&notes, at, numbers, &stamp);
    notes.entry = what->entry;
    notes.subtree = what->subtree;
    notes.covers = what->covers;
    status = state_apply_payload(at, numbers, &notes, &is_theirs, marked);
    eid__notes_fini(&notes);
    if (!is_theirs) return status;
    eid_log_debug("state.opaque", "entry=%s store=%.*s reason=%s", eid_id_str(&stamp.id),
                  EID_SLICE_ARG(what->subtree->name), eid_status_detail(status).text);
    *marked = true;
    return state_mark(at->batch, numbers[0], numbers[1]);
}

eid_status eid__state_apply_entry(eid_batch *batch, uint32_t database, const eid_entry *entry,
                                  bool *marked)
{
    return eid__state_replay_entry(batch, database, entry, NULL, marked);
}

eid_status eid__state_replay_entry(eid_batch *batch, uint32_t database, const eid_entry *entry,
                                   eid__replay *replay, bool *marked)
{
    const eid_at at = {.kv = eid_batch_kv(batch), .batch = batch};
    eid__notes what = {.entry = entry};

    atomic_fetch_add_explicit(&state_applied, 1, memory_order_relaxed);
    for (size_t i = 0; i < eid_entry_subtree_count(entry); i++) {
        const eid_subtree *subtree = eid_entry_subtree(entry, i);
        uint32_t numbers[2] = {database, 0};
        eid_status status = EID_OK;

        if (replay != NULL) status = eid__replay_move(replay, entry, subtree, &what.covers);
        if (status != EID_OK) return status;
        if (!subtree->has_data || subtree->data.len == 0) continue;
        if (eid_slice_is(subtree->name, EID_STORE_ROOT)) continue;
        status = eid_index_store_number(batch, database, subtree->name, &numbers[1]);
        if (status != EID_OK) return status;
        what.subtree = subtree;
        status = state_apply_store(&at, numbers, &what, marked);
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

eid_status eid__state_drop(eid_batch *batch, uint32_t database, uint32_t store)
{
    static const uint8_t kinds[] = {EID__STATE_OPAQUE, EID__STATE_ROW, EID__STATE_INDEX_PAIR};
    eid_status status = EID_OK;

    for (size_t i = 0; i < sizeof(kinds) && status == EID_OK; i++) {
        uint8_t prefix[EID__STATE_PREFIX_BYTES];

        state_prefix(prefix, database, store, kinds[i]);
        status =
            eid_batch_delete_prefix(batch, EID_FAMILY_STATE, eid_slice_of(prefix, sizeof(prefix)));
    }
    return status;
}
