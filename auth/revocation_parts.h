/* What the revocation_*.c files share: a history as the rule sees it. The words are those of
 * REVOCATION.md. */
#ifndef EID_AUTH_REVOCATION_PARTS_H
#define EID_AUTH_REVOCATION_PARTS_H

#include "auth/revocation.h"

typedef enum eid__level {
    EID__LEVEL_NONE,
    EID__LEVEL_READ,
    EID__LEVEL_WRITE,
    EID__LEVEL_ADMIN,
} eid__level;

typedef enum eid__who_kind { EID__WHO_KEY, EID__WHO_GLOBAL, EID__WHO_DELEGATION } eid__who_kind;

/* A principal: a key's bytes, zeros for global, the hash of a delegation's name. */
typedef struct eid__who {
    eid__who_kind kind;
    uint8_t bytes[32];
} eid__who;

int eid__who_compare(const eid__who *a, const eid__who *b);
eid__who eid__who_of_delegation(eid_slice name);

/* One write to a principal. */
typedef struct eid__grant {
    eid__who who;
    eid__level level;
    uint32_t priority;
    eid_doc *record; /* owned; NULL if it is deleted or no record */
    bool lowers;
} eid__grant;

typedef struct eid__readmit {
    eid_id id;
    bool yes;
} eid__readmit;

/* Who an entry is signed by, as whom it acts, and what it needs. */
typedef struct eid__actor {
    bool is_signed;
    bool has_key;
    eid__who key, acts;
    eid__level needs;
} eid__actor;

typedef struct eid__item eid__item;

typedef struct eid__rank {
    uint64_t strength, distance;
    const eid__item *senior; /* whose stamp is the seniority */
} eid__rank;

/* A settings entry. */
struct eid__item {
    eid_order_item stamp;
    eid__actor actor;
    eid_entry *unresolved; /* owned; it is signed under a name whose key is still to be found */
    eid__grant *grants;
    size_t grant_count, grant_cap;
    unsigned wipes; /* bits by kind: all principals of it that are not among the grants */
    eid__readmit *readmits;
    size_t readmit_count, readmit_cap;
    bool wipes_readmits;
    eid_idset pins, parents;

    /* Since the last arrange(); sets of items are bits by `place`. */
    size_t place;
    bool is_placed;
    uint64_t *closure, *know, *fold;
    bool lowers;

    /* Since the last decide(). */
    bool is_void, is_standing;
    const eid__item *by; /* if void: the revocation; NULL: rule 2 */
    eid__rank rank;
};

/* A write in the index: by principal, the latest stamp first. */
typedef struct eid__write_ref {
    const eid__item *item;
    const eid__grant *grant;
} eid__write_ref;

struct eid_revocations {
    eid__item **items; /* after arrange(): what an item knows comes before it */
    size_t count, cap;
    eid__item **by_id;
    eid__write_ref *writes;
    size_t write_count;
    eid__item **wipers; /* those with wipes; hardly ever any */
    size_t wiper_count;
    uint64_t *bits; /* of all items, one block */
    size_t words;   /* of one set */
    eid__item **standing;
    size_t standing_count;
    bool has_void;
    eid_idset readmitted;
};

static inline bool eid__bit_has(const uint64_t *set, size_t place)
{
    return set[place / 64] >> (place % 64) & 1u;
}
static inline void eid__bit_add(uint64_t *set, size_t place)
{
    set[place / 64] |= UINT64_C(1) << (place % 64);
}
static inline void eid__bits_join(uint64_t *set, const uint64_t *other, size_t words)
{
    for (size_t i = 0; i < words; i++) set[i] |= other[i];
}

/* --- reading entries (revocation_item.c) --- */

/* New item: eid__item_free(). */
EID_MUST_CHECK eid_status eid__item_new(const eid_entry *entry, eid__item **out);
void eid__item_free(eid__item *item);
/* Who signs; *is_named tells that the key of a name is still to be found. */
void eid__actor_of(const eid_entry *entry, eid__actor *out, bool *is_named);

/* --- relations (revocation_arrange.c) --- */

/* Order the items, find names' keys, fill the sets and the index of writes. */
EID_MUST_CHECK eid_status eid__history_arrange(eid_revocations *history);
/* NULL if it is not in. */
eid__item *eid__history_find(const eid_revocations *history, const eid_id *id);
/* The key that has signed an entry under a name. */
void eid__history_resolve(const eid_revocations *history, const eid_entry *entry,
                          eid__actor *actor);
/* The writes to a principal: from *first, *count of them. */
void eid__history_writes(const eid_revocations *history, const eid__who *who, size_t *first,
                         size_t *count);

typedef struct eid__found {
    const eid__item *item; /* NULL = no write */
    eid__level level;
    uint32_t priority;
} eid__found;
/* record(who, set); with `stands`, void members do not count. */
eid__found eid__history_record(const eid_revocations *history, const eid__who *who,
                               const uint64_t *set, bool stands);
/* Whether an item writes a principal, and the level it gives. */
bool eid__item_writes(const eid__item *item, const eid__who *who, eid__level *level);
/* Whether it lowers a principal, and to what. */
bool eid__item_lowers(const eid_revocations *history, const eid__item *item, const eid__who *who,
                      eid__level *level);

/* --- the rule for one entry (revocation_judge.c) --- */

typedef struct eid__case {
    const eid__actor *actor;
    const uint64_t *fold;  /* P(e) */
    const eid__item *item; /* NULL if it is not of the history */
    const eid_id *id;
    eid_revocation_before_fn before; /* for entries without an item; may be NULL: none is */
    void *self;
    eid__rank rank;      /* out; of those who need Admin */
    const eid__item *by; /* out; NULL: rule 2 */
} eid__case;
/* Whether it is void by the revocations that stand at this moment. */
EID_MUST_CHECK eid_status eid__case_judge(const eid_revocations *history, eid__case *self,
                                          bool *is_void);
int eid__rank_compare(const eid__rank *a, const eid__rank *b);
int eid__stamp_compare_items(const eid__item *a, const eid__item *b);

#endif
