/* SigKey: the signer information of entries as values that can be made, stored and read as JSON.
 * Source: spec 05 §4. */
#ifndef EID_AUTH_SIGKEY_H
#define EID_AUTH_SIGKEY_H

#include "auth/key.h"
#include "dag/entry.h"
#include "dag/json.h"

/* An owned SigKey; `key` points into what is owned here. End with eid_sigkey_owned_fini(). */
typedef struct eid_sigkey_owned {
    eid_sigkey key;
    void *memory;
} eid_sigkey_owned;

EID_MUST_CHECK eid_status eid_sigkey_of_pubkey(const eid_pubkey *key, eid_sigkey_owned *out);
EID_MUST_CHECK eid_status eid_sigkey_of_global(const eid_pubkey *key, eid_sigkey_owned *out);
EID_MUST_CHECK eid_status eid_sigkey_of_name(eid_slice name, eid_sigkey_owned *out);
EID_MUST_CHECK eid_status eid_sigkey_copy(const eid_sigkey *key, eid_sigkey_owned *out);
void eid_sigkey_owned_fini(eid_sigkey_owned *key);
bool eid_sigkey_equal(const eid_sigkey *a, const eid_sigkey *b);
/* `*`, the pubkey, the name or `unknown`. Borrowed from the key. */
eid_slice eid_sigkey_display(const eid_sigkey *key);
void eid_sigkey_write_json(const eid_sigkey *key, eid_json_writer *out);
/* Errors: JSON, AUTH_KEY_FORMAT, AUTH_KEY_PARSE. */
EID_MUST_CHECK eid_status eid_sigkey_read_json(eid_slice json, eid_sigkey_owned *out);

#endif
