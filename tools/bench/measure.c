/* Percentiles by sorting: a few ten thousand samples, once. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dag/assert.h"
#include "dag/clock.h"
#include "tools/bench/bench.h"

_Noreturn void bench_fail(const char *format, ...)
{
    va_list arguments;

    fflush(stdout);
    fputs("bench: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

void bench_need(eidetica_status status, const char *doing)
{
    eidetica_error error;

    if (status == EIDETICA_OK) return;
    error = eidetica_last_error();
    bench_fail("%s: %s: %s", doing, eidetica_status_name(status), error.message);
}

void bench_need_lower(eid_status status, const char *doing)
{
    if (status == EID_OK) return;
    bench_fail("%s: %s: %s", doing, eid_status_name(status), eid_status_detail(status).text);
}

size_t bench_count(const bench_plan *plan, size_t full, size_t quick)
{
    return plan->quick ? quick : full;
}

uint64_t bench_now_ns(void)
{
    const eid_clock *clock = eid_clock_system();

    return clock->monotonic_ns(clock->self);
}

double bench_seconds_since(uint64_t start_ns)
{
    return (double)(bench_now_ns() - start_ns) / 1e9;
}

double bench_rss_mib(void)
{
    static const char name[] = "VmHWM:";
    FILE *file = fopen("/proc/self/status", "r");
    char line[200];
    double kib = 0;

    if (!file) return 0;
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, name, sizeof name - 1) == 0) kib = strtod(line + sizeof name - 1, NULL);
    }
    fclose(file);
    return kib / 1024;
}

void bench_samples_init(bench_samples *samples, size_t cap)
{
    samples->ms = calloc(cap, sizeof *samples->ms);
    if (!samples->ms) bench_fail("no memory for %zu samples", cap);
    samples->count = 0;
    samples->cap = cap;
}

void bench_samples_fini(bench_samples *samples)
{
    free(samples->ms);
    samples->ms = NULL;
}

void bench_samples_add(bench_samples *samples, double ms)
{
    EID_ASSERT(samples->count < samples->cap);
    samples->ms[samples->count++] = ms;
}

static int samples_compare(const void *a, const void *b)
{
    const double *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

double bench_samples_at(bench_samples *samples, double part)
{
    size_t place;

    EID_ASSERT(samples->count > 0);
    qsort(samples->ms, samples->count, sizeof *samples->ms, samples_compare);
    place = (size_t)(part * (double)samples->count);
    return samples->ms[place < samples->count ? place : samples->count - 1];
}
