/* Rows as JSON lines in key order: two nodes with the same rows write the same bytes. */
#include <string.h>

#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/outfile.h"
#include "node/cli/progress.h"

typedef struct export_state {
    eid__cli_outfile out;
    eid_buf line;
    uint64_t rows, bytes;
    eid__cli_progress progress;
    bool broken; /* the line was too long, or writing failed */
} export_state;

static bool export_on_row(void *self, const char *key, const char *row)
{
    export_state *state = self;
    eid_json_writer json;

    eid_buf_clear(&state->line);
    eid_json_writer_init(&json, &state->line);
    eid_json_object(&json);
    eid_json_key(&json, "key");
    eid_json_text(&json, key);
    eid_json_key(&json, "row");
    eid_json_raw(&json, eid_slice_text(row));
    eid_json_object_end(&json);
    eid_buf_append_byte(&state->line, '\n');
    state->broken = eid_buf_status(&state->line) != EID_OK ||
                    fwrite(state->line.at, 1, state->line.len, state->out.file) != state->line.len;
    state->rows++;
    state->bytes += state->line.len;
    eid__cli_progress_show(&state->progress, state->rows, 0, state->bytes);
    return !state->broken;
}

int eid__cli_run_table_export(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *path = eid__cli_operand(cli, 2);
    export_state state = {0};
    eid__cli_answer answer;
    eidetica_status status;
    char human[128];
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    eid_buf_init(&state.line, EID__CLI_TEXT_MAX);
    eid__cli_progress_begin(&state.progress, cli, "rows");
    code = eid__cli_outfile_begin(&state.out, cli, path);
    if (code == 0) {
        status = eidetica_table_rows(cli->db, store, NULL, export_on_row, &state);
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not read the rows of %s", store);
        }
    }
    eid__cli_progress_end(&state.progress);
    if (code == 0 && state.broken && eid_buf_status(&state.line) != EID_OK) {
        code = eid__cli_no_memory(cli);
    }
    code = eid__cli_outfile_end(&state.out, code);
    eid_buf_fini(&state.line);
    if (code != 0 || strcmp(path, "-") == 0) return code;
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "rows");
    eid_json_uint(&answer.json, state.rows);
    snprintf(human, sizeof human, "exported %llu rows", (unsigned long long)state.rows);
    return eid__cli_answer_end(&answer, human);
}
