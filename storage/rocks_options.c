/* Settings of RocksDB, in one place. They aim at a small process: what is not asked for is not
 * resident (index and filter blocks live in the bounded cache), and opening a store of a million
 * entries reads next to nothing. Left off is what releases after 7.8.3 had to repair; README.md
 * has the list. */
#include <rocksdb/c.h>

#include "storage/rocks.h"

#define CACHE_BYTES ((size_t)64 << 20)       /* blocks, indexes and filters of all families */
#define MEMTABLES_BYTES ((size_t)48 << 20)   /* of all families together */
#define MEMTABLE_BYTES ((size_t)16 << 20)    /* of one family */
#define WAL_BYTES_MAX ((uint64_t)32 << 20)   /* replayed at most after a crash */
#define LOG_FILE_BYTES_MAX ((size_t)1 << 20) /* of RocksDB's own log */
#define FILES_OPEN_MAX 256                   /* descriptors */
#define BLOCK_BYTES ((size_t)8 << 10)        /* larger: fewer index bytes for each entry */
#define MEMTABLE_BLOOM_RATIO 0.02            /* of a memtable */
#define BLOOM_BITS 10.0                      /* for each key: 1 % false positives */
#define LOG_LEVEL_FATAL 4 /* rocksdb::InfoLogLevel: it aborts when it cannot write its own log */

const char *const eid__rocks_names[EID__ROCKS_FAMILIES] = {
    [EID_FAMILY_META] = "meta",   [EID_FAMILY_ENTRY] = "entry",   [EID_FAMILY_ORDER] = "order",
    [EID_FAMILY_GRAPH] = "graph", [EID_FAMILY_TIP] = "tip",       [EID_FAMILY_STATE] = "state",
    [EID_FAMILY_BLOB] = "blob",   [EID_FAMILY_COUNT] = "default",
};

static rocksdb_options_t *options_database(void)
{
    rocksdb_options_t *options = rocksdb_options_create();

    rocksdb_options_set_paranoid_checks(options, 1);
    rocksdb_options_set_db_write_buffer_size(options, MEMTABLES_BYTES);
    rocksdb_options_set_max_total_wal_size(options, WAL_BYTES_MAX);
    rocksdb_options_set_max_open_files(options, FILES_OPEN_MAX);
    /* Opening must not cost more for a large store: what compaction would like to know of files is
     * not read, and a few files need no sixteen threads for each family. */
    rocksdb_options_set_skip_stats_update_on_db_open(options, 1);
    rocksdb_options_set_max_file_opening_threads(options, 1);
    /* One flush and one compaction at a time: two flushes at once may lose a file (#11865). */
    rocksdb_options_set_max_background_jobs(options, 2);
    rocksdb_options_set_info_log_level(options, LOG_LEVEL_FATAL);
    rocksdb_options_set_keep_log_file_num(options, 2);
    rocksdb_options_set_max_log_file_size(options, LOG_FILE_BYTES_MAX);
    rocksdb_options_set_stats_dump_period_sec(options, 0);
    rocksdb_options_set_stats_persist_period_sec(options, 0);
    return options;
}

static rocksdb_options_t *options_family(rocksdb_cache_t *cache, bool compress)
{
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();

    rocksdb_block_based_options_set_block_cache(table, cache);
    rocksdb_block_based_options_set_block_size(table, BLOCK_BYTES);
    rocksdb_block_based_options_set_filter_policy(
        table, rocksdb_filterpolicy_create_bloom_full(BLOOM_BITS));
    rocksdb_block_based_options_set_format_version(table, 5);
    rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
    rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
    rocksdb_options_set_block_based_table_factory(options, table); /* takes a copy of `table` */
    rocksdb_block_based_options_destroy(table);
    rocksdb_options_set_write_buffer_size(options, MEMTABLE_BYTES);
    rocksdb_options_set_max_write_buffer_number(options, 2);
    /* Most lookups of a commit are for what is not there: answer them without walking the list. */
    rocksdb_options_set_memtable_prefix_bloom_size_ratio(options, MEMTABLE_BLOOM_RATIO);
    rocksdb_options_set_memtable_whole_key_filtering(options, 1);
    rocksdb_options_set_level_compaction_dynamic_level_bytes(options, 1);
    rocksdb_options_set_compression(options,
                                    compress ? rocksdb_lz4_compression : rocksdb_no_compression);
    return options;
}

void eid__rocks_options_init(eid__rocks_options *options, bool compress)
{
    options->cache = rocksdb_cache_create_lru(CACHE_BYTES);
    options->database = options_database();
    for (size_t i = 0; i < EID__ROCKS_FAMILIES; i++) {
        options->families[i] = options_family(options->cache, compress);
    }
}

void eid__rocks_options_fini(eid__rocks_options *options)
{
    if (options->database == NULL) return;
    for (size_t i = 0; i < EID__ROCKS_FAMILIES; i++) rocksdb_options_destroy(options->families[i]);
    rocksdb_options_destroy(options->database);
    rocksdb_cache_destroy(options->cache);
    options->database = NULL;
}
