/* Cases of docs.jsonl of the kind "ops": a doc, operations on it and what each returned. */
#ifndef EID_TESTS_CONFORMANCE_DOCS_OPS_H
#define EID_TESTS_CONFORMANCE_DOCS_OPS_H

#include "tests/conformance/runner.h"

void eid_case_doc_ops(eid_suite *suite, const json_t *test);

#endif
