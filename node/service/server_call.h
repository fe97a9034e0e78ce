/* One of our own calls, as the files that answer them see it. Private to this folder. */
#ifndef EID_NODE_SERVICE_SERVER_CALL_H
#define EID_NODE_SERVICE_SERVER_CALL_H

#include "node/service/server_internal.h"

typedef struct eid__call {
    eid__connection *connection;
    const eid_seam *seam;
    char *name;
    eid_slice args;       /* a JSON object */
    eid_json_writer json; /* the result; nothing written = {} */
    eid_buf *out;         /* behind it */
    bool is_broken;       /* the client does not listen any more */
} eid__call;

/* server_calls.c */
EID_MUST_CHECK eid_status eid__call_root(const eid__call *call, eid_id *out);
EID_MUST_CHECK eid_status eid__call_item(eid__call *call, eid_slice json);

/* server_calls_read.c */
EID_MUST_CHECK eid_status eid__call_databases(eid__call *call);
EID_MUST_CHECK eid_status eid__call_info(eid__call *call);
EID_MUST_CHECK eid_status eid__call_value(eid__call *call);
EID_MUST_CHECK eid_status eid__call_doc(eid__call *call);
EID_MUST_CHECK eid_status eid__call_children(eid__call *call);
EID_MUST_CHECK eid_status eid__call_doc_at(eid__call *call);
EID_MUST_CHECK eid_status eid__call_entry(eid__call *call);
EID_MUST_CHECK eid_status eid__call_entries(eid__call *call);
EID_MUST_CHECK eid_status eid__call_check(eid__call *call);

/* server_calls_tips.c */
EID_MUST_CHECK eid_status eid__call_tips(eid__call *call);
EID_MUST_CHECK eid_status eid__call_added(eid__call *call);

/* server_calls_stores.c */
EID_MUST_CHECK eid_status eid__call_payloads(eid__call *call);
EID_MUST_CHECK eid_status eid__call_text_doc(eid__call *call);
EID_MUST_CHECK eid_status eid__call_find(eid__call *call);
EID_MUST_CHECK eid_status eid__call_set_index(eid__call *call);
EID_MUST_CHECK eid_status eid__call_indexes(eid__call *call);

/* server_calls_conflicts.c */
EID_MUST_CHECK eid_status eid__call_conflicts(eid__call *call);
EID_MUST_CHECK eid_status eid__call_prune_conflicts(eid__call *call);

/* server_calls_write.c */
EID_MUST_CHECK eid_status eid__call_begin(eid__call *call);
EID_MUST_CHECK eid_status eid__call_submit(eid__call *call);
EID_MUST_CHECK eid_status eid__call_ingest(eid__call *call);
EID_MUST_CHECK eid_status eid__call_set_strict(eid__call *call);
EID_MUST_CHECK eid_status eid__call_set_shared(eid__call *call);
EID_MUST_CHECK eid_status eid__call_forget(eid__call *call);

/* server_calls_node.c */
EID_MUST_CHECK eid_status eid__call_users(eid__call *call);
EID_MUST_CHECK eid_status eid__call_attach(eid__call *call);
EID_MUST_CHECK eid_status eid__call_token(eid__call *call);
EID_MUST_CHECK eid_status eid__call_subscribe(eid__call *call);
EID_MUST_CHECK eid_status eid__call_unsubscribe(eid__call *call);
EID_MUST_CHECK eid_status eid__call_control(eid__call *call);

#endif
