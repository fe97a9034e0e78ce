/* Limits: what this machine can do at best, without a node in the way. Each is measured for a
 * moment only. In the process of the caller, which should have no node of its own at work. */
#ifndef EID_BENCH_LIMIT_H
#define EID_BENCH_LIMIT_H

#include "storage/kv.h"
#include "tools/bench/bench.h"

/* RocksDB: batches a second of one value of so many bytes. */
double bench_limit_puts(const bench_plan *plan, size_t bytes, eid_durability durability);
/* RocksDB: a store of its own, to be ended with eid_kv_close(), and the milliseconds that one put
 * into it takes; `number` is the key. For what has to be measured between other things. */
eid_kv *bench_limit_store(const bench_plan *plan, const char *name);
double bench_limit_put_ms(eid_kv *kv, uint64_t number, size_t bytes, eid_durability durability);
/* RocksDB: random reads a second out of `keys` values of so many bytes. */
double bench_limit_gets(const bench_plan *plan, size_t keys, size_t bytes);
/* RocksDB: milliseconds to open the store at `url` and read one key of it. */
double bench_limit_open_ms(const char *url);
/* wolfSSL, one thread: Ed25519 signatures a second made, or checked, of so many bytes. */
double bench_limit_signs(const bench_plan *plan, size_t bytes);
double bench_limit_verifies(const bench_plan *plan, size_t bytes);
/* Half the median round trip of so many bytes on a stream of two bare QUIC endpoints, ms. */
double bench_limit_one_way_ms(const bench_plan *plan, size_t bytes);

#endif
