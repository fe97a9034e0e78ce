/* How a policy is laid out, for the files that read it (policy.c, resolve.c, change.c). */
#ifndef EID_AUTH_POLICY_PARTS_H
#define EID_AUTH_POLICY_PARTS_H

#include "auth/settings.h"

typedef struct eid__policy_record {
    char *text; /* the name under auth.keys, owned; for global NULL */
    size_t text_len;
    bool is_key;      /* the name reads as a public key; maybe not a point of the curve */
    bool is_readable; /* the value is a well-formed key record */
    size_t name_len;  /* of key.name, which may hold zeros */
    eid_auth_key key;
} eid__policy_record;

typedef struct eid__policy_delegation {
    char *text; /* the name under auth.delegations, owned */
    size_t text_len;
    bool is_readable;
    eid_delegation delegation;
} eid__policy_delegation;

struct eid_policy {
    bool has_anything; /* the auth Doc holds something live */
    bool has_global;   /* something live is under `global` */
    eid__policy_record global;
    eid__policy_record *records; /* live ones, ascending by text */
    size_t count;
    size_t readable; /* of them */
    size_t *keys;    /* places of the records that are both readable and keys */
    size_t key_count;
    bool has_delegations;                /* a Doc of them is there, maybe an empty one */
    eid__policy_delegation *delegations; /* live ones, ascending by text */
    size_t delegation_count;
};

bool eid__policy_global_is_active(const eid_policy *policy);

#endif
