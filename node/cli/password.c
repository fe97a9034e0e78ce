/* The terminal is asked through /dev/tty and not through standard input, which may be a file that
 * is being imported. Source: POSIX.1, getpass() in glibc's manual. */
#include "node/cli/password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "dag/alloc.h"

#define PASSWORD_INTERRUPT 3 /* Ctrl+C */

void eid__cli_password_wipe(eid__cli_password *password)
{
    eid_wipe(password, sizeof *password);
}

/* A first line, byte by byte: what follows it may be somebody else's. */
static int password_read(eid__cli *cli, int fd, const char *name, eid__cli_password *out)
{
    bool terminal = isatty(fd);
    size_t len = 0;
    char byte;
    ssize_t got;

    while ((got = read(fd, &byte, 1)) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            return eid__cli_refuse(cli, EIDETICA_IO, "reading the password", "", "%s: %s", name,
                                   strerror(errno));
        }
        if (byte == '\n') break;
        if (byte == PASSWORD_INTERRUPT && terminal) {
            return eid__cli_refuse(cli, EIDETICA_CLOSED, "reading the password", "", "interrupted");
        }
        if (len == EID__CLI_PASSWORD_MAX || byte == 0) {
            return eid__cli_refuse(cli, EIDETICA_INVALID, "reading the password",
                                   "it is one line of text", "%s: longer than %d bytes, or binary",
                                   name, EID__CLI_PASSWORD_MAX);
        }
        out->text[len++] = byte;
    }
    if (len > 0 && out->text[len - 1] == '\r') len--;
    out->text[len] = 0;
    out->given = true;
    return 0;
}

int eid__cli_password_given(eid__cli *cli, eid__cli_option_id option, const char *old_env,
                            eid__cli_password *out)
{
    const char *path = eid__cli_text(cli, option, NULL);
    const char *text = getenv(eid__cli_options[option].env);
    int fd, code;

    out->given = false;
    if (path == NULL) {
        if (text == NULL && old_env != NULL) text = getenv(old_env);
        if (text == NULL) return 0;
        if (strlen(text) > EID__CLI_PASSWORD_MAX) {
            return eid__cli_refuse(cli, EIDETICA_INVALID, "reading the password", "",
                                   "%s holds more than %d bytes", eid__cli_options[option].env,
                                   EID__CLI_PASSWORD_MAX);
        }
        memcpy(out->text, text, strlen(text) + 1);
        out->given = true;
        return 0;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return eid__cli_refuse(cli, errno == ENOENT ? EIDETICA_NOT_FOUND : EIDETICA_IO,
                               "reading the password", "check the path and its permissions",
                               "%s: %s", path, strerror(errno));
    }
    code = password_read(cli, fd, path, out);
    close(fd);
    return code;
}

int eid__cli_password_ask(eid__cli *cli, const char *prompt, eid__cli_password *out)
{
    struct termios before, quiet;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    int code;

    out->given = false;
    if (fd < 0) return 0;
    if (!isatty(STDERR_FILENO) || tcgetattr(fd, &before) != 0) {
        close(fd);
        return 0;
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG); /* or Ctrl+C would leave it without echo */
    tcsetattr(fd, TCSAFLUSH, &quiet);
    dprintf(fd, "%s", prompt);
    code = password_read(cli, fd, "the terminal", out);
    tcsetattr(fd, TCSAFLUSH, &before);
    dprintf(fd, "\n");
    close(fd);
    return code;
}

static int password_ask_twice(eid__cli *cli, const char *prompt, eid__cli_password *out)
{
    eid__cli_password again;
    int code = eid__cli_password_ask(cli, prompt, out);

    if (code != 0) return code;
    if (!out->given) {
        return eid__cli_refuse(cli, EIDETICA_INVALID, "choosing a password",
                               "give it by a file or the environment, see --help, or give "
                               "--passwordless",
                               "there is no password and no terminal to ask for one");
    }
    code = eid__cli_password_ask(cli, "Re-enter password: ", &again);
    if (code == 0 && (!again.given || strcmp(again.text, out->text) != 0)) {
        code = eid__cli_refuse(cli, EIDETICA_INVALID, "choosing a password", "try again",
                               "Passwords did not match.");
    }
    eid__cli_password_wipe(&again);
    return code;
}

int eid__cli_password_new(eid__cli *cli, eid__cli_option_id option, const char *old_env,
                          const char *prompt, eid__cli_password *out)
{
    bool none = eid__cli_has(cli, EID__OPT_PASSWORDLESS);
    int code;

    out->given = false;
    if (none && eid__cli_has(cli, option)) {
        return eid__cli_usage(cli, "--passwordless and --%s contradict each other",
                              eid__cli_options[option].name);
    }
    if (none) return 0;
    code = eid__cli_password_given(cli, option, old_env, out);
    if (code == 0 && !out->given) code = password_ask_twice(cli, prompt, out);
    if (code == 0 && out->text[0] == 0) {
        code = eid__cli_refuse(cli, EIDETICA_INVALID, "choosing a password",
                               "choose one, or give --passwordless", "the password is empty");
    }
    return code;
}
