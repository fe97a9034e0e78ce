/* History, as lines, as a drawing, and entry by entry. */
#include <stdlib.h>
#include <string.h>

#include "node/cli/commands.h"
#include "node/cli/graph.h"
#include "node/cli/listing.h"
#include "node/cli/outfile.h"
#include "node/cli/svg.h"
#include "node/cli/view.h"

#define LOG_DRAWING_MAX ((size_t)1024 * 1024 * 1024) /* bytes of a drawing */

static bool log_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);

        if (value == NULL || value[0] == 0) continue;
        return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
    }
    return false;
}

static int log_graph(eid__cli *cli, const char *store)
{
    eid__cli_graph_style style = {.unicode = log_is_utf8(), .colour = cli->colour};
    eid__cli_history history;
    eid_buf out;
    int code = eid__cli_history_read(&history, cli, store,
                                     eid__cli_number(cli, EID__OPT_LIMIT, UINT64_MAX));

    eid_buf_init(&out, LOG_DRAWING_MAX);
    if (code == 0 && !eid__cli_graph_draw(&history, &style, &out)) code = eid__cli_no_memory(cli);
    if (code == 0) fwrite(out.at, 1, out.len, stdout);
    eid_buf_fini(&out);
    eid__cli_history_fini(&history);
    return code;
}

static void log_on_describe(void *self, const eidetica_db_info *info)
{
    char *title = self;

    snprintf(title, 256, "%s", info->name[0] != 0 ? info->name : info->root);
}

static int log_svg_write(eid__cli *cli, eid__cli_history *history, const char *title,
                         const char *path)
{
    eid__cli_outfile file;
    eid_buf out;
    int code = 0;

    eid_buf_init(&out, LOG_DRAWING_MAX);
    if (!eid__cli_svg_draw(history, title, &out)) code = eid__cli_no_memory(cli);
    if (code == 0) {
        code = eid__cli_outfile_begin(&file, cli, path);
        if (code == 0) fwrite(out.at, 1, out.len, file.file);
        code = eid__cli_outfile_end(&file, code);
    }
    eid_buf_fini(&out);
    return code;
}

static int log_svg(eid__cli *cli, const char *store, const char *path)
{
    uint64_t limit = eid__cli_number(cli, EID__OPT_LIMIT, EID__CLI_SVG_ENTRIES_MAX);
    eid__cli_history history;
    eid__cli_answer answer;
    char title[256] = "", human[64];
    eidetica_status status;
    int code;

    if (limit > EID__CLI_SVG_ENTRIES_MAX) limit = EID__CLI_SVG_ENTRIES_MAX;
    code = eid__cli_history_read(&history, cli, store, limit);
    if (code == 0) {
        status = eidetica_db_describe(cli->db, log_on_describe, title);
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not describe the database");
        }
    }
    if (code == 0) code = log_svg_write(cli, &history, title, path);
    if (code == 0 && strcmp(path, "-") != 0) {
        eid__cli_answer_begin(&answer, cli);
        eid_json_key(&answer.json, "entries");
        eid_json_uint(&answer.json, history.count);
        eid_json_key(&answer.json, "file");
        eid_json_text(&answer.json, path);
        snprintf(human, sizeof human, "drew %zu entries", history.count);
        code = eid__cli_answer_end(&answer, human);
    }
    eid__cli_history_fini(&history);
    return code;
}

typedef struct log_list {
    eid__cli_listing listing;
    uint64_t left;
} log_list;

static void log_texts(eid_json_writer *json, const char *name, const char *const *texts,
                      size_t count)
{
    eid_json_key(json, name);
    eid_json_array(json);
    for (size_t i = 0; i < count; i++) eid_json_text(json, texts[i]);
    eid_json_array_end(json);
}

static void log_say(const eidetica_entry *entry)
{
    char signer[32];
    eid_buf stores;

    eid_buf_init(&stores, 65536);
    for (size_t i = 0; i < entry->store_count && stores.len < 256; i++) {
        eid_buf_append_format(&stores, "%s%s", i > 0 ? "," : "", entry->stores[i]);
    }
    eid__cli_short_name(entry->signer, signer, sizeof signer);
    eid__cli_say("%s  h%-5llu  %-10s  %-20s  %.*s", entry->id, (unsigned long long)entry->height,
                 entry->verdict, signer, (int)stores.len,
                 stores.at == NULL ? "" : (const char *)stores.at);
    eid_buf_fini(&stores);
}

static bool log_on_entry(void *self, const eidetica_entry *entry)
{
    log_list *list = self;
    eid_json_writer *json = eid__cli_listing_item(&list->listing);

    if (json == NULL) {
        log_say(entry);
    } else {
        eid_json_key(json, "id");
        eid_json_text(json, entry->id);
        eid_json_key(json, "height");
        eid_json_uint(json, entry->height);
        log_texts(json, "parents", entry->parents, entry->parent_count);
        log_texts(json, "stores", entry->stores, entry->store_count);
        eid_json_key(json, "signer");
        eid_json_text(json, entry->signer);
        eid_json_key(json, "verdict");
        eid_json_text(json, entry->verdict);
        eid_json_key(json, "bytes");
        eid_json_uint(json, entry->bytes);
        eid__cli_listing_item_end(&list->listing);
    }
    return --list->left > 0;
}

int eid__cli_run_log(eid__cli *cli)
{
    const char *store = eid__cli_text(cli, EID__OPT_STORE, NULL);
    const char *svg = eid__cli_text(cli, EID__OPT_SVG, NULL);
    log_list list = {.left = eid__cli_number(cli, EID__OPT_LIMIT, UINT64_MAX)};
    eidetica_status status;
    int code;

    if (svg != NULL && eid__cli_has(cli, EID__OPT_GRAPH)) {
        return eid__cli_usage(cli, "--graph and --svg are two drawings; choose one");
    }
    code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));
    if (code != 0) return code;
    if (svg != NULL) return log_svg(cli, store, svg);
    if (eid__cli_has(cli, EID__OPT_GRAPH) && cli->form == EID__CLI_HUMAN) {
        return log_graph(cli, store);
    }
    eid__cli_listing_begin(&list.listing, cli, "entries");
    status = eidetica_log(cli->db, store, log_on_entry, &list);
    if (status != EIDETICA_OK) code = eid__cli_failed(cli, status, "could not read the history");
    return eid__cli_listing_end(&list.listing, code);
}
