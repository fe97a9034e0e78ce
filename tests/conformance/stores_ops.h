/* The operations of recorded transactions on stores, run through ours. */
#ifndef EID_TESTS_CONFORMANCE_STORES_OPS_H
#define EID_TESTS_CONFORMANCE_STORES_OPS_H

#include "tests/conformance/stores_node.h"

typedef struct store_op {
    const stores_node *node;
    eid_txn *txn;
    eid_slice store;
    const json_t *op;
    const json_t *ok; /* what it returned; NULL if it failed, or if that is not to be compared */
} store_op;

/* Run one; compares what it returns. *known false if nobody knows the operation. */
eid_status store_op_run(const store_op *op, bool *known);

/* stores_ops_doc.c: documents, settings and the registry; the others are in stores_ops.c. */
eid_status store_op_doc(const store_op *op, const char *name, bool *known);
eid_status store_op_settings(const store_op *op, const char *name, bool *known);
eid_status store_op_index(const store_op *op, const char *name, bool *known);

/* Helpers. */
eid_slice store_op_path(const store_op *op);
void store_op_check_json(const store_op *op, json_t *actual); /* takes it */
void store_op_check_value(const store_op *op, const eid_value *actual);
void store_op_check_bool(const store_op *op, bool actual);

#endif
