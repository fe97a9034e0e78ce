/* Bytes are hashed again on every read: the disk is not trusted, and what we send or fold would
 * spread its damage. */
#include "dag/log.h"
#include "storage/index_parts.h"

#define HEAD_BYTES 13u
#define RECORD_BYTES_MAX (EID_ENTRY_BYTES_MAX + HEAD_BYTES)

eid_status eid__entry_get(const eid_at *at, const eid_id *id, eid_buf *record, eid__entry_head *out)
{
    eid__record reader;
    eid_status status;

    eid_buf_init(record, RECORD_BYTES_MAX);
    status = eid__at_get(at, EID_FAMILY_ENTRY, eid_id_slice(id), record);
    if (status != EID_OK) return status;
    reader = eid__record_begin(eid_buf_slice(record));
    out->arrival_ms = eid__record_u64(&reader);
    out->database = eid__record_u32(&reader);
    out->bytes = eid_slice_of(reader.at, (size_t)(reader.end - reader.at));
    return eid__record_status(&reader, "a stored entry");
}

eid_status eid__entry_put(eid_batch *batch, const eid_id *id, const eid__entry_head *head)
{
    eid_buf value;
    eid_status status;

    eid_buf_init(&value, RECORD_BYTES_MAX);
    eid_buf_append_byte(&value, EID__RECORD_FORMAT);
    eid_buf_append_u64(&value, head->arrival_ms);
    eid_buf_append_u32(&value, head->database);
    eid_buf_append(&value, head->bytes);
    status = eid_buf_status(&value);
    if (status == EID_OK) {
        status = eid_batch_put(batch, EID_FAMILY_ENTRY, eid_id_slice(id), eid_buf_slice(&value));
    }
    eid_buf_fini(&value);
    return status;
}

eid_status eid_index_find(const eid_at *at, const eid_id *id, eid_index_info *out)
{
    eid__entry_head head = {.database = 0};
    eid_buf record;
    eid_status status = eid__entry_get(at, id, &record, &head);

    memset(out, 0, sizeof *out);
    if (status == EID_OK) {
        out->database = head.database;
        out->arrival_ms = head.arrival_ms;
        status = eid__node_peek(at, head.database, id, &out->verdict, &out->height);
        if (status == EID_E_NOT_FOUND) {
            status = EID_FAIL(EID_KIND_STORE_CORRUPT, "%s has no edges", eid_id_str(id));
        }
    }
    eid_buf_fini(&record);
    return status;
}

bool eid_index_has(const eid_at *at, const eid_id *id)
{
    eid__entry_head head;
    eid_buf record;
    eid_status status = eid__entry_get(at, id, &record, &head);

    eid_buf_fini(&record);
    if (status != EID_OK && status != EID_E_NOT_FOUND) {
        eid_log_error("index.has", "id=%s error=%s", eid_id_str(id),
                      eid_status_detail(status).text);
    }
    return status == EID_OK;
}

eid_status eid_index_entry(const eid_at *at, const eid_id *id, eid_entry **out)
{
    eid__entry_head head;
    eid_buf record;
    eid_status status = eid__entry_get(at, id, &record, &head);

    *out = NULL;
    if (status == EID_OK) status = eid_entry_decode_stored(head.bytes, id, out);
    eid_buf_fini(&record);
    return status;
}

eid_status eid_index_bytes(const eid_at *at, const eid_id *id, eid_buf *out)
{
    eid__entry_head head;
    eid_buf record;
    eid_id found;
    eid_status status = eid__entry_get(at, id, &record, &head);

    eid_buf_clear(out);
    if (status != EID_OK) goto done;
    found = eid_id_of_entry(head.bytes);
    if (!eid_id_equal(&found, id)) {
        status =
            EID_FAIL(EID_KIND_STORE_CORRUPT, "the bytes of %s have another id", eid_id_str(id));
        goto done;
    }
    eid_buf_append(out, head.bytes);
    status = eid_buf_status(out);

done:
    eid_buf_fini(&record);
    return status;
}
