/* A database of a million entries against one of ten thousand, and against what the machine can do.
 * Every part is a process of its own, as in the other workloads; limits are measured in between, in
 * processes of their own too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench/limit.h"
#include "tools/bench/scale.h"

#define ENTRIES_FULL 1000000u
#define ENTRIES_QUICK 4000u
#define SMALL_FULL 10000u
#define STORE_NAME "large"

void scale_open(const scale *self, bench_node *out)
{
    memset(out, 0, sizeof *out);
    bench_node_url(&self->stores, STORE_NAME, out->url, sizeof out->url);
    bench_need(eidetica_open(out->url, &out->instance), "open");
    bench_need(eidetica_login(out->instance, "bench", NULL, &out->user), "log in");
    bench_need(eidetica_db_open(out->user, self->root, &out->db), "open the database");
}

void scale_key(uint64_t number, char *out)
{
    snprintf(out, 32, "k%08llu", (unsigned long long)number);
}

void scale_commit(bench_node *node, uint64_t number)
{
    eidetica_txn *txn = NULL;
    char key[32], value[128];

    scale_key(number, key);
    bench_value(number, value);
    bench_need(eidetica_txn_begin(node->db, &txn), "begin");
    bench_need(eidetica_table_set(txn, SCALE_TABLE, key, value), "set a row");
    bench_need(eidetica_txn_commit_async(txn, NULL), "commit");
    eidetica_txn_free(txn);
}

/* The root and the size that a run before this one has left there; false if none has. */
static bool kept_read(scale *self, const char *path)
{
    FILE *file = fopen(path, "r");
    char line[BENCH_LINE_MAX] = "";
    unsigned long long entries = 0;
    bool is_there;

    if (!file) return false;
    is_there = fgets(line, sizeof line, file) != NULL &&
               sscanf(line, "%8191s %llu %zu", self->root, &entries, &self->entry_bytes) == 3;
    fclose(file);
    return is_there && entries == self->entries;
}

static void kept_write(const scale *self, const char *path)
{
    FILE *file = fopen(path, "w");

    if (!file) bench_fail("cannot write %s", path);
    fprintf(file, "%s %zu %zu\n", self->root, self->entries, self->entry_bytes);
    if (fclose(file) != 0) bench_fail("cannot write %s", path);
}

static void limits_part(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    const size_t *bytes = arg;

    (void)from;
    bench_tell(to, "%.3f", bench_limit_signs(plan, *bytes));
    bench_tell(to, "%.3f", bench_limit_verifies(plan, *bytes));
    bench_tell(to, "%.3f", bench_limit_puts(plan, *bytes, EID_DURABLE_ASYNC));
    bench_tell(to, "%.3f", scale_limit_batches(plan, *bytes));
}

void scale_limits_measure(scale *self)
{
    bench_process part;

    bench_process_start(self->plan, limits_part, &self->entry_bytes, &part);
    self->signs = bench_hear_number(part.from);
    self->verifies = bench_hear_number(part.from);
    self->puts = bench_hear_number(part.from);
    self->batches = bench_hear_number(part.from);
    bench_process_end(&part);
}

void bench_scale(const bench_plan *plan)
{
    scale self = {.plan = plan, .stores = *plan};
    char kept[BENCH_PATH_MAX + 100], marker[BENCH_PATH_MAX + 120];

    self.entries =
        plan->entries > 0 ? plan->entries : bench_count(plan, ENTRIES_FULL, ENTRIES_QUICK);
    self.small = self.entries >= 10 * SMALL_FULL ? SMALL_FULL : self.entries / 4;
    if (plan->kept) {
        snprintf(kept, sizeof kept, "%s/scale-%zu", plan->kept, self.entries);
        snprintf(marker, sizeof marker, "%s/made", kept);
        self.stores.folder = kept;
        bench_folder_make(kept);
        if (!kept_read(&self, marker)) {
            self.root[0] = 0;
            bench_folder_clear(kept);
        }
    }
    scale_append(&self);
    if (plan->kept) kept_write(&self, marker);
    scale_open_first(&self);
    scale_read(&self);
    scale_table(&self);
    scale_merge(&self);
}
