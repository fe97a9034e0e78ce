/* The descriptions of entries in the vectors, as builders. */
#ifndef EID_TESTS_CONFORMANCE_SPEC_H
#define EID_TESTS_CONFORMANCE_SPEC_H

#include "dag/builder.h"
#include "tests/conformance/runner.h"

/* What `spec` describes, nothing sorted; its signature text included. New: eid_builder_free(). */
eid_builder *eid_spec_build(const json_t *spec);
/* A list of id texts. New: eid_idset_fini() of what holds it; the order is kept. */
eid_idset eid_spec_ids(const json_t *texts);

#endif
