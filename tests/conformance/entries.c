/* entries.jsonl: random entries. */
#include "tests/conformance/entry_case.h"

static void entries_run(const char *path, eid_suite *suite)
{
    eid_suite_each_line(suite, path, eid_entry_case);
}

EID_SUITE("entries.jsonl", entries_run)
