/* Message: the words of PROTOCOL.md §2, read from frames and written to them.
 *
 * One struct holds any message; which members count depends on the type. Reading is strict
 * DAG-CBOR, unknown keys of a body are passed over, every list is bounded. Texts and entry bytes
 * are slices of the frame. Pure; any thread.
 */
#ifndef EID_NODE_SYNC_MESSAGE_H
#define EID_NODE_SYNC_MESSAGE_H

#include "node/sync/engine.h"

#define EID_FRAME_HEAD 4u
#define EID_MESSAGE_PROOFS_MAX 16u
#define EID_MESSAGE_PARTS_MAX 256u
#define EID_MESSAGE_PART_IDS_MAX 64u
#define EID_MESSAGE_ENTRIES_MAX 1024u
#define EID_MESSAGE_TEXT_MAX 256u

typedef enum eid_message_type {
    EID_MESSAGE_HELLO = 1,
    EID_MESSAGE_OBSERVED = 2,
    EID_MESSAGE_GOODBYE = 3,
    EID_MESSAGE_ERROR = 4,
    EID_MESSAGE_OPEN = 16,
    EID_MESSAGE_ACCEPT = 17,
    EID_MESSAGE_REFUSE = 18,
    EID_MESSAGE_RANGES = 19,
    EID_MESSAGE_ENTRIES = 20,
    EID_MESSAGE_DONE = 21,
    EID_MESSAGE_ACK = 22,
    EID_MESSAGE_WANT = 23,
} eid_message_type;

/* Codes of PROTOCOL.md §7. */
typedef enum eid_message_code {
    EID_CODE_NONE = 0,
    EID_CODE_SHUTDOWN = 1,
    EID_CODE_MALFORMED = 2,
    EID_CODE_UNKNOWN_TYPE = 3,
    EID_CODE_TOO_BIG = 4,
    EID_CODE_STATE = 5,
    EID_CODE_OVERLOAD = 6,
    EID_CODE_DUPLICATE = 7,
    EID_CODE_BLOCKED = 8,
    EID_CODE_UNKNOWN = 9,
    EID_CODE_STORAGE = 10,
} eid_message_code;

/* A bound of a range; `open` = the beginning or the end. */
typedef struct eid_bound {
    bool open;
    eid_order_item item;
} eid_bound;

typedef struct eid_part {
    eid_bound from, to; /* from included, to not */
    bool has_ids;
    eid_id *ids; /* owned by the message */
    size_t id_count;
    uint64_t count;
    uint8_t sum[32];
} eid_part;

typedef struct eid_message {
    uint64_t type;  /* eid_message_type; others are decoded with nothing but their type */
    eid_slice node; /* hello */
    eid_slice addr; /* hello: quic hint or ""; observed: IP:PORT */
    eid_slice text; /* goodbye, error, refuse */
    uint64_t message_max, streams_max;
    uint64_t code, about;
    eid_id root;
    eid_idset tips, have, ids;
    uint64_t count;
    bool common; /* accept: I know a past that we share and send from there on */
    eid_sync_proof proofs[EID_MESSAGE_PROOFS_MAX];
    size_t proof_count;
    eid_part *parts; /* owned */
    size_t part_count;
    eid_slice *entries; /* the array is owned, the bytes are the frame's */
    size_t entry_count;
} eid_message;

/* An empty message of a type. End with eid_message_fini(). */
void eid_message_init(eid_message *message, eid_message_type type);
void eid_message_fini(eid_message *message);

/* The body of a frame (without its length). *out needs eid_message_fini() in any case. An unknown
 * type is OK: look at `type`. Errors: SYNC_MESSAGE. */
EID_MUST_CHECK eid_status eid_message_decode(eid_slice bytes, eid_message *out);
/* Append a whole frame, length included. Errors: LIMIT, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_message_encode(const eid_message *message, eid_buf *out);
/* "hello", "entries"; "?" for unknown ones. */
const char *eid_message_name(uint64_t type);

#endif
