/* What the suites of auth-settings.jsonl share: values of the vectors as ours, ours as JSON. */
#ifndef EID_TESTS_CONFORMANCE_AUTH_CASE_H
#define EID_TESTS_CONFORMANCE_AUTH_CASE_H

#include "auth/settings.h"
#include "auth/sigkey.h"
#include "tests/conformance/runner.h"

/* JSON text of any value. New: eid_buf_fini(). */
eid_buf eid_auth_dump(const json_t *value);
/* Ours, written by a callback, must be the same JSON value as `expected`. */
bool eid_auth_same(eid_suite *suite, const char *what, const json_t *expected, const eid_buf *ours);

/* A stored Doc, a policy, a signer: new; they abort on what the file should not hold. */
eid_doc *eid_auth_doc(const json_t *doc);
eid_policy *eid_auth_policy(const json_t *auth);
eid_sigkey_owned eid_auth_sigkey(const json_t *sig_key);
eid_pubkey eid_auth_pubkey(const json_t *text);
eid_permission eid_auth_permission(const json_t *permission);
/* Our permission against the vector's. */
bool eid_auth_same_permission(eid_suite *suite, const char *what, const json_t *expected,
                              eid_permission actual);
/* Our candidates against the vector's, in order. */
bool eid_auth_same_candidates(eid_suite *suite, const json_t *expected,
                              const eid_candidates *actual);

/* One query against a policy. */
void eid_auth_check_resolve(eid_suite *suite, const eid_policy *policy, const json_t *sig_key,
                            const json_t *expect);
void eid_auth_check_identity(eid_suite *suite, const eid_policy *policy, const json_t *sig_key,
                             const json_t *proven, const json_t *expect);
void eid_auth_check_find(eid_suite *suite, const eid_policy *policy, const json_t *pubkey,
                         const json_t *expect);

/* The kinds of auth-settings.jsonl about values alone; false if it is none of them. */
bool eid_auth_value_case(eid_suite *suite, const char *kind, const json_t *test);

#endif
