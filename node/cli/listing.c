/* An object with all items is kept in memory until its end, so that a failure half-way leaves an
 * error object and not half of an answer; a stream is for those who have more than fits. */
#include "node/cli/listing.h"

#include <stdarg.h>
#include <unistd.h>

#include "node/cli/text.h"
#include "node/cli/view.h"

void eid__cli_say(const char *format, ...)
{
    eid_buf plain, safe;
    va_list args;
    int len;

    eid_buf_init(&plain, EID__CLI_TEXT_MAX);
    eid_buf_init(&safe, (size_t)4 * EID__CLI_TEXT_MAX);
    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len > 0) {
        char *at = (char *)eid_buf_extend(&plain, (size_t)len + 1);

        va_start(args, format);
        if (at != NULL) vsnprintf(at, (size_t)len + 1, format, args);
        va_end(args);
        if (at != NULL) eid__cli_text_append(&safe, eid_slice_of(at, (size_t)len));
    }
    eid_buf_append_byte(&safe, '\n');
    fwrite(safe.at, 1, safe.len, stdout);
    eid_buf_fini(&plain);
    eid_buf_fini(&safe);
}

bool eid__cli_say_text(const char *json)
{
    eid_json reader;
    bool is_text;

    eid_json_init(&reader, eid_slice_text(json));
    is_text = eid_json_next(&reader) == EID_JSON_STRING;
    if (is_text && isatty(STDOUT_FILENO)) {
        eid__cli_say("%.*s", (int)reader.text.len, (const char *)reader.text.at);
    } else if (is_text) {
        fwrite(reader.text.at, 1, reader.text.len, stdout);
        putchar('\n');
    }
    eid_json_fini(&reader);
    return is_text;
}

void eid__cli_print_json(eid_slice json)
{
    eid_buf safe;

    eid_buf_init(&safe, (size_t)4 * EID__CLI_TEXT_MAX);
    eid__cli_text_append_json(&safe, json);
    eid_buf_append_byte(&safe, '\n');
    fwrite(safe.at, 1, safe.len, stdout);
    eid_buf_fini(&safe);
}

static void listing_version(eid_json_writer *json)
{
    eid_json_object(json);
    eid_json_key(json, "v");
    eid_json_uint(json, 1);
}

void eid__cli_listing_begin(eid__cli_listing *listing, eid__cli *cli, const char *name)
{
    listing->cli = cli;
    eid_buf_init(&listing->text, EID__CLI_TEXT_MAX);
    eid_json_writer_init(&listing->json, &listing->text);
    if (cli->form != EID__CLI_JSON) return;
    listing_version(&listing->json);
    eid_json_key(&listing->json, name);
    eid_json_array(&listing->json);
}

eid_json_writer *eid__cli_listing_item(eid__cli_listing *listing)
{
    if (listing->cli->form == EID__CLI_HUMAN) return NULL;
    if (listing->cli->form == EID__CLI_JSON) {
        eid_json_object(&listing->json);
    } else {
        eid_buf_clear(&listing->text);
        eid_json_writer_init(&listing->json, &listing->text);
        listing_version(&listing->json);
    }
    return &listing->json;
}

void eid__cli_listing_item_end(eid__cli_listing *listing)
{
    if (listing->cli->form == EID__CLI_HUMAN) return;
    eid_json_object_end(&listing->json);
    if (listing->cli->form == EID__CLI_JSONL) eid__cli_print_json(eid_buf_slice(&listing->text));
}

int eid__cli_listing_end(eid__cli_listing *listing, int code)
{
    if (listing->cli->form == EID__CLI_JSON && code == 0) {
        eid_json_array_end(&listing->json);
        eid_json_object_end(&listing->json);
        if (eid_buf_status(&listing->text) != EID_OK) {
            code = eid__cli_refuse(listing->cli, EIDETICA_TOO_BIG, "listing",
                                   "use --jsonl, which has no limit",
                                   "the answer is larger than %u MiB", EID__CLI_TEXT_MAX >> 20);
        } else {
            eid__cli_print_json(eid_buf_slice(&listing->text));
        }
    }
    eid_buf_fini(&listing->text);
    return code;
}

void eid__cli_answer_begin(eid__cli_answer *answer, eid__cli *cli)
{
    answer->cli = cli;
    eid_buf_init(&answer->text, EID__CLI_TEXT_MAX);
    eid_json_writer_init(&answer->json, &answer->text);
    listing_version(&answer->json);
}

int eid__cli_answer_end(eid__cli_answer *answer, const char *human)
{
    int code = 0;

    eid_json_object_end(&answer->json);
    if (eid_buf_status(&answer->text) != EID_OK) {
        code = eid__cli_refuse(answer->cli, EIDETICA_TOO_BIG, "answering", "",
                               "the answer is larger than %u MiB", EID__CLI_TEXT_MAX >> 20);
    } else if (answer->cli->form != EID__CLI_HUMAN) {
        eid__cli_print_json(eid_buf_slice(&answer->text));
    } else if (human != NULL) {
        eid__cli_say("%s", human);
    } else {
        code = eid__cli_view(answer->cli, eid_buf_slice(&answer->text), NULL);
    }
    eid_buf_fini(&answer->text);
    return code;
}
