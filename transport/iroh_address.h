/* Iroh address: the endpoint text by which reference nodes are reached over QUIC
 * ("pr=iroh:endpoint…"). Read so that a ticket can be shown and kept whole; this version does not
 * dial them. Source: spec 11 §6. */
#ifndef EID_TRANSPORT_IROH_ADDRESS_H
#define EID_TRANSPORT_IROH_ADDRESS_H

#include "transport/address.h"

#define EID_IROH_PATHS_MAX 32u

/* One way to reach it: a relay's URL, or a numeric address. */
typedef struct eid_iroh_path {
    bool is_relay;
    char relay[EID_HOST_MAX];
    eid_netaddr address;
} eid_iroh_path;

typedef struct eid_iroh_address {
    uint8_t endpoint[EID_NODE_ID_BYTES]; /* its Ed25519 public key */
    size_t count;
    eid_iroh_path at[EID_IROH_PATHS_MAX];
} eid_iroh_address;

/* Errors: ADDRESS. */
EID_MUST_CHECK eid_status eid_iroh_address_parse(eid_slice text, eid_iroh_address *out);
/* Append the text; relays come first. Errors: of the buffer. */
EID_MUST_CHECK eid_status eid_iroh_address_format(const eid_iroh_address *address, eid_buf *out);

#endif
