/* A cursor is the visible tips as text: it means the same on every node and after any restart,
 * since it names what has been seen and not where in a queue it was. */
#include "dag/alloc.h"
#include "dag/log.h"
#include "node/api_internal.h"
#include "node/db/seam.h"

#define WATCH_TIPS_MAX 65536u

struct eidetica_watch {
    const eid_seam *seam;
    uint64_t subscription;
    void (*on_event)(void *self, const eidetica_event *event);
    void *self;
};

static eid_status watch_parse(const char *cursor, eid_idset *out)
{
    eid_slice rest = eid_slice_text(cursor);
    eid_status status = EID_OK;

    while (rest.len > 0 && status == EID_OK) {
        const uint8_t *comma = memchr(rest.at, ',', rest.len);
        size_t len = comma ? (size_t)(comma - rest.at) : rest.len;
        eid_id id;

        if (out->count == WATCH_TIPS_MAX) {
            return EID_FAIL(EID_KIND_LIMIT, "a cursor has more than %u ids", WATCH_TIPS_MAX);
        }
        status = eid_id_parse(eid_slice_of(rest.at, len), &id);
        if (status == EID_OK && eid_id_is_empty(&id)) {
            status = EID_FAIL(EID_KIND_ID_FORMAT, "the cursor %s has an empty id", cursor);
        }
        if (status == EID_OK) status = eid_idset_add(out, &id);
        len += comma ? 1 : 0;
        rest = eid_slice_of(rest.at + len, rest.len - len);
    }
    return status;
}

/* The cursor's text is the first of `texts`, the added entries follow. */
static eid_status watch_texts(const eid_write_event *event, eid__api_texts *texts)
{
    char id[EID_ID_TEXT_MAX];
    eid_buf cursor;
    eid_status status;

    eid_buf_init(&cursor, EID__API_JSON_MAX);
    for (size_t i = 0; i < event->post.count; i++) {
        if (i > 0) eid_buf_append_byte(&cursor, ',');
        eid_buf_append_text(&cursor, eid_id_format(&event->post.at[i], id));
    }
    status = eid_buf_status(&cursor);
    if (status == EID_OK) status = eid__api_texts_add(texts, eid_buf_slice(&cursor));
    if (status == EID_OK) status = eid__api_texts_add_ids(texts, event->added);
    if (status == EID_OK) status = eid__api_texts_end(texts);
    eid_buf_fini(&cursor);
    return status;
}

static void watch_on_write(void *arg, const eid_write_event *event)
{
    eidetica_watch *watch = arg;
    eidetica_event out = {.remote = event->is_remote, .cut = event->is_cut};
    char root[EID_ID_TEXT_MAX];
    eid__api_texts texts;
    eid_status status;

    eid__api_texts_init(&texts);
    status = watch_texts(event, &texts);
    if (status == EID_OK) {
        out.root = eid_id_format(&event->root, root);
        out.cursor = texts.at[0];
        out.entry_count = texts.count - 1;
        out.entries = texts.at + 1;
        watch->on_event(watch->self, &out);
    } else {
        eid_log_error("watch.lost", "root=%s reason=%s", eid_id_str(&event->root),
                      eid_status_detail(status).text);
    }
    eid__api_texts_fini(&texts);
}

static eid_status watch_start(eidetica_db *db, const char *since, eidetica_watch *watch)
{
    eid_idset cursor = EID_IDSET_EMPTY;
    eid_status status = since ? watch_parse(since, &cursor) : EID_OK;

    if (status == EID_OK) {
        status = watch->seam->subscribe(watch->seam->self, &db->root, since ? &cursor : NULL,
                                        watch_on_write, watch, &watch->subscription);
    }
    eid_idset_fini(&cursor);
    return status;
}

eidetica_status eidetica_watch_start(eidetica_db *db, const char *since,
                                     void (*on_event)(void *self, const eidetica_event *event),
                                     void *self, eidetica_watch **watch)
{
    eidetica_watch *made = NULL;
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(watch, "watch");
    if (status != EID_OK) goto done;
    *watch = NULL;
    made = eid_alloc(sizeof *made);
    if (!made) {
        status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a watch");
        goto done;
    }
    made->seam = db->seam;
    made->on_event = on_event;
    made->self = self;
    status = watch_start(db, since, made);
    if (status != EID_OK) goto done;
    *watch = made;
    made = NULL;

done:
    eid_free(made);
    return eid__api_end(status);
}

void eidetica_watch_stop(eidetica_watch *watch)
{
    if (!watch) return;
    watch->seam->unsubscribe(watch->seam->self, watch->subscription);
    eid_free(watch);
}
