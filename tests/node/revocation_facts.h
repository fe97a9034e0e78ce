/* What the rule of auth/REVOCATION.md asks about a set of Verified entries, as full matrices: who
 * pins, knows, writes and lowers what. Written from the document and as plain as it can be, since
 * the engine is judged by it; everything aborts the test on failure. */
#ifndef EID_TESTS_NODE_REVOCATION_FACTS_H
#define EID_TESTS_NODE_REVOCATION_FACTS_H

#include <stdio.h>

#include "auth/settings.h"
#include "auth/sigkey.h"
#include "crdt/payload.h"
#include "dag/assert.h"
#include "dag/graph.h"
#include "tests/support/test.h"

#define FACTS_ENTRIES_MAX 40
#define FACTS_PRINCIPALS_MAX 40
#define FACTS_NOBODY SIZE_MAX
#define FACTS_GLOBAL 0 /* the principal `auth.global` */

#define FACTS_OK(call)                                                                             \
    do {                                                                                           \
        eid_status status_ = (call);                                                               \
        if (status_ != EID_OK) fail_msg("%s: %s", #call, eid_status_detail(status_).text);         \
    } while (0)

typedef enum facts_level { FACTS_NONE, FACTS_READ, FACTS_WRITE, FACTS_ADMIN } facts_level;

typedef enum facts_section { FACTS_IN_GLOBAL, FACTS_IN_KEYS, FACTS_IN_DELEGATIONS } facts_section;

/* A write to a principal, or that there is none. */
typedef struct facts_write {
    bool is_there, is_by_name;
    facts_level level;
    uint32_t priority;
} facts_write;

typedef struct facts_principal {
    facts_section section;
    char text[EID_ID_TEXT_MAX];
} facts_principal;

typedef struct facts {
    size_t count;
    const eid_entry *entries[FACTS_ENTRIES_MAX]; /* each after all that it names */
    bool is_enforced;
    bool in_s[FACTS_ENTRIES_MAX];
    bool is_before[FACTS_ENTRIES_MAX][FACTS_ENTRIES_MAX]; /* [i][j]: j is an ancestor of i */
    bool is_named[FACTS_ENTRIES_MAX][FACTS_ENTRIES_MAX];  /* pin or store parent, in S */
    bool is_pinned[FACTS_ENTRIES_MAX][FACTS_ENTRIES_MAX]; /* pin, in S */
    bool in_closure[FACTS_ENTRIES_MAX][FACTS_ENTRIES_MAX];
    bool in_p[FACTS_ENTRIES_MAX][FACTS_ENTRIES_MAX];     /* P(e) */
    bool is_known[FACTS_ENTRIES_MAX][FACTS_ENTRIES_MAX]; /* know(y) */
    eid_order_item stamp[FACTS_ENTRIES_MAX];
    facts_principal principals[FACTS_PRINCIPALS_MAX];
    size_t principal_count;
    facts_write writes[FACTS_ENTRIES_MAX][FACTS_PRINCIPALS_MAX];
    bool lowers[FACTS_ENTRIES_MAX][FACTS_PRINCIPALS_MAX];
    size_t acts_as[FACTS_ENTRIES_MAX];
    size_t signed_by[FACTS_ENTRIES_MAX];
} facts;

static inline int facts_compare_stamps(eid_order_item a, eid_order_item b)
{
    if (a.height != b.height) return a.height < b.height ? -1 : 1;
    return eid_id_compare(&a.id, &b.id);
}

/* -- principals -------------------------------------------------------------------------------- */

static inline size_t facts_find(const facts *self, facts_section section, eid_slice text)
{
    for (size_t x = 0; x < self->principal_count; x++) {
        if (self->principals[x].section != section) continue;
        if (eid_slice_is(text, self->principals[x].text)) return x;
    }
    return FACTS_NOBODY;
}

static inline size_t facts_principal_add(facts *self, facts_section section, eid_slice text)
{
    size_t x = facts_find(self, section, text);

    if (x != FACTS_NOBODY) return x;
    assert_true(self->principal_count < FACTS_PRINCIPALS_MAX && text.len < EID_ID_TEXT_MAX);
    x = self->principal_count++;
    self->principals[x].section = section;
    memcpy(self->principals[x].text, text.at, text.len);
    self->principals[x].text[text.len] = 0;
    return x;
}

static inline const eid_doc *facts_doc(const eid_value *value)
{
    return value != NULL && value->type == EID_VALUE_DOC ? value->doc : NULL;
}

static inline const eid_value *facts_child(const eid_doc *doc, const char *name)
{
    return doc != NULL ? eid_doc_child(doc, eid_slice_text(name)) : NULL;
}

static inline void facts_add_children(facts *self, facts_section section, const eid_doc *doc)
{
    for (size_t i = 0; doc != NULL && i < eid_doc_total(doc); i++) {
        eid_slice name;

        (void)eid_doc_at(doc, i, &name);
        (void)facts_principal_add(self, section, name);
    }
}

/* -- what an entry writes ---------------------------------------------------------------------- */

static inline facts_write facts_write_of_permission(eid_permission permission)
{
    static const facts_level levels[] = {[EID_PERMISSION_READ] = FACTS_READ,
                                         [EID_PERMISSION_WRITE] = FACTS_WRITE,
                                         [EID_PERMISSION_ADMIN] = FACTS_ADMIN};

    return (facts_write){true, true, levels[permission.type], permission.priority};
}

static inline facts_write facts_write_of_value(facts_section section, const eid_value *value)
{
    facts_write none = {true, true, FACTS_NONE, 0};
    eid_delegation delegation;
    eid_auth_key key;

    if (facts_doc(value) == NULL) return none;
    if (section == FACTS_IN_DELEGATIONS) {
        if (eid_delegation_from_doc(value->doc, &delegation) != EID_OK) return none;
        eid_delegation_fini(&delegation);
        return facts_write_of_permission(delegation.bounds.max);
    }
    if (eid_auth_key_from_doc(value->doc, &key) != EID_OK) return none;
    eid_auth_key_fini(&key);
    if (key.status != EID_KEY_ACTIVE) return none;
    return facts_write_of_permission(key.permission);
}

/* Whether a value that was written replaces or deletes what was there as a whole. */
static inline bool facts_replaces(const eid_value *value)
{
    return value != NULL && (value->type != EID_VALUE_DOC || eid_doc_is_atomic(value->doc));
}

static inline facts_write facts_write_to(const eid_doc *payload, const facts_principal *to)
{
    const eid_value *auth = facts_child(payload, "auth");
    bool is_whole = eid_doc_is_atomic(payload) || facts_replaces(auth);
    const eid_value *value = NULL, *part;

    if (to->section == FACTS_IN_GLOBAL) {
        value = facts_child(facts_doc(auth), "global");
    } else {
        part = facts_child(facts_doc(auth), to->section == FACTS_IN_KEYS ? "keys" : "delegations");
        is_whole = is_whole || facts_replaces(part);
        value = facts_child(facts_doc(part), to->text);
    }
    if (value != NULL) return facts_write_of_value(to->section, value);
    return (facts_write){is_whole, false, FACTS_NONE, 0};
}

/* New: eid_doc_free(). NULL if the entry writes nothing to the store. */
static inline eid_doc *facts_payload(const eid_entry *entry, const char *store)
{
    const eid_subtree *subtree = eid_entry_find_subtree(entry, eid_slice_text(store));
    eid_doc *payload = NULL;

    if (subtree == NULL || !subtree->has_data) return NULL;
    FACTS_OK(eid_payload_read_doc(subtree->data, &payload));
    return payload;
}

/* -- who an entry is --------------------------------------------------------------------------- */

/* The key whose signature it bears, of those that its hint may mean. */
static inline size_t facts_signer(facts *self, const eid_entry *entry)
{
    const eid_sigkey *sigkey = eid_entry_sigkey(entry);

    if (eid_entry_is_unsigned(entry)) return FACTS_NOBODY;
    if (sigkey->hint.has_pubkey) {
        return facts_principal_add(self, FACTS_IN_KEYS, sigkey->hint.pubkey_text);
    }
    for (size_t x = 0; x < self->principal_count; x++) {
        eid_pubkey key;

        if (self->principals[x].section != FACTS_IN_KEYS) continue;
        if (eid_pubkey_parse(eid_slice_text(self->principals[x].text), &key) != EID_OK) continue;
        if (eid_key_verify_entry(&key, entry)) return x;
    }
    return FACTS_NOBODY;
}

static inline size_t facts_actor(facts *self, const eid_entry *entry, size_t signer)
{
    const eid_sigkey *sigkey = eid_entry_sigkey(entry);
    char text[EID_ID_TEXT_MAX];

    if (eid_entry_is_unsigned(entry)) return FACTS_NOBODY;
    if (sigkey->is_delegation) {
        eid_id_format(&sigkey->path[0].tree, text);
        return facts_principal_add(self, FACTS_IN_DELEGATIONS, eid_slice_text(text));
    }
    return sigkey->hint.is_global ? FACTS_GLOBAL : signer;
}

static inline facts_level facts_need(const facts *self, size_t i)
{
    return self->in_s[i] ? FACTS_ADMIN : FACTS_WRITE;
}

/* -- the matrices ------------------------------------------------------------------------------ */

static inline size_t facts_place(const facts *self, const eid_id *id)
{
    for (size_t i = 0; i < self->count; i++) {
        if (eid_id_equal(eid_entry_id(self->entries[i]), id)) return i;
    }
    return FACTS_NOBODY;
}

/* row := row and what `of` has in the matrix, and `of` itself. */
static inline void facts_join(bool *row, bool matrix[][FACTS_ENTRIES_MAX], size_t of)
{
    for (size_t j = 0; j < FACTS_ENTRIES_MAX; j++) row[j] = row[j] || matrix[of][j];
    row[of] = true;
}

static inline void facts_read_links(facts *self, size_t i)
{
    const eid_entry *entry = self->entries[i];
    const eid_subtree *settings = eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS));
    eid_ids parents = eid_entry_parents(entry);
    eid_pin pin;

    for (size_t k = 0; k < parents.count; k++) {
        size_t j = facts_place(self, &parents.at[k]);

        if (j < i) facts_join(self->is_before[i], self->is_before, j);
    }
    self->in_closure[i][i] = self->in_s[i] = settings != NULL;
    self->stamp[i] = (eid_order_item){settings ? settings->height : 0, *eid_entry_id(entry)};
    for (size_t k = 0; settings != NULL && k < settings->parents.count; k++) {
        size_t j = facts_place(self, &settings->parents.at[k]);

        if (j >= i || !self->in_s[j]) continue;
        self->is_named[i][j] = true;
        facts_join(self->in_closure[i], self->in_closure, j);
    }
    FACTS_OK(eid_entry_pin(entry, &pin));
    for (size_t k = 0; k < pin.tips.count; k++) {
        size_t j = facts_place(self, &pin.tips.at[k]);

        if (j >= i || !self->in_s[j]) continue;
        self->is_pinned[i][j] = true;
        self->is_named[i][j] = self->is_named[i][j] || self->in_s[i];
    }
    eid_pin_fini(&pin);
}

static inline void facts_close(facts *self, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (self->is_pinned[i][j]) facts_join(self->in_p[i], self->in_closure, j);
        if (self->is_named[i][j]) facts_join(self->is_known[i], self->is_known, j);
    }
    if (eid_entry_is_root(self->entries[i])) self->in_p[i][i] = true;
}

/* The write to a principal with the highest stamp among those of `set`. */
static inline facts_write facts_record(const facts *self, size_t x, const bool *set,
                                       const bool *without)
{
    facts_write found = {false, false, FACTS_NONE, 0};
    size_t best = FACTS_NOBODY;

    for (size_t i = 0; i < self->count; i++) {
        if (!self->in_s[i] || !set[i] || (without != NULL && without[i])) continue;
        if (!self->writes[i][x].is_there) continue;
        if (best != FACTS_NOBODY && facts_compare_stamps(self->stamp[i], self->stamp[best]) < 0) {
            continue;
        }
        best = i;
        found = self->writes[i][x];
    }
    return found;
}

static inline bool facts_does_lower(const facts *self, size_t i, size_t x)
{
    facts_write had = facts_record(self, x, self->is_known[i], NULL), now = self->writes[i][x];

    if (!had.is_there && self->principals[x].section == FACTS_IN_KEYS && now.is_by_name) {
        had = facts_record(self, FACTS_GLOBAL, self->is_known[i], NULL);
    }
    return now.is_there && now.level < had.level;
}

static inline void facts_read_payload(facts *self, size_t i, const eid_doc *payload)
{
    if (eid_entry_is_root(self->entries[i])) {
        const eid_value *revocation = facts_child(payload, "revocation");

        self->is_enforced = eid_value_is_text(revocation, "enforced");
    }
    for (size_t x = 0; x < self->principal_count; x++) {
        self->writes[i][x] = facts_write_to(payload, &self->principals[x]);
    }
}

static inline void facts_name_principals(facts *self, eid_doc *const *payloads)
{
    (void)facts_principal_add(self, FACTS_IN_GLOBAL, eid_slice_text("global"));
    for (size_t i = 0; i < self->count; i++) {
        const eid_doc *auth = facts_doc(facts_child(payloads[i], "auth"));

        facts_add_children(self, FACTS_IN_KEYS, facts_doc(facts_child(auth, "keys")));
        facts_add_children(self, FACTS_IN_DELEGATIONS, facts_doc(facts_child(auth, "delegations")));
    }
    for (size_t i = 0; i < self->count; i++) {
        self->signed_by[i] = facts_signer(self, self->entries[i]);
        self->acts_as[i] = facts_actor(self, self->entries[i], self->signed_by[i]);
    }
}

/* Entries of one database, each after its parents, pins and store parents; lent. */
static inline void facts_read(facts *self, const eid_entry *const *entries, size_t count)
{
    eid_doc *payloads[FACTS_ENTRIES_MAX] = {NULL};

    assert_true(count <= FACTS_ENTRIES_MAX);
    memset(self, 0, sizeof(*self));
    self->count = count;
    for (size_t i = 0; i < count; i++) self->entries[i] = entries[i];
    for (size_t i = 0; i < count; i++) payloads[i] = facts_payload(entries[i], EID_STORE_SETTINGS);
    facts_name_principals(self, payloads);
    for (size_t i = 0; i < count; i++) {
        facts_read_links(self, i);
        facts_close(self, i);
        if (payloads[i] != NULL) facts_read_payload(self, i, payloads[i]);
        for (size_t x = 0; x < self->principal_count; x++) {
            self->lowers[i][x] = facts_does_lower(self, i, x);
        }
        eid_doc_free(payloads[i]);
    }
}

#endif
