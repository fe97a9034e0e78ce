/* Whose store is it? Looked at before anything is opened for writing, since opening is already a
 * change: RocksDB would add our families to another program's database. */
#include <rocksdb/c.h>
#include <stdio.h>

#include "dag/alloc.h"
#include "storage/rocks.h"

#define FAMILIES_MAX 64 /* a newer version of ours has some more than we; beyond it is not ours */

static int format_family_index(const char *name)
{
    for (int i = 0; i < (int)EID__ROCKS_FAMILIES; i++) {
        if (strcmp(name, eid__rocks_names[i]) == 0) return i;
    }
    return -1;
}

eid_status eid__rocks_format_judge(const char *path, eid_slice text)
{
    char ours[16];

    if (text.len == 0) {
        return EID_FAIL(EID_KIND_STORE_FORMAT, "the RocksDB in %s was made by another program",
                        path);
    }
    (void)snprintf(ours, sizeof ours, "%u", EID__ROCKS_FORMAT);
    if (eid_slice_is(text, ours)) return EID_OK;
    return EID_FAIL(EID_KIND_STORE_FORMAT, "the store in %s has format %.*s, this program knows %s",
                    path, (int)(text.len > 20 ? 20 : text.len), (const char *)text.at, ours);
}

bool eid__rocks_is_empty(struct rocksdb_t *database,
                         struct rocksdb_column_family_handle_t *const *handles, size_t count)
{
    rocksdb_readoptions_t *read = rocksdb_readoptions_create();
    bool is_empty = true;

    for (size_t i = 0; is_empty && i < count; i++) {
        rocksdb_iterator_t *iter = rocksdb_create_iterator_cf(database, read, handles[i]);

        rocksdb_iter_seek_to_first(iter);
        is_empty = !rocksdb_iter_valid(iter);
        rocksdb_iter_destroy(iter);
    }
    rocksdb_readoptions_destroy(read);
    return is_empty;
}

/* Look into a database whose families are not exactly ours: `meta` is its index in names or -1. */
static eid_status format_look(const char *path, const char *const *names, size_t count, int meta,
                              bool *is_empty)
{
    rocksdb_column_family_handle_t *handles[FAMILIES_MAX];
    const rocksdb_options_t *family_options[FAMILIES_MAX];
    eid__rocks_options options;
    rocksdb_readoptions_t *read = rocksdb_readoptions_create();
    rocksdb_t *database;
    eid_status status;
    char *error = NULL;
    char *text = NULL;
    size_t text_len = 0;

    eid__rocks_options_init(&options, false);
    for (size_t i = 0; i < count; i++) family_options[i] = options.families[EID_FAMILY_COUNT];
    database = rocksdb_open_for_read_only_column_families(options.database, path, (int)count, names,
                                                          family_options, handles, 0, &error);
    status = eid__rocks_status(error, "look into the store");
    if (status != EID_OK) goto done;
    *is_empty = eid__rocks_is_empty(database, handles, count);
    if (*is_empty) goto close;
    if (meta >= 0) {
        text = rocksdb_get_cf(database, read, handles[meta], EID__ROCKS_FORMAT_NAME,
                              strlen(EID__ROCKS_FORMAT_NAME), &text_len, &error);
        status = eid__rocks_status(error, "read the store's format");
    }
    if (status == EID_OK) status = eid__rocks_format_judge(path, eid_slice_of(text, text_len));
    if (status == EID_OK) {
        status = EID_FAIL(EID_KIND_STORE_FORMAT, "the store in %s has other parts than ours", path);
    }
    rocksdb_free(text);

close:
    for (size_t i = 0; i < count; i++) rocksdb_column_family_handle_destroy(handles[i]);
    rocksdb_close(database);

done:
    rocksdb_readoptions_destroy(read);
    eid__rocks_options_fini(&options);
    return status;
}

eid_status eid__rocks_format_check(const char *path, bool *is_unfinished)
{
    rocksdb_options_t *options = rocksdb_options_create();
    char *error = NULL;
    size_t count = 0, known = 0;
    int meta = -1;
    char **names = rocksdb_list_column_families(options, path, &count, &error);
    eid_status status = eid__rocks_status(error, "read the store's families");

    *is_unfinished = false;
    rocksdb_options_destroy(options);
    if (status != EID_OK) goto done;
    for (size_t i = 0; i < count; i++) {
        if (format_family_index(names[i]) >= 0) known++;
        if (strcmp(names[i], eid__rocks_names[EID_FAMILY_META]) == 0) meta = (int)i;
    }
    if (count == EID__ROCKS_FAMILIES && known == count) goto done;
    if (count > FAMILIES_MAX) {
        status = eid__rocks_format_judge(path, EID_SLICE_EMPTY);
        goto done;
    }
    status = format_look(path, (const char *const *)names, count, meta, is_unfinished);
    if (status == EID_OK && known < count) {
        status = eid__rocks_format_judge(path, EID_SLICE_EMPTY);
    }

done:
    if (names != NULL) rocksdb_list_column_families_destroy(names, count);
    return status;
}
