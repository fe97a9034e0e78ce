/* As naive as the specification's sentence, because everything faster is judged by it. */
#include "crdt/fold.h"

#include "crdt/payload.h"

eid_status eid_fold_payload(eid_doc *state, eid_slice json)
{
    eid_doc *payload = NULL;
    eid_status status = eid_payload_read_doc(json, &payload);

    if (status == EID_OK) status = eid_doc_merge(state, payload);
    eid_doc_free(payload);
    return status;
}
