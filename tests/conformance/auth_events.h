/* Events of a delivery of auth-histories.jsonl, through a whole engine. */
#ifndef EID_TESTS_CONFORMANCE_AUTH_EVENTS_H
#define EID_TESTS_CONFORMANCE_AUTH_EVENTS_H

#include "dag/entry.h"
#include "tests/conformance/runner.h"

/* Replay one delivery, if events of it were recorded; `entries` are those of the case. */
void eid_auth_events_check(eid_suite *suite, const json_t *delivery, const eid_id *root,
                           eid_entry *const *entries, size_t count);

#endif
