/* strtoull() takes signs, blanks, hexadecimal and what follows the number; people who type such
 * things have made a mistake and should be told. */
#include "node/cli/number.h"

#include <stddef.h>
#include <string.h>

#define DURATION_MS_MAX (UINT64_C(366) * 24 * 3600 * 1000)

static bool number_digits(const char *text, size_t len, uint64_t *out)
{
    uint64_t value = 0;

    if (len == 0 || (len > 1 && text[0] == '0')) return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        if (__builtin_mul_overflow(value, UINT64_C(10), &value)) return false;
        if (__builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value)) return false;
    }
    *out = value;
    return true;
}

bool eid__cli_number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    uint64_t value;

    if (!number_digits(text, strlen(text), &value)) return false;
    if (value < min || value > max) return false;
    *out = value;
    return true;
}

bool eid__cli_duration_parse(const char *text, uint64_t *out_ms)
{
    static const struct {
        const char *name;
        uint64_t ms;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    size_t len = strspn(text, "0123456789");
    uint64_t value;

    if (!number_digits(text, len, &value)) return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(text + len, units[i].name) != 0) continue;
        if (value > DURATION_MS_MAX / units[i].ms) return false;
        *out_ms = value * units[i].ms;
        return true;
    }
    return false;
}
