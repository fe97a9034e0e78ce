/* Address: where a node can be reached. Numeric socket addresses, and the QUIC hint of a ticket: a
 * node id (its device key) with candidates. Values; no I/O. Source: spec 11 §1, §11.1. */
#ifndef EID_TRANSPORT_ADDRESS_H
#define EID_TRANSPORT_ADDRESS_H

#include "dag/bytes.h"

#define EID_NODE_ID_BYTES 32
#define EID_NODE_ID_TEXT 53 /* 52 characters and a zero */
#define EID_CANDIDATES_MAX_PER_NODE 8u
#define EID_HOST_MAX 256u
#define EID_ADDRESS_TEXT_MAX 1025u /* 1024 bytes and a zero */

/* A numeric address. */
typedef struct eid_netaddr {
    uint8_t family; /* 4, 6, or 0 = none */
    uint8_t ip[16]; /* 4 or 16 bytes, network order */
    uint16_t port;
} eid_netaddr;

/* Same family, same address of that family, same port. */
bool eid_netaddr_equal(const eid_netaddr *a, const eid_netaddr *b);
/* "192.0.2.1:4433" or "[2001:db8::1]:4433"; `out` holds 64 bytes; gives `out`. */
char *eid_netaddr_format(const eid_netaddr *addr, char *out);
/* Errors: ADDRESS. A port of 0 is allowed (listening anywhere). */
EID_MUST_CHECK eid_status eid_netaddr_parse(eid_slice text, eid_netaddr *out);
/* Of the machine itself (127/8, ::1); the unspecified address (0.0.0.0, ::). */
bool eid_netaddr_is_loopback(const eid_netaddr *addr);
bool eid_netaddr_is_any(const eid_netaddr *addr);

typedef struct eid_candidate_addr {
    char klass; /* 'd', 'l', 's', 'r' */
    bool has_via;
    uint8_t via[EID_NODE_ID_BYTES];
    char host[EID_HOST_MAX]; /* numeric without brackets, or a DNS name */
    uint16_t port;
} eid_candidate_addr;

/* One node: the value of `pr=quic:…`. */
typedef struct eid_quic_address {
    uint8_t node[EID_NODE_ID_BYTES];
    size_t count;
    eid_candidate_addr at[EID_CANDIDATES_MAX_PER_NODE];
} eid_quic_address;

/* Base32 of a node id; `out` holds EID_NODE_ID_TEXT bytes; gives `out`. */
char *eid_node_id_format(const uint8_t node[EID_NODE_ID_BYTES], char *out);
/* The other way, strict: 52 lower-case characters. Errors: ADDRESS. */
EID_MUST_CHECK eid_status eid_node_id_parse(eid_slice text, uint8_t out[EID_NODE_ID_BYTES]);
/* Errors: ADDRESS. Candidates of unknown classes are skipped; order is kept. */
EID_MUST_CHECK eid_status eid_quic_address_parse(eid_slice text, eid_quic_address *out);
/* Text without the type prefix; `out` holds EID_ADDRESS_TEXT_MAX bytes. Errors: LIMIT, and ADDRESS
 * for one without candidates, which has no text. */
EID_MUST_CHECK eid_status eid_quic_address_format(const eid_quic_address *address, char *out);
/* Unite the candidates of two hints, which must be of one node (no repeats, at most 8, class order
 * d l s r). */
void eid_quic_address_merge(eid_quic_address *into, const eid_quic_address *from);

#endif
