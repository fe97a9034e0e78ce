/* The run of one file, as runner.c and main.c see it; suites use runner.h alone. */
#ifndef EID_TESTS_CONFORMANCE_SUITE_H
#define EID_TESTS_CONFORMANCE_SUITE_H

#include "tests/conformance/runner.h"

#define EID_SUITE_SKIPS_MAX 32 /* distinct reasons that are listed */

typedef struct eid_run_options {
    const char *only; /* substring of a case or file; NULL = all */
    bool verbose;
} eid_run_options;

struct eid_suite {
    const char *name; /* of the file, below the folder of vectors */
    const eid_run_options *options;
    size_t passed, failed, skipped;
    const char *case_name; /* NULL between cases */
    bool case_failed;
    const char *case_skip;
    struct {
        const char *reason;
        size_t count;
    } skips[EID_SUITE_SKIPS_MAX];
    size_t skip_count;
};

#endif
