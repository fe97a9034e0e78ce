/* Taking removes a number from the table, so that giving it up is not giving it back. */
#include "node/db/text_writers.h"

#include <pthread.h>

#include "dag/alloc.h"

typedef struct writer {
    char *store; /* owned; NULL = free */
    size_t store_len;
    uint32_t client, clock;
} writer;

struct eid_text_writers {
    pthread_mutex_t lock;
    size_t refs;
    size_t next; /* the slot that is overwritten when there are too many */
    writer slots[EID_TEXT_WRITERS_MAX];
};

eid_status eid_text_writers_new(eid_text_writers **out)
{
    eid_text_writers *writers = eid_alloc(sizeof *writers);

    *out = writers;
    if (!writers) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for writers of texts");
    pthread_mutex_init(&writers->lock, NULL);
    writers->refs = 1;
    return EID_OK;
}

eid_text_writers *eid_text_writers_ref(eid_text_writers *writers)
{
    if (!writers) return NULL;
    pthread_mutex_lock(&writers->lock);
    writers->refs++;
    pthread_mutex_unlock(&writers->lock);
    return writers;
}

void eid_text_writers_unref(eid_text_writers *writers)
{
    bool is_last;

    if (!writers) return;
    pthread_mutex_lock(&writers->lock);
    is_last = --writers->refs == 0;
    pthread_mutex_unlock(&writers->lock);
    if (!is_last) return;
    for (size_t i = 0; i < EID_TEXT_WRITERS_MAX; i++) eid_free(writers->slots[i].store);
    pthread_mutex_destroy(&writers->lock);
    eid_free(writers);
}

static writer *writers_find(eid_text_writers *writers, eid_slice store)
{
    for (size_t i = 0; i < EID_TEXT_WRITERS_MAX; i++) {
        writer *one = &writers->slots[i];
        if (one->store && eid_slice_equal(eid_slice_of(one->store, one->store_len), store)) {
            return one;
        }
    }
    return NULL;
}

uint32_t eid_text_writers_take(eid_text_writers *writers, eid_slice store, const eid_random *random,
                               uint32_t *clock)
{
    uint32_t client = (uint32_t)eid_random_u64(random);
    writer *one;

    *clock = 0;
    pthread_mutex_lock(&writers->lock);
    one = writers_find(writers, store);
    if (one) {
        client = one->client;
        *clock = one->clock;
        eid_free(one->store);
        *one = (writer){0};
    }
    pthread_mutex_unlock(&writers->lock);
    return client;
}

void eid_text_writers_keep(eid_text_writers *writers, eid_slice store, uint32_t client,
                           uint32_t clock)
{
    char *name = eid_memdup(store.at, store.len);
    writer *one;

    if (!name) return; /* the next one draws another */
    pthread_mutex_lock(&writers->lock);
    one = writers_find(writers, store);
    for (size_t i = 0; !one && i < EID_TEXT_WRITERS_MAX; i++) {
        if (!writers->slots[i].store) one = &writers->slots[i];
    }
    if (!one) one = &writers->slots[writers->next++ % EID_TEXT_WRITERS_MAX];
    eid_free(one->store);
    *one = (writer){name, store.len, client, clock};
    pthread_mutex_unlock(&writers->lock);
}
