/* Tickets and addresses: what is read is printed so that it is read, and printed, the same. */
#include "tests/fuzz/fuzz.h"
#include "transport/ticket.h"

static void check_address(const eid_quic_address *address)
{
    char text[EID_ADDRESS_TEXT_MAX];
    eid_quic_address again;

    if (eid_quic_address_format(address, text) != EID_OK) return;
    fuzz_check(eid_quic_address_parse(eid_slice_text(text), &again) == EID_OK);
    fuzz_check(again.count == address->count);
    eid_quic_address_merge(&again, address);
    fuzz_check(again.count <= EID_CANDIDATES_MAX_PER_NODE);
}

static void check_ticket(const eid_ticket *ticket)
{
    eid_ticket again = {0};
    eid_quic_address address;
    eid_buf first, second;

    eid_buf_init(&first, FUZZ_BYTES_MAX);
    eid_buf_init(&second, FUZZ_BYTES_MAX);
    for (size_t i = 0; eid_ticket_quic(ticket, i, &address) == EID_OK; i++) check_address(&address);
    if (eid_ticket_format(ticket, &first) == EID_OK &&
        eid_ticket_parse(eid_buf_slice(&first), &again) == EID_OK) {
        fuzz_check(eid_id_equal(&ticket->database, &again.database));
        fuzz_check(ticket->count == again.count);
        fuzz_check(eid_ticket_format(&again, &second) == EID_OK);
        fuzz_check(eid_slice_equal(eid_buf_slice(&first), eid_buf_slice(&second)));
    } else {
        fuzz_check(first.len > EID_TICKET_BYTES_MAX); /* escapes may make it too long */
    }
    eid_ticket_fini(&again);
    eid_buf_fini(&first);
    eid_buf_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    eid_slice text = eid_slice_of(data, size);
    eid_ticket ticket = {0};
    eid_quic_address address;
    eid_netaddr socket, again;
    char printed[64];

    if (eid_ticket_parse(text, &ticket) == EID_OK) check_ticket(&ticket);
    eid_ticket_fini(&ticket);
    if (eid_quic_address_parse(text, &address) == EID_OK) check_address(&address);
    if (eid_netaddr_parse(text, &socket) == EID_OK) {
        fuzz_check(eid_netaddr_parse(eid_slice_text(eid_netaddr_format(&socket, printed)),
                                     &again) == EID_OK);
        fuzz_check(eid_netaddr_equal(&socket, &again));
    }
    return 0;
}
