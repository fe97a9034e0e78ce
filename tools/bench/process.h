/* Process: a part of a workload with memory of its own, told what to do line by line.
 *
 * It must be started before this process has opened a store or started a thread: it is a fork.
 * It dies with its parent.
 */
#ifndef EID_BENCH_PROCESS_H
#define EID_BENCH_PROCESS_H

#include <stdio.h>
#include <sys/types.h>

#include "tools/bench/bench.h"

#define BENCH_LINE_MAX 8192

/* What it does: reads lines, answers lines, returns at the end. `arg` is the starter's. */
typedef void bench_part(const bench_plan *plan, void *arg, FILE *from, FILE *to);

typedef struct bench_process {
    pid_t pid;
    FILE *to, *from;
} bench_process;

void bench_process_start(const bench_plan *plan, bench_part *part, void *arg, bench_process *out);
/* Wait for its end, which must be a good one. */
void bench_process_end(bench_process *process);

/* Send a line, its end excluded. */
void bench_tell(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The next line, without its end; fails when there is none. `line` holds BENCH_LINE_MAX bytes. */
void bench_hear(FILE *from, char *line);
/* Tell, then hear the answer. */
void bench_ask(bench_process *process, char *answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Ask for a number. */
double bench_ask_number(bench_process *process, const char *request);
double bench_hear_number(FILE *from);

#endif
