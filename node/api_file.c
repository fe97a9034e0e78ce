/* The file's order is the order of the index, so two nodes that hold the same write the same bytes.
 * What is read goes in by batches, like what a peer sends: memory is a batch, whatever the file. */
#include "dag/alloc.h"
#include "dag/car.h"
#include "node/api_internal.h"
#include "node/db/engine.h"
#include "node/user/session.h"
#include "storage/file.h"

#define FILE_BATCH_ENTRIES 1000u
#define FILE_BATCH_BYTES (8u * 1024u * 1024u)
#define FILE_READ_BYTES (256u * 1024u)

typedef struct file_call {
    eidetica_progress_fn fn;
    void *self;
    eidetica_progress progress;
} file_call;

static void file_tell(file_call *call)
{
    if (call->fn) call->fn(call->self, &call->progress);
}

/* -- export ------------------------------------------------------------------------------------ */

typedef struct file_export {
    file_call call;
    eid_file_writer *file;
    eid_buf block; /* gathered, to be written */
} file_export;

static eid_status export_flush(file_export *export)
{
    eid_status status = eid_buf_status(&export->block);

    if (status == EID_OK)
        status = eid_file_writer_append(export->file, eid_buf_slice(&export->block));
    eid_buf_clear(&export->block);
    file_tell(&export->call);
    return status;
}

static eid_status export_entry(void *arg, const eid_entry *entry, eid_verdict verdict)
{
    file_export *export = arg;
    eid_status status;

    if (verdict != EID_VERIFIED) return EID_OK;
    status = eid_car_put_block(eid_entry_id(entry), eid_entry_bytes(entry), &export->block);
    export->call.progress.entries++;
    export->call.progress.bytes += eid_entry_bytes(entry).len;
    if (status != EID_OK || export->block.len < FILE_READ_BYTES) return status;
    return export_flush(export);
}

static eid_status file_write(eidetica_db *db, const char *path, file_export *export)
{
    eid_db_info info;
    eid_status status = db->seam->info(db->seam->self, &db->root, &info);

    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_DATABASE_NOT_FOUND, "database %s is not here", db->root_text);
    }
    if (status != EID_OK) return status;
    export->call.progress.total = info.counts.verified;
    eid_db_info_fini(&info);
    status = eid_file_writer_new(path, &export->file);
    if (status == EID_OK) status = eid_car_put_header((eid_ids){&db->root, 1}, &export->block);
    if (status == EID_OK) {
        status = db->seam->entries(db->seam->self, &db->root, NULL, false, export_entry, export);
    }
    if (status == EID_OK) status = export_flush(export);
    return status == EID_OK ? eid_file_writer_finish(export->file) : status;
}

eidetica_status eidetica_export(eidetica_db *db, const char *path, eidetica_progress_fn progress,
                                void *self)
{
    file_export export = {.call = {.fn = progress, .self = self}};
    eid_status status = eid__api_need(db, "db");

    eid_buf_init(&export.block, EID__API_JSON_MAX);
    if (status == EID_OK) status = eid__api_need(path, "path");
    if (status == EID_OK) status = file_write(db, path, &export);
    eid_file_writer_free(export.file);
    eid_buf_fini(&export.block);
    return eid__api_end(status);
}

/* -- import ------------------------------------------------------------------------------------ */

typedef struct file_import {
    file_call call;
    const eid_seam *seam;
    eid_car *car;
    eid_buf bytes; /* of the batch */
    size_t ends[FILE_BATCH_ENTRIES];
    size_t count;
    uint64_t read; /* of the file */
    uint64_t stored, visible, failed_before;
    eid_idset roots;
    bool has_roots;
} file_import;

/* How many entries of the roots were judged invalid up to now; drops roots that are not held if
 * `held_only`. */
static eid_status import_failed(file_import *import, bool held_only, uint64_t *failed)
{
    *failed = 0;
    for (size_t i = import->roots.count; i-- > 0;) {
        eid_id root = import->roots.at[i];
        eid_db_info info;
        eid_status status = import->seam->info(import->seam->self, &root, &info);

        if (status == EID_OK) {
            *failed += info.counts.failed;
            if (held_only && !info.has_genesis) eid_idset_remove(&import->roots, &root);
            eid_db_info_fini(&info);
        } else if (status == EID_E_NOT_FOUND || status == EID_E_DENIED) {
            if (held_only && status == EID_E_NOT_FOUND) eid_idset_remove(&import->roots, &root);
        } else {
            return status;
        }
    }
    return EID_OK;
}

/* The header is known: what does it name, and how do things stand? */
static eid_status import_roots(file_import *import)
{
    eid_ids roots = eid_car_roots(import->car);
    eid_status status;

    if (import->has_roots || roots.count == 0) return EID_OK;
    import->has_roots = true;
    status = eid_idset_assign(&import->roots, roots);
    return status == EID_OK ? import_failed(import, false, &import->failed_before) : status;
}

static eid_status import_flush(file_import *import)
{
    eid_slice entries[FILE_BATCH_ENTRIES];
    uint64_t stored = 0, visible = 0;
    size_t from = 0;
    eid_status status;

    if (import->count == 0) return EID_OK;
    for (size_t i = 0; i < import->count; i++) {
        entries[i] = eid_slice_of(import->bytes.at + from, import->ends[i] - from);
        from = import->ends[i];
    }
    status = import->seam->ingest(import->seam->self, entries, import->count, &stored, &visible);
    import->stored += stored;
    import->visible += visible;
    import->call.progress.entries += import->count;
    import->count = 0;
    eid_buf_clear(&import->bytes);
    file_tell(&import->call);
    return status;
}

static eid_status import_block(file_import *import, const eid_id *id, eid_slice bytes)
{
    eid_id_parts parts;
    eid_status status;

    eid_id_parts_of(id, &parts);
    if (parts.codec != EID_CODEC_DAG_CBOR || bytes.len > EID_ENTRY_BYTES_MAX) {
        return EID_FAIL(EID_KIND_CAR, "block %s is no entry", eid_id_str(id));
    }
    eid_buf_append(&import->bytes, bytes);
    status = eid_buf_status(&import->bytes);
    if (status != EID_OK) return status;
    import->ends[import->count++] = import->bytes.len;
    import->call.progress.bytes += bytes.len;
    if (import->count < FILE_BATCH_ENTRIES && import->bytes.len < FILE_BATCH_BYTES) return EID_OK;
    return import_flush(import);
}

static eid_status import_feed(file_import *import, eid_slice bytes)
{
    eid_status status = eid_car_feed(import->car, bytes);

    while (status == EID_OK) {
        eid_slice block;
        eid_id id;

        status = eid_car_next(import->car, &id, &block);
        if (status == EID_OK) status = import_roots(import);
        if (status == EID_OK) status = import_block(import, &id, block);
    }
    return status == EID_E_AGAIN ? import_roots(import) : status;
}

static eid_status file_read(file_import *import, const char *path)
{
    eid_file_reader *file = NULL;
    eid_buf piece;
    eid_status status = eid_file_reader_new(path, &file);

    eid_buf_init(&piece, FILE_READ_BYTES);
    if (status == EID_OK) status = eid_car_new(&import->car);
    while (status == EID_OK) {
        status = eid_file_reader_next(file, FILE_READ_BYTES, &piece);
        if (status != EID_OK || piece.len == 0) break;
        status = import_feed(import, eid_buf_slice(&piece));
    }
    if (status == EID_OK) status = eid_car_finish(import->car);
    if (status == EID_OK) status = import_flush(import);
    eid_buf_fini(&piece);
    eid_file_reader_free(file);
    return status;
}

/* -- what becomes of it ------------------------------------------------------------------------ */

static eid_status import_on_tracked(void *arg, const eid_id *root, const eid_pubkey *key,
                                    bool sync_enabled)
{
    (void)key;
    (void)sync_enabled;
    eid_idset_remove(arg, root);
    return EID_OK;
}

/* Follow what the user has a key for and does not follow yet. */
static eid_status import_track(eidetica_user *user, eid_ids roots)
{
    eid_idset fresh = EID_IDSET_EMPTY;
    eid_status status = eid_idset_assign(&fresh, roots);

    if (status == EID_OK) status = eid_session_tracked(user->session, import_on_tracked, &fresh);
    for (size_t i = 0; i < fresh.count && status == EID_OK; i++) {
        eid_signer signer;

        if (eid_session_signer(user->session, &fresh.at[i], &signer) != EID_OK) continue;
        status = eid_session_track(user->session, &fresh.at[i], &signer.key->pub, signer.identity,
                                   false);
    }
    eid_idset_fini(&fresh);
    return status;
}

static eid_status import_report(const file_import *import, uint64_t failed, char **out)
{
    char text[EID_ID_TEXT_MAX];
    eid_json_writer json;
    eid_buf buf;
    eid_status status;

    eid_buf_init(&buf, EID__API_JSON_MAX);
    eid_json_writer_init(&json, &buf);
    eid_json_object(&json);
    eid_json_key(&json, "entries");
    eid_json_uint(&json, import->call.progress.entries);
    eid_json_key(&json, "new");
    eid_json_uint(&json, import->stored);
    eid_json_key(&json, "verified");
    eid_json_uint(&json, import->visible);
    eid_json_key(&json, "failed");
    eid_json_uint(&json, failed > import->failed_before ? failed - import->failed_before : 0);
    eid_json_key(&json, "roots");
    eid_json_array(&json);
    for (size_t i = 0; i < import->roots.count; i++) {
        eid_json_text(&json, eid_id_format(&import->roots.at[i], text));
    }
    eid_json_array_end(&json);
    eid_json_object_end(&json);
    status = eid_buf_status(&buf);
    if (status == EID_OK) *out = eid_buf_take_text(&buf);
    eid_buf_fini(&buf);
    if (status == EID_OK && !*out) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a report");
    return status;
}

eidetica_status eidetica_import(eidetica_user *user, const char *path,
                                eidetica_progress_fn progress, void *self, char **json)
{
    file_import *import = NULL;
    uint64_t failed = 0;
    eid_status status = eid__api_need(user, "user");

    if (json) *json = NULL;
    if (status == EID_OK) status = eid__api_need(path, "path");
    if (status != EID_OK) return eid__api_end(status);
    import = eid_alloc(sizeof *import);
    if (!import) return eid__api_end(EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an import"));
    import->call = (file_call){.fn = progress, .self = self};
    import->seam = user->seam;
    eid_buf_init(&import->bytes, FILE_BATCH_BYTES + EID_ENTRY_BYTES_MAX);
    status = file_read(import, path);
    if (status == EID_OK) status = import_failed(import, true, &failed);
    if (status == EID_OK) status = import_track(user, eid_idset_ids(&import->roots));
    if (status == EID_OK && json) status = import_report(import, failed, json);
    eid_car_free(import->car);
    eid_buf_fini(&import->bytes);
    eid_idset_fini(&import->roots);
    eid_free(import);
    return eid__api_end(status);
}
