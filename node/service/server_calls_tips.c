/* Calls about where a database stands. The ids between two cursors are sent one by one, as the
 * entries of a walk are: there may be as many as the database has entries. */
#include "node/service/frame.h"
#include "node/service/server_call.h"

eid_status eid__call_tips(eid__call *call)
{
    static const char *const members[] = {"root", "loose"};
    eid_idset tips = EID_IDSET_EMPTY;
    eid_fields fields;
    bool loose;
    eid_id root;
    eid_status status;

    eid_fields_init(&fields, call->args, members, 2);
    eid_fields_id(&fields, 0, &root);
    loose = eid_fields_bool(&fields, 1);
    status = fields.status;
    if (status == EID_OK) status = call->seam->tips(call->seam->self, &root, loose, &tips);
    if (status == EID_OK) {
        eid_json_object(&call->json);
        eid__write_ids(&call->json, "tips", eid_idset_ids(&tips));
        eid_json_object_end(&call->json);
    }
    eid_idset_fini(&tips);
    return status;
}

static eid_status tips_send_id(void *arg, const eid_id *id)
{
    eid__call *call = arg;
    char text[EID_ID_TEXT_MAX];
    eid_json_writer json;
    eid_buf item;
    eid_status status;

    eid_buf_init(&item, EID_ID_TEXT_MAX + 2);
    eid_json_writer_init(&json, &item);
    eid_json_text(&json, eid_id_format(id, text));
    status = eid_buf_status(&item);
    if (status == EID_OK) status = eid__call_item(call, eid_buf_slice(&item));
    eid_buf_fini(&item);
    return status;
}

eid_status eid__call_added(eid__call *call)
{
    static const char *const members[] = {"root", "previous", "post"};
    eid_idset previous = EID_IDSET_EMPTY, post = EID_IDSET_EMPTY;
    eid_fields fields;
    eid_id root;
    eid_status status;

    eid_fields_init(&fields, call->args, members, 3);
    eid_fields_id(&fields, 0, &root);
    eid_fields_ids(&fields, 1, &previous);
    eid_fields_ids(&fields, 2, &post);
    status = fields.status;
    if (status == EID_OK) {
        status = call->seam->added(call->seam->self, &root, eid_idset_ids(&previous),
                                   eid_idset_ids(&post), tips_send_id, call);
    }
    eid_idset_fini(&previous);
    eid_idset_fini(&post);
    return status;
}
