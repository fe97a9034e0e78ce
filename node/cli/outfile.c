/* Source: rename(2), fsync(2); the folder is synced too, or the name might be lost. */
#include "node/cli/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "dag/alloc.h"

static int outfile_refuse(eid__cli_outfile *out, int error)
{
    bool full = error == ENOSPC || error == EDQUOT;

    return eid__cli_refuse(out->cli, EIDETICA_IO, "writing the file",
                           full ? "free some disk space and try again; no file was made"
                                : "check the path and its permissions",
                           "%s: %s", out->name, strerror(error));
}

int eid__cli_outfile_begin(eid__cli_outfile *out, eid__cli *cli, const char *path)
{
    eid_buf name;

    *out = (eid__cli_outfile){.cli = cli, .name = path};
    if (strcmp(path, "-") == 0) {
        out->file = stdout;
        return 0;
    }
    eid_buf_init(&name, 65536);
    eid_buf_append_format(&name, "%s.%ld.part", path, (long)getpid());
    out->beside = eid_buf_take_text(&name);
    if (out->beside == NULL) return eid__cli_no_memory(cli);
    out->file = fopen(out->beside, "wbe");
    return out->file == NULL ? outfile_refuse(out, errno) : 0;
}

static void outfile_sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? eid_memdup(".", 1)
                                 : eid_memdup(path, slash == path ? 1 : (size_t)(slash - path));
    int fd = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        (void)fsync(fd); /* some file systems cannot; the file itself is safe */
        close(fd);
    }
    eid_free(folder);
}

int eid__cli_outfile_end(eid__cli_outfile *out, int code)
{
    if (out->beside == NULL) return code; /* standard output is checked at the end of all */
    if (out->file != NULL) {
        bool bad = fflush(out->file) != 0 || ferror(out->file) || fsync(fileno(out->file)) != 0;
        int error = errno;

        bad = fclose(out->file) != 0 || bad;
        if (bad && code == 0) code = outfile_refuse(out, error);
    }
    if (code == 0 && rename(out->beside, out->name) != 0) code = outfile_refuse(out, errno);
    if (code == 0) outfile_sync_folder(out->name);
    if (code != 0 && out->file != NULL) unlink(out->beside);
    eid_free(out->beside);
    out->beside = NULL;
    return code;
}
