/* Fold: the naive definition of a store's state (spec 02 §8.1), kept simple on purpose: merge every
 * payload in order onto the default. The oracle of the state engine, and what reads at historical
 * tips use. */
#ifndef EID_CRDT_FOLD_H
#define EID_CRDT_FOLD_H

#include "crdt/doc.h"

/* Merge one payload's JSON into the state. Errors: CRDT_DECODE. */
EID_MUST_CHECK eid_status eid_fold_payload(eid_doc *state, eid_slice json);

#endif
