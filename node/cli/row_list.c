/* The same line whoever asked: whoever reads one command's rows can read the others'. */
#include "node/cli/row_list.h"

bool eid__cli_row_list_add(void *self, const char *key, const char *row)
{
    eid__cli_row_list *list = self;
    eid_json_writer *json = eid__cli_listing_item(&list->listing);

    if (json == NULL) {
        eid__cli_say("%s  %s", key, row);
    } else {
        eid_json_key(json, "key");
        eid_json_text(json, key);
        eid_json_key(json, "row");
        eid_json_raw(json, eid_slice_text(row));
        eid__cli_listing_item_end(&list->listing);
    }
    return --list->left > 0;
}
