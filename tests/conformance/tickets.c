/* tickets.json: texts of tickets, written and read. */
#include "dag/json.h"
#include <stdio.h>

#include "tests/conformance/runner.h"
#include "transport/iroh_address.h"
#include "transport/ticket.h"

static void check_text(eid_suite *suite, const char *what, const char *expected,
                       const eid_ticket *ticket)
{
    eid_buf text;

    eid_buf_init(&text, SIZE_MAX);
    if (eid_case_ok(suite, what, eid_ticket_format(ticket, &text))) {
        eid_case_text(suite, what, expected, eid_buf_slice(&text));
    }
    eid_buf_fini(&text);
}

/* What was read is what `expected` says: db and addresses. */
static void check_parsed(eid_suite *suite, const json_t *expected, const eid_ticket *ticket)
{
    const json_t *addresses = eid_get_array(expected, "addresses");

    eid_case_id(suite, "db", eid_get_text(expected, "db"), &ticket->database);
    if (!eid_case_u64(suite, "addresses", json_array_size(addresses), ticket->count)) return;
    for (size_t i = 0; i < ticket->count; i++) {
        const json_t *item = json_array_get(addresses, i);

        eid_case_text(suite, "type", eid_get_text(item, "transport_type"),
                      eid_slice_text(ticket->at[i].type));
        eid_case_text(suite, "address", eid_get_text(item, "address"),
                      eid_slice_text(ticket->at[i].address));
    }
}

static void emit_case(eid_suite *suite, const json_t *test)
{
    const json_t *addresses = eid_get_array(test, "addresses");
    eid_ticket ticket = {.database = eid_get_id(test, "db")}, again;
    eid_json_writer writer;
    eid_buf json;

    for (size_t i = 0; i < json_array_size(addresses); i++) {
        const json_t *item = json_array_get(addresses, i);

        eid_case_ok(suite, "add",
                    eid_ticket_add(&ticket, eid_get_text(item, "transport_type"),
                                   eid_get_text(item, "address")));
    }
    check_text(suite, "text", eid_get_text(test, "text"), &ticket);
    eid_buf_init(&json, SIZE_MAX);
    eid_json_writer_init(&writer, &json);
    eid_json_string(&writer, eid_get_slice(test, "text"));
    eid_case_text(suite, "json", eid_get_text(test, "json"), eid_buf_slice(&json));
    eid_buf_fini(&json);
    if (eid_case_ok(suite, "parse", eid_ticket_parse(eid_get_slice(test, "text"), &again))) {
        check_parsed(suite, json_object_get(test, "reparsed"), &again);
        eid_ticket_fini(&again);
    }
    eid_ticket_fini(&ticket);
}

static void parse_case(eid_suite *suite, const json_t *test)
{
    eid_ticket ticket;
    eid_status status = eid_ticket_parse(eid_get_slice(test, "text"), &ticket);

    if (!eid_get_bool(test, "ok")) {
        eid_case_error(suite, "parse", eid_get_text(test, "error"), status);
        return;
    }
    if (!eid_case_ok(suite, "parse", status)) return;
    check_parsed(suite, test, &ticket);
    check_text(suite, "text", eid_get_text(test, "text_out"), &ticket);
    eid_ticket_fini(&ticket);
}

/* A path as the vectors write it. */
static bool endpoint_has(const json_t *addresses, const eid_iroh_path *path)
{
    char text[EID_HOST_MAX + 16];

    if (path->is_relay)
        snprintf(text, sizeof text, "relay %s", path->relay);
    else
        eid_netaddr_format(&path->address, text);
    for (size_t i = 0; i < json_array_size(addresses); i++) {
        if (strcmp(json_string_value(json_array_get(addresses, i)), text) == 0) return true;
    }
    return false;
}

static void endpoint_case(eid_suite *suite, const json_t *test)
{
    const json_t *addresses = eid_get_array(test, "addresses");
    eid_slice text = eid_get_slice(test, "text");
    eid_buf endpoint = eid_get_hex(test, "endpoint_id_hex"), back;
    eid_iroh_address address;

    eid_buf_init(&back, 65536);
    if (eid_case_ok(suite, "parse", eid_iroh_address_parse(text, &address))) {
        eid_case_bytes(suite, "endpoint", eid_buf_slice(&endpoint),
                       eid_slice_of(address.endpoint, sizeof address.endpoint));
        eid_case_u64(suite, "addresses", json_array_size(addresses), address.count);
        for (size_t i = 0; i < address.count; i++) {
            eid_case_bool(suite, "address", true, endpoint_has(addresses, &address.at[i]));
        }
        eid_case_ok(suite, "format", eid_iroh_address_format(&address, &back));
        eid_case_text(suite, "text", eid_get_text(test, "text"), eid_buf_slice(&back));
    }
    eid_buf_fini(&back);
    eid_buf_fini(&endpoint);
}

static void ticket_case(eid_suite *suite, const json_t *test)
{
    const char *check = eid_get_text(test, "check");

    if (strcmp(check, "emit") == 0) {
        emit_case(suite, test);
    } else if (strcmp(check, "parse") == 0) {
        parse_case(suite, test);
    } else {
        endpoint_case(suite, test);
    }
}

static void tickets_run(const char *path, eid_suite *suite)
{
    json_t *root = eid_suite_load(suite, path);

    if (!root) return;
    eid_suite_each(suite, root, "cases", ticket_case);
    json_decref(root);
}

EID_SUITE("tickets.json", tickets_run)
