/* RocksDB's perf context: counters of the calling thread, kept by the shared library itself, so
 * that nothing has to be passed through the node. */
#include <rocksdb/c.h>

#include "tools/bench/scale.h"

#define LEVEL_DISABLE 1
#define LEVEL_COUNT 2 /* rocksdb::PerfLevel::kEnableCount */

void scale_lookups_begin(void)
{
    rocksdb_perfcontext_t *context = rocksdb_perfcontext_create();

    rocksdb_set_perf_level(LEVEL_COUNT);
    rocksdb_perfcontext_reset(context);
    rocksdb_perfcontext_destroy(context);
}

scale_lookups scale_lookups_end(void)
{
    rocksdb_perfcontext_t *context = rocksdb_perfcontext_create();
    scale_lookups lookups = {
        .gets = rocksdb_perfcontext_metric(context, rocksdb_get_from_memtable_count),
        .seeks = rocksdb_perfcontext_metric(context, rocksdb_seek_on_memtable_count),
        .blocks_read = rocksdb_perfcontext_metric(context, rocksdb_block_read_count),
        .blocks_cached = rocksdb_perfcontext_metric(context, rocksdb_block_cache_hit_count),
    };

    rocksdb_set_perf_level(LEVEL_DISABLE);
    rocksdb_perfcontext_destroy(context);
    return lookups;
}
