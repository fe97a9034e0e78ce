/* Tips and what lies between them, asked of the daemon. */
#include "node/service/client_internal.h"

eid_status eid__client_tips(void *self, const eid_id *root, bool loose, eid_idset *out)
{
    static const char *const names[] = {"tips"};
    eid__request request;
    eid_fields fields;
    eid_status status;

    *out = EID_IDSET_EMPTY;
    eid__request_init(&request, self, "tips");
    eid__request_root(&request, root);
    eid_json_key(&request.json, "loose");
    eid_json_bool(&request.json, loose);
    status = eid__request_run(&request, NULL, NULL);
    if (status == EID_OK) {
        eid_fields_init(&fields, request.result, names, 1);
        eid_fields_ids(&fields, 0, out);
        status = fields.status;
    }
    if (status != EID_OK) eid_idset_fini(out);
    eid__request_fini(&request);
    return status;
}

typedef struct tips_walk {
    eid_status (*fn)(void *arg, const eid_id *id);
    void *arg;
} tips_walk;

static eid_status tips_on_id(void *arg, eid_slice json)
{
    const tips_walk *walk = arg;
    eid_id id;
    eid_status status = eid_field_id(json, &id);

    return status == EID_OK ? walk->fn(walk->arg, &id) : status;
}

eid_status eid__client_added(void *self, const eid_id *root, eid_ids previous, eid_ids post,
                             eid_status (*fn)(void *arg, const eid_id *id), void *arg)
{
    tips_walk walk = {fn, arg};
    eid__request request;
    eid_status status;

    eid__request_init(&request, self, "added");
    eid__request_root(&request, root);
    eid__write_ids(&request.json, "previous", previous);
    eid__write_ids(&request.json, "post", post);
    status = eid__request_run(&request, tips_on_id, &walk);
    eid__request_fini(&request);
    return status == EID_E_AGAIN ? EID_OK : status;
}
