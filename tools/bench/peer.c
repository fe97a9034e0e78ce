/* A table of orders. The callback of the watch only notes the time; who waits is another thread, so
 * that nothing is measured but the node. */
#include "tools/bench/peer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/bench/node.h"

#define WAIT_MS 120000u
#define LOOK_AGAIN_NS 20000000 /* while waiting for a number of entries */

typedef struct peer {
    bench_node node;
    eidetica_watch *watch;
    bool is_over;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock: */
    uint64_t remote_entries, taken;
    uint64_t last_ns; /* when the last of them became visible */
} peer;

/* --- changes --- */

static void on_event(void *self, const eidetica_event *event)
{
    uint64_t now_ns = bench_now_ns();
    peer *p = self;

    pthread_mutex_lock(&p->lock);
    if (event->remote) {
        p->remote_entries += event->entry_count;
        p->last_ns = now_ns;
    }
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

static void do_watch(peer *p, const char *rest, FILE *to)
{
    (void)rest;
    bench_need(eidetica_watch_start(p->node.db, NULL, on_event, p, &p->watch), "watch");
    bench_tell(to, "ok");
}

static void do_next(peer *p, const char *rest, FILE *to)
{
    uint64_t when;

    (void)rest;
    pthread_mutex_lock(&p->lock);
    while (p->remote_entries == p->taken) pthread_cond_wait(&p->changed, &p->lock);
    p->taken++;
    when = p->last_ns;
    pthread_mutex_unlock(&p->lock);
    bench_tell(to, "%llu", (unsigned long long)when);
}

static void peer_wait_a_little(peer *p)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_AGAIN_NS;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&p->lock);
    pthread_cond_timedwait(&p->changed, &p->lock, &until);
    pthread_mutex_unlock(&p->lock);
}

static void do_until(peer *p, const char *rest, FILE *to)
{
    uint64_t wanted = strtoull(rest, NULL, 10), start = bench_now_ns();

    while (bench_node_size(&p->node).verified < wanted) {
        if (bench_seconds_since(start) * 1000 > WAIT_MS) {
            bench_fail("only %llu of %llu entries have come",
                       (unsigned long long)bench_node_size(&p->node).verified,
                       (unsigned long long)wanted);
        }
        peer_wait_a_little(p);
    }
    bench_tell(to, "%llu", (unsigned long long)bench_now_ns());
}

/* --- databases --- */

static void do_key(peer *p, const char *rest, FILE *to)
{
    (void)rest;
    bench_tell(to, "%s", eidetica_user_key(p->node.user));
}

static void do_create(peer *p, const char *rest, FILE *to)
{
    (void)rest;
    bench_node_create_db(&p->node);
    bench_node_commit(&p->node, "first", 0, true);
    bench_tell(to, "%s", eidetica_db_root(p->node.db));
}

static void do_grant(peer *p, const char *rest, FILE *to)
{
    bench_need(eidetica_db_grant(p->node.db, rest, "write:10", NULL), "grant");
    bench_tell(to, "ok");
}

static void do_fill(peer *p, const char *rest, FILE *to)
{
    char *count = NULL, prefix[2] = {rest[0], 0};
    uint64_t number = strtoull(rest + 1, &count, 10);

    for (uint64_t i = 0; i < number; i++) bench_node_commit(&p->node, prefix, i, false);
    bench_need(eidetica_sync_disk(p->node.instance), "sync the disk");
    bench_tell(to, "ok");
}

static void do_commit(peer *p, const char *rest, FILE *to)
{
    bool sync = strncmp(rest, "sync", 4) == 0;
    uint64_t number = strtoull(rest + strcspn(rest, " "), NULL, 10), start = bench_now_ns();

    bench_node_commit(&p->node, "live", number, sync);
    bench_tell(to, "%llu", (unsigned long long)start);
}

static void do_visible(peer *p, const char *rest, FILE *to)
{
    (void)rest;
    bench_tell(to, "%llu", (unsigned long long)bench_node_size(&p->node).verified);
}

static void do_bytes(peer *p, const char *rest, FILE *to)
{
    bench_size size = bench_node_size(&p->node);

    (void)rest;
    bench_tell(to, "%zu", bench_entry_bytes(&size));
}

static void tips_tell(void *self, const eidetica_db_info *info)
{
    FILE *to = self;

    for (size_t i = 0; i < info->tip_count; i++) fprintf(to, "%s ", info->tips[i]);
}

static void do_tips(peer *p, const char *rest, FILE *to)
{
    (void)rest;
    bench_need(eidetica_db_describe(p->node.db, tips_tell, to), "describe");
    bench_tell(to, ".");
}

/* --- other nodes --- */

static void do_listen(peer *p, const char *rest, FILE *to)
{
    static const char *const any[] = {"127.0.0.1:0"};
    bool again = strcmp(rest, "again") == 0; /* where it was before */

    bench_need(eidetica_sync_start(p->node.instance, again ? NULL : any, again ? 0 : 1), "listen");
    bench_tell(to, "ok");
}

static void do_stop(peer *p, const char *rest, FILE *to)
{
    (void)rest;
    eidetica_sync_stop(p->node.instance);
    bench_tell(to, "ok");
}

static void do_share(peer *p, const char *rest, FILE *to)
{
    char *ticket = NULL;

    (void)rest;
    bench_need(eidetica_share(p->node.db, &ticket), "share");
    bench_tell(to, "%s", ticket);
    eidetica_free(ticket);
}

static void do_join(peer *p, const char *rest, FILE *to)
{
    uint64_t start = bench_now_ns();

    bench_need(eidetica_join(p->node.user, rest, WAIT_MS, NULL, NULL, &p->node.db), "join");
    bench_tell(to, "%.9f", bench_seconds_since(start));
}

static void do_settle(peer *p, const char *rest, FILE *to)
{
    (void)rest;
    bench_need(eidetica_sync_wait(p->node.instance, eidetica_db_root(p->node.db), WAIT_MS),
               "wait for the peer");
    bench_tell(to, "ok");
}

static void do_now(peer *p, const char *rest, FILE *to)
{
    (void)rest;
    bench_need(eidetica_sync_now(p->node.instance, eidetica_db_root(p->node.db)), "dial");
    bench_tell(to, "ok");
}

static void do_wire(peer *p, const char *rest, FILE *to)
{
    (void)rest;
    bench_tell(to, "%.0f", bench_node_wire_bytes(&p->node));
}

static void do_rss(peer *p, const char *rest, FILE *to)
{
    (void)p;
    (void)rest;
    bench_tell(to, "%.3f", bench_rss_mib());
}

static void do_end(peer *p, const char *rest, FILE *to)
{
    (void)rest;
    eidetica_watch_stop(p->watch);
    bench_node_close(&p->node);
    p->is_over = true;
    bench_tell(to, "ok");
}

static const struct order {
    const char *name;
    void (*obey)(peer *p, const char *rest, FILE *to);
} orders[] = {
    {"key", do_key},       {"create", do_create},   {"grant", do_grant}, {"listen", do_listen},
    {"stop", do_stop},     {"share", do_share},     {"join", do_join},   {"watch", do_watch},
    {"fill", do_fill},     {"commit", do_commit},   {"next", do_next},   {"until", do_until},
    {"settle", do_settle}, {"visible", do_visible}, {"bytes", do_bytes}, {"tips", do_tips},
    {"now", do_now},       {"wire", do_wire},       {"rss", do_rss},     {"end", do_end},
};

static void peer_obey(peer *p, const char *line, FILE *to)
{
    size_t len = strcspn(line, " ");

    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        if (strlen(orders[i].name) != len || strncmp(line, orders[i].name, len) != 0) continue;
        orders[i].obey(p, line[len] ? line + len + 1 : "", to);
        return;
    }
    bench_fail("a peer was told '%s'", line);
}

static void peer_live(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    char line[BENCH_LINE_MAX];
    peer p;

    memset(&p, 0, sizeof p);
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.changed, NULL);
    bench_node_create(plan, arg, &p.node);
    while (!p.is_over) {
        bench_hear(from, line);
        peer_obey(&p, line, to);
    }
    pthread_cond_destroy(&p.changed);
    pthread_mutex_destroy(&p.lock);
}

void bench_peer_start(const bench_plan *plan, const char *name, bench_process *out)
{
    bench_process_start(plan, peer_live, (char *)(uintptr_t)name, out);
}

void bench_peer_end(bench_process *process)
{
    char answer[BENCH_LINE_MAX];

    bench_ask(process, answer, "end");
    bench_process_end(process);
}

void bench_pair_start(const bench_plan *plan, size_t entries, bench_pair *out)
{
    char key[BENCH_LINE_MAX], answer[BENCH_LINE_MAX];

    bench_peer_start(plan, "a", &out->a);
    bench_peer_start(plan, "b", &out->b);
    bench_ask(&out->b, key, "key");
    bench_ask(&out->a, answer, "create");
    bench_ask(&out->a, answer, "grant %s", key);
    bench_ask(&out->a, answer, "fill k %zu", entries);
    bench_ask(&out->a, answer, "listen");
    bench_ask(&out->b, answer, "listen");
    bench_ask(&out->a, out->ticket, "share");
}

void bench_pair_end(bench_pair *pair)
{
    bench_peer_end(&pair->b);
    bench_peer_end(&pair->a);
}
