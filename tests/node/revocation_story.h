/* A random history of one enforced database, as it is made: each entry with what it rests on, and
 * whether it is Verified by the specification and auth/REVOCATION.md. Sets of entries are bit
 * masks. What its people do is in revocation_people.h. */
#ifndef EID_TESTS_NODE_REVOCATION_STORY_H
#define EID_TESTS_NODE_REVOCATION_STORY_H

#include "auth/judge.h"
#include "crdt/fold.h"
#include "dag/builder.h"
#include "storage/index.h"
#include "tests/node/revocation_naive.h"

#define STORY_ENTRIES_MAX 24
#define STORY_KEYS 5
#define STORY_STORES 2
#define STORY_BIT(i) (UINT32_C(1) << (i))

static const char *const story_stores[STORY_STORES] = {"a", "b"};

typedef struct story {
    uint64_t seed;
    eid_random_seeded random;
    const eid_key *keys;
    bool is_enforced;
    size_t cheating, revoking, admins, settling; /* per cent: how its people are */
    size_t ranks;                                /* priorities of admins */
    eid_entry *entries[STORY_ENTRIES_MAX];
    size_t count;
    uint32_t past[STORY_ENTRIES_MAX];                 /* ancestors and itself */
    uint32_t closure[STORY_ENTRIES_MAX];              /* the same over settings parents */
    uint32_t wrote[STORY_STORES];                     /* who wrote to a store */
    uint32_t behind[STORY_STORES][STORY_ENTRIES_MAX]; /* the same over its store parents */
    uint32_t known[STORY_ENTRIES_MAX];                /* know(y) and itself, for settings entries */
    uint32_t reach[STORY_ENTRIES_MAX]; /* all that was in hand when it was made, and itself */
    uint32_t settings, verified;       /* which are of `_settings`, and Verified */
    uint32_t views[STORY_KEYS];        /* what each key has seen */
} story;

/* An entry to be made. */
typedef struct story_plan {
    size_t author;
    bool is_global;
    const char *name; /* of the hint; NULL = by the key */
    uint32_t parents, pins, settings_parents, store_parents[STORY_STORES];
    uint64_t height;
    bool has_settings_height;
    uint64_t settings_height;
    eid_doc *settings, *stores[STORY_STORES]; /* NULL = none */
} story_plan;

static inline size_t story_below(story *self, size_t bound)
{
    return (size_t)eid_random_below(&self->random, bound);
}

static inline bool story_chance(story *self, size_t percent)
{
    return story_below(self, 100) < percent;
}

/* -- sets -------------------------------------------------------------------------------------- */

static inline uint32_t story_union(const uint32_t *of, uint32_t mask)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < STORY_ENTRIES_MAX; i++) {
        if (mask & STORY_BIT(i)) sum |= of[i];
    }
    return sum;
}

/* Those that no other one of the mask rests on. */
static inline uint32_t story_tips(const uint32_t *of, uint32_t mask)
{
    uint32_t tips = mask;

    for (size_t i = 0; i < STORY_ENTRIES_MAX; i++) {
        if (mask & STORY_BIT(i)) tips &= ~(of[i] & ~STORY_BIT(i));
    }
    return tips;
}

/* A member of a mask, the later ones more often; the first entry if it is empty. */
static inline size_t story_pick(story *self, uint32_t mask)
{
    size_t members[STORY_ENTRIES_MAX], count = 0;

    for (size_t i = 0; i < self->count; i++) {
        if (mask & STORY_BIT(i)) members[count++] = i;
    }
    if (count == 0) return 0;
    if (count > 3 && story_chance(self, 50)) return members[count - 1 - story_below(self, 3)];
    return members[story_below(self, count)];
}

static inline size_t story_place(const story *self, const eid_id *id)
{
    size_t i = 0;

    while (i < self->count && !eid_id_equal(eid_entry_id(self->entries[i]), id)) i++;
    return i;
}

static inline eid_idset story_ids(const story *self, uint32_t mask)
{
    eid_idset ids = EID_IDSET_EMPTY;

    for (size_t i = 0; i < self->count; i++) {
        if (mask & STORY_BIT(i)) FACTS_OK(eid_idset_add(&ids, eid_entry_id(self->entries[i])));
    }
    return ids;
}

/* -- making entries ---------------------------------------------------------------------------- */

static inline void story_put_store(eid_builder *builder, const char *store, eid_doc *doc)
{
    eid_buf payload;

    if (doc == NULL) return;
    eid_buf_init(&payload, EID_ENTRY_BYTES_MAX);
    FACTS_OK(eid_payload_write_doc(doc, &payload));
    FACTS_OK(eid_builder_set_data(builder, eid_slice_text(store), eid_buf_slice(&payload)));
    eid_buf_fini(&payload);
}

static inline void story_put_pin(const story *self, eid_builder *builder, uint32_t pins)
{
    eid_idset tips = story_ids(self, pins);
    uint64_t entropy = self->seed;
    eid_buf pin;

    eid_buf_init(&pin, 100000);
    eid_pin_write(eid_idset_ids(&tips), self->count == 0 ? &entropy : NULL, &pin);
    FACTS_OK(eid_builder_set_metadata(builder, eid_buf_slice(&pin)));
    eid_buf_fini(&pin);
    eid_idset_fini(&tips);
}

static inline void story_put_hint(const story *self, eid_builder *builder, const story_plan *plan)
{
    const eid_pubkey *key = &self->keys[plan->author].pub;
    eid_sigkey_owned hint;

    if (plan->name != NULL) {
        FACTS_OK(eid_sigkey_of_name(eid_slice_text(plan->name), &hint));
    } else if (plan->is_global) {
        FACTS_OK(eid_sigkey_of_global(key, &hint));
    } else {
        FACTS_OK(eid_sigkey_of_pubkey(key, &hint));
    }
    FACTS_OK(eid_builder_set_sigkey(builder, &hint.key));
    eid_sigkey_owned_fini(&hint);
}

static inline void story_put_store_parents(const story *self, eid_builder *builder,
                                           const char *store, uint32_t mask)
{
    eid_idset ids = story_ids(self, mask);

    FACTS_OK(eid_builder_set_store_parents(builder, eid_slice_text(store), eid_idset_ids(&ids)));
    eid_idset_fini(&ids);
}

static inline void story_put_parents(const story *self, eid_builder *builder,
                                     const story_plan *plan)
{
    eid_slice settings = eid_slice_text(EID_STORE_SETTINGS);
    eid_idset ids = story_ids(self, plan->parents);

    FACTS_OK(eid_builder_set_parents(builder, eid_idset_ids(&ids)));
    eid_builder_set_height(builder, plan->height);
    eid_idset_fini(&ids);
    for (size_t i = 0; i < STORY_STORES; i++) {
        if (plan->stores[i] == NULL) continue;
        story_put_store_parents(self, builder, story_stores[i], plan->store_parents[i]);
    }
    if (plan->settings != NULL) {
        story_put_store_parents(self, builder, EID_STORE_SETTINGS, plan->settings_parents);
        if (!plan->has_settings_height) return;
        FACTS_OK(eid_builder_set_store_height(builder, settings, &plan->settings_height));
    }
}

/* New: eid_entry_free(). */
static inline eid_entry *story_seal(const story *self, const story_plan *plan)
{
    const eid_key *key = &self->keys[plan->author];
    eid_builder *builder;
    eid_entry *entry;

    FACTS_OK(eid_builder_new(self->count > 0 ? eid_entry_id(self->entries[0]) : NULL, &builder));
    story_put_store(builder, EID_STORE_SETTINGS, plan->settings);
    for (size_t s = 0; s < STORY_STORES; s++) {
        story_put_store(builder, story_stores[s], plan->stores[s]);
    }
    if (self->count == 0) {
        FACTS_OK(
            eid_builder_set_data(builder, eid_slice_text(EID_STORE_ROOT), eid_slice_text("\"\"")));
    }
    story_put_parents(self, builder, plan);
    story_put_pin(self, builder, plan->pins);
    story_put_hint(self, builder, plan);
    FACTS_OK(eid_builder_seal(builder, eid_key_sign_fn, (void *)(uintptr_t)key, &entry));
    eid_builder_free(builder);
    return entry;
}

/* -- judging them ------------------------------------------------------------------------------ */

/* Verified entries of a mask, in order; gives their number. */
static inline size_t story_list(const story *self, uint32_t mask, const eid_entry **out)
{
    size_t count = 0;

    for (size_t i = 0; i < self->count; i++) {
        if (mask & STORY_BIT(i)) out[count++] = self->entries[i];
    }
    return count;
}

/* What the settings that a mask of entries says come to. New: eid_policy_free(). */
static inline eid_policy *story_policy(const story *self, uint32_t mask)
{
    eid_slice store = eid_slice_text(EID_STORE_SETTINGS);
    eid_order order = EID_ORDER_EMPTY;
    eid_policy *policy = NULL;
    eid_doc *settings;

    FACTS_OK(eid_doc_new(&settings));
    for (size_t i = 0; i < self->count; i++) {
        if (!(mask & STORY_BIT(i))) continue;
        FACTS_OK(eid_order_push(&order, eid_entry_find_subtree(self->entries[i], store)->height,
                                eid_entry_id(self->entries[i])));
    }
    eid_order_sort(&order);
    for (size_t k = 0; k < order.count; k++) {
        const eid_entry *entry = self->entries[story_place(self, &order.at[k].id)];

        FACTS_OK(eid_fold_payload(settings, eid_entry_find_subtree(entry, store)->data));
    }
    FACTS_OK(eid_policy_of_settings(settings, &policy));
    eid_order_fini(&order);
    eid_doc_free(settings);
    return policy;
}

/* Whether an entry may be under the settings of a mask (spec 05 §6). */
static inline bool story_is_accepted(const story *self, uint32_t mask, const eid_entry *entry)
{
    eid_policy *policy = story_policy(self, mask);
    eid_judgement judgement;

    FACTS_OK(eid_judge_entry(policy, entry, NULL, &judgement, NULL));
    eid_policy_free(policy);
    return judgement == EID_JUDGED_VALID;
}

/* Whether an entry that is about to be added is Verified: spec 05 §6 to §7.5 for what is made here,
 * and the added case of the document. */
static inline bool story_judge(const story *self, const story_plan *plan, const eid_entry *entry)
{
    const eid_entry *entries[STORY_ENTRIES_MAX + 1];
    uint32_t closure = story_union(self->closure, plan->pins), voids = 0;
    size_t count;
    naive alone;

    if (self->count == 0) return true;
    if (plan->pins == 0 || (plan->parents & ~self->verified) != 0) return false;
    if ((closure & ~self->verified) != 0) return false;
    if (self->is_enforced && plan->settings != NULL &&
        (plan->settings_parents & ~self->verified) != 0) {
        return false;
    }
    for (size_t i = 0; i < self->count && self->is_enforced; i++) {
        if (!(plan->parents & STORY_BIT(i))) continue;
        if (eid_entry_height(self->entries[i]) >= plan->height) return false;
    }
    if (story_is_accepted(self, closure, entry)) return true;
    if (!self->is_enforced) return false;
    count = story_list(self, story_union(self->known, closure), entries);
    entries[count++] = entry;
    naive_run_alone(&alone, entries, count);
    if (alone.is_void[alone.f.count - 1]) return false;
    for (size_t i = 0; i + 1 < alone.f.count; i++) {
        if (alone.is_void[i]) voids |= STORY_BIT(story_place(self, &alone.f.stamp[i].id));
    }
    return story_is_accepted(self, closure & ~voids, entry);
}

static inline void story_add(story *self, const story_plan *plan, eid_entry *entry,
                             bool is_verified)
{
    size_t i = self->count;
    uint32_t bit = STORY_BIT(i);

    if (is_verified) self->verified |= bit;
    self->entries[i] = entry;
    self->past[i] = bit | story_union(self->past, plan->parents);
    self->closure[i] = bit | story_union(self->closure, plan->settings_parents);
    self->known[i] =
        bit | story_union(self->known, (plan->pins | plan->settings_parents) & self->verified);
    self->reach[i] =
        bit | story_union(self->reach, plan->parents | plan->pins | plan->settings_parents);
    if (plan->settings != NULL) self->settings |= bit;
    for (size_t k = 0; k < STORY_STORES; k++) {
        self->behind[k][i] = bit | story_union(self->behind[k], plan->store_parents[k]);
        if (plan->stores[k] != NULL) self->wrote[k] |= bit;
    }
    if (self->verified & bit) self->views[plan->author] |= self->reach[i];
    self->count++;
}

#endif
