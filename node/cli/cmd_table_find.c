/* Rows by the value of a member, and the indexes that find them. */
#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/row_list.h"

/* Plain text as a JSON text. New: eid_free(); NULL without memory. */
static char *find_quote(const char *text)
{
    eid_json_writer writer;
    eid_buf buf;
    char *json;

    eid_buf_init(&buf, EID__CLI_TEXT_MAX);
    eid_json_writer_init(&writer, &buf);
    eid_json_string(&writer, eid_slice_text(text));
    json = eid_buf_take_text(&buf);
    eid_buf_fini(&buf);
    return json;
}

int eid__cli_run_table_search(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *field = eid__cli_operand(cli, 2);
    const char *value = eid__cli_operand(cli, 3);
    eid__cli_row_list list = {.left = eid__cli_number(cli, EID__OPT_LIMIT, UINT64_MAX)};
    bool is_text = eid__cli_has(cli, EID__OPT_TEXT);
    eidetica_status status;
    char *made = NULL;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    if (is_text) {
        made = find_quote(value);
        if (made == NULL) return eid__cli_no_memory(cli);
        value = made;
    }
    eid__cli_listing_begin(&list.listing, cli, "rows");
    status = eidetica_table_find(cli->db, store, field, value, eid__cli_row_list_add, &list);
    eidetica_free(made);
    if (status != EIDETICA_OK) {
        code = eid__cli_failed(
            cli, status, "could not search %s%s", store,
            status == EIDETICA_MALFORMED && !is_text ? " (plain text needs --text)" : "");
    }
    return eid__cli_listing_end(&list.listing, code);
}

static bool find_on_index(void *self, const char *field)
{
    eid__cli_listing *listing = self;
    eid_json_writer *json = eid__cli_listing_item(listing);

    if (json == NULL) {
        eid__cli_say("%s", field);
        return true;
    }
    eid_json_key(json, "field");
    eid_json_text(json, field);
    eid__cli_listing_item_end(listing);
    return true;
}

int eid__cli_run_table_index(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *field = eid__cli_operand(cli, 2);
    eid__cli_listing listing;
    eidetica_status status = EIDETICA_OK;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    if (field != NULL) {
        status = eidetica_table_index(cli->db, store, field, !eid__cli_has(cli, EID__OPT_DROP));
        if (status != EIDETICA_OK) {
            return eid__cli_failed(cli, status, "could not change the index of %s on %s", store,
                                   field);
        }
    }
    eid__cli_listing_begin(&listing, cli, "indexes");
    status = eidetica_table_indexes(cli->db, store, find_on_index, &listing);
    if (status != EIDETICA_OK) {
        code = eid__cli_failed(cli, status, "could not list the indexes of %s", store);
    }
    return eid__cli_listing_end(&listing, code);
}
