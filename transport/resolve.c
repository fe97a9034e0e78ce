/* getaddrinfo() cannot be interrupted, so its threads are not waited for: they hold the resolver
 * together with its owner, and the last to leave frees it. */
#include "transport/resolve.h"

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/queue.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/log.h"
#include "transport/transport_internal.h"

#define RESOLVE_THREADS 2u

typedef struct resolve_question {
    char host[EID_HOST_MAX];
    uint16_t port;
    eid__resolved *answer; /* made beforehand, so that an answer never fails */
    STAILQ_ENTRY(resolve_question) link;
} resolve_question;

struct eid__resolver {
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t asked;
    void (*deliver)(void *self, eid__resolved *answer); /* NULL = stopped */
    void *self;
    unsigned holders, threads, idle;
    size_t waiting; /* asked and not delivered */
    STAILQ_HEAD(, resolve_question) questions;
};

eid_status eid__resolver_new(void (*deliver)(void *self, eid__resolved *answer), void *self,
                             eid__resolver **out)
{
    eid__resolver *resolver = eid_alloc(sizeof *resolver);

    if (!resolver) return EID_FAIL(EID_KIND_NO_MEMORY, "for a resolver");
    EID_ASSERT(pthread_mutex_init(&resolver->lock, NULL) == 0);
    EID_ASSERT(pthread_cond_init(&resolver->asked, NULL) == 0);
    STAILQ_INIT(&resolver->questions);
    resolver->deliver = deliver;
    resolver->self = self;
    resolver->holders = 1;
    *out = resolver;
    return EID_OK;
}

static void question_free(resolve_question *question)
{
    eid_free(question->answer);
    eid_free(question);
}

/* With the lock held, which is given up. */
static void resolver_leave(eid__resolver *resolver)
{
    bool is_last = --resolver->holders == 0;

    pthread_mutex_unlock(&resolver->lock);
    if (!is_last) return;
    pthread_cond_destroy(&resolver->asked);
    pthread_mutex_destroy(&resolver->lock);
    eid_free(resolver);
}

void eid__resolver_stop(eid__resolver *resolver)
{
    resolve_question *question;

    if (!resolver) return;
    pthread_mutex_lock(&resolver->lock);
    resolver->deliver = NULL;
    while ((question = STAILQ_FIRST(&resolver->questions))) {
        STAILQ_REMOVE_HEAD(&resolver->questions, link);
        question_free(question);
    }
    pthread_cond_broadcast(&resolver->asked);
    resolver_leave(resolver);
}

static void question_answer(resolve_question *question)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
    eid__resolved *answer = question->answer;
    struct addrinfo *list = NULL;

    if (getaddrinfo(question->host, NULL, &hints, &list) != 0) return;
    for (const struct addrinfo *at = list; at; at = at->ai_next) {
        eid_netaddr addr = eid__netaddr_from_system(at->ai_addr);

        if (addr.family == 0 || answer->count == EID__RESOLVE_ADDRESSES_MAX) continue;
        addr.port = question->port;
        answer->at[answer->count++] = addr;
    }
    freeaddrinfo(list);
}

/* Wait for a question; NULL when stopped. With the lock held. */
static resolve_question *question_next(eid__resolver *resolver)
{
    resolve_question *question;

    resolver->idle++;
    while (resolver->deliver && STAILQ_EMPTY(&resolver->questions)) {
        pthread_cond_wait(&resolver->asked, &resolver->lock);
    }
    resolver->idle--;
    question = STAILQ_FIRST(&resolver->questions);
    if (question) STAILQ_REMOVE_HEAD(&resolver->questions, link);
    return question;
}

static void *resolver_run(void *arg)
{
    eid__resolver *resolver = arg;
    resolve_question *question;

    pthread_mutex_lock(&resolver->lock);
    while ((question = question_next(resolver))) {
        pthread_mutex_unlock(&resolver->lock);
        question_answer(question);
        pthread_mutex_lock(&resolver->lock);
        resolver->waiting--;
        if (resolver->deliver) {
            resolver->deliver(resolver->self, question->answer);
            question->answer = NULL;
        }
        question_free(question);
    }
    resolver_leave(resolver);
    return NULL;
}

/* Start one more thread if all are at work. With the lock held. */
static void resolver_grow(eid__resolver *resolver)
{
    pthread_t thread;

    if (resolver->idle > 0 || resolver->threads == RESOLVE_THREADS) return;
    if (pthread_create(&thread, NULL, resolver_run, resolver) != 0) return;
    (void)pthread_detach(thread);
    resolver->threads++;
    resolver->holders++;
}

static resolve_question *question_new(const char *host, uint16_t port,
                                      void (*done)(void *arg, const eid_netaddr *at, size_t count),
                                      void *arg)
{
    resolve_question *question = eid_alloc(sizeof *question);
    eid__resolved *answer = eid_alloc(sizeof *answer);

    if (!question || !answer) {
        eid_free(question);
        eid_free(answer);
        return NULL;
    }
    (void)snprintf(question->host, sizeof question->host, "%s", host);
    question->port = port;
    answer->done = done;
    answer->arg = arg;
    question->answer = answer;
    return question;
}

eid_status eid__resolver_ask(eid__resolver *resolver, const char *host, uint16_t port,
                             void (*done)(void *arg, const eid_netaddr *at, size_t count),
                             void *arg)
{
    eid_status status = EID_OK;
    resolve_question *question;

    if (strlen(host) >= EID_HOST_MAX) {
        return EID_FAIL(EID_KIND_ADDRESS, "a host name of %zu bytes", strlen(host));
    }
    question = question_new(host, port, done, arg);
    if (!question) return EID_FAIL(EID_KIND_NO_MEMORY, "for a host name");
    pthread_mutex_lock(&resolver->lock);
    if (resolver->waiting == EID__RESOLVE_WAITING_MAX) {
        status = EID_FAIL(EID_KIND_OVERLOAD, "%zu host names wait already", resolver->waiting);
    } else {
        resolver_grow(resolver);
        if (resolver->threads == 0) status = EID_FAIL(EID_KIND_NO_MEMORY, "for a thread");
    }
    if (status == EID_OK) {
        resolver->waiting++;
        STAILQ_INSERT_TAIL(&resolver->questions, question, link);
        pthread_cond_signal(&resolver->asked);
    }
    pthread_mutex_unlock(&resolver->lock);
    if (status != EID_OK) question_free(question);
    return status;
}
