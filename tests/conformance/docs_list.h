/* Cases of docs.jsonl of the kinds "list" (edits of a list) and "position". */
#ifndef EID_TESTS_CONFORMANCE_DOCS_LIST_H
#define EID_TESTS_CONFORMANCE_DOCS_LIST_H

#include "tests/conformance/runner.h"

void eid_case_list(eid_suite *suite, const json_t *test);
void eid_case_position(eid_suite *suite, const json_t *test);

#endif
