/* Two pipes and a fork. Both ends are processes of ours: what does not come is a failure, and the
 * other end has said why on standard error. */
#include "tools/bench/process.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *process_file(int fd, const char *mode)
{
    FILE *file = fdopen(fd, mode);

    if (!file) bench_fail("cannot use a pipe: %s", strerror(errno));
    setvbuf(file, NULL, _IOLBF, BENCH_LINE_MAX);
    return file;
}

void bench_process_start(const bench_plan *plan, bench_part *part, void *arg, bench_process *out)
{
    int down[2], up[2];
    pid_t parent = getpid();

    fflush(NULL);
    if (pipe(down) != 0 || pipe(up) != 0) bench_fail("cannot make a pipe: %s", strerror(errno));
    out->pid = fork();
    if (out->pid < 0) bench_fail("cannot fork: %s", strerror(errno));
    if (out->pid == 0) {
        FILE *from = process_file(down[0], "r"), *to = process_file(up[1], "w");

        close(down[1]);
        close(up[0]);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
        part(plan, arg, from, to);
        fclose(from);
        fclose(to);
        exit(0);
    }
    close(down[0]);
    close(up[1]);
    out->to = process_file(down[1], "w");
    out->from = process_file(up[0], "r");
}

void bench_process_end(bench_process *process)
{
    int how = 0;

    fclose(process->to);
    while (waitpid(process->pid, &how, 0) < 0 && errno == EINTR) {
    }
    fclose(process->from);
    if (!WIFEXITED(how) || WEXITSTATUS(how) != 0) bench_fail("a node's process ended badly");
}

static void tell_list(FILE *to, const char *format, va_list arguments)
{
    vfprintf(to, format, arguments);
    fputc('\n', to);
    if (fflush(to) != 0) bench_fail("a node's process is gone");
}

void bench_tell(FILE *to, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    tell_list(to, format, arguments);
    va_end(arguments);
}

void bench_hear(FILE *from, char *line)
{
    if (!fgets(line, BENCH_LINE_MAX, from)) bench_fail("a node's process did not answer");
    line[strcspn(line, "\n")] = 0;
}

void bench_ask(bench_process *process, char *answer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    tell_list(process->to, format, arguments);
    va_end(arguments);
    bench_hear(process->from, answer);
}

double bench_hear_number(FILE *from)
{
    char answer[BENCH_LINE_MAX];

    bench_hear(from, answer);
    return strtod(answer, NULL);
}

double bench_ask_number(bench_process *process, const char *request)
{
    bench_tell(process->to, "%s", request);
    return bench_hear_number(process->from);
}
