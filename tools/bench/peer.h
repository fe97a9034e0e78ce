/* Peer: a node in a process of its own that does as it is told.
 *
 * One line asks, one line answers; times are of the monotonic clock, which all processes share.
 *
 * | told             | does                                               | answers             |
 * |------------------|----------------------------------------------------|---------------------|
 * | key              |                                                    | the user's key      |
 * | create           | a database with a first value in it                | its root            |
 * | grant KEY        | lets that user write                               | ok                  |
 * | listen [again]   | starts to meet peers, where it did before          | ok                  |
 * | stop             | ceases to                                          | ok                  |
 * | share            |                                                    | a ticket            |
 * | join TICKET      | fetches the database and listens for changes       | seconds it took     |
 * | watch            | listens for changes                                | ok                  |
 * | fill PREFIX N    | commits N values, an entry each                    | ok                  |
 * | commit K N       | commits value N; K = sync or async                 | when it began, ns   |
 * | next             | waits for the next change from a peer              | when it came, ns    |
 * | until N          | waits until N entries are visible                  | when they were, ns  |
 * | now              | dials its peers at once                            | ok                  |
 * | settle           | waits until it and its peers have the same         | ok                  |
 * | visible, bytes   |                                                    | how many entries, of
 * how many bytes | | tips             |                                                    | the
 * visible ones    | | wire, rss        |                                                    |
 * bytes; MiB          | | end              | closes                                             |
 * ok                  |
 */
#ifndef EID_BENCH_PEER_H
#define EID_BENCH_PEER_H

#include "tools/bench/process.h"

/* Start a peer; `name` is that of its folder and must live as long as it does. */
void bench_peer_start(const bench_plan *plan, const char *name, bench_process *out);
/* Tell it to end, and wait. */
void bench_peer_end(bench_process *process);

/* Two peers: `a` has a database with `entries` values and listens, `b` may write and has not yet
 * joined; `ticket` (BENCH_LINE_MAX bytes) is what it needs for it. */
typedef struct bench_pair {
    bench_process a, b;
    char ticket[BENCH_LINE_MAX];
} bench_pair;
void bench_pair_start(const bench_plan *plan, size_t entries, bench_pair *out);
void bench_pair_end(bench_pair *pair);

#endif
