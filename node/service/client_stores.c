/* Calls of the seam about stores that are more than one document: payloads of stores that the
 * daemon cannot read, and indexes of tables. As in client_read.c, items are given on as they come.
 */
#include "node/service/client_internal.h"
#include "node/service/frame.h"

static void stores_begin(eid__request *request, eid_service_client *client, const char *method,
                         const eid_id *root, eid_slice store)
{
    eid__request_init(request, client, method);
    eid__request_root(request, root);
    eid_json_key(&request->json, "store");
    eid_json_string(&request->json, store);
}

static eid_status stores_end(eid__request *request, eid_status status)
{
    eid__request_fini(request);
    return status == EID_E_AGAIN ? EID_OK : status;
}

/* A walk that gives one slice for each item. */
typedef struct stores_walk {
    eid_status (*fn)(void *arg, eid_slice item);
    void *arg;
    eid_buf item;
} stores_walk;

static eid_status stores_on_payload(void *arg, eid_slice json)
{
    static const char *const names[] = {"payload"};
    stores_walk *walk = arg;
    eid_fields fields;

    eid_fields_init(&fields, json, names, 1);
    eid_fields_base64(&fields, 0, &walk->item);
    if (fields.status != EID_OK) return fields.status;
    return walk->fn(walk->arg, eid_buf_slice(&walk->item));
}

eid_status eid__client_payloads(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                                eid_status (*fn)(void *arg, eid_slice payload), void *arg)
{
    stores_walk walk = {.fn = fn, .arg = arg};
    eid__request request;
    eid_status status;

    eid_buf_init(&walk.item, EID_FRAME_BYTES_MAX);
    stores_begin(&request, self, "payloads", root, store);
    eid__write_ids(&request.json, "tips", tips);
    status = eid__request_run(&request, stores_on_payload, &walk);
    eid_buf_fini(&walk.item);
    return stores_end(&request, status);
}

eid_status eid__client_text(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                            eid_buf *out)
{
    static const char *const names[] = {"update"};
    eid__request request;
    eid_fields fields;
    eid_buf update;
    eid_status status;

    eid_buf_init(&update, EID_FRAME_BYTES_MAX);
    stores_begin(&request, self, "text", root, store);
    eid__write_ids(&request.json, "tips", tips);
    status = eid__request_run(&request, NULL, NULL);
    if (status == EID_OK) {
        eid_fields_init(&fields, request.result, names, 1);
        eid_fields_base64(&fields, 0, &update);
        status = fields.status;
    }
    if (status == EID_OK) {
        eid_buf_append(out, eid_buf_slice(&update));
        status = eid_buf_status(out);
    }
    eid_buf_fini(&update);
    return stores_end(&request, status);
}

static eid_status stores_on_field(void *arg, eid_slice json)
{
    static const char *const names[] = {"field"};
    stores_walk *walk = arg;
    eid_fields fields;

    eid_fields_init(&fields, json, names, 1);
    eid_fields_text(&fields, 0, &walk->item);
    if (fields.status != EID_OK) return fields.status;
    return walk->fn(walk->arg, eid_buf_slice(&walk->item));
}

eid_status eid__client_indexes(void *self, const eid_id *root, eid_slice store,
                               eid_status (*fn)(void *arg, eid_slice field), void *arg)
{
    stores_walk walk = {.fn = fn, .arg = arg};
    eid__request request;
    eid_status status;

    eid_buf_init(&walk.item, EID_FRAME_BYTES_MAX);
    stores_begin(&request, self, "indexes", root, store);
    status = eid__request_run(&request, stores_on_field, &walk);
    eid_buf_fini(&walk.item);
    return stores_end(&request, status);
}

eid_status eid__client_set_index(void *self, const eid_id *root, eid_slice store, eid_slice field,
                                 bool on)
{
    eid__request request;

    stores_begin(&request, self, "set_index", root, store);
    eid_json_key(&request.json, "field");
    eid_json_string(&request.json, field);
    eid_json_key(&request.json, "on");
    eid_json_bool(&request.json, on);
    return stores_end(&request, eid__request_run(&request, NULL, NULL));
}

eid_status eid__client_find(void *self, const eid_id *root, eid_slice store, eid_slice field,
                            eid_slice json,
                            eid_status (*fn)(void *arg, eid_slice key, const eid_value *row),
                            void *arg)
{
    eid__request request;

    stores_begin(&request, self, "find", root, store);
    eid_json_key(&request.json, "field");
    eid_json_string(&request.json, field);
    eid_json_key(&request.json, "value");
    eid_json_string(&request.json, json);
    return stores_end(&request, eid__request_pairs(&request, fn, arg));
}
