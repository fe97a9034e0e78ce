/* One connection brings the notifications of all subscriptions. Its reader never calls back, so it
 * can always take the next frame; a second thread tells the subscribers, who may then ask and write
 * over the other connections. What one of them has not been told yet is one joined event. */
#include <stdio.h>

#include "dag/alloc.h"
#include "dag/log.h"
#include "node/service/client_internal.h"
#include "node/service/frame.h"
#include "node/service/pending.h"
#include "node/service/socket.h"

typedef struct feed_sub {
    struct feed_sub *next, *next_ready;
    uint64_t id;
    eid_id root;
    eid_write_fn fn;
    void *arg;
    bool is_ready, is_removed; /* removed by its own callback: to be freed after it */
    eid__pending pending;
} feed_sub;

struct eid__client_feed {
    int fd;
    pthread_mutex_t send; /* of requests, so that they are counted in their order */
    uint64_t sent;
    pthread_mutex_t lock;    /* of all below; not taken while `send` is waited for */
    pthread_cond_t work;     /* something is ready, or the end */
    pthread_cond_t answered; /* an answer came, or the end */
    pthread_cond_t idle;     /* a callback has returned */
    pthread_t reader, teller;
    bool is_closed, is_stopping;
    uint64_t answers;     /* that came */
    uint64_t wanted;      /* number of the one that somebody waits for */
    eid_kind wanted_kind; /* what it was; NONE = success */
    char wanted_text[EID_DETAIL_TEXT_MAX];
    feed_sub *subs, *ready, **ready_end;
    uint64_t last_id, running_id; /* 0 = none runs */
};

/* -- reading ----------------------------------------------------------------------------------- */

/* The lock is held. */
static void feed_on_response(eid__client_feed *feed, eid_slice content)
{
    eid_detail detail;
    eid_slice result;
    eid_status status;

    feed->answers++;
    if (feed->answers == feed->wanted) {
        status = eid__link_result(content, "Result", &result);
        detail = eid_status_detail(status);
        feed->wanted_kind = status == EID_OK ? EID_KIND_NONE : detail.kind;
        if (status != EID_OK && detail.kind == EID_KIND_NONE) feed->wanted_kind = EID_KIND_INTERNAL;
        (void)snprintf(feed->wanted_text, sizeof feed->wanted_text, "%s",
                       status == EID_OK ? "" : detail.text);
    }
    pthread_cond_broadcast(&feed->answered);
}

typedef struct feed_ids {
    eid_id *at;
    size_t count, cap;
} feed_ids;

static eid_status feed_on_id(void *arg, eid_slice item)
{
    feed_ids *ids = arg;
    size_t cap = ids->cap > 0 ? ids->cap * 2 : 8;
    eid_id *at;

    if (ids->count == EID_EVENT_IDS_MAX) {
        return EID_FAIL(EID_KIND_SERVICE_FRAME, "a notification has too many ids");
    }
    if (ids->count == ids->cap) {
        at = eid_realloc(ids->at, cap * sizeof *at);
        if (!at) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a notification");
        ids->at = at;
        ids->cap = cap;
    }
    return eid_field_id(item, &ids->at[ids->count++]);
}

static eid_status feed_leave(eid__client_feed *feed, uint64_t id, const eid_write_event *event)
{
    feed_sub *sub;
    eid_status status = EID_OK;

    pthread_mutex_lock(&feed->lock);
    for (sub = feed->subs; sub && sub->id != id;) sub = sub->next;
    if (sub) status = eid__pending_add(&sub->pending, event);
    if (sub && status == EID_OK && !sub->is_ready) {
        sub->is_ready = true;
        sub->next_ready = NULL;
        *feed->ready_end = sub;
        feed->ready_end = &sub->next_ready;
        pthread_cond_signal(&feed->work);
    }
    pthread_mutex_unlock(&feed->lock);
    return status;
}

static eid_status feed_on_write(eid__client_feed *feed, eid_slice json)
{
    static const char *const names[] = {"subscription", "root",  "previous", "post",
                                        "remote",       "added", "cut"};
    eid_idset previous = EID_IDSET_EMPTY, post = EID_IDSET_EMPTY;
    feed_ids added = {NULL, 0, 0};
    eid_write_event event = {.is_cut = false};
    eid_fields fields;
    uint64_t id;
    eid_status status;

    eid_fields_init(&fields, json, names, 7);
    id = eid_fields_uint(&fields, 0);
    eid_fields_id(&fields, 1, &event.root);
    eid_fields_ids(&fields, 2, &previous);
    eid_fields_ids(&fields, 3, &post);
    event.is_remote = eid_fields_bool(&fields, 4);
    eid_fields_each(&fields, 5, feed_on_id, &added);
    event.is_cut = eid_fields_bool(&fields, 6);
    event.previous = eid_idset_ids(&previous);
    event.post = eid_idset_ids(&post);
    event.added = (eid_ids){added.at, added.count};
    status = fields.status == EID_OK ? feed_leave(feed, id, &event) : fields.status;
    eid_idset_fini(&previous);
    eid_idset_fini(&post);
    eid_free(added.at);
    return status;
}

static eid_status feed_on_notification(eid__client_feed *feed, eid_slice content)
{
    eid_slice inner;
    eid_buf tag;
    eid_status status;

    eid_buf_init(&tag, 4096);
    status = eid__read_tag(content, &tag, &inner);
    if (status == EID_OK && eid_slice_is(eid_buf_slice(&tag), "Write")) {
        status = feed_on_write(feed, inner);
    }
    eid_buf_fini(&tag);
    return status;
}

static void *feed_read(void *arg)
{
    eid__client_feed *feed = arg;
    eid_status status = EID_OK;
    eid_slice content;
    eid_buf frame, tag;

    eid_buf_init(&frame, EID_FRAME_BYTES_MAX);
    eid_buf_init(&tag, 4096);
    while (status == EID_OK) {
        status = eid__link_receive(feed->fd, &frame, &tag, &content);
        if (status != EID_OK) break;
        if (eid_slice_is(eid_buf_slice(&tag), "Notification")) {
            status = feed_on_notification(feed, content);
        } else if (eid_slice_is(eid_buf_slice(&tag), "Response")) {
            pthread_mutex_lock(&feed->lock);
            feed_on_response(feed, content);
            pthread_mutex_unlock(&feed->lock);
        }
    }
    pthread_mutex_lock(&feed->lock);
    if (!feed->is_stopping) {
        eid_log_warn("client.feed_closed", "reason=%s", eid_status_detail(status).text);
    }
    feed->is_closed = true;
    pthread_cond_broadcast(&feed->answered);
    pthread_mutex_unlock(&feed->lock);
    eid_buf_fini(&frame);
    eid_buf_fini(&tag);
    return NULL;
}

/* -- telling ----------------------------------------------------------------------------------- */

static void feed_sub_free(feed_sub *sub)
{
    eid__pending_fini(&sub->pending);
    eid_free(sub);
}

/* Tell the first that is ready; the lock is held, but not while its callback runs. */
static void feed_tell_one(eid__client_feed *feed)
{
    feed_sub *sub = feed->ready;
    eid__pending pending = sub->pending;
    eid_write_event event;

    feed->ready = sub->next_ready;
    if (!feed->ready) feed->ready_end = &feed->ready;
    sub->is_ready = false;
    sub->pending = (eid__pending){0};
    feed->running_id = sub->id;
    pthread_mutex_unlock(&feed->lock);
    event = eid__pending_event(&pending, &sub->root);
    sub->fn(sub->arg, &event);
    eid__pending_fini(&pending);
    pthread_mutex_lock(&feed->lock);
    feed->running_id = 0;
    pthread_cond_broadcast(&feed->idle);
    if (sub->is_removed) feed_sub_free(sub);
}

static void *feed_tell(void *arg)
{
    eid__client_feed *feed = arg;

    pthread_mutex_lock(&feed->lock);
    while (!feed->is_stopping) {
        if (feed->ready) {
            feed_tell_one(feed);
        } else {
            pthread_cond_wait(&feed->work, &feed->lock);
        }
    }
    pthread_mutex_unlock(&feed->lock);
    return NULL;
}

/* -- asking ------------------------------------------------------------------------------------ */

/* Send a request and give its number. */
static eid_status feed_send(eid__client_feed *feed, eid_slice json, bool is_wanted)
{
    eid_status status;

    pthread_mutex_lock(&feed->send);
    feed->sent++;
    if (is_wanted) {
        pthread_mutex_lock(&feed->lock);
        feed->wanted = feed->sent;
        pthread_mutex_unlock(&feed->lock);
    }
    status = eid__link_send(feed->fd, json);
    pthread_mutex_unlock(&feed->send);
    return status;
}

static eid_status feed_wait(eid__client_feed *feed)
{
    char text[EID_DETAIL_TEXT_MAX];
    eid_kind kind;
    bool is_lost;

    pthread_mutex_lock(&feed->lock);
    while (!feed->is_closed && feed->answers < feed->wanted) {
        pthread_cond_wait(&feed->answered, &feed->lock);
    }
    is_lost = feed->answers < feed->wanted;
    kind = feed->wanted_kind;
    memcpy(text, feed->wanted_text, sizeof text);
    pthread_mutex_unlock(&feed->lock);
    if (is_lost) return EID_FAIL(EID_KIND_SERVICE_CLOSED, "the daemon has closed the connection");
    return kind == EID_KIND_NONE ? EID_OK : eid_status_restore(kind, text);
}

static void feed_write_call(eid_buf *out, uint64_t id, const eid_id *root, const eid_idset *since)
{
    eid_json_writer json;

    eid_buf_init(out, EID_FRAME_BYTES_MAX);
    eid_json_writer_init(&json, out);
    eid_json_object(&json);
    eid_json_key(&json, "Call");
    eid_json_object(&json);
    eid_json_key(&json, "method");
    eid_json_text(&json, root ? "subscribe" : "unsubscribe");
    eid_json_key(&json, "args");
    eid_json_object(&json);
    eid_json_key(&json, "subscription");
    eid_json_uint(&json, id);
    if (root) eid__write_id(&json, "root", root);
    if (since) eid__write_ids(&json, "since", eid_idset_ids(since));
    eid_json_object_end(&json);
    eid_json_object_end(&json);
    eid_json_object_end(&json);
}

/* Take a subscription out of the lists; NULL if it is not there. The lock is held. */
static feed_sub *feed_unlink(eid__client_feed *feed, uint64_t id)
{
    feed_sub **link = &feed->subs;
    feed_sub *sub;

    while (*link && (*link)->id != id) link = &(*link)->next;
    sub = *link;
    if (!sub) return NULL;
    *link = sub->next;
    if (!sub->is_ready) return sub;
    for (link = &feed->ready; *link != sub;) link = &(*link)->next_ready;
    *link = sub->next_ready;
    if (!*link) feed->ready_end = link;
    sub->is_ready = false;
    return sub;
}

/* No callback comes after this, unless it is called from that very callback. */
static void feed_remove(eid__client_feed *feed, uint64_t id)
{
    feed_sub *sub;
    bool is_own;

    pthread_mutex_lock(&feed->lock);
    sub = feed_unlink(feed, id);
    is_own = pthread_equal(pthread_self(), feed->teller) != 0;
    if (sub && feed->running_id == id && is_own) {
        sub->is_removed = true;
        sub = NULL;
    }
    while (sub && feed->running_id == id) pthread_cond_wait(&feed->idle, &feed->lock);
    pthread_mutex_unlock(&feed->lock);
    if (sub) feed_sub_free(sub);
}

/* -- beginning and end ------------------------------------------------------------------------- */

static void feed_release(eid__client_feed *feed)
{
    eid__socket_close(feed->fd);
    pthread_cond_destroy(&feed->idle);
    pthread_cond_destroy(&feed->answered);
    pthread_cond_destroy(&feed->work);
    pthread_mutex_destroy(&feed->lock);
    pthread_mutex_destroy(&feed->send);
    eid_free(feed);
}

static void feed_stop(eid__client_feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    feed->is_stopping = true;
    pthread_cond_broadcast(&feed->work);
    pthread_mutex_unlock(&feed->lock);
    eid__socket_shut(feed->fd);
}

static eid_status feed_run(eid__client_feed *feed)
{
    if (pthread_create(&feed->reader, NULL, feed_read, feed) != 0) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "no thread for notifications");
    }
    if (pthread_create(&feed->teller, NULL, feed_tell, feed) == 0) return EID_OK;
    feed_stop(feed);
    (void)pthread_join(feed->reader, NULL);
    return EID_FAIL(EID_KIND_NO_MEMORY, "no thread for notifications");
}

/* Over a connection of its own, which is attached to the login. */
static eid_status feed_new(eid_service_client *client, eid__client_feed **out)
{
    eid__client_feed *feed = eid_alloc(sizeof *feed);
    eid__link *link = NULL;
    eid_status status;

    *out = NULL;
    if (!feed) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a subscription");
    feed->ready_end = &feed->ready;
    feed->fd = -1;
    pthread_mutex_init(&feed->send, NULL);
    pthread_mutex_init(&feed->lock, NULL);
    pthread_cond_init(&feed->work, NULL);
    pthread_cond_init(&feed->answered, NULL);
    pthread_cond_init(&feed->idle, NULL);
    status = eid__link_take(client, true, &link);
    if (status == EID_OK) {
        feed->fd = link->fd;
        link->fd = -1; /* it is the feed's from here on */
        eid__link_give(client, link, true);
        status = feed_run(feed);
    }
    if (status != EID_OK) {
        feed_release(feed);
        return status;
    }
    *out = feed;
    return EID_OK;
}

void eid__client_feed_free(eid__client_feed *feed)
{
    if (!feed) return;
    feed_stop(feed);
    (void)pthread_join(feed->reader, NULL);
    (void)pthread_join(feed->teller, NULL);
    while (feed->subs) {
        feed_sub *sub = feed->subs;

        feed->subs = sub->next;
        feed_sub_free(sub);
    }
    feed_release(feed);
}

static eid_status feed_add(eid__client_feed *feed, const eid_id *root, eid_write_fn fn, void *arg,
                           uint64_t *id)
{
    feed_sub *sub = eid_alloc(sizeof *sub);

    if (!sub) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a subscription");
    sub->root = *root;
    sub->fn = fn;
    sub->arg = arg;
    pthread_mutex_lock(&feed->lock);
    sub->id = *id = ++feed->last_id;
    sub->next = feed->subs;
    feed->subs = sub;
    pthread_mutex_unlock(&feed->lock);
    return EID_OK;
}

static eid_status feed_subscribe(eid__client_feed *feed, const eid_id *root, const eid_idset *since,
                                 uint64_t id)
{
    eid_buf request;
    eid_status status;

    feed_write_call(&request, id, root, since);
    status = eid_buf_status(&request);
    if (status == EID_OK) status = feed_send(feed, eid_buf_slice(&request), true);
    if (status == EID_OK) status = feed_wait(feed);
    eid_buf_fini(&request);
    return status;
}

eid_status eid__client_subscribe(void *self, const eid_id *root, const eid_idset *since,
                                 eid_write_fn fn, void *arg, uint64_t *subscription)
{
    eid_service_client *client = self;
    eid_status status = EID_OK;

    pthread_mutex_lock(&client->feed_lock); /* one at a time: one answer is waited for */
    if (!client->feed) status = feed_new(client, &client->feed);
    if (status == EID_OK) status = feed_add(client->feed, root, fn, arg, subscription);
    if (status == EID_OK) {
        status = feed_subscribe(client->feed, root, since, *subscription);
        if (status != EID_OK) feed_remove(client->feed, *subscription);
    }
    pthread_mutex_unlock(&client->feed_lock);
    return status;
}

void eid__client_unsubscribe(void *self, uint64_t subscription)
{
    eid_service_client *client = self;
    eid__client_feed *feed;
    eid_buf request;

    pthread_mutex_lock(&client->feed_lock);
    feed = client->feed;
    pthread_mutex_unlock(&client->feed_lock);
    if (!feed) return;
    feed_remove(feed, subscription);
    feed_write_call(&request, subscription, NULL, NULL);
    if (eid_buf_status(&request) == EID_OK &&
        feed_send(feed, eid_buf_slice(&request), false) != EID_OK) {
        eid_log_debug("client.unsubscribe", "reason=closed");
    }
    eid_buf_fini(&request);
}
