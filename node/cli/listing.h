/* Output in the three forms: lines for people, one object, a stream of objects.
 *
 * The main thread's, except the listing of `watch`, which has the library's thread alone.
 */
#ifndef EID_NODE_CLI_LISTING_H
#define EID_NODE_CLI_LISTING_H

#include "dag/json.h"
#include "node/cli/cli.h"

/* Print a line for people; the whole of it is escaped, so it holds no colours and no line ends. */
void eid__cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Print the text that a JSON text holds and a line end; to a terminal it is escaped. False, and
 * nothing is printed, if the JSON is another value. */
bool eid__cli_say_text(const char *json);
/* Print JSON and a line end. */
void eid__cli_print_json(eid_slice json);

/* A list whose items come one by one: {"v":1,"NAME":[…]}, or each as a line of its own with "v". */
typedef struct eid__cli_listing {
    eid__cli *cli;
    eid_buf text;
    eid_json_writer json;
} eid__cli_listing;

void eid__cli_listing_begin(eid__cli_listing *listing, eid__cli *cli, const char *name);
/* Begin an item, an object: write its members to the writer, which is lent. NULL in the human form:
 * print a line instead. */
eid_json_writer *eid__cli_listing_item(eid__cli_listing *listing);
void eid__cli_listing_item_end(eid__cli_listing *listing);
/* End it and print what is left to print, if `code` is 0; gives the exit code. */
int eid__cli_listing_end(eid__cli_listing *listing, int code);

/* One object: begin it, write members to ->json, end it. */
typedef struct eid__cli_answer {
    eid__cli *cli;
    eid_buf text;
    eid_json_writer json;
} eid__cli_answer;

void eid__cli_answer_begin(eid__cli_answer *answer, eid__cli *cli);
/* Print it: as JSON, or for people as `human` (a line, printed with eid__cli_say) if that is not
 * NULL, else as view.h shows it. Gives the exit code. */
int eid__cli_answer_end(eid__cli_answer *answer, const char *human);

#endif
