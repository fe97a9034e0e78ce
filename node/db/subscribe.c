/* One deliverer at a time, whichever thread it is, so a subscriber's cursor needs no lock of its
 * own and its events cannot overtake each other. What a write added is counted, not copied, for its
 * subscribers: it knows exactly which entries became visible, so no walk is needed but for those
 * who fell behind. */
#include "node/db/subscribe.h"

#include <pthread.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/log.h"
#include "node/db/added.h"

#define WATCH_BUCKETS 256u

typedef struct watch_update {
    size_t refs; /* under the lock */
    bool is_cut, is_remote;
    eid_idset tips;
    eid_id *added;
    size_t added_count;
} watch_update;

typedef struct watch_sub watch_sub;
struct watch_sub {
    uint64_t id;
    eid_id root;
    eid_write_fn fn;
    void *arg;
    eid_idset cursor; /* the deliverer's */
    bool must_walk;   /* what the queue says was added is not all since the cursor */
    bool was_remote;  /* some of what the queue dropped */
    bool is_removed;  /* while it runs: to be freed afterwards */
    bool is_ready;
    watch_update *queue[EID__WATCH_QUEUE_MAX];
    size_t oldest, count;
    watch_sub *next, *next_ready;
};

struct eid__watch {
    pthread_mutex_t lock;
    pthread_cond_t work; /* something is ready, or the end */
    pthread_cond_t idle; /* a callback has returned */
    eid_kv *kv;
    bool is_inline, stop, has_thread;
    pthread_t thread;
    uint64_t last_id, running_id; /* 0 = none runs */
    pthread_t runner;
    bool is_delivering;
    size_t count;
    watch_sub *buckets[WATCH_BUCKETS];
    watch_sub *ready, **ready_end;
};

/* -- updates: all under the lock --------------------------------------------------------------- */

static void update_unref(watch_update *update)
{
    if (update == NULL || --update->refs > 0) return;
    eid_idset_fini(&update->tips);
    eid_free(update->added);
    eid_free(update);
}

/* NULL without memory. */
static watch_update *update_new(const eid__watch_write *write)
{
    watch_update *update = eid_alloc(sizeof(*update));
    size_t count = write->added.count < EID_EVENT_IDS_MAX ? write->added.count : EID_EVENT_IDS_MAX;

    if (update == NULL) return NULL;
    update->refs = 1;
    update->is_remote = write->is_remote;
    update->is_cut = write->is_cut || count < write->added.count;
    update->added_count = count;
    update->added = eid_alloc_array(count, sizeof(eid_id));
    if (update->added == NULL || eid_idset_assign(&update->tips, write->tips) != EID_OK) {
        update_unref(update);
        return NULL;
    }
    if (count > 0) memcpy(update->added, write->added.at, count * sizeof(eid_id));
    return update;
}

/* -- subscribers: all under the lock ----------------------------------------------------------- */

static watch_sub **watch_bucket(eid__watch *watch, const eid_id *root)
{
    return &watch->buckets[eid_id_hash(root) % WATCH_BUCKETS];
}

static void sub_drop_queue(watch_sub *sub)
{
    for (; sub->count > 0; sub->count--) {
        update_unref(sub->queue[sub->oldest]);
        sub->oldest = (sub->oldest + 1) % EID__WATCH_QUEUE_MAX;
    }
}

static void sub_free(watch_sub *sub)
{
    sub_drop_queue(sub);
    eid_idset_fini(&sub->cursor);
    eid_free(sub);
}

static void watch_push_ready(eid__watch *watch, watch_sub *sub)
{
    if (sub->is_ready) return;
    sub->is_ready = true;
    sub->next_ready = NULL;
    *watch->ready_end = sub;
    watch->ready_end = &sub->next_ready;
    pthread_cond_signal(&watch->work);
}

static void watch_drop_ready(eid__watch *watch, watch_sub *sub)
{
    watch_sub **link = &watch->ready;

    if (!sub->is_ready) return;
    while (*link != sub) link = &(*link)->next_ready;
    *link = sub->next_ready;
    if (sub->next_ready == NULL) watch->ready_end = link;
    sub->is_ready = false;
}

/* Queue one; a full queue becomes one event that spans it. */
static void watch_push(eid__watch *watch, watch_sub *sub, watch_update *update)
{
    if (sub->count == EID__WATCH_QUEUE_MAX) {
        for (size_t i = 0; i < sub->count; i++) {
            if (sub->queue[i]->is_remote) sub->was_remote = true;
        }
        sub_drop_queue(sub);
        sub->must_walk = true;
    }
    update->refs++;
    sub->queue[(sub->oldest + sub->count) % EID__WATCH_QUEUE_MAX] = update;
    sub->count++;
    watch_push_ready(watch, sub);
}

/* -- delivery ---------------------------------------------------------------------------------- */

/* Call the subscriber; no lock is held. */
static void sub_call(eid_kv *kv, const watch_sub *sub, eid_write_event *event, bool must_walk)
{
    eid__added walked = {.max = EID_EVENT_IDS_MAX};

    if (must_walk) {
        if (eid__added_find(kv, &sub->root, event->previous, event->post, &walked) != EID_OK) {
            eid_log_warn("watch.walk", "db=%s", eid_id_str(&sub->root));
            walked.is_cut = true;
        }
        event->added = (eid_ids){walked.at, walked.count};
        event->is_cut = walked.is_cut;
    }
    sub->fn(sub->arg, event);
    eid__added_fini(&walked);
}

/* Deliver the oldest update of the first that is ready; the lock is open meanwhile. */
static void watch_deliver_one(eid__watch *watch)
{
    watch_sub *sub = watch->ready;
    watch_update *update = sub->queue[sub->oldest];
    eid_write_event event = {.root = sub->root,
                             .previous = eid_idset_ids(&sub->cursor),
                             .post = eid_idset_ids(&update->tips),
                             .is_remote = update->is_remote || sub->was_remote,
                             .added = {update->added, update->added_count},
                             .is_cut = update->is_cut};
    bool must_walk = sub->must_walk;

    watch_drop_ready(watch, sub);
    sub->oldest = (sub->oldest + 1) % EID__WATCH_QUEUE_MAX;
    sub->count--;
    sub->must_walk = false;
    sub->was_remote = false;
    watch->running_id = sub->id;
    watch->runner = pthread_self();
    pthread_mutex_unlock(&watch->lock);
    sub_call(watch->kv, sub, &event, must_walk);
    pthread_mutex_lock(&watch->lock);
    watch->running_id = 0;
    /* Without memory the cursor stays, and the next event begins at it. */
    if (eid_idset_assign(&sub->cursor, eid_idset_ids(&update->tips)) != EID_OK) {
        sub->must_walk = true;
    }
    update_unref(update);
    if (sub->is_removed) {
        sub_free(sub);
    } else if (sub->count > 0) {
        watch_push_ready(watch, sub);
    }
    pthread_cond_broadcast(&watch->idle);
}

static void *watch_thread(void *self)
{
    eid__watch *watch = self;

    pthread_mutex_lock(&watch->lock);
    while (!watch->stop) {
        if (watch->ready == NULL) {
            pthread_cond_wait(&watch->work, &watch->lock);
        } else {
            watch_deliver_one(watch);
        }
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

void eid__watch_deliver(eid__watch *watch)
{
    if (!watch->is_inline) return;
    pthread_mutex_lock(&watch->lock);
    if (!watch->is_delivering) { /* else a callback has written: its caller goes on */
        watch->is_delivering = true;
        while (watch->ready != NULL) watch_deliver_one(watch);
        watch->is_delivering = false;
    }
    pthread_mutex_unlock(&watch->lock);
}

/* -- the interface ----------------------------------------------------------------------------- */

eid_status eid__watch_new(eid_kv *kv, bool is_inline, eid__watch **out)
{
    eid__watch *watch = eid_alloc(sizeof(*watch));

    if (watch == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for subscriptions");
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->work, NULL);
    pthread_cond_init(&watch->idle, NULL);
    watch->kv = kv;
    watch->is_inline = is_inline;
    watch->ready_end = &watch->ready;
    *out = watch;
    return EID_OK;
}

void eid__watch_free(eid__watch *watch)
{
    if (watch == NULL) return;
    pthread_mutex_lock(&watch->lock);
    watch->stop = true;
    pthread_cond_broadcast(&watch->work);
    pthread_mutex_unlock(&watch->lock);
    if (watch->has_thread) pthread_join(watch->thread, NULL);
    for (size_t i = 0; i < WATCH_BUCKETS; i++) {
        while (watch->buckets[i] != NULL) {
            watch_sub *sub = watch->buckets[i];
            watch->buckets[i] = sub->next;
            sub_free(sub);
        }
    }
    pthread_cond_destroy(&watch->idle);
    pthread_cond_destroy(&watch->work);
    pthread_mutex_destroy(&watch->lock);
    eid_free(watch);
}

static eid_status watch_start(eid__watch *watch)
{
    if (watch->is_inline || watch->has_thread) return EID_OK;
    if (pthread_create(&watch->thread, NULL, watch_thread, watch) != 0) {
        return EID_FAIL(EID_KIND_OVERLOAD, "no thread for events");
    }
    watch->has_thread = true;
    return EID_OK;
}

/* Cursor and, with `since`, the first event. */
static eid_status sub_begin(eid__watch *watch, watch_sub *sub, const eid__watch_request *request)
{
    const eid_idset *from = request->since != NULL ? request->since : request->tips;
    const eid__watch_write write = {.root = request->root, .tips = eid_idset_ids(request->tips)};
    watch_update *update;
    eid_status status = eid_idset_assign(&sub->cursor, eid_idset_ids(from));

    if (status != EID_OK || eid_idset_equal(&sub->cursor, request->tips)) return status;
    update = update_new(&write);
    if (update == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for a subscription");
    sub->must_walk = true;
    watch_push(watch, sub, update);
    update_unref(update);
    return EID_OK;
}

eid_status eid__watch_add(eid__watch *watch, const eid__watch_request *request, uint64_t *out)
{
    watch_sub **bucket = watch_bucket(watch, request->root);
    watch_sub *sub = eid_alloc(sizeof(*sub));
    eid_status status;

    if (sub == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for a subscription");
    sub->root = *request->root;
    sub->fn = request->fn;
    sub->arg = request->arg;
    pthread_mutex_lock(&watch->lock);
    if (watch->count >= EID__WATCH_MAX) {
        status = EID_FAIL(EID_KIND_LIMIT, "%u subscriptions are open", EID__WATCH_MAX);
        goto done;
    }
    status = watch_start(watch);
    if (status != EID_OK) goto done;
    sub->id = ++watch->last_id;
    status = sub_begin(watch, sub, request);
    if (status != EID_OK) goto done;
    sub->next = *bucket;
    *bucket = sub;
    watch->count++;
    *out = sub->id;
    sub = NULL;

done:
    if (sub != NULL) sub_free(sub);
    pthread_mutex_unlock(&watch->lock);
    return status;
}

static watch_sub *watch_take(eid__watch *watch, uint64_t subscription)
{
    for (size_t i = 0; i < WATCH_BUCKETS; i++) {
        watch_sub **link = &watch->buckets[i];
        while (*link != NULL && (*link)->id != subscription) link = &(*link)->next;
        if (*link == NULL) continue;
        watch_sub *sub = *link;
        *link = sub->next;
        watch->count--;
        watch_drop_ready(watch, sub);
        return sub;
    }
    return NULL;
}

void eid__watch_remove(eid__watch *watch, uint64_t subscription)
{
    watch_sub *sub;

    pthread_mutex_lock(&watch->lock);
    sub = watch_take(watch, subscription);
    if (sub != NULL && watch->running_id == subscription) {
        sub->is_removed = true;
        sub_drop_queue(sub);
    } else if (sub != NULL) {
        sub_free(sub);
    }
    while (watch->running_id == subscription && !pthread_equal(watch->runner, pthread_self())) {
        pthread_cond_wait(&watch->idle, &watch->lock);
    }
    pthread_mutex_unlock(&watch->lock);
}

bool eid__watch_has(eid__watch *watch, const eid_id *root)
{
    watch_sub *sub;

    pthread_mutex_lock(&watch->lock);
    sub = *watch_bucket(watch, root);
    while (sub != NULL && !eid_id_equal(&sub->root, root)) sub = sub->next;
    pthread_mutex_unlock(&watch->lock);
    return sub != NULL;
}

void eid__watch_publish(eid__watch *watch, const eid__watch_write *write)
{
    watch_update *update = update_new(write);

    if (update == NULL) {
        eid__watch_miss(watch, write->root);
        return;
    }
    pthread_mutex_lock(&watch->lock);
    for (watch_sub *sub = *watch_bucket(watch, write->root); sub != NULL; sub = sub->next) {
        if (eid_id_equal(&sub->root, write->root)) watch_push(watch, sub, update);
    }
    update_unref(update);
    pthread_mutex_unlock(&watch->lock);
}

void eid__watch_miss(eid__watch *watch, const eid_id *root)
{
    eid_log_warn("watch.miss", "db=%s", eid_id_str(root));
    pthread_mutex_lock(&watch->lock);
    for (watch_sub *sub = *watch_bucket(watch, root); sub != NULL; sub = sub->next) {
        if (eid_id_equal(&sub->root, root)) sub->must_walk = true;
    }
    pthread_mutex_unlock(&watch->lock);
}
