/* Plain descriptors and no stdio: every error is seen where it happens, and a full disk is told
 * from a bad path. The temporary name carries the process and a counter, so two writers of one
 * target do not meet in it; the last to finish wins. */
#include "storage/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dag/alloc.h"

#define FILE_PATH_MAX 4096u

struct eid_file_writer {
    char *path, *temporary;
    int fd; /* -1 = closed */
    bool is_finished;
};

static eid_status file_fail(const char *path, const char *what)
{
    int code = errno;
    char why[128];

    if (code == ENOSPC || code == EDQUOT) {
        return EID_FAIL(EID_KIND_DISK_FULL, "no room to %s %s", what, path);
    }
    return EID_FAIL(EID_KIND_IO, "cannot %s %s: %s", what, path, strerror_r(code, why, sizeof why));
}

static eid_status writer_open(eid_file_writer *writer, const char *path)
{
    static atomic_uint count;
    eid_buf name;

    eid_buf_init(&name, FILE_PATH_MAX);
    eid_buf_append_format(&name, "%s.%ld.%u.tmp", path, (long)getpid(),
                          atomic_fetch_add(&count, 1));
    writer->temporary = eid_buf_take_text(&name);
    writer->path = eid_slice_dup_text(eid_slice_text(path));
    eid_buf_fini(&name);
    if (!writer->temporary || !writer->path) {
        return EID_FAIL(EID_KIND_IO, "the path of a file is too long, or there is no memory");
    }
    writer->fd =
        open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    return writer->fd >= 0 ? EID_OK : file_fail(path, "create");
}

eid_status eid_file_writer_new(const char *path, eid_file_writer **out)
{
    eid_file_writer *writer = eid_alloc(sizeof *writer);
    eid_status status;

    *out = NULL;
    if (!writer) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a file");
    writer->fd = -1;
    status = writer_open(writer, path);
    if (status != EID_OK) {
        eid_file_writer_free(writer);
        return status;
    }
    *out = writer;
    return EID_OK;
}

eid_status eid_file_writer_append(eid_file_writer *writer, eid_slice bytes)
{
    while (bytes.len > 0) {
        ssize_t done = write(writer->fd, bytes.at, bytes.len);

        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return file_fail(writer->path, "write");
        bytes = eid_slice_of(bytes.at + done, bytes.len - (size_t)done);
    }
    return EID_OK;
}

/* The new name must survive a power cut, too. */
static eid_status writer_sync_folder(const eid_file_writer *writer)
{
    const char *slash = strrchr(writer->path, '/');
    size_t len = slash ? (size_t)(slash - writer->path) : 0;
    char *folder = slash ? eid_memdup(writer->path, len > 0 ? len : 1)
                         : eid_slice_dup_text(eid_slice_text("."));
    eid_status status = EID_OK;
    int fd;

    if (!folder) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a path");
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) status = file_fail(folder, "sync");
    if (fd >= 0) (void)close(fd);
    eid_free(folder);
    return status;
}

eid_status eid_file_writer_finish(eid_file_writer *writer)
{
    int fd = writer->fd;

    if (fsync(fd) != 0) return file_fail(writer->path, "sync");
    writer->fd = -1;
    if (close(fd) != 0) return file_fail(writer->path, "close");
    if (rename(writer->temporary, writer->path) != 0) return file_fail(writer->path, "create");
    writer->is_finished = true;
    return writer_sync_folder(writer);
}

void eid_file_writer_free(eid_file_writer *writer)
{
    if (!writer) return;
    if (writer->fd >= 0) {
        (void)close(writer->fd);
        writer->fd = -1;
        (void)unlink(writer->temporary);
    } else if (!writer->is_finished && writer->temporary) {
        (void)unlink(writer->temporary);
    }
    eid_free(writer->path);
    eid_free(writer->temporary);
    eid_free(writer);
}

struct eid_file_reader {
    char *path;
    int fd;
    uint64_t size;
};

static eid_status reader_open(eid_file_reader *reader, const char *path)
{
    struct stat info;

    reader->path = eid_slice_dup_text(eid_slice_text(path));
    if (!reader->path) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a path");
    reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold us up */
    if (reader->fd < 0 || fstat(reader->fd, &info) != 0) return file_fail(path, "open");
    if (!S_ISREG(info.st_mode)) return EID_FAIL(EID_KIND_IO, "%s is no regular file", path);
    reader->size = (uint64_t)info.st_size;
    return EID_OK;
}

eid_status eid_file_reader_new(const char *path, eid_file_reader **out)
{
    eid_file_reader *reader = eid_alloc(sizeof *reader);
    eid_status status;

    *out = NULL;
    if (!reader) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a file");
    reader->fd = -1;
    status = reader_open(reader, path);
    if (status != EID_OK) {
        eid_file_reader_free(reader);
        return status;
    }
    *out = reader;
    return EID_OK;
}

uint64_t eid_file_reader_size(const eid_file_reader *reader)
{
    return reader->size;
}

eid_status eid_file_reader_next(eid_file_reader *reader, size_t max, eid_buf *out)
{
    uint8_t *room;
    ssize_t done;

    eid_buf_clear(out);
    room = eid_buf_extend(out, max);
    if (!room) return eid_buf_status(out);
    do {
        done = read(reader->fd, room, max);
    } while (done < 0 && errno == EINTR);
    eid_buf_truncate(out, done > 0 ? (size_t)done : 0);
    return done >= 0 ? EID_OK : file_fail(reader->path, "read");
}

void eid_file_reader_free(eid_file_reader *reader)
{
    if (!reader) return;
    if (reader->fd >= 0) (void)close(reader->fd);
    eid_free(reader->path);
    eid_free(reader);
}
