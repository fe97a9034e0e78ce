/* Edits that were lost: as a table for people, whole for programs. A value is cut in the table, not
 * its entry's id, which is what `entry show` and --entry take. */
#include <string.h>

#include "node/cli/commands.h"
#include "node/cli/history.h"
#include "node/cli/listing.h"
#include "node/cli/view.h"

#define CONFLICTS_VALUE_MAX 40u /* bytes of a value in the table */
#define CONFLICTS_PATH_MAX (64u * 1024u * 1024u)

typedef struct conflicts_list {
    eid__cli_listing *listing; /* NULL = the table */
    eid_json_writer *json;     /* of the table */
    uint64_t left, count;
} conflicts_list;

static void conflicts_path(const eidetica_conflict *conflict, eid_buf *out)
{
    for (size_t i = 0; i < conflict->path_count; i++) {
        eid_buf_append_format(out, "%s%s", i > 0 ? "." : "", conflict->path[i]);
    }
}

/* A value for the table: its beginning, or what stands for none. */
static void conflicts_cell(eid_json_writer *json, const char *key, const char *value)
{
    char text[CONFLICTS_VALUE_MAX + 4];
    size_t len = value != NULL ? strlen(value) : 0;

    eid_json_key(json, key);
    if (value == NULL || len <= CONFLICTS_VALUE_MAX) {
        eid_json_text(json, value != NULL ? value : "(deleted)");
        return;
    }
    len = CONFLICTS_VALUE_MAX;
    while (len > 0 && ((unsigned char)value[len] & 0xc0u) == 0x80u) len--; /* between characters */
    memcpy(text, value, len);
    memcpy(text + len, "...", 4);
    eid_json_text(json, text);
}

static void conflicts_signer(eid_json_writer *json, const char *key, const char *signer)
{
    char name[32];

    eid__cli_short_name(signer, name, sizeof name);
    eid_json_key(json, key);
    eid_json_text(json, name);
}

static void conflicts_line(eid_json_writer *json, const eidetica_conflict *conflict)
{
    eid_buf path;

    eid_buf_init(&path, CONFLICTS_PATH_MAX);
    conflicts_path(conflict, &path);
    eid_json_object(json);
    eid_json_key(json, "store");
    eid_json_text(json, conflict->store);
    eid_json_key(json, "path");
    eid_json_string(json, eid_buf_slice(&path));
    conflicts_cell(json, "lost", conflict->lost.json);
    conflicts_signer(json, "lost_by", conflict->lost.signer);
    conflicts_cell(json, "now", conflict->now.json);
    conflicts_signer(json, "now_by", conflict->now.signer);
    eid_json_key(json, "state");
    eid_json_text(json, conflict->settled ? "settled" : "open");
    eid_json_key(json, "entry");
    eid_json_text(json, conflict->lost.entry);
    eid_json_object_end(json);
    eid_buf_fini(&path);
}

static void conflicts_side(eid_json_writer *json, const char *key,
                           const eidetica_conflict_side *side)
{
    eid_json_key(json, key);
    eid_json_object(json);
    eid_json_key(json, "entry");
    eid_json_text(json, side->entry);
    eid_json_key(json, "signer");
    eid_json_text(json, side->signer);
    eid_json_key(json, "arrived_ms");
    eid_json_uint(json, side->arrived_ms);
    eid_json_key(json, "exists");
    eid_json_bool(json, side->json != NULL);
    eid_json_key(json, "value");
    if (side->json != NULL) {
        eid_json_raw(json, eid_slice_text(side->json));
    } else {
        eid_json_null(json);
    }
    eid_json_object_end(json);
}

static bool conflicts_on_conflict(void *self, const eidetica_conflict *conflict)
{
    conflicts_list *list = self;
    eid_json_writer *json;

    list->count++;
    list->left--;
    if (list->listing == NULL) {
        conflicts_line(list->json, conflict);
        return list->left > 0;
    }
    json = eid__cli_listing_item(list->listing);
    eid_json_key(json, "store");
    eid_json_text(json, conflict->store);
    eid_json_key(json, "path");
    eid_json_array(json);
    for (size_t i = 0; i < conflict->path_count; i++) eid_json_text(json, conflict->path[i]);
    eid_json_array_end(json);
    conflicts_side(json, "lost", &conflict->lost);
    conflicts_side(json, "now", &conflict->now);
    eid_json_key(json, "settled");
    eid_json_bool(json, conflict->settled);
    eid_json_key(json, "cursor");
    eid_json_text(json, conflict->cursor);
    eid__cli_listing_item_end(list->listing);
    return list->left > 0;
}

static int conflicts_table(eid__cli *cli, const eidetica_conflict_filter *filter, uint64_t limit)
{
    static const eid__cli_label labels[] = {
        {"lost_by", "By"}, {"now_by", "By"}, {"entry", "Lost entry"}, {NULL, NULL}};
    eid_json_writer json;
    conflicts_list list = {.json = &json, .left = limit};
    eid_buf text;
    eidetica_status status;
    int code = 0;

    eid_buf_init(&text, EID__CLI_TEXT_MAX);
    eid_json_writer_init(&json, &text);
    eid_json_array(&json);
    status = eidetica_conflicts(cli->db, filter, conflicts_on_conflict, &list);
    eid_json_array_end(&json);
    if (status != EIDETICA_OK) {
        code = eid__cli_failed(cli, status, "could not list the conflicts");
    } else if (list.count == 0) {
        eid__cli_say("No edits were lost.");
    } else if (eid_buf_status(&text) != EID_OK) {
        code = eid__cli_refuse(cli, EIDETICA_TOO_BIG, "listing", "use --limit or --jsonl",
                               "the table is larger than %u MiB", EID__CLI_TEXT_MAX >> 20);
    } else {
        code = eid__cli_view(cli, eid_buf_slice(&text), labels);
    }
    eid_buf_fini(&text);
    return code;
}

static int conflicts_prune(eid__cli *cli, const eidetica_conflict_filter *filter)
{
    eid__cli_answer answer;
    char human[64];
    uint64_t pruned;
    eidetica_status status = eidetica_conflicts_prune(cli->db, filter, &pruned);

    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not prune the conflicts");
    }
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "pruned");
    eid_json_uint(&answer.json, pruned);
    snprintf(human, sizeof human, "pruned %llu conflict%s", (unsigned long long)pruned,
             pruned == 1 ? "" : "s");
    return eid__cli_answer_end(&answer, human);
}

int eid__cli_run_conflicts(eid__cli *cli)
{
    const char *prune = eid__cli_text(cli, EID__OPT_PRUNE, NULL);
    uint64_t limit = eid__cli_number(cli, EID__OPT_LIMIT, UINT64_MAX);
    eidetica_conflict_filter filter = {.store = eid__cli_text(cli, EID__OPT_STORE, NULL),
                                       .path = eid__cli_text(cli, EID__OPT_PATH, NULL),
                                       .entry = eid__cli_text(cli, EID__OPT_ENTRY, NULL),
                                       .after = eid__cli_text(cli, EID__OPT_AFTER, NULL)};
    eid__cli_listing listing;
    conflicts_list list = {.listing = &listing, .left = limit};
    eidetica_status status;
    int code;

    if (prune != NULL && (filter.after != NULL || limit != UINT64_MAX)) {
        return eid__cli_usage(cli, "--prune does not go with --after and --limit");
    }
    code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));
    if (code != 0) return code;
    if (prune != NULL) {
        filter.settled = strcmp(prune, "settled") == 0;
        return conflicts_prune(cli, &filter);
    }
    if (cli->form == EID__CLI_HUMAN) return conflicts_table(cli, &filter, limit);
    eid__cli_listing_begin(&listing, cli, "conflicts");
    status = eidetica_conflicts(cli->db, &filter, conflicts_on_conflict, &list);
    if (status != EIDETICA_OK) code = eid__cli_failed(cli, status, "could not list the conflicts");
    return eid__cli_listing_end(&listing, code);
}
