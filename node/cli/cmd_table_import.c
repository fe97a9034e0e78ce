/* Rows of a file, in entries of some hundred rows: one entry for each row would make history as
 * large as the file, one for all would break the limit of an entry's size. */
#include <string.h>

#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/progress.h"
#include "node/cli/rows.h"

#define IMPORT_BATCH 500
#define IMPORT_BATCH_BYTES                                                                         \
    (256u * 1024u) /* of rows; quoted twice they stay below an entry's 1 MiB */

typedef struct import {
    eid__cli *cli;
    const char *store;
    const char *key_field; /* NULL = random keys */
    bool async;
    eid__cli_rows rows;
    eid_buf row, key;
    eidetica_txn *txn; /* NULL = nothing is staged */
    uint64_t staged, staged_bytes, batch;
    uint64_t done, entries;
    eid__cli_progress progress;
} import;

static int import_failed(import *im, eidetica_status status)
{
    char place[512];

    eid__cli_progress_end(&im->progress);
    eid__cli_rows_place(&im->rows, place, sizeof place);
    return eid__cli_failed(im->cli, status, "%s (%llu rows were imported before)", place,
                           (unsigned long long)im->done);
}

static int import_commit(import *im)
{
    eidetica_status status;

    if (im->txn == NULL) return 0;
    status =
        im->async ? eidetica_txn_commit_async(im->txn, NULL) : eidetica_txn_commit(im->txn, NULL);
    if (status != EIDETICA_OK) return import_failed(im, status);
    eidetica_txn_free(im->txn);
    im->txn = NULL;
    im->done += im->staged;
    im->entries++;
    im->staged = im->staged_bytes = 0;
    return 0;
}

static int import_refuse(import *im, const char *why, const char *remedy)
{
    char place[512];

    eid__cli_progress_end(&im->progress);
    eid__cli_rows_place(&im->rows, place, sizeof place);
    return eid__cli_refuse(im->cli, EIDETICA_MALFORMED, place, remedy,
                           "%s (%llu rows were imported before)", why,
                           (unsigned long long)im->done);
}

/* Which key the row gets: *keyed with im->key, else a random one. What is to be stored is `inner`,
 * a part of im->row, which then ends there. */
static int import_key(import *im, eid_slice *inner, bool *keyed)
{
    *inner = eid_buf_slice(&im->row);
    if (im->key_field == NULL) {
        *keyed = eid__cli_row_exported(*inner, &im->key, inner);
        eid_buf_truncate(&im->row, (size_t)(inner->at - im->row.at) + inner->len);
        return 0;
    }
    *keyed = eid__cli_row_key(*inner, im->key_field, &im->key);
    if (*keyed) return 0;
    return import_refuse(im, "the row has no such field with a text or an integer",
                         "check --key and the row");
}

/* Stage `im->row`. */
static int import_stage(import *im)
{
    eidetica_status status;
    eid_slice inner;
    char *made = NULL;
    const char *json;
    bool keyed;
    int code;

    if (memchr(im->row.at, 0, im->row.len) != NULL) {
        return import_refuse(im, "the row has a zero byte", "check that it is valid JSON");
    }
    code = import_key(im, &inner, &keyed);
    if (code != 0) return code;
    im->staged_bytes += inner.len;
    eid_buf_append_byte(&im->row, 0); /* may move the bytes: `inner` is gone */
    if (eid_buf_status(&im->row) != EID_OK) return eid__cli_no_memory(im->cli);
    json = (const char *)im->row.at + (im->row.len - 1 - inner.len);
    status = keyed ? eidetica_table_set(im->txn, im->store, (const char *)im->key.at, json)
                   : eidetica_table_insert(im->txn, im->store, json, &made);
    eidetica_free(made);
    if (status != EIDETICA_OK) return import_failed(im, status);
    im->staged++;
    return 0;
}

static int import_row(import *im)
{
    eidetica_status status;
    int code;

    if (im->txn == NULL) {
        status = eidetica_txn_begin(im->cli->db, &im->txn);
        if (status != EIDETICA_OK) return import_failed(im, status);
    }
    code = import_stage(im);
    if (code == 0 && (im->staged >= im->batch || im->staged_bytes >= IMPORT_BATCH_BYTES)) {
        code = import_commit(im);
    }
    eid__cli_progress_show(&im->progress, im->done + im->staged, 0, im->rows.input.bytes);
    return code;
}

static int import_all(import *im)
{
    bool end = false;
    int code = 0;

    while (code == 0 && !end) {
        code = eid__cli_rows_next(&im->rows, &im->row, &end);
        if (code == 0 && !end) code = import_row(im);
    }
    if (code == 0) code = import_commit(im);
    if (code == 0 && im->async) {
        eidetica_status status = eidetica_sync_disk(im->cli->instance);

        if (status != EIDETICA_OK) code = import_failed(im, status);
    }
    return code;
}

static int import_answer(import *im)
{
    eid__cli_answer answer;
    char human[128];

    eid__cli_answer_begin(&answer, im->cli);
    eid_json_key(&answer.json, "rows");
    eid_json_uint(&answer.json, im->done);
    eid_json_key(&answer.json, "entries");
    eid_json_uint(&answer.json, im->entries);
    snprintf(human, sizeof human, "imported %llu rows in %llu entries",
             (unsigned long long)im->done, (unsigned long long)im->entries);
    return eid__cli_answer_end(&answer, human);
}

int eid__cli_run_table_import(eid__cli *cli)
{
import im = {.cli = cli, .store = eid__cli_operand(cli, 1), .key_field = eid__cli_text(cli, EID__OPT_KEY, NULL), .async = eid__cli_has(cli, EID__OPT_ASYNC), .batch = eid__cli_number(cli, EID__OPT_BATCH, IMPORT_BATCH) };
    int code;

    eid_buf_init(&im.row, EID__CLI_LINE_MAX);
    eid_buf_init(&im.key, 65536);
    code = eid__cli_rows_open(&im.rows, cli, eid__cli_operand(cli, 2),
                              eid__cli_text(cli, EID__OPT_FORMAT, NULL));
    if (code == 0) code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));
    eid__cli_progress_begin(&im.progress, cli, "rows");
    if (code == 0) code = import_all(&im);
    eid__cli_progress_end(&im.progress);
    eidetica_txn_free(im.txn);
    eid__cli_rows_close(&im.rows);
    eid_buf_fini(&im.row);
    eid_buf_fini(&im.key);
    return code == 0 ? import_answer(&im) : code;
}
