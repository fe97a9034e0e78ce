/* Ticket: a database's id and the addresses where it may be had, as one text that can be pasted.
 *
 * The reference's forms are read and written; our extensions (pk, tips, nm) are ignored by it.
 * Source: spec 11 §2, §11.3; addresses of types that this build cannot dial are kept and shown. */
#ifndef EID_TRANSPORT_TICKET_H
#define EID_TRANSPORT_TICKET_H

#include "dag/id.h"
#include "transport/address.h"

/* The reference has no limit of length: what it may hand out is read up to these bounds. */
#define EID_TICKET_BYTES_MAX 65536u
#define EID_TICKET_ADDRESSES_MAX 1024u
#define EID_TICKET_NATIVE_BYTES_MAX 4096u /* what we hand out keeps below it (spec 11 §11.1) */
#define EID_TICKET_NAME_MAX 64u
#define EID_TICKET_TIPS_MAX 64u
#define EID_TICKET_KEYS_MAX 8u

typedef struct eid_ticket_address {
    char *type;    /* owned */
    char *address; /* owned */
} eid_ticket_address;

typedef struct eid_ticket {
    eid_id database;
    eid_ticket_address *at; /* owned, in order */
    size_t count;
    char *name;     /* `nm`, untrusted, at most 64 bytes; NULL if none */
    eid_idset tips; /* `tips`; empty if absent or its count is wrong */
    size_t
        key_count; /* `pk`: device keys to expect behind the http hints; further ones are dropped */
    uint8_t keys[EID_TICKET_KEYS_MAX][EID_NODE_ID_BYTES];
} eid_ticket;

/* Free what it holds; also ends a zeroed struct. */
void eid_ticket_fini(eid_ticket *ticket);
/* Read (spec 11 §2.1); `out` is to be ended with eid_ticket_fini(), and is zeroed on an error.
 * Addresses with a zero byte in them are skipped like those without a colon: nobody can dial them.
 * Errors: TICKET (with what is wrong), ID_FORMAT, LIMIT, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_ticket_parse(eid_slice text, eid_ticket *out);
/* Append the text: db, pr in order, pk, tips, nm. Errors: of the buffer. */
EID_MUST_CHECK eid_status eid_ticket_format(const eid_ticket *ticket, eid_buf *out);
/* Append an address (copied). Errors: LIMIT, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_ticket_add(eid_ticket *ticket, const char *type, const char *address);
/* The i-th address of type quic, decoded; NOT_FOUND bare after the last. Undecodable ones are
 * skipped. */
EID_MUST_CHECK eid_status eid_ticket_quic(const eid_ticket *ticket, size_t i,
                                          eid_quic_address *out);

#endif
