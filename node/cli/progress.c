/* Drawn by time and not by count: what is counted may be fast or slow. */
#include "node/cli/progress.h"

#include "dag/clock.h"

#define PROGRESS_GAP_NS UINT64_C(100000000)

static uint64_t progress_now(void)
{
    const eid_clock *clock = eid_clock_system();

    return clock->monotonic_ns(clock->self);
}

void eid__cli_progress_begin(eid__cli_progress *progress, const eid__cli *cli, const char *noun)
{
    *progress = (eid__cli_progress){.on = cli->progress, .noun = noun};
    progress->start_ns = progress->shown_ns = progress_now();
}

/* "1,234,567" */
static const char *progress_number(uint64_t value, char out[32])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value), at = 0;

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = 0;
    return out;
}

void eid__cli_progress_show(eid__cli_progress *progress, uint64_t done, uint64_t total,
                            uint64_t bytes)
{
    uint64_t now, elapsed_ms;
    char number[32], rate[32], whole[32];

    if (!progress->on) return;
    now = progress_now();
    if (now - progress->shown_ns < PROGRESS_GAP_NS) return;
    progress->shown_ns = now;
    elapsed_ms = (now - progress->start_ns) / 1000000 + 1;
    fprintf(stderr, "\r\033[K%s", progress_number(done, number));
    if (total > 0) {
        fprintf(stderr, " of %s %s (%u%%)", progress_number(total, whole), progress->noun,
                (unsigned)(done >= total ? 100 : (double)done * 100.0 / (double)total));
    } else {
        fprintf(stderr, " %s", progress->noun);
    }
    if (bytes > 0) fprintf(stderr, ", %.1f MiB", (double)bytes / 1048576.0);
    fprintf(stderr, ", %s/s",
            progress_number((uint64_t)((double)done * 1000.0 / (double)elapsed_ms), rate));
    fflush(stderr);
    progress->drawn = true;
}

void eid__cli_progress_end(eid__cli_progress *progress)
{
    if (progress->drawn) fprintf(stderr, "\r\033[K");
    progress->drawn = false;
}

void eid__cli_progress_on(void *self, const eidetica_progress *progress)
{
    eid__cli_progress_show(self, progress->entries, progress->total, progress->bytes);
}
