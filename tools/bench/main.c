/* This process only divides the work: it opens nothing and starts no thread, so that forking it is
 * harmless and its memory is nobody's. Stores lie in a folder that goes when it goes. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/bench/bench.h"

#define WORKLOAD_SECONDS_MAX 3600 /* it hangs */

static const struct workload {
    const char *name;
    bench_workload *run;
    const char *about;
} workloads[] = {
    {"append", bench_append, "commits of one value of 100 bytes"},
    {"bootstrap", bench_bootstrap, "a new node joins a database"},
    {"live", bench_live, "from a write here to a callback there"},
    {"merge", bench_merge, "two nodes that wrote apart meet again"},
    {"open", bench_open, "a process starts and reads its first value"},
    {"read", bench_read, "random values of a document"},
    {"scale", bench_scale, "a million entries in one database"},
    {"verify", bench_verify, "signatures of entries"},
};
#define WORKLOADS (sizeof workloads / sizeof workloads[0])

static volatile sig_atomic_t main_running; /* the workload's process; 0 = none */

static void usage(FILE *to)
{
    fputs("bench [WORKLOAD...] [--json] [--quick] [--data DIR] [--n ENTRIES] [--keep]\n"
          "  --json      one JSON object a line\n"
          "  --quick     a fraction of the work, to see that it runs\n"
          "  --data DIR  where stores are made for the time (default: ../bench-data from here)\n"
          "  --n ENTRIES how many scale makes (default: 1000000)\n"
          "  --keep      leave what scale made for the next run; with --n\n\n",
          to);
    for (size_t i = 0; i < WORKLOADS; i++) {
        fprintf(to, "  %-10s  %s\n", workloads[i].name, workloads[i].about);
    }
}

static int folder_remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info;
    (void)type;
    (void)at;
    return remove(path);
}

static void folder_remove(const char *path)
{
    (void)nftw(path, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void bench_folder_clear(const char *path)
{
    folder_remove(path);
    bench_folder_make(path);
}

void bench_folder_make(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        bench_fail("cannot make %s: %s", path, strerror(errno));
    }
}

/* bench-data beside the folder of this program. */
static void folder_default(char out[BENCH_PATH_MAX])
{
    ssize_t len = readlink("/proc/self/exe", out, BENCH_PATH_MAX - 64);

    if (len <= 0) bench_fail("cannot tell where this program is: %s", strerror(errno));
    out[len] = 0;
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(out, '/');

        if (slash) *slash = 0;
    }
    strcat(out, "/bench-data");
}

static void on_signal(int number)
{
    if (main_running > 0) kill((pid_t)main_running, SIGTERM);
    (void)number;
}

/* Run one workload in a process of its own; whether it went well. */
static bool workload_run(const struct workload *workload, const bench_plan *plan)
{
    pid_t pid, parent = getpid();
    int how = 0;

    bench_folder_make(plan->folder);
    fflush(NULL);
    pid = fork();
    if (pid < 0) bench_fail("cannot fork: %s", strerror(errno));
    if (pid == 0) {
        signal(SIGTERM, SIG_DFL);
        signal(SIGINT, SIG_DFL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
        alarm(WORKLOAD_SECONDS_MAX);
        workload->run(plan);
        exit(0);
    }
    main_running = pid;
    while (waitpid(pid, &how, 0) < 0 && errno == EINTR) {
    }
    main_running = 0;
    folder_remove(plan->folder);
    if (WIFEXITED(how) && WEXITSTATUS(how) == 0) return true;
    if (WIFSIGNALED(how)) {
        fprintf(stderr, "bench: %s: ended by signal %d\n", workload->name, WTERMSIG(how));
    } else {
        fprintf(stderr, "bench: %s: failed\n", workload->name);
    }
    return false;
}

static const struct workload *workload_find(const char *name)
{
    for (size_t i = 0; i < WORKLOADS; i++) {
        if (strcmp(workloads[i].name, name) == 0) return &workloads[i];
    }
    return NULL;
}

/* Read the command line; `chosen` gets a flag for each workload, all of them if none is named. */
static const char *arguments_read(int count, char **words, bench_plan *plan, bool *chosen)
{
    const char *data = NULL;
    bool any = false;

    for (int i = 1; i < count; i++) {
        const struct workload *workload = workload_find(words[i]);

        if (workload) {
            chosen[workload - workloads] = true;
            any = true;
        } else if (strcmp(words[i], "--json") == 0) {
            plan->json = true;
        } else if (strcmp(words[i], "--quick") == 0) {
            plan->quick = true;
        } else if (strcmp(words[i], "--data") == 0 && i + 1 < count) {
            data = words[++i];
        } else if (strcmp(words[i], "--n") == 0 && i + 1 < count) {
            plan->entries = strtoul(words[++i], NULL, 10);
        } else if (strcmp(words[i], "--keep") == 0) {
            plan->kept = "";
        } else if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0) {
            usage(stdout);
            exit(0);
        } else {
            usage(stderr);
            fprintf(stderr, "\nbench: there is no '%s'\n", words[i]);
            exit(2);
        }
    }
    for (size_t i = 0; i < WORKLOADS; i++) chosen[i] = chosen[i] || !any;
    return data;
}

int main(int count, char **words)
{
    bool chosen[WORKLOADS] = {false};
    char data[BENCH_PATH_MAX], own[BENCH_PATH_MAX + 32], folder[BENCH_PATH_MAX + 64];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    bench_plan plan = {.folder = folder, .cores = cores > 0 ? (unsigned)cores : 1};
    const char *given = arguments_read(count, words, &plan, chosen);
    struct sigaction action = {.sa_handler = on_signal};
    bool ok = true;

    if (!given) {
        folder_default(data);
    } else if (given[0] != '/' || strlen(given) >= sizeof data) {
        bench_fail("--data needs an absolute path");
    } else {
        snprintf(data, sizeof data, "%s", given);
    }
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    bench_folder_make(data);
    snprintf(own, sizeof own, "%s/%ld", data, (long)getpid());
    bench_folder_make(own);
    snprintf(folder, sizeof folder, "%s/work", own);
    if (plan.kept) plan.kept = data;
    bench_rows_begin(&plan);
    for (size_t i = 0; i < WORKLOADS && ok; i++) {
        if (chosen[i]) ok = workload_run(&workloads[i], &plan);
    }
    folder_remove(own);
    (void)rmdir(data); /* unless another one is at work there */
    return ok ? 0 : 1;
}
