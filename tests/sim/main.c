/* simulate [--seeds A..B] [-v]: runs each seed, stops at the first that fails and prints how to
 * replay it. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int usage(void)
{
    fprintf(stderr, "usage: simulate [--seeds A..B] [-v]\n");
    return 2;
}

static bool read_seeds(const char *text, uint64_t *first, uint64_t *last)
{
    char *end;

    *first = strtoull(text, &end, 10);
    if (end == text || strncmp(end, "..", 2) != 0) return false;
    text = end + 2;
    *last = strtoull(text, &end, 10);
    return end != text && *end == '\0' && *last >= *first;
}

int main(int argc, char **argv)
{
    uint64_t first = 1, last = 200;
    bool verbose = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0)
            verbose = true;
        else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc &&
                 read_seeds(argv[i + 1], &first, &last))
            i++;
        else
            return usage();
    }
    for (uint64_t seed = first; seed <= last; seed++) {
        if (!sim_run(seed, verbose)) return 1;
    }
    printf("%llu passed, 0 failed\n", (unsigned long long)(last - first + 1));
    return 0;
}
