/* One shape for every call: head, arguments, send; then items until the response. A walk that ends
 * early hangs up, since the service has no other way to be told. */
#include "dag/alloc.h"
#include "node/service/client_internal.h"
#include "node/service/frame.h"

void eid__request_init(eid__request *request, eid_service_client *client, const char *method)
{
    *request = (eid__request){.client = client};
    eid_buf_init(&request->out, EID_FRAME_BYTES_MAX);
    eid_buf_init(&request->frame, EID_FRAME_BYTES_MAX);
    eid_buf_init(&request->tag, 4096);
    eid_json_writer_init(&request->json, &request->out);
    eid_json_object(&request->json);
    eid_json_key(&request->json, "Call");
    eid_json_object(&request->json);
    eid_json_key(&request->json, "method");
    eid_json_text(&request->json, method);
    eid_json_key(&request->json, "args");
    eid_json_object(&request->json);
}

void eid__request_fini(eid__request *request)
{
    eid_buf_fini(&request->out);
    eid_buf_wipe(&request->frame);
    eid_buf_fini(&request->tag);
}

void eid__request_root(eid__request *request, const eid_id *root)
{
    eid__write_id(&request->json, "root", root);
}

typedef struct request_items {
    eid_status (*fn)(void *arg, eid_slice json);
    void *arg;
} request_items;

/* Read frames up to the response. */
static eid_status request_receive(eid__request *request, int fd, const request_items *items)
{
    eid_slice content;

    for (;;) {
        eid_slice tag;
        eid_status status = eid__link_receive(fd, &request->frame, &request->tag, &content);

        if (status != EID_OK) return status;
        tag = eid_buf_slice(&request->tag);
        if (eid_slice_is(tag, "Response")) break;
        if (!eid_slice_is(tag, "Item")) {
            return EID_FAIL(EID_KIND_SERVICE_FRAME, "the daemon sent an unexpected frame");
        }
        status = items->fn ? items->fn(items->arg, content) : EID_OK;
        if (status != EID_OK) return status;
    }
    request->result = content;
    return EID_OK;
}

eid_status eid__request_run(eid__request *request, eid_status (*item)(void *arg, eid_slice json),
                            void *arg)
{
    const request_items items = {item, arg};
    eid_slice response;
    eid__link *link = NULL;
    eid_status status;

    eid_json_object_end(&request->json);
    eid_json_object_end(&request->json);
    eid_json_object_end(&request->json);
    status = eid_buf_status(&request->out);
    if (status == EID_OK) status = eid__link_take(request->client, item != NULL, &link);
    if (status != EID_OK) return status;
    status = eid__link_send(link->fd, eid_buf_slice(&request->out));
    if (status == EID_OK) status = request_receive(request, link->fd, &items);
    eid__link_give(request->client, link, status != EID_OK);
    if (status != EID_OK) return status;
    response = request->result;
    return eid__link_result(response, "Result", &request->result);
}
