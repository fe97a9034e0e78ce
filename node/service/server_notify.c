/* The engine tells all subscribers on one thread, which must not wait for a client that does not
 * read: what is new is left with the subscription, joined to what waits there, and a thread of the
 * connection writes it when the client takes it. Responses are never dropped and never wait behind
 * more than one notification. */
#include "dag/alloc.h"
#include "dag/log.h"
#include "node/service/frame.h"
#include "node/service/server_internal.h"

typedef struct notify_sub {
    eid__notifier *notifier;
    struct notify_sub *next, *next_ready;
    uint64_t id;     /* the client's; 0 = the specification's form */
    uint64_t engine; /* the engine's */
    eid_id root;
    bool is_ready;
    eid__pending pending;
} notify_sub;

struct eid__notifier {
    eid__connection *connection;
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_t thread;
    bool is_open, is_stopping;
    notify_sub *subs;
    size_t count;
    notify_sub *ready, **ready_end;
};

static void notify_on_write(void *arg, const eid_write_event *event)
{
    notify_sub *sub = arg;
    eid__notifier *notifier = sub->notifier;
    eid_status status;

    pthread_mutex_lock(&notifier->lock);
    status = eid__pending_add(&sub->pending, event);
    if (status == EID_OK && !sub->is_ready) {
        sub->is_ready = true;
        sub->next_ready = NULL;
        *notifier->ready_end = sub;
        notifier->ready_end = &sub->next_ready;
        pthread_cond_signal(&notifier->work);
    }
    pthread_mutex_unlock(&notifier->lock);
    if (status != EID_OK) {
        eid_log_error("service.event_lost", "root=%s reason=%s", eid_id_str(&event->root),
                      eid_status_detail(status).text);
    }
}

/* As the specification has it. To a client of the socket every write is one of another process. */
static void notify_write_spec(const eid_write_event *event, eid_json_writer *json)
{
    eid_json_key(json, "DatabaseWrite");
    eid_json_object(json);
    eid__write_id(json, "root_id", &event->root);
    eid__write_ids(json, "previous_tips", event->previous);
    eid__write_ids(json, "post_tips", event->post);
    eid_json_key(json, "source");
    eid_json_text(json, "Remote");
    eid_json_object_end(json);
}

static void notify_write_own(uint64_t id, const eid_write_event *event, eid_json_writer *json)
{
    eid_json_key(json, "Write");
    eid_json_object(json);
    eid_json_key(json, "subscription");
    eid_json_uint(json, id);
    eid__write_id(json, "root", &event->root);
    eid__write_ids(json, "previous", event->previous);
    eid__write_ids(json, "post", event->post);
    eid_json_key(json, "remote");
    eid_json_bool(json, event->is_remote);
    eid__write_ids(json, "added", event->added);
    eid_json_key(json, "cut");
    eid_json_bool(json, event->is_cut);
    eid_json_object_end(json);
}

static eid_status notify_send(eid__connection *connection, uint64_t id,
                              const eid_write_event *event)
{
    eid_json_writer json;
    eid_buf frame;
    eid_status status;

    eid_buf_init(&frame, EID_FRAME_BYTES_MAX);
    eid_json_writer_init(&json, &frame);
    eid_json_object(&json);
    eid_json_key(&json, "Notification");
    eid_json_object(&json);
    if (id == 0) {
        notify_write_spec(event, &json);
    } else {
        notify_write_own(id, event, &json);
    }
    eid_json_object_end(&json);
    eid_json_object_end(&json);
    status = eid_buf_status(&frame);
    if (status == EID_OK) status = eid__connection_write(connection, eid_buf_slice(&frame));
    eid_buf_fini(&frame);
    return status;
}

/* The lock is held. */
static notify_sub *notify_pop(eid__notifier *notifier)
{
    notify_sub *sub = notifier->ready;

    notifier->ready = sub->next_ready;
    if (!notifier->ready) notifier->ready_end = &notifier->ready;
    sub->is_ready = false;
    return sub;
}

static void *notify_run(void *arg)
{
    eid__notifier *notifier = arg;

    pthread_mutex_lock(&notifier->lock);
    while (!notifier->is_stopping) {
        eid__pending pending;
        eid_write_event event;
        notify_sub *sub;
        uint64_t id;
        eid_id root;

        if (!notifier->is_open || !notifier->ready) {
            pthread_cond_wait(&notifier->work, &notifier->lock);
            continue;
        }
        sub = notify_pop(notifier);
        id = sub->id;
        root = sub->root;
        pending = sub->pending;
        sub->pending = (eid__pending){0};
        pthread_mutex_unlock(&notifier->lock); /* the subscription may go from here on */
        event = eid__pending_event(&pending, &root);
        if (notify_send(notifier->connection, id, &event) != EID_OK) {
            eid_log_debug("service.notify", "reason=closed");
        }
        eid__pending_fini(&pending);
        pthread_mutex_lock(&notifier->lock);
    }
    pthread_mutex_unlock(&notifier->lock);
    return NULL;
}

static eid_status notify_begin(eid__connection *connection)
{
    eid__notifier *notifier;

    if (connection->notifier) return EID_OK;
    notifier = eid_alloc(sizeof *notifier);
    if (!notifier) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a subscription");
    notifier->connection = connection;
    notifier->ready_end = &notifier->ready;
    pthread_mutex_init(&notifier->lock, NULL);
    pthread_cond_init(&notifier->work, NULL);
    if (pthread_create(&notifier->thread, NULL, notify_run, notifier) != 0) {
        pthread_cond_destroy(&notifier->work);
        pthread_mutex_destroy(&notifier->lock);
        eid_free(notifier);
        return EID_FAIL(EID_KIND_NO_MEMORY, "no thread for notifications");
    }
    connection->notifier = notifier;
    return EID_OK;
}

/* Only the connection's thread changes the list, so it may look without the lock. */
static notify_sub *notify_find(const eid__notifier *notifier, uint64_t id, const eid_id *root)
{
    notify_sub *sub = notifier ? notifier->subs : NULL;

    while (sub && (sub->id != id || (id == 0 && !eid_id_equal(&sub->root, root)))) sub = sub->next;
    return sub;
}

static eid_status notify_add(eid__connection *connection, uint64_t id, const eid_id *root,
                             const eid_idset *since)
{
    const eid_seam *seam = connection->server->seam;
    eid__notifier *notifier = connection->notifier;
    notify_sub *sub = eid_alloc(sizeof *sub);
    eid_status status;

    if (!sub) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a subscription");
    sub->notifier = notifier;
    sub->id = id;
    sub->root = *root;
    pthread_mutex_lock(&notifier->lock);
    notifier->is_open = false;
    sub->next = notifier->subs;
    notifier->subs = sub;
    notifier->count++;
    pthread_mutex_unlock(&notifier->lock);
    status = seam->subscribe(seam->self, root, since, notify_on_write, sub, &sub->engine);
    if (status != EID_OK) eid__notify_unsubscribe(connection, id, root);
    return status;
}

eid_status eid__notify_subscribe(eid__connection *connection, uint64_t id, const eid_id *root,
                                 const eid_idset *since)
{
    eid_status status = notify_begin(connection);

    if (status != EID_OK) return status;
    if (notify_find(connection->notifier, id, root)) {
        if (id == 0) return EID_OK; /* the specification: nothing changes */
        return EID_FAIL(EID_KIND_ARGUMENT, "subscription %llu is there already",
                        (unsigned long long)id);
    }
    if (connection->notifier->count >= EID__SUBSCRIPTIONS_MAX) {
        return EID_FAIL(EID_KIND_OVERLOAD, "more than %u subscriptions", EID__SUBSCRIPTIONS_MAX);
    }
    return notify_add(connection, id, root, since);
}

void eid__notify_open(eid__connection *connection)
{
    eid__notifier *notifier = connection->notifier;

    if (!notifier) return;
    pthread_mutex_lock(&notifier->lock);
    notifier->is_open = true;
    pthread_cond_signal(&notifier->work);
    pthread_mutex_unlock(&notifier->lock);
}

/* Take it out of the lists. The lock is held. */
static void notify_unlink(eid__notifier *notifier, const notify_sub *sub)
{
    notify_sub **link = &notifier->subs;

    while (*link != sub) link = &(*link)->next;
    *link = sub->next;
    notifier->count--;
    if (!sub->is_ready) return;
    for (link = &notifier->ready; *link != sub;) link = &(*link)->next_ready;
    *link = sub->next_ready;
    if (!*link) notifier->ready_end = link;
}

void eid__notify_unsubscribe(eid__connection *connection, uint64_t id, const eid_id *root)
{
    const eid_seam *seam = connection->server->seam;
    eid__notifier *notifier = connection->notifier;
    notify_sub *sub = notify_find(notifier, id, root);

    if (!sub) return;
    if (sub->engine != 0) seam->unsubscribe(seam->self, sub->engine); /* no callback after this */
    pthread_mutex_lock(&notifier->lock);
    notify_unlink(notifier, sub);
    pthread_mutex_unlock(&notifier->lock);
    eid__pending_fini(&sub->pending);
    eid_free(sub);
}

void eid__notify_end(eid__connection *connection)
{
    eid__notifier *notifier = connection->notifier;

    if (!notifier) return;
    while (notifier->subs) {
        eid__notify_unsubscribe(connection, notifier->subs->id, &notifier->subs->root);
    }
    pthread_mutex_lock(&notifier->lock);
    notifier->is_stopping = true;
    pthread_cond_signal(&notifier->work);
    pthread_mutex_unlock(&notifier->lock);
    (void)pthread_join(notifier->thread, NULL);
    pthread_cond_destroy(&notifier->work);
    pthread_mutex_destroy(&notifier->lock);
    eid_free(notifier);
    connection->notifier = NULL;
}
