/* Users without password: deriving a key from one takes longer on purpose than all that is measured
 * here. */
#include "tools/bench/node.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "dag/random.h"

void bench_node_url(const bench_plan *plan, const char *name, char *out, size_t size)
{
    snprintf(out, size, "rocksdb://%s/%s", plan->folder, name);
}

void bench_node_create(const bench_plan *plan, const char *name, bench_node *out)
{
    memset(out, 0, sizeof *out);
    bench_node_url(plan, name, out->url, sizeof out->url);
    bench_need(eidetica_create(out->url, "bench", NULL, &out->instance, &out->user), "create");
}

void bench_node_create_db(bench_node *node)
{
    bench_need(eidetica_db_create(node->user, "bench", &node->db), "create a database");
}

void bench_node_close(bench_node *node)
{
    eidetica_db_close(node->db);
    eidetica_logout(node->user);
    eidetica_close(node->instance);
    memset(node, 0, sizeof *node);
}

void bench_key(const char *prefix, uint64_t number, char *out)
{
    snprintf(out, 32, "%.8s%06llu", prefix, (unsigned long long)number);
}

void bench_value(uint64_t number, char *out)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    eid_random_seeded chance = {BENCH_SEED + number};

    out[0] = '"';
    for (size_t i = 1; i <= BENCH_VALUE_BYTES; i++) {
        out[i] = letters[eid_random_below(&chance, sizeof letters - 1)];
    }
    memcpy(out + 1 + BENCH_VALUE_BYTES, "\"", 2);
}

static void node_stage(eidetica_txn *txn, const char *prefix, uint64_t number)
{
    char key[32], value[128];

    bench_key(prefix, number, key);
    bench_value(number, value);
    bench_need(eidetica_doc_set(txn, BENCH_STORE, key, value), "set");
}

void bench_node_commit(bench_node *node, const char *prefix, uint64_t number, bool sync)
{
    eidetica_txn *txn = NULL;

    bench_need(eidetica_txn_begin(node->db, &txn), "begin");
    node_stage(txn, prefix, number);
    bench_need(sync ? eidetica_txn_commit(txn, NULL) : eidetica_txn_commit_async(txn, NULL),
               "commit");
    eidetica_txn_free(txn);
}

void bench_node_fill(bench_node *node, uint64_t from, uint64_t to, size_t batch)
{
    for (uint64_t next = from; next < to; next += batch) {
        uint64_t end = next + batch < to ? next + batch : to;
        eidetica_txn *txn = NULL;

        bench_need(eidetica_txn_begin(node->db, &txn), "begin");
        for (uint64_t i = next; i < end; i++) node_stage(txn, "k", i);
        bench_need(eidetica_txn_commit_async(txn, NULL), "commit");
        eidetica_txn_free(txn);
    }
    bench_need(eidetica_sync_disk(node->instance), "sync the disk");
}

static void size_take(void *self, const eidetica_db_info *info)
{
    *(bench_size *)self = (bench_size){info->entries, info->verified, info->bytes};
}

bench_size bench_node_size(bench_node *node)
{
    bench_size size = {0, 0, 0};

    bench_need(eidetica_db_describe(node->db, size_take, &size), "describe");
    return size;
}

size_t bench_entry_bytes(const bench_size *size)
{
    return size->entries > 0 ? (size_t)(size->bytes / size->entries) : 0;
}

double bench_node_wire_bytes(bench_node *node)
{
    char *text = NULL;
    json_t *info;
    double bytes;

    bench_need(eidetica_net_info(node->instance, &text), "ask for bytes on the wire");
    info = json_loads(text, 0, NULL);
    bytes = json_number_value(json_object_get(info, "bytes_sent")) +
            json_number_value(json_object_get(info, "bytes_received"));
    json_decref(info);
    eidetica_free(text);
    return bytes;
}
