/* What the cases of entries.jsonl and entries-hand.json have in common. */
#ifndef EID_TESTS_CONFORMANCE_ENTRY_CASE_H
#define EID_TESTS_CONFORMANCE_ENTRY_CASE_H

#include "tests/conformance/runner.h"

/* Build, encode, hash, read back, sign and verify one described entry. */
void eid_entry_case(eid_suite *suite, const json_t *test);

#endif
