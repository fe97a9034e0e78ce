/* A ticket is taken apart without asking anybody: what it says is shown, not whether it is true. */
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "transport/ticket.h"

static void ticket_write(const eid_ticket *ticket, eid_json_writer *json)
{
    char text[EID_ID_TEXT_MAX], node[EID_NODE_ID_TEXT];

    eid_json_object(json);
    eid_json_key(json, "database");
    eid_json_text(json, eid_id_format(&ticket->database, text));
    eid_json_key(json, "name");
    eid_json_text(json, ticket->name);
    eid_json_key(json, "addresses");
    eid_json_array(json);
    for (size_t i = 0; i < ticket->count; i++) {
        eid_json_object(json);
        eid_json_key(json, "type");
        eid_json_text(json, ticket->at[i].type);
        eid_json_key(json, "address");
        eid_json_text(json, ticket->at[i].address);
        eid_json_object_end(json);
    }
    eid_json_array_end(json);
    eid_json_key(json, "tips");
    eid_json_array(json);
    for (size_t i = 0; i < ticket->tips.count; i++) {
        eid_json_text(json, eid_id_format(&ticket->tips.at[i], text));
    }
    eid_json_array_end(json);
    eid_json_key(json, "nodes");
    eid_json_array(json);
    for (size_t i = 0; i < ticket->key_count; i++) {
        eid_json_text(json, eid_node_id_format(ticket->keys[i], node));
    }
    eid_json_array_end(json);
    eid_json_object_end(json);
}

eidetica_status eidetica_ticket_show(const char *ticket, char **json)
{
    eid_ticket parts;
    eid_json_writer writer;
    eid_buf buf;
    eid_status status = eid__api_need(ticket, "ticket");

    if (status == EID_OK) status = eid__api_need(json, "json");
    if (status != EID_OK) return eid__api_end(status);
    *json = NULL;
    status = eid_ticket_parse(eid_slice_text(ticket), &parts);
    if (status != EID_OK) return eid__api_end(status);
    eid_buf_init(&buf, EID__API_JSON_MAX);
    eid_json_writer_init(&writer, &buf);
    ticket_write(&parts, &writer);
    eid_ticket_fini(&parts);
    status = eid_buf_status(&buf);
    if (status == EID_OK) *json = eid_buf_take_text(&buf);
    eid_buf_fini(&buf);
    if (status == EID_OK && !*json) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a ticket");
    return eid__api_end(status);
}
