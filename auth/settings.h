/* Settings: who may do what in a database, read from the `auth` Doc of its `_settings`.
 *
 * eid_policy is the immutable, parsed form that judging uses; it may be cached by the set of
 * settings tips it came from. The write side makes the small Docs that a settings change stages.
 * Malformed records are skipped or reported exactly as spec 05 §3.4. A policy may be read by any
 * thread. Source: spec 05 §3, §5.
 */
#ifndef EID_AUTH_SETTINGS_H
#define EID_AUTH_SETTINGS_H

#include "auth/delegation.h"
#include "auth/key.h"
#include "auth/permission.h"
#include "crdt/doc.h"

typedef struct eid_auth_key {
    eid_pubkey pubkey; /* unused for global */
    bool has_name;
    char *name; /* owned; NULL if none */
    eid_permission permission;
    eid_key_status status;
} eid_auth_key;

typedef struct eid_policy eid_policy;

/* Read `auth` (NULL or empty = no auth). The Doc is not kept. New: eid_policy_free(). */
EID_MUST_CHECK eid_status eid_policy_new(const eid_doc *auth, eid_policy **out);
/* The same from a whole `_settings` Doc: uses its live `auth` Doc, else empty. */
EID_MUST_CHECK eid_status eid_policy_of_settings(const eid_doc *settings, eid_policy **out);
void eid_policy_free(eid_policy *policy);
/* has_auth of spec 05 §6: a parsable key (even Revoked) or an Active global. */
bool eid_policy_has_auth(const eid_policy *policy);
/* Whether the auth Doc holds anything at all, and has no Active global: readers must prove a key.
 */
bool eid_policy_is_private(const eid_policy *policy);
/* Keys sorted by text; malformed records left out. Borrowed. Bytes that are no point of the curve
 * may be among them; nobody can sign with such a key. */
size_t eid_policy_key_count(const eid_policy *policy);
const eid_auth_key *eid_policy_key(const eid_policy *policy, size_t i);
/* The same with the readable records whose name is no key at all ("*", "junk"): they grant nothing,
 * but count for has_auth and spoil a name they bear. `key_text` is lent with the record; *is_key
 * (may be NULL) tells whether its pubkey is set. */
size_t eid_policy_record_count(const eid_policy *policy);
const eid_auth_key *eid_policy_record(const eid_policy *policy, size_t i, eid_slice *key_text,
                                      bool *is_key);
/* NULL if absent. *malformed (may be NULL) tells that a record is there but unreadable. */
const eid_auth_key *eid_policy_find(const eid_policy *policy, const eid_pubkey *key,
                                    bool *malformed);
const eid_auth_key *eid_policy_global(const eid_policy *policy, bool *malformed);

/* Delegations, ascending by the text that they are under; NULL = unreadable. Borrowed. */
size_t eid_policy_delegation_count(const eid_policy *policy);
const eid_delegation *eid_policy_delegation(const eid_policy *policy, size_t i, eid_slice *name);
/* The one under the text of an id; NULL if absent. *malformed (may be NULL) tells that something is
 * there but unreadable, which the empty id always is, as it names all of them. */
const eid_delegation *eid_policy_find_delegation(const eid_policy *policy, const eid_id *tree,
                                                 bool *malformed);

/* A resolved signer. */
typedef struct eid_candidate {
    eid_pubkey key;
    eid_permission permission;
    eid_key_status status;
} eid_candidate;

#define EID_CANDIDATES_MAX 256u /* keys of one name that are tried */

typedef struct eid_candidates {
    eid_candidate *at; /* owned */
    size_t count;
} eid_candidates;
void eid_candidates_fini(eid_candidates *candidates);
/* The strongest active one that is this key; false if none. */
bool eid_candidates_strongest(const eid_candidates *candidates, const eid_pubkey *key,
                              eid_permission *out);
/* Resolve a direct hint (spec 05 §5). A delegation is answered AUTH_DATABASE_REQUIRED: it is
 * followed by eid_delegate_resolve(). Errors as §5. */
EID_MUST_CHECK eid_status eid_policy_resolve(const eid_policy *policy, const eid_sigkey *key,
                                             eid_candidates *out);
/* Permission of a proven key acting under a direct identity (§5.2); see delegate.h for others. */
EID_MUST_CHECK eid_status eid_policy_identity(const eid_policy *policy, const eid_sigkey *identity,
                                              const eid_pubkey *proven, eid_permission *out);
/* How a key may act: direct, then global, strongest first (find_all_sigkeys_for_pubkey). */
typedef struct eid_way {
    bool is_global;
    eid_permission permission;
} eid_way;
size_t eid_policy_ways(const eid_policy *policy, const eid_pubkey *key, eid_way out[2]);
/* The strongest of them. Errors: AUTH_PERMISSION when there is none. */
EID_MUST_CHECK eid_status eid_policy_best_way(const eid_policy *policy, const eid_pubkey *key,
                                              eid_way *out);
/* Whether the key may read (any active way), write, administrate. */
bool eid_policy_allows(const eid_policy *policy, const eid_pubkey *key, eid_permission_type wanted);

/* Stored records. */
EID_MUST_CHECK eid_status eid_auth_key_to_doc(const eid_auth_key *key, eid_doc **out); /* atomic */
EID_MUST_CHECK eid_status eid_auth_key_from_doc(const eid_doc *doc, eid_auth_key *out);
void eid_auth_key_fini(eid_auth_key *key);
/* Stage auth.keys.<pubkey> (or auth.global) into a `_settings` payload Doc. */
EID_MUST_CHECK eid_status eid_settings_put_key(eid_doc *settings, const eid_auth_key *key);
EID_MUST_CHECK eid_status eid_settings_put_global(eid_doc *settings, const eid_auth_key *key);
/* Stage auth.delegations.<root>; replaces what is there. */
EID_MUST_CHECK eid_status eid_settings_put_delegation(eid_doc *settings,
                                                      const eid_delegation *delegation);
/* Stage a change of what `now`, the merged policy, says (spec 05 §3.4); the whole record is
 * written. Add: AUTH_KEY_EXISTS if a readable record is there (a malformed one is overwritten).
 * Rename (NULL = no name) and revoke: AUTH_KEY_NOT_FOUND, AUTH_KEY_FORMAT for a malformed record.
 */
EID_MUST_CHECK eid_status eid_settings_add_key(eid_doc *settings, const eid_policy *now,
                                               const eid_auth_key *key);
EID_MUST_CHECK eid_status eid_settings_rename_key(eid_doc *settings, const eid_policy *now,
                                                  const eid_pubkey *key, const char *name);
EID_MUST_CHECK eid_status eid_settings_revoke_key(eid_doc *settings, const eid_policy *now,
                                                  const eid_pubkey *key);
/* Rank rules between admins: for local front ends only, never for received entries (spec 05 §3.4).
 * Errors: AUTH_KEY_NOT_FOUND, AUTH_KEY_FORMAT for the target. */
EID_MUST_CHECK eid_status eid_policy_can_modify(const eid_policy *policy, eid_permission signer,
                                                const eid_pubkey *target, bool *out);
bool eid_policy_can_create(eid_permission signer, eid_permission wanted);

#endif
