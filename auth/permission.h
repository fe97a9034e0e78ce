/* Permission: Read, Write(p), Admin(p); smaller p is stronger. Source: spec 05 §2. */
#ifndef EID_AUTH_PERMISSION_H
#define EID_AUTH_PERMISSION_H

#include "crdt/doc.h"
#include "dag/json.h"

typedef enum eid_permission_type {
    EID_PERMISSION_READ,
    EID_PERMISSION_WRITE,
    EID_PERMISSION_ADMIN,
} eid_permission_type;

typedef struct eid_permission {
    eid_permission_type type;
    uint32_t priority; /* 0 for Read */
} eid_permission;

typedef struct eid_bounds {
    eid_permission max;
    bool has_min;
    eid_permission min;
} eid_bounds;

typedef enum eid_key_status { EID_KEY_ACTIVE, EID_KEY_REVOKED } eid_key_status;

uint64_t eid_permission_rank(eid_permission permission);
int eid_permission_compare(eid_permission a, eid_permission b);
bool eid_permission_can_write(eid_permission permission);
bool eid_permission_can_admin(eid_permission permission);
eid_permission eid_permission_clamp(eid_permission permission, const eid_bounds *bounds);
bool eid_bounds_valid(const eid_bounds *bounds);
/* Whether the holder of `own` should delegate under these bounds: a local courtesy, not a rule. */
bool eid_bounds_can_delegate(eid_permission own, const eid_bounds *bounds);
/* Text forms "read", "write:10", "admin:5". `out` holds 24 bytes; gives it. */
char *eid_permission_text(eid_permission permission, char *out);
/* Errors: AUTH_PERMISSION_TEXT, AUTH_PRIORITY_MISSING, AUTH_PRIORITY. */
EID_MUST_CHECK eid_status eid_permission_parse(eid_slice text, eid_permission *out);
/* Stored Doc form {type, priority}. Errors: AUTH_CONFIG. */
EID_MUST_CHECK eid_status eid_permission_from_doc(const eid_doc *doc, eid_permission *out);
EID_MUST_CHECK eid_status eid_permission_to_doc(eid_permission permission, eid_doc **out);
/* Wire JSON form "Read", {"Write":10}. */
void eid_permission_write_json(eid_permission permission, eid_json_writer *out);

EID_MUST_CHECK eid_status eid_key_status_parse(eid_slice text, eid_key_status *out);
const char *eid_key_status_text(eid_key_status status); /* "Active", "Revoked" */

#endif
