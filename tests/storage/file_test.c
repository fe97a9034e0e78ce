/* Files that appear whole, and files that are read by pieces. */
#include "tests/support/test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/file.h"

static void name_file(char out[64], const char *name)
{
    snprintf(out, 64, "file-%s-%d", name, (int)getpid());
}

static void expect_content(const char *path, const char *wanted)
{
    eid_file_reader *reader;
    eid_buf piece;
    char all[100] = "";

    eid_buf_init(&piece, 100);
    assert_int_equal(eid_file_reader_new(path, &reader), EID_OK);
    assert_int_equal(eid_file_reader_size(reader), strlen(wanted));
    do {
        assert_int_equal(eid_file_reader_next(reader, 4, &piece), EID_OK);
        assert_true(piece.len <= 4);
        snprintf(all + strlen(all), sizeof all - strlen(all), "%.*s",
                 EID_SLICE_ARG(eid_buf_slice(&piece)));
    } while (piece.len > 0);
    assert_string_equal(all, wanted);
    eid_file_reader_free(reader);
    eid_buf_fini(&piece);
}

static void write_file(const char *path, const char *text)
{
    eid_file_writer *writer;

    assert_int_equal(eid_file_writer_new(path, &writer), EID_OK);
    assert_int_equal(eid_file_writer_append(writer, eid_slice_text(text)), EID_OK);
    assert_int_equal(eid_file_writer_finish(writer), EID_OK);
    eid_file_writer_free(writer);
}

static void test_file_writer__replaces_at_once_and_for_its_owner_only(void **state)
{
    eid_file_writer *writer;
    struct stat info;
    char path[64];

    name_file(path, "replace");
    write_file(path, "the old text");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(eid_file_writer_new(path, &writer), EID_OK);
    assert_int_equal(eid_file_writer_append(writer, eid_slice_text("the new")), EID_OK);
    expect_content(path, "the old text");
    assert_int_equal(eid_file_writer_append(writer, eid_slice_text(" text!")), EID_OK);
    assert_int_equal(eid_file_writer_finish(writer), EID_OK);
    eid_file_writer_free(writer);
    expect_content(path, "the new text!");
    (void)unlink(path);
}

static void test_file_writer__leaves_nothing_when_it_is_not_finished(void **state)
{
    eid_file_writer *writer;
    struct stat info;
    char path[64];

    name_file(path, "dropped");
    assert_int_equal(eid_file_writer_new(path, &writer), EID_OK);
    assert_int_equal(eid_file_writer_append(writer, eid_slice_text("half")), EID_OK);
    eid_file_writer_free(writer);
    assert_int_equal(stat(path, &info), -1);
    assert_int_equal(eid_file_writer_new("no/such/folder/file", &writer), EID_E_IO);
    assert_null(writer);
}

static void test_file_reader__reads_regular_files_only(void **state)
{
    eid_file_reader *reader;

    assert_int_equal(eid_file_reader_new(".", &reader), EID_E_IO);
    assert_int_equal(eid_file_reader_new("/dev/zero", &reader), EID_E_IO);
    assert_int_equal(eid_file_reader_new("no-such-file", &reader), EID_E_IO);
    assert_null(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_writer__replaces_at_once_and_for_its_owner_only),
        cmocka_unit_test(test_file_writer__leaves_nothing_when_it_is_not_finished),
        cmocka_unit_test(test_file_reader__reads_regular_files_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
