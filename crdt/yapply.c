/* What waited and what came are sorted together into one queue a client. A queue runs until it is
 * empty or names a clock that is not there; then it waits on the queue of that clock's client,
 * which wakes it when it has got so far. Each block is tried once for each of the (at most three)
 * clocks it names, whatever the order of arrival. What is left waits for another update. */
#include <stdlib.h>

#include "crdt/yupdate.h"
#include "dag/alloc.h"
#include "dag/assert.h"

typedef struct apply_item {
    eid__yitem *item;
    size_t order; /* those that waited come first: the first to come wins */
} apply_item;

#define APPLY_NONE SIZE_MAX

typedef struct apply_queue {
    uint32_t client;
    size_t at, end; /* of the items */
    size_t waiters; /* first of the queues that wait on this one */
    size_t next;    /* in the list that this queue is in: ready ones, or waiters of another */
    uint32_t clock; /* that it waits for */
} apply_queue;

typedef struct apply {
    eid_ydoc *doc;
    apply_item *items;
    size_t item_count, old_count; /* old: those that waited before */
    apply_queue *queues;          /* by client */
    size_t queue_count;
    size_t ready; /* first of the queues that may run */
    bool moved;   /* something new was put down */
} apply;

static int apply_item_compare(const void *a, const void *b)
{
    const apply_item *left = a, *right = b;
    eid__yid x = left->item->id, y = right->item->id;

    if (x.client != y.client) return x.client < y.client ? -1 : 1;
    if (x.clock != y.clock) return x.clock < y.clock ? -1 : 1;
    return (left->order > right->order) - (left->order < right->order);
}

/* -- queues ------------------------------------------------------------------------------------ */

static void apply_make_queues(apply *self)
{
    for (size_t i = 0; i < self->item_count; i++) {
        uint32_t client = self->items[i].item->id.client;
        apply_queue *queue = &self->queues[self->queue_count];

        if (self->queue_count > 0 && queue[-1].client == client) {
            queue[-1].end = i + 1;
            continue;
        }
        *queue = (apply_queue){.client = client, .at = i, .end = i + 1, .waiters = APPLY_NONE};
        queue->next = self->ready;
        self->ready = self->queue_count++;
    }
}

/* APPLY_NONE if nothing of that client is in hand. */
static size_t apply_find_queue(const apply *self, uint32_t client)
{
    size_t low = 0, high = self->queue_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (self->queues[middle].client < client)
            low = middle + 1;
        else
            high = middle;
    }
    return low < self->queue_count && self->queues[low].client == client ? low : APPLY_NONE;
}

static void apply_wait(apply *self, size_t index, eid__yid missing)
{
    size_t other = apply_find_queue(self, missing.client);

    EID_ASSERT(other != index);
    if (other == APPLY_NONE) return;
    self->queues[index].clock = missing.clock;
    self->queues[index].next = self->queues[other].waiters;
    self->queues[other].waiters = index;
}

static void apply_wake(apply *self, size_t index)
{
    uint32_t state = eid__yclient_state(self->doc, self->queues[index].client);
    size_t waiter = self->queues[index].waiters;

    self->queues[index].waiters = APPLY_NONE;
    while (waiter != APPLY_NONE) {
        size_t next = self->queues[waiter].next;
        size_t *list =
            self->queues[waiter].clock < state ? &self->ready : &self->queues[index].waiters;

        self->queues[waiter].next = *list;
        *list = waiter;
        waiter = next;
    }
}

/* False without memory. */
static bool apply_run(apply *self, size_t index)
{
    apply_queue *queue = &self->queues[index];
    uint32_t state = eid__yclient_state(self->doc, queue->client);

    for (; queue->at < queue->end; queue->at++) {
        apply_item *head = &self->items[queue->at];
        eid__yid missing;

        if (eid__yitem_end(head->item) <= state) continue;
        if (head->item->id.clock > state) break;
        /* what is known of it has its place already, whatever this block says about it */
        if (head->item->id.clock < state) {
            eid__yitem_trim(head->item, state - head->item->id.clock);
        }
        if (eid__yitem_missing(self->doc, head->item, &missing)) {
            apply_wait(self, index, missing);
            break;
        }
        state = eid__yitem_end(head->item);
        if (!eid__yitem_integrate(self->doc, head->item)) return false;
        if (head->order >= self->old_count) self->moved = true;
    }
    apply_wake(self, index);
    return true;
}

/* -- the whole --------------------------------------------------------------------------------- */

static eid_status apply_begin(apply *self, const eid__yupdate *update)
{
    const eid_ydoc *doc = self->doc;
    size_t count = doc->pending_count + update->item_count;

    self->ready = APPLY_NONE;
    self->old_count = doc->pending_count;
    self->item_count = count;
    self->items = eid_alloc_array(count, sizeof(*self->items));
    self->queues = eid_alloc_array(count + 1, sizeof(*self->queues));
    if (self->items == NULL || self->queues == NULL) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "queues of %zu blocks", count);
    }
    for (size_t i = 0; i < count; i++) {
        self->items[i].item =
            i < self->old_count ? doc->pending[i] : update->items[i - self->old_count];
        self->items[i].order = i;
    }
    if (count > 1) qsort(self->items, count, sizeof(*self->items), apply_item_compare);
    apply_make_queues(self);
    return EID_OK;
}

/* What is left in the queues waits from now on, but for what others cover. The array has room for
 * all. */
static void apply_keep_rest(apply *self, eid__yitem **pending)
{
    size_t count = 0;

    for (size_t i = 0; i < self->queue_count; i++) {
        const apply_queue *queue = &self->queues[i];
        uint32_t covered = eid__yclient_state(self->doc, queue->client);

        for (size_t at = queue->at; at < queue->end; at++) {
            eid__yitem *item = self->items[at].item;

            if (eid__yitem_end(item) <= covered) continue;
            covered = eid__yitem_end(item);
            pending[count++] = item;
            if (self->items[at].order >= self->old_count) self->moved = true;
        }
    }
    eid_free(self->doc->pending);
    self->doc->pending = pending;
    self->doc->pending_count = count;
}

/* Put down what can be, of what waited and what came. The update's arena becomes the document's if
 * anything of it stays. */
static eid_status apply_blocks(eid_ydoc *doc, eid__yupdate *update)
{
    apply self = {.doc = doc};
    eid__yitem **pending = NULL;
    eid_status status = apply_begin(&self, update);

    if (status == EID_OK) {
        pending = eid_alloc_array(self.item_count, sizeof(eid__yitem *));
        if (pending == NULL) status = EID_FAIL(EID_KIND_NO_MEMORY, "waiting blocks");
    }
    while (status == EID_OK && self.ready != APPLY_NONE) {
        size_t index = self.ready;

        self.ready = self.queues[index].next;
        if (!apply_run(&self, index)) {
            self.moved = true;
            status = eid__ydoc_break(doc);
        }
    }
    if (status == EID_OK)
        apply_keep_rest(&self, pending);
    else
        eid_free(pending);
    if (self.moved) eid__yarena_adopt(&doc->arena, &update->arena);
    eid_free(self.items);
    eid_free(self.queues);
    return status;
}

eid_status eid_ydoc_apply(eid_ydoc *doc, eid_slice bytes)
{
    eid__yupdate update = {0};
    eid_status status = eid__ydoc_usable(doc);

    if (status == EID_OK) status = eid__yupdate_read(bytes, &update);
    if (status == EID_OK && update.item_count > 0) {
        status = apply_blocks(doc, &update);
    }
    if (status == EID_OK) status = eid__ydelete_apply(doc, update.deletes, update.delete_count);
    eid__yupdate_fini(&update);
    return status;
}
