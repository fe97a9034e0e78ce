/* One operation of the specification on one database, as the files that answer them see it. Private
 * to this folder. */
#ifndef EID_NODE_SERVICE_SERVER_OP_H
#define EID_NODE_SERVICE_SERVER_OP_H

#include "node/service/server_internal.h"

typedef struct eid__op {
    eid__connection *connection;
    const eid_seam *seam;
    eid_at at;
    eid_id root;
    eid_sigkey_owned identity;
    eid_slice content;    /* of the operation */
    eid_json_writer json; /* the answer */
    bool is_malformed;    /* the request could not be read: the connection ends */
} eid__op;

/* Parts of answers (server_ops.c). */
void eid__op_begin_answer(eid__op *op, const char *name);
EID_MUST_CHECK eid_status eid__op_end_answer(eid__op *op);
EID_MUST_CHECK eid_status eid__op_answer_ids(eid__op *op, eid_ids ids);
EID_MUST_CHECK eid_status eid__op_answer_ok(eid__op *op);
EID_MUST_CHECK eid_status eid__op_not_found(const eid_id *id);
/* Whether the members could be read; if not, the failure is the client's. */
EID_MUST_CHECK eid_status eid__op_read(eid__op *op, const eid_fields *fields);
/* "Verified" (false) or "AllowUnverified". */
bool eid__op_scope_is_loose(eid_fields *fields, size_t i);

/* server_ops_txn.c */
EID_MUST_CHECK eid_status eid__op_verified_tips(eid__op *op);
EID_MUST_CHECK eid_status eid__op_begin(eid__op *op);
EID_MUST_CHECK eid_status eid__op_submit(eid__op *op);

/* server_ops_store.c */
EID_MUST_CHECK eid_status eid__op_store_state(eid__op *op);
EID_MUST_CHECK eid_status eid__op_store_entries(eid__op *op);
EID_MUST_CHECK eid_status eid__op_store_tips(eid__op *op);
EID_MUST_CHECK eid_status eid__op_merge_state(eid__op *op);
EID_MUST_CHECK eid_status eid__op_entry(eid__op *op);
EID_MUST_CHECK eid_status eid__op_cache_get(eid__op *op);
EID_MUST_CHECK eid_status eid__op_cache_put(eid__op *op);

#endif
