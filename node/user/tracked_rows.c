/* Rows of the table `databases`. Properties are kept as the JSON they were: nothing here reads
 * them. */
#include "dag/alloc.h"
#include "node/user/user_rows.h"
#include "node/user/user_rows_internal.h"

void eid_tracked_fini(eid_tracked *tracked)
{
    eid_free(tracked->sync.properties);
    *tracked = (eid_tracked){0};
}

static void tracked_read_properties(eid__row *row, eid_sync_settings *out)
{
    eid_slice raw = eid__row_raw(row);

    if (!eid__row_ok(row) || eid_slice_is(raw, "null")) return;
    if (raw.len == 0 || raw.at[0] != '{' || out->properties) {
        eid__row_fail(row, "properties were expected");
        return;
    }
    out->properties = eid_slice_dup_text(raw);
    if (!out->properties) row->status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a row");
}

static void tracked_read_sync(eid__row *row, eid_sync_settings *out)
{
    static const char *const names[] = {"sync_enabled", "sync_on_commit", "interval_seconds",
                                        "properties"};
    unsigned seen = 0;
    int member;

    eid__row_object(row);
    while ((member = eid__row_member(row, names, 4)) >= 0) {
        seen |= 1u << member;
        if (member == 0) eid__row_bool(row, &out->enabled);
        if (member == 1) eid__row_bool(row, &out->on_commit);
        if (member == 2) eid__row_uint_or_null(row, &out->has_interval, &out->interval_s);
        if (member == 3) tracked_read_properties(row, out);
    }
    if ((seen & 3u) != 3u) eid__row_fail(row, "sync settings are not whole");
}

eid_status eid_tracked_read(eid_slice json, eid_tracked *out)
{
    static const char *const names[] = {"database_id", "key_id", "sync_settings"};
    eid__row row;
    unsigned seen = 0;
    int member;
    eid_status status;

    *out = (eid_tracked){0};
    eid__row_begin(&row, json);
    eid__row_object(&row);
    while ((member = eid__row_member(&row, names, 3)) >= 0) {
        seen |= 1u << member;
        if (member == 0) eid__row_id(&row, &out->database);
        if (member == 1) eid__row_pubkey(&row, &out->key_id);
        if (member == 2) tracked_read_sync(&row, &out->sync);
    }
    if (seen != 7u) eid__row_fail(&row, "a member is missing");
    status = eid__row_end(&row, "a tracked database");
    if (status != EID_OK) eid_tracked_fini(out);
    return status;
}

void eid_tracked_write(const eid_tracked *tracked, eid_buf *out)
{
    const eid_sync_settings *sync = &tracked->sync;
    eid_json_writer json;

    eid_json_writer_init(&json, out);
    eid_json_object(&json);
    eid_json_key(&json, "database_id");
    eid__id_write(&tracked->database, &json);
    eid_json_key(&json, "key_id");
    eid__pubkey_write(&tracked->key_id, &json);
    eid_json_key(&json, "sync_settings");
    eid_json_object(&json);
    eid_json_key(&json, "sync_enabled");
    eid_json_bool(&json, sync->enabled);
    eid_json_key(&json, "sync_on_commit");
    eid_json_bool(&json, sync->on_commit);
    eid_json_key(&json, "interval_seconds");
    if (sync->has_interval) {
        eid_json_uint(&json, sync->interval_s);
    } else {
        eid_json_null(&json);
    }
    eid_json_key(&json, "properties");
    eid_json_raw(&json, eid_slice_text(sync->properties ? sync->properties : "{}"));
    eid_json_object_end(&json);
    eid_json_object_end(&json);
}
