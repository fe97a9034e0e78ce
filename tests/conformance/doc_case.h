/* Docs, values and positions of recorded cases, read by our own reader of payloads. */
#ifndef EID_TESTS_CONFORMANCE_DOC_CASE_H
#define EID_TESTS_CONFORMANCE_DOC_CASE_H

#include "crdt/payload.h"
#include "tests/conformance/runner.h"

/* As eid_suite_each_line(), for files with denominators over 63 bits, which the JSON library of the
 * runner cannot read: they become texts, and numbers again where the functions below read them. */
void eid_case_each_wide_line(eid_suite *suite, const char *path, eid_case_fn fn);

/* A member as a doc; an absent one as an empty doc. New: eid_doc_free(). Fails the case and gives
 * NULL if it cannot be read. */
eid_doc *eid_case_read_doc(eid_suite *suite, const json_t *object, const char *key);
/* The same for the JSON itself. */
eid_doc *eid_case_doc_of(eid_suite *suite, const json_t *doc);
/* New: eid_value_fini(); false (and Null) after failing the case. */
bool eid_case_value_of(eid_suite *suite, const json_t *value, eid_value *out);
eid_list *eid_case_list_of(eid_suite *suite, const json_t *list);
bool eid_case_position_of(eid_suite *suite, const json_t *position, eid_position *out);

/* Structural comparison; prints both when they differ. */
bool eid_case_doc_equal(eid_suite *suite, const char *what, const eid_doc *expected,
                        const eid_doc *actual);
bool eid_case_value_equal(eid_suite *suite, const char *what, const eid_value *expected,
                          const eid_value *actual);

#endif
