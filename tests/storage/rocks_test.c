/* What can be wrong with a folder, and what is then said of it; URLs; a full disk. */
#include <fcntl.h>
#include <rocksdb/c.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "storage/batch.h"
#include "tests/storage/suite.h"

static void refuse(const char *url, bool create, eid_kind kind)
{
    eid_kv *kv = NULL;

    assert_kind(kind, eid_kv_open(url, create, &kv));
    assert_null(kv);
}

static void test_kv_open__refuses_what_is_no_url(void **state)
{
    refuse("", true, EID_KIND_URL);
    refuse("/a/path", true, EID_KIND_URL);
    refuse("rocksdb:/a/path", true, EID_KIND_URL);
    refuse("rocksdb://relative", true, EID_KIND_URL);
    refuse("rocksdb://", true, EID_KIND_URL);
    refuse("rocksdb:///", true, EID_KIND_URL);
    refuse("rocksdb:////a", true, EID_KIND_URL);
    refuse("rocksdb:///a?b", true, EID_KIND_URL);
    refuse("memory:///a", true, EID_KIND_URL);
    refuse("sqlite:///a", true, EID_KIND_URL_SCHEME);
}

static void test_kv_open__does_not_make_what_it_was_not_asked_to(void **state)
{
    world *self = *state;
    char url[2048];
    struct stat info;

    (void)snprintf(url, sizeof url, "rocksdb://%s/missing", self->folder.path);
    refuse(url, false, EID_KIND_STORE_MISSING);
    assert_int_equal(stat(url + 10, &info), -1);
    (void)snprintf(url, sizeof url, "rocksdb://%s", self->folder.path);
    refuse(url, false, EID_KIND_STORE_MISSING);
}

static void test_kv_open__makes_a_folder_for_its_user_alone(void **state)
{
    world *self = *state;
    struct stat info;

    assert_int_equal(stat(self->folder.store, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void test_kv_open__refuses_a_store_in_use(void **state)
{
    world *self = *state;

    refuse(self->url, true, EID_KIND_STORE_LOCKED);
}

/* The same from another process. */
static void test_kv_open__refuses_a_store_in_use_elsewhere(void **state)
{
    world *self = *state;
    int ready[2], done[2], code = 0;
    char byte = 0;
    pid_t child;

#ifdef __SANITIZE_THREAD__
    skip(); /* the thread sanitizer lets no child of a process with threads start threads; the
               others run it */
#endif
    eid_kv_close(self->kv);
    self->kv = NULL;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(done), 0);
    child = fork();
    if (child == 0) {
        eid_status status = eid_kv_open(self->url, true, &self->kv);

        (void)!write(ready[1], "x", 1);
        (void)!read(done[0], &byte, 1);
        _exit(status == EID_OK ? 0 : 1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    refuse(self->url, true, EID_KIND_STORE_LOCKED);
    assert_int_equal(write(done[1], "x", 1), 1);
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    world_open(self); /* the child is gone without closing */
}

static void test_kv_open__refuses_a_file(void **state)
{
    world *self = *state;
    char url[2048];
    int file;

    (void)snprintf(url, sizeof url, "rocksdb://%s/file", self->folder.path);
    file = open(url + 10, O_CREAT | O_WRONLY, 0600);
    assert_true(file >= 0);
    (void)close(file);
    refuse(url, true, EID_KIND_STORE_FORMAT);
}

static void test_kv_open__refuses_another_programs_store(void **state)
{
    world *self = *state;
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_writeoptions_t *write = rocksdb_writeoptions_create();
    char *error = NULL;
    char url[2048];
    rocksdb_t *database;
    size_t count = 0;
    char **names;

    (void)snprintf(url, sizeof url, "rocksdb://%s/other", self->folder.path);
    rocksdb_options_set_create_if_missing(options, 1);
    database = rocksdb_open(options, url + 10, &error);
    assert_null(error);
    rocksdb_put(database, write, "k", 1, "v", 1, &error);
    assert_null(error);
    rocksdb_close(database);
    refuse(url, true, EID_KIND_STORE_FORMAT);
    names = rocksdb_list_column_families(options, url + 10, &count, &error);
    assert_null(error);
    assert_int_equal(count, 1); /* nothing was added to it */
    rocksdb_list_column_families_destroy(names, count);
    rocksdb_writeoptions_destroy(write);
    rocksdb_options_destroy(options);
}

static void test_kv_open__refuses_a_newer_store(void **state)
{
    world *self = *state;
    eid_kv_write_op op = {.family = EID_FAMILY_META,
                          .key = eid_slice_text("eidetica-format"),
                          .value = eid_slice_text("2")};

    assert_ok(eid_kv_write(self->kv, &op, 1, EID_DURABLE_SYNC));
    eid_kv_close(self->kv);
    self->kv = NULL;
    refuse(self->url, true, EID_KIND_STORE_FORMAT);
}

static void test_kv_open__refuses_a_damaged_store(void **state)
{
    world *self = *state;
    char path[2048];
    int file;

    eid_kv_close(self->kv);
    self->kv = NULL;
    (void)snprintf(path, sizeof path, "%s/CURRENT", self->folder.store);
    file = open(path, O_WRONLY | O_TRUNC);
    assert_true(file >= 0);
    (void)close(file);
    refuse(self->url, true, EID_KIND_STORE_CORRUPT);
}

/* Write values until one fails; gives how many did not. */
static size_t fill(eid_kv *kv, eid_status *status)
{
    static uint8_t value[32 * 1024];
    eid_random_seeded random = {.state = 3};
    size_t count = 0;

    for (*status = EID_OK; *status == EID_OK && count < 100000; count++) {
        uint8_t keys[2][8];
        eid_kv_write_op ops[2];

        for (size_t i = 0; i < sizeof value; i += 8)
            eid_put_u64(value + i, eid_random_next(&random));
        for (size_t i = 0; i < 2; i++) {
            eid_put_u64(keys[i], count);
            ops[i] = (eid_kv_write_op){.family = i == 0 ? EID_FAMILY_BLOB : EID_FAMILY_STATE,
                                       .key = eid_slice_of(keys[i], 8),
                                       .value = eid_slice_of(value, sizeof value)};
        }
        *status = eid_kv_write(kv, ops, 2, EID_DURABLE_SYNC);
    }
    return count - 1;
}

/* Number of keys, which lie without a gap from 0 on. */
static size_t count_keys(eid_kv *kv, eid_family family)
{
    eid_kv_iter *iter = NULL;
    eid_slice key, value;
    size_t count = 0;

    assert_ok(eid_kv_iter_new(kv, NULL, family, EID_SLICE_EMPTY, &iter));
    for (; eid_kv_iter_pair(iter, &key, &value); eid_kv_iter_next(iter)) {
        assert_int_equal(eid_get_u64(key.at), count);
        count++;
    }
    assert_ok(eid_kv_iter_status(iter));
    eid_kv_iter_free(iter);
    return count;
}

static void test_kv_write__leaves_the_store_as_it_was_when_the_disk_is_full(void **state)
{
    world *self = *state;
    char folder[2048], url[4096];
    eid_kv *kv = NULL;
    eid_status status;
    size_t written;

    (void)snprintf(folder, sizeof folder, "%s/small", self->folder.path);
    (void)snprintf(url, sizeof url, "rocksdb://%s/store", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    if (mount("tmpfs", folder, "tmpfs", 0, "size=8m") != 0) {
        print_message("mounting is not permitted here\n");
        skip();
    }
    assert_ok(eid_kv_open(url, true, &kv));
    written = fill(kv, &status);
    assert_kind(EID_KIND_DISK_FULL, status);
    assert_true(written > 0);
    assert_int_equal(count_keys(kv, EID_FAMILY_BLOB), written);
    assert_int_equal(count_keys(kv, EID_FAMILY_STATE), written);
    (void)fill(kv, &status);
    assert_true(status != EID_OK); /* and says so again */
    assert_int_equal(mount("tmpfs", folder, "tmpfs", MS_REMOUNT, "size=64m"), 0);
    eid_kv_close(kv);
    assert_ok(eid_kv_open(url, false, &kv));
    assert_int_equal(count_keys(kv, EID_FAMILY_BLOB), written);
    assert_int_equal(count_keys(kv, EID_FAMILY_STATE), written);
    eid_kv_close(kv);
    assert_int_equal(mount("tmpfs", folder, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=64m"), 0);
    refuse(url, true, EID_KIND_STORE_READ_ONLY);
    assert_int_equal(umount(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kv_open__refuses_what_is_no_url),
        ON_ROCKSDB(test_kv_open__does_not_make_what_it_was_not_asked_to),
        ON_ROCKSDB(test_kv_open__makes_a_folder_for_its_user_alone),
        ON_ROCKSDB(test_kv_open__refuses_a_store_in_use),
        ON_ROCKSDB(test_kv_open__refuses_a_store_in_use_elsewhere),
        ON_ROCKSDB(test_kv_open__refuses_a_file),
        ON_ROCKSDB(test_kv_open__refuses_another_programs_store),
        ON_ROCKSDB(test_kv_open__refuses_a_newer_store),
        ON_ROCKSDB(test_kv_open__refuses_a_damaged_store),
        ON_ROCKSDB(test_kv_write__leaves_the_store_as_it_was_when_the_disk_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
