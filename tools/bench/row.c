/* A row is printed as soon as it is known: a run takes minutes, and what is there already can be
 * read. Numbers keep three digits that mean something. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/bench/bench.h"

/* 1 is the limit itself, for rates and for times. */
static double row_ratio(const bench_row *row)
{
    return row->is_time ? row->limit / row->value : row->value / row->limit;
}

static void json_put(json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, value) != 0) bench_fail("no memory for a row");
}

/* Left out when it does not apply; four digits are all that a measurement has. */
static void json_put_number(json_t *object, const char *name, double value)
{
    char text[40];

    if (!(value > 0)) return;
    snprintf(text, sizeof text, "%.4g", value);
    value = strtod(text, NULL);
    json_put(object, name,
             value >= 1000 && value < 1e15 ? json_integer((json_int_t)value) : json_real(value));
}

static void row_print_json(const bench_row *row)
{
    json_t *object = json_object();

    json_put(object, "v", json_integer(1));
    json_put(object, "workload", json_string(row->workload));
    if (row->variant) json_put(object, "variant", json_string(row->variant));
    json_put(object, "n", json_integer((json_int_t)row->n));
    json_put_number(object, "value", row->value);
    json_put(object, "unit", json_string(row->unit));
    json_put_number(object, "p50_ms", row->p50_ms);
    json_put_number(object, "p99_ms", row->p99_ms);
    json_put_number(object, "limit", row->limit);
    json_put(object, "limit_is", json_string(row->limit_is));
    json_put_number(object, "ratio", row_ratio(row));
    json_put_number(object, "rss_mib", row->rss_mib);
    json_put_number(object, "wire_bytes_per_op", row->wire_bytes_per_op);
    if (json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(4)) != 0) {
        bench_fail("cannot print");
    }
    json_decref(object);
    putchar('\n');
}

static int cell_digits(double value)
{
    return value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
}

/* A number in `width` places, or as many blanks. */
static const char *cell(double value, int width, char out[40])
{
    if (!(value > 0)) {
        snprintf(out, 40, "%*s", width, "");
    } else {
        snprintf(out, 40, "%*.*f", width, cell_digits(value), value);
    }
    return out;
}

void bench_rows_begin(const bench_plan *plan)
{
    if (plan->json) return;
    printf("%-9s  %-11s  %7s  %8s  %-12s  %7s  %7s  %8s  %5s  %7s  %7s  %s\n", "workload",
           "variant", "n", "value", "unit", "p50 ms", "p99 ms", "limit", "ratio", "rss MiB",
           "wire/op", "the limit is");
    fflush(stdout);
}

void bench_row_print(const bench_plan *plan, const bench_row *row)
{
    char value[40], p50[40], p99[40], limit[40], rss[40], wire[40];

    if (!(row->value > 0 && row->limit > 0 && isfinite(row->value) && isfinite(row->limit))) {
        bench_fail("%s: nothing was measured", row->workload);
    }
    if (plan->json) {
        row_print_json(row);
    } else {
        printf("%-9s  %-11s  %7llu  %s  %-12s  %s  %s  %s  %4.0f%%  %s  %s  %s\n", row->workload,
               row->variant ? row->variant : "", (unsigned long long)row->n,
               cell(row->value, 8, value), row->unit, cell(row->p50_ms, 7, p50),
               cell(row->p99_ms, 7, p99), cell(row->limit, 8, limit), 100 * row_ratio(row),
               cell(row->rss_mib, 7, rss), cell(row->wire_bytes_per_op, 7, wire), row->limit_is);
    }
    fflush(stdout);
}
