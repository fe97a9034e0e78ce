/* Events come on a thread of the library; the main thread waits until there were enough. Lines are
 * printed by that thread alone and flushed one by one, for somebody reads them as they come. */
#include <pthread.h>
#include <time.h>

#include "dag/clock.h"
#include "node/cli/commands.h"
#include "node/cli/listing.h"

#define WATCH_ASK_MS 2000 /* how often the daemon is asked whether it is still there */

typedef struct watch_state {
    eid__cli_listing listing;
    pthread_mutex_t lock; /* of `left` */
    pthread_cond_t over;
    uint64_t left;
} watch_state;

static void watch_say(const eidetica_event *event)
{
    eid_buf ids;

    eid_buf_init(&ids, EID__CLI_TEXT_MAX);
    for (size_t i = 0; i < event->entry_count; i++) {
        eid_buf_append_byte(&ids, ' ');
        eid_buf_append_text(&ids, event->entries[i]);
    }
    eid__cli_say("%s  %s  %zu%s %.*s", event->cursor, event->remote ? "remote" : "local ",
                 event->entry_count, event->cut ? "+" : "", (int)ids.len,
                 ids.at == NULL ? "" : (const char *)ids.at);
    eid_buf_fini(&ids);
}

static void watch_write(eid__cli_listing *listing, const eidetica_event *event)
{
    eid_json_writer *json = eid__cli_listing_item(listing);

    eid_json_key(json, "root");
    eid_json_text(json, event->root);
    eid_json_key(json, "cursor");
    eid_json_text(json, event->cursor);
    eid_json_key(json, "remote");
    eid_json_bool(json, event->remote);
    eid_json_key(json, "cut");
    eid_json_bool(json, event->cut);
    eid_json_key(json, "entries");
    eid_json_array(json);
    for (size_t i = 0; i < event->entry_count; i++) eid_json_text(json, event->entries[i]);
    eid_json_array_end(json);
    eid__cli_listing_item_end(listing);
}

static void watch_on_event(void *self, const eidetica_event *event)
{
    watch_state *state = self;

    pthread_mutex_lock(&state->lock);
    if (state->left > 0) {
        if (state->listing.cli->form == EID__CLI_HUMAN) {
            watch_say(event);
        } else {
            watch_write(&state->listing, event);
        }
        fflush(stdout);
        state->left--;
        if (state->left == 0 || ferror(stdout)) pthread_cond_signal(&state->over);
    }
    pthread_mutex_unlock(&state->lock);
}

static bool watch_on_user(void *self, const char *name)
{
    (void)self;
    (void)name;
    return false;
}

/* Until `left` is 0, nobody reads any more, or the daemon is gone, of which no event tells. */
static int watch_wait(eid__cli *cli, watch_state *state)
{
    const eid_clock *clock = eid_clock_system();
    eidetica_status status = EIDETICA_OK;

    pthread_mutex_lock(&state->lock);
    while (state->left > 0 && !ferror(stdout) && status == EIDETICA_OK) {
        uint64_t due_ms = clock->wall_ms(clock->self) + WATCH_ASK_MS;
        struct timespec due = {.tv_sec = (time_t)(due_ms / 1000),
                               .tv_nsec = (long)(due_ms % 1000) * 1000000};

        if (pthread_cond_timedwait(&state->over, &state->lock, &due) == 0 || !cli->daemon) continue;
        pthread_mutex_unlock(&state->lock);
        status = eidetica_users(cli->instance, watch_on_user, NULL);
        pthread_mutex_lock(&state->lock);
    }
    pthread_mutex_unlock(&state->lock);
    return status == EIDETICA_OK ? 0 : eid__cli_failed(cli, status, "the daemon does not answer");
}

int eid__cli_run_watch(eid__cli *cli)
{
    watch_state state = {.lock = PTHREAD_MUTEX_INITIALIZER,
                         .over = PTHREAD_COND_INITIALIZER,
                         .left = eid__cli_number(cli, EID__OPT_COUNT, UINT64_MAX)};
    eidetica_watch *watch = NULL;
    eidetica_status status;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    if (cli->form == EID__CLI_JSON) cli->form = EID__CLI_JSONL; /* it has no end: always a stream */
    eid__cli_listing_begin(&state.listing, cli, "events");
    status = eidetica_watch_start(cli->db, eid__cli_text(cli, EID__OPT_SINCE, NULL), watch_on_event,
                                  &state, &watch);
    if (status != EIDETICA_OK) {
        return eid__cli_listing_end(&state.listing,
                                    eid__cli_failed(cli, status, "could not watch"));
    }
    code = watch_wait(cli, &state);
    eidetica_watch_stop(watch);
    return eid__cli_listing_end(&state.listing, code);
}
