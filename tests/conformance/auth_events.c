/* auth-histories.jsonl, `events`: what a callback is told whose cursor starts empty.
 *
 * The recorded cursors are raw tips, ours visible ones (spec 07 §1.6 [H]), so tips are compared
 * where both are the same: where everything held is Verified. That there is one event in a step, or
 * none, is compared always. */
#include <stdio.h>
#include <stdlib.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "node/db/db_internal.h"
#include "tests/conformance/auth_case.h"
#include "tests/conformance/auth_events.h"

#define ENTRIES_MAX 1024

typedef struct replay {
    eid_suite *suite;
    eid_engine *engine;
    eid_id root;
    eid_entry *const *entries;
    size_t count;
    size_t events; /* of the present step */
    eid_idset previous, post;
    bool is_known; /* `post` of the last event was compared, so `previous` of the next can be */
} replay;

static void must(eid_status status)
{
    if (status == EID_OK) return;
    (void)fprintf(stderr, "conformance: %s\n", eid_status_detail(status).text);
    abort();
}

static void replay_on_event(void *self, const eid_write_event *event)
{
    replay *run = self;

    run->events++;
    must(eid_idset_assign(&run->previous, event->previous));
    must(eid_idset_assign(&run->post, event->post));
}

/* Whether everything that is held is Verified. */
static bool replay_is_plain(const replay *run)
{
    const eid_at at = {.kv = eid_engine_kv(run->engine)};
    eid_index_counts counts;
    eid_status status = eid_index_count(&at, &run->root, &counts);

    if (status == EID_E_NOT_FOUND) return true;
    must(status);
    return counts.entries == counts.verified;
}

static void check_tips(const replay *run, const char *what, const json_t *expected,
                       const eid_idset *tips)
{
    bool same = tips->count == json_array_size(expected);

    for (size_t i = 0; same && i < tips->count; i++) {
        size_t which = (size_t)json_integer_value(json_array_get(expected, i));

        EID_ASSERT(which < run->count);
        same = eid_idset_has(tips, eid_entry_id(run->entries[which]));
    }
    if (!same) eid_case_fail(run->suite, "event, %s: other tips", what);
}

static void replay_step(replay *run, const json_t *step)
{
    const json_t *store = eid_get_array(step, "store"), *events = eid_get_array(step, "events");
    eid_slice bytes[ENTRIES_MAX];
    eid_ingest_report report;
    const json_t *event;
    bool is_plain;

    EID_ASSERT(json_array_size(store) <= ENTRIES_MAX);
    for (size_t i = 0; i < json_array_size(store); i++) {
        size_t which = (size_t)json_integer_value(json_array_get(store, i));

        bytes[i] = eid_entry_bytes(run->entries[which]);
    }
    run->events = 0;
    must(eid_engine_ingest(run->engine, bytes, json_array_size(store), NULL, EID_DURABLE_ASYNC,
                           &report));
    eid_idset_fini(&report.missing);
    eid_case_u64(run->suite, "events of a step", json_array_size(events), run->events);
    if (run->events != 1 || json_array_size(events) != 1) return;
    event = json_array_get(events, 0);
    is_plain = replay_is_plain(run);
    if (run->is_known) {
        check_tips(run, "previous", eid_get_array(event, "previous_tips"), &run->previous);
    }
    if (is_plain) check_tips(run, "post", eid_get_array(event, "post_tips"), &run->post);
    run->is_known = is_plain;
}

static void replay_open(replay *run)
{
    const eid_engine_config config = {.url = "memory://", .create = true, .verify_inline = true};
    eid_batch *batch = NULL;

    must(eid_engine_open(&config, &run->engine));
    must(eid_batch_new(eid_engine_kv(run->engine), &batch));
    must(eid__option_set(batch, &run->root, EID__OPTION_STRICT, false));
    must(eid_batch_write(batch, EID_DURABLE_ASYNC));
    eid_batch_free(batch);
}

void eid_auth_events_check(eid_suite *suite, const json_t *delivery, const eid_id *root,
                           eid_entry *const *entries, size_t count)
{
    const json_t *steps = eid_get_array(delivery, "steps");
    replay run = {
        .suite = suite, .root = *root, .entries = entries, .count = count, .is_known = true};
    const eid_idset none = EID_IDSET_EMPTY;
    const eid_seam *seam;
    uint64_t subscription;

    if (json_array_size(steps) == 0 || !eid_has(json_array_get(steps, 0), "events")) return;
    replay_open(&run);
    seam = eid_engine_seam(run.engine);
    must(seam->subscribe(seam->self, root, &none, replay_on_event, &run, &subscription));
    for (size_t i = 0; i < json_array_size(steps); i++) {
        replay_step(&run, json_array_get(steps, i));
    }
    seam->unsubscribe(seam->self, subscription);
    eid_engine_close(run.engine);
    eid_idset_fini(&run.previous);
    eid_idset_fini(&run.post);
}
