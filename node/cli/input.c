/* stdio, for it buffers well and the program has one such file open at a time. */
#include "node/cli/input.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int eid__cli_input_open(eid__cli_input *input, eid__cli *cli, const char *path)
{
    struct stat info;

    *input = (eid__cli_input){.cli = cli, .name = path, .line = 1};
    if (strcmp(path, "-") == 0) {
        input->name = "standard input";
        input->file = stdin;
        return 0;
    }
    input->file = fopen(path, "rbe");
    if (input->file == NULL) {
        return eid__cli_refuse(cli, errno == ENOENT ? EIDETICA_NOT_FOUND : EIDETICA_IO,
                               "opening the file", "check the path and its permissions", "%s: %s",
                               path, strerror(errno));
    }
    if (fstat(fileno(input->file), &info) == 0 && S_ISREG(info.st_mode)) {
        input->total = (uint64_t)info.st_size;
    }
    return 0;
}

void eid__cli_input_close(eid__cli_input *input)
{
    if (input->file != NULL && input->file != stdin) fclose(input->file);
    input->file = NULL;
}

int eid__cli_input_get(eid__cli_input *input)
{
    int byte = getc_unlocked(input->file);

    if (byte == EOF) return EOF;
    input->bytes++;
    if (byte == '\n') input->line++;
    return byte;
}

void eid__cli_input_unget(eid__cli_input *input, int byte)
{
    if (byte == EOF) return;
    ungetc(byte, input->file);
    input->bytes--;
    if (byte == '\n') input->line--;
}

int eid__cli_input_check(eid__cli_input *input)
{
    if (!ferror(input->file)) return 0;
    return eid__cli_refuse(input->cli, EIDETICA_IO, "reading the file", "check the path", "%s: %s",
                           input->name, strerror(errno));
}

int eid__cli_input_line(eid__cli_input *input, eid_buf *line, bool *end)
{
    int byte;

    while ((byte = eid__cli_input_get(input)) != EOF && byte != '\n') {
        eid_buf_append_byte(line, (uint8_t)byte);
    }
    if (eid_buf_status(line) != EID_OK) {
        return eid__cli_refuse(input->cli, EIDETICA_TOO_BIG, "reading the file", "",
                               "%s: line %llu has more than %u MiB", input->name,
                               (unsigned long long)(input->line - 1), EID__CLI_LINE_MAX >> 20);
    }
    *end = byte == EOF && line->len == 0;
    return byte == EOF ? eid__cli_input_check(input) : 0;
}

int eid__cli_input_rest(eid__cli_input *input, eid_buf *out)
{
    size_t got;

    do {
        uint8_t *at = eid_buf_extend(out, 65536);

        if (at == NULL) break;
        got = fread(at, 1, 65536, input->file);
        eid_buf_truncate(out, out->len - (65536 - got));
        input->bytes += got;
    } while (got > 0);
    if (eid_buf_status(out) != EID_OK) {
        return eid__cli_refuse(input->cli, EIDETICA_TOO_BIG, "reading the file",
                               "make it JSON lines, which are not read at once",
                               "%s has more than %zu MiB", input->name, out->max >> 20);
    }
    return eid__cli_input_check(input);
}
