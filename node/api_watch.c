/* An event names where the database stood before and after as cursors, so that whoever keeps the
 * latter can go on from it after any restart. */
#include "dag/alloc.h"
#include "dag/log.h"
#include "node/api_internal.h"
#include "node/db/seam.h"

struct eidetica_watch {
    const eid_seam *seam;
    uint64_t subscription;
    void (*on_event)(void *self, const eidetica_event *event);
    void *self;
};

static eid_status watch_add_cursor(eid_ids tips, eid__api_texts *texts)
{
    eid_buf cursor;
    eid_status status;

    eid_buf_init(&cursor, EID__API_JSON_MAX);
    eid__api_cursor_write(tips, &cursor);
    status = eid_buf_status(&cursor);
    if (status == EID_OK) status = eid__api_texts_add(texts, eid_buf_slice(&cursor));
    eid_buf_fini(&cursor);
    return status;
}

/* The cursors after and before are the first of `texts`, the added entries follow. */
static eid_status watch_texts(const eid_write_event *event, eid__api_texts *texts)
{
    eid_status status = watch_add_cursor(event->post, texts);

    if (status == EID_OK) status = watch_add_cursor(event->previous, texts);
    if (status == EID_OK) status = eid__api_texts_add_ids(texts, event->added);
    return status == EID_OK ? eid__api_texts_end(texts) : status;
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
        out.previous = texts.at[1];
        out.entry_count = texts.count - 2;
        out.entries = texts.at + 2;
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
    eid_status status = since ? eid__api_cursor_parse(since, &cursor) : EID_OK;

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
