/* A tag stands between path and stamp that begins no component of a path, so that rows of a path
 * and rows below it are told apart. Whatever is changed is read again under the database's write
 * lock first: lists are made without it. */
#include "node/db/conflict_ledger.h"

#define LEDGER_KEY_MAX (128u * 1024u)
#define LEDGER_VALUE_MAX 4096u
#define LEDGER_FORMAT 1u
#define LEDGER_STAMP 0x20u /* the tag */

void eid__ledger_init(eid__ledger *ledger, const eid_at *at, uint32_t database, uint32_t store)
{
    *ledger = (eid__ledger){.at = *at, .database = database, .store = store};
    eid_buf_init(&ledger->key, LEDGER_KEY_MAX);
    eid_buf_init(&ledger->value, LEDGER_VALUE_MAX);
}

void eid__ledger_fini(eid__ledger *ledger)
{
    eid_buf_fini(&ledger->key);
    eid_buf_fini(&ledger->value);
}

void eid__ledger_prefix(const eid__ledger *ledger, eid__ledger_kind kind,
                        uint8_t out[EID__LEDGER_PREFIX_BYTES])
{
    eid_put_u32(out, ledger->database);
    eid_put_u32(out + 4, ledger->store);
    out[8] = (uint8_t)kind;
}

/* -- keys and values --------------------------------------------------------------------------- */

static void stamp_write(const eid_stamp *stamp, eid_buf *out)
{
    eid_buf_append_u64(out, stamp->height);
    eid_buf_append_byte(out, stamp->id.len);
    eid_buf_append(out, eid_id_slice(&stamp->id));
}

/* Take a stamp from the beginning of `rest`. */
static eid_status stamp_read(eid_slice *rest, eid_stamp *out)
{
    size_t used = 0;

    if (rest->len < 9 || rest->len - 9 < rest->at[8] || rest->at[8] == 0) goto corrupt;
    out->height = eid_get_u64(rest->at);
    if (eid_id_from_bytes(eid_slice_of(rest->at + 9, rest->at[8]), &out->id, &used) != EID_OK ||
        used != rest->at[8]) {
        goto corrupt;
    }
    *rest = eid_slice_of(rest->at + 9 + used, rest->len - 9 - used);
    return EID_OK;

corrupt:
    return EID_FAIL(EID_KIND_STORE_CORRUPT, "a stamp in the ledger of conflicts cannot be read");
}

void eid__ledger_loss_key(const eid__loss_row *row, eid_buf *out)
{
    eid_buf_append(out, row->path);
    eid_buf_append_byte(out, LEDGER_STAMP);
    stamp_write(&row->loser, out);
}

static eid_status ledger_key(eid__ledger *ledger, eid__ledger_kind kind, eid_slice path,
                             const eid__loss_row *row)
{
    uint8_t prefix[EID__LEDGER_PREFIX_BYTES];

    eid__ledger_prefix(ledger, kind, prefix);
    eid_buf_clear(&ledger->key);
    eid_buf_append(&ledger->key, eid_slice_of(prefix, sizeof(prefix)));
    if (row != NULL) {
        eid__ledger_loss_key(row, &ledger->key);
    } else {
        eid_buf_append(&ledger->key, path);
    }
    return eid_buf_status(&ledger->key);
}

static void loss_write(const eid__loss_row *row, eid_buf *out)
{
    eid_buf_clear(out);
    eid_buf_append_byte(out, LEDGER_FORMAT);
    eid_buf_append_byte(out, (uint8_t)row->flags);
    stamp_write(&row->winner, out);
}

eid_status eid__ledger_read_loss(eid_slice key, eid_slice value, eid__loss_row *out)
{
    eid_slice rest;
    size_t len;
    eid_status status = eid_state_key_span(key, &len);

    if (status != EID_OK) return status;
    if (len == key.len || key.at[len] != LEDGER_STAMP || value.len < 2 ||
        value.at[0] != LEDGER_FORMAT) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "a row in the ledger of conflicts cannot be read");
    }
    out->path = eid_slice_of(key.at, len);
    out->flags = value.at[1];
    rest = eid_slice_of(key.at + len + 1, key.len - len - 1);
    status = stamp_read(&rest, &out->loser);
    if (status != EID_OK) return status;
    rest = eid_slice_of(value.at + 2, value.len - 2);
    return stamp_read(&rest, &out->winner);
}

eid_status eid__ledger_read_hiders(eid_slice value, eid__hiders *out)
{
    eid_slice rest = value.len > 0 ? eid_slice_of(value.at + 1, value.len - 1) : EID_SLICE_EMPTY;
    eid_status status = EID_OK;

    out->count = 0;
    if (value.len == 0 || value.at[0] != LEDGER_FORMAT) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "a row in the ledger of conflicts cannot be read");
    }
    while (status == EID_OK && rest.len > 0 && out->count < EID__LEDGER_HIDERS_MAX) {
        status = stamp_read(&rest, &out->at[out->count]);
        if (status == EID_OK) out->count++;
    }
    return status;
}

static void hiders_write(const eid__hiders *hiders, eid_buf *out)
{
    eid_buf_clear(out);
    eid_buf_append_byte(out, LEDGER_FORMAT);
    for (size_t i = 0; i < hiders->count; i++) stamp_write(&hiders->at[i], out);
}

/* -- rows -------------------------------------------------------------------------------------- */

static eid_status ledger_get(eid__ledger *ledger)
{
    const eid_at *at = &ledger->at;
    eid_slice key = eid_buf_slice(&ledger->key);

    eid_buf_clear(&ledger->value);
    if (at->batch != NULL) {
        return eid_batch_get(at->batch, EID_FAMILY_STATE, key, &ledger->value);
    }
    return eid_kv_get(at->kv, at->view, EID_FAMILY_STATE, key, &ledger->value);
}

static eid_status ledger_put(eid__ledger *ledger)
{
    eid_status status = eid_buf_status(&ledger->value);

    if (status != EID_OK) return status;
    return eid_batch_put(ledger->at.batch, EID_FAMILY_STATE, eid_buf_slice(&ledger->key),
                         eid_buf_slice(&ledger->value));
}

eid_status eid__ledger_note(eid__ledger *ledger, const eid__loss_row *row, size_t *bytes)
{
    eid_status status = ledger_key(ledger, EID__LEDGER_PRUNED, row->path, row);

    if (status == EID_OK) status = ledger_get(ledger);
    if (status != EID_E_NOT_FOUND) return status;
    ledger->key.at[EID__LEDGER_PREFIX_BYTES - 1] = EID__LEDGER_LOSS;
    status = ledger_get(ledger);
    if (status != EID_E_NOT_FOUND) return status;
    loss_write(row, &ledger->value);
    if (bytes != NULL) *bytes += ledger->key.len + ledger->value.len;
    return ledger_put(ledger);
}

eid_status eid__ledger_hiders(eid__ledger *ledger, eid_slice under, eid__hiders *out)
{
    eid_status status = ledger_key(ledger, EID__LEDGER_HIDE, under, NULL);

    out->count = 0;
    if (status == EID_OK) status = ledger_get(ledger);
    if (status == EID_E_NOT_FOUND) return EID_OK;
    return status == EID_OK ? eid__ledger_read_hiders(eid_buf_slice(&ledger->value), out) : status;
}

/* Put a stamp in its place; the oldest goes if there is no room. False if nothing changes. */
static bool hiders_add(eid__hiders *hiders, const eid_stamp *stamp)
{
    size_t at = hiders->count;

    while (at > 0 && eid_stamp_compare(&hiders->at[at - 1], stamp) > 0) at--;
    if (at > 0 && eid_stamp_compare(&hiders->at[at - 1], stamp) == 0) return false;
    if (hiders->count == EID__LEDGER_HIDERS_MAX) {
        if (at == 0) return false;
        memmove(hiders->at, hiders->at + 1, --at * sizeof(hiders->at[0]));
    } else {
        memmove(hiders->at + at + 1, hiders->at + at, (hiders->count - at) * sizeof(hiders->at[0]));
        hiders->count++;
    }
    hiders->at[at] = *stamp;
    return true;
}

eid_status eid__ledger_hide(eid__ledger *ledger, eid_slice path, uint8_t space,
                            const eid_stamp *hider)
{
    eid__hiders hiders = {.count = 0};
    eid_status status = ledger_key(ledger, EID__LEDGER_HIDE, path, NULL);

    eid_buf_append_byte(&ledger->key, space);
    if (status == EID_OK) status = eid_buf_status(&ledger->key);
    if (status == EID_OK) status = ledger_get(ledger);
    if (status == EID_OK) status = eid__ledger_read_hiders(eid_buf_slice(&ledger->value), &hiders);
    if (status == EID_E_NOT_FOUND) status = EID_OK;
    if (status != EID_OK || !hiders_add(&hiders, hider)) return status;
    hiders_write(&hiders, &ledger->value);
    return ledger_put(ledger);
}

eid_status eid__ledger_change(eid__ledger *ledger, const eid__loss_row *row, unsigned old_flags,
                              eid__loss_change change)
{
    eid_batch *batch = ledger->at.batch;
    eid_status status = ledger_key(ledger, EID__LEDGER_LOSS, row->path, row);

    if (status == EID_OK) status = ledger_get(ledger);
    if (status != EID_OK) return status == EID_E_NOT_FOUND ? EID_OK : status;
    if (change != EID__LOSS_PRUNE && (ledger->value.len < 2 || ledger->value.at[1] != old_flags)) {
        return EID_OK;
    }
    if (change == EID__LOSS_KEEP) {
        loss_write(row, &ledger->value);
        return ledger_put(ledger);
    }
    status = eid_batch_delete(batch, EID_FAMILY_STATE, eid_buf_slice(&ledger->key));
    if (status != EID_OK || change != EID__LOSS_PRUNE) return status;
    ledger->key.at[EID__LEDGER_PREFIX_BYTES - 1] = EID__LEDGER_PRUNED;
    return eid_batch_put(batch, EID_FAMILY_STATE, eid_buf_slice(&ledger->key), eid_slice_text("1"));
}

eid_status eid__ledger_pruned(eid__ledger *ledger, eid_slice path, eid_stamp *out, size_t max,
                              size_t *count)
{
    const eid_at *at = &ledger->at;
    eid_kv_iter *iter = NULL;
    eid_slice key, value;
    eid_status status = ledger_key(ledger, EID__LEDGER_PRUNED, path, NULL);

    *count = 0;
    eid_buf_append_byte(&ledger->key, LEDGER_STAMP);
    if (status == EID_OK) status = eid_buf_status(&ledger->key);
    if (status == EID_OK) {
        status =
            eid_kv_iter_new(at->kv, at->view, EID_FAMILY_STATE, eid_buf_slice(&ledger->key), &iter);
    }
    if (status != EID_OK) return status;
    eid_kv_iter_seek(iter, EID_SLICE_EMPTY);
    while (*count < max && status == EID_OK && eid_kv_iter_pair(iter, &key, &value)) {
        eid_slice rest = eid_slice_of(key.at + ledger->key.len, key.len - ledger->key.len);

        status = stamp_read(&rest, &out[*count]);
        (*count)++;
        eid_kv_iter_next(iter);
    }
    if (status == EID_OK) status = eid_kv_iter_status(iter);
    eid_kv_iter_free(iter);
    return status;
}

eid_status eid__ledger_unhide(eid__ledger *ledger, eid_slice under, const eid__hiders *old)
{
    eid__hiders hiders;
    eid_status status = eid__ledger_hiders(ledger, under, &hiders);

    if (status != EID_OK || hiders.count != old->count) return status;
    for (size_t i = 0; i < hiders.count; i++) {
        if (eid_stamp_compare(&hiders.at[i], &old->at[i]) != 0) return EID_OK;
    }
    return eid_batch_delete(ledger->at.batch, EID_FAMILY_STATE, eid_buf_slice(&ledger->key));
}
