/* A random history of one enforced database: keys that write, grant, revoke, readmit and cheat,
 * each on what it has seen so far. Sets of entries are bit masks. Everything is a function of the
 * seed. */
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
    uint32_t past[STORY_ENTRIES_MAX];    /* ancestors and itself */
    uint32_t closure[STORY_ENTRIES_MAX]; /* the same over settings parents */
    uint32_t reach[STORY_ENTRIES_MAX];   /* all that was in hand when it was made, and itself */
    uint32_t settings, verified;         /* which are of `_settings`, and Verified */
    uint32_t views[STORY_KEYS];          /* what each key has seen */
} story;

/* An entry to be made. */
typedef struct story_plan {
    size_t author;
    bool is_global;
    const char *name; /* of the hint; NULL = by the key */
    uint32_t parents, pins, settings_parents;
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

/* -- sets ---------------------------------------------------------------------------------------
 */

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

/* -- payloads -----------------------------------------------------------------------------------
 */

static inline eid_permission story_permission(story *self)
{
    size_t which = story_below(self, 100);

    if (which < self->admins) {
        return (eid_permission){EID_PERMISSION_ADMIN, (uint32_t)story_below(self, self->ranks)};
    }
    if (which % 4 == 0) return (eid_permission){EID_PERMISSION_READ, 0};
    return (eid_permission){EID_PERMISSION_WRITE, which % 4 == 1 ? 3 : 10};
}

static inline void story_put_key(story *self, eid_doc *settings, size_t key, bool is_global)
{
    eid_auth_key record = {.pubkey = self->keys[key].pub};
    char name[8] = "n0";

    record.permission = story_permission(self);
    record.status = story_chance(self, self->revoking) ? EID_KEY_REVOKED : EID_KEY_ACTIVE;
    if (is_global) {
        if (record.permission.type == EID_PERMISSION_ADMIN && story_chance(self, 60)) {
            record.permission = (eid_permission){EID_PERMISSION_WRITE, 20};
        }
        FACTS_OK(eid_settings_put_global(settings, &record));
        return;
    }
    name[1] = (char)('0' + story_below(self, 4));
    record.has_name = story_chance(self, 50);
    record.name = record.has_name ? name : NULL;
    FACTS_OK(eid_settings_put_key(settings, &record));
}

static inline void story_put_delegation(story *self, eid_doc *settings)
{
    static const eid_permission levels[] = {
        {EID_PERMISSION_READ, 0}, {EID_PERMISSION_WRITE, 3}, {EID_PERMISSION_ADMIN, 1}};
    eid_delegation delegation = {.root = eid_id_of_entry(eid_slice_text("elsewhere"))};

    delegation.bounds.max = levels[story_below(self, EID_COUNT(levels))];
    FACTS_OK(eid_settings_put_delegation(settings, &delegation));
}

/* Replace or delete a part as a whole. */
static inline void story_put_whole(story *self, eid_doc *settings)
{
    static const char *const parts[] = {"auth", "auth.keys", "auth.global", "auth.delegations"};
    eid_slice part = eid_slice_text(parts[story_below(self, EID_COUNT(parts))]);
    eid_doc *doc;

    if (story_chance(self, 50)) {
        FACTS_OK(eid_doc_remove(settings, part, NULL));
        return;
    }
    FACTS_OK(eid_doc_ensure_doc(settings, part, &doc));
    eid_doc_set_atomic(doc, true);
    if (eid_slice_is(part, "auth")) {
        story_put_key(self, settings, story_below(self, STORY_KEYS), false);
    }
}

static inline void story_put_readmission(story *self, eid_doc *settings)
{
    const eid_entry *verified[STORY_ENTRIES_MAX];
    size_t places[STORY_ENTRIES_MAX], count = 0, target = story_pick(self, ~self->settings);
    eid_value value = eid_value_of_bool(story_chance(self, 75));
    char path[EID_ID_TEXT_MAX + 20], text[EID_ID_TEXT_MAX];
    naive now;

    for (size_t i = 0; i < self->count; i++) {
        places[count] = i;
        if (self->verified & STORY_BIT(i)) verified[count++] = self->entries[i];
    }
    naive_run(&now, verified, count);
    for (size_t i = 0; i < count && story_chance(self, 90); i++) {
        if (now.is_void[i] && !now.f.in_s[i]) target = places[i];
    }
    snprintf(path, sizeof(path), "readmitted.%s",
             eid_id_format(eid_entry_id(self->entries[target]), text));
    FACTS_OK(eid_doc_set_take(settings, eid_slice_text(path), &value));
}

static inline void story_put_setting(story *self, eid_doc *settings)
{
    size_t which = story_below(self, 100);

    if (which < 66) {
        story_put_key(self, settings, story_below(self, STORY_KEYS), false);
    } else if (which < 76) {
        story_put_key(self, settings, 0, true);
    } else if (which < 80) {
        story_put_delegation(self, settings);
    } else if (which < 90) {
        story_put_readmission(self, settings);
    } else if (which < 96) {
        story_put_whole(self, settings);
    } else {
        FACTS_OK(eid_doc_set_int(settings, eid_slice_text("number"), (int64_t)self->count));
    }
}

static inline eid_doc *story_data(story *self)
{
    static const char *const paths[] = {"x", "x.y", "x.z", "y", "y.x.z", "z"};
    size_t count = 1 + story_below(self, 2);
    eid_doc *doc, *inner;

    FACTS_OK(eid_doc_new(&doc));
    for (size_t i = 0; i < count; i++) {
        eid_slice path = eid_slice_text(paths[story_below(self, EID_COUNT(paths))]);

        if (story_chance(self, 20)) {
            FACTS_OK(eid_doc_remove(doc, path, NULL));
        } else if (story_chance(self, 10)) {
            FACTS_OK(eid_doc_ensure_doc(doc, path, &inner));
            eid_doc_set_atomic(inner, true);
        } else {
            FACTS_OK(eid_doc_set_int(doc, path, (int64_t)self->count));
        }
    }
    return doc;
}

/* -- making entries -----------------------------------------------------------------------------
 */

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

static inline void story_put_parents(const story *self, eid_builder *builder,
                                     const story_plan *plan)
{
    eid_slice settings = eid_slice_text(EID_STORE_SETTINGS);
    eid_idset ids = story_ids(self, plan->parents);

    FACTS_OK(eid_builder_set_parents(builder, eid_idset_ids(&ids)));
    eid_builder_set_height(builder, plan->height);
    eid_idset_fini(&ids);
    if (plan->settings == NULL) return;
    ids = story_ids(self, plan->settings_parents);
    FACTS_OK(eid_builder_set_store_parents(builder, settings, eid_idset_ids(&ids)));
    eid_idset_fini(&ids);
    if (!plan->has_settings_height) return;
    FACTS_OK(eid_builder_set_store_height(builder, settings, &plan->settings_height));
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

/* -- judging them --------------------------------------------------------------------------------
 */

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
    for (size_t i = 0; i < self->count && self->is_enforced; i++) {
        if (!(plan->parents & STORY_BIT(i))) continue;
        if (eid_entry_height(self->entries[i]) >= plan->height) return false;
    }
    if (story_is_accepted(self, closure, entry)) return true;
    if (!self->is_enforced) return false;
    count = story_list(self, self->verified, entries);
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
    self->reach[i] =
        bit | story_union(self->reach, plan->parents | plan->pins | plan->settings_parents);
    if (plan->settings != NULL) self->settings |= bit;
    if (self->verified & bit) self->views[plan->author] |= self->reach[i];
    self->count++;
}

/* -- plans ---------------------------------------------------------------------------------------
 */

/* As an honest author would on all or a part of what it has seen. */
static inline void story_plan_honestly(story *self, story_plan *plan)
{
    uint32_t view = self->views[plan->author], settings;

    if (story_chance(self, 25)) view = self->past[story_pick(self, view)];
    plan->parents = story_tips(self->past, view);
    settings = story_union(self->past, plan->parents) & self->settings & self->verified;
    plan->pins = plan->settings_parents = story_tips(self->closure, settings);
}

/* Low or high, and not of one piece. */
static inline void story_plan_cheat(story *self, story_plan *plan)
{
    uint32_t view = story_chance(self, 95) ? self->views[plan->author] : STORY_BIT(self->count) - 1;
    uint32_t settings = view & self->settings;

    plan->parents = STORY_BIT(story_pick(self, view));
    if (story_chance(self, 30)) plan->parents |= STORY_BIT(story_pick(self, view));
    plan->pins = STORY_BIT(story_pick(self, settings));
    if (story_chance(self, 30)) plan->pins |= STORY_BIT(story_pick(self, settings));
    if (story_chance(self, 2)) plan->pins = 0;
    plan->settings_parents = plan->pins;
    if (story_chance(self, 40)) plan->settings_parents = STORY_BIT(story_pick(self, settings));
    if (story_chance(self, 10)) plan->settings_parents = 0;
    plan->has_settings_height = story_chance(self, 15);
    plan->settings_height = story_below(self, self->count + 1);
}

static inline void story_plan_height(story *self, story_plan *plan)
{
    for (size_t i = 0; i < self->count; i++) {
        uint64_t height = eid_entry_height(self->entries[i]);

        if ((plan->parents & STORY_BIT(i)) && height >= plan->height) plan->height = height + 1;
    }
    if (story_chance(self, 5)) plan->height += 1 + story_below(self, 4);
    if (story_chance(self, 1)) plan->height = story_below(self, 3);
}

static inline void story_plan_payload(story *self, story_plan *plan)
{
    if (story_chance(self, self->settling)) {
        FACTS_OK(eid_doc_new(&plan->settings));
        do {
            story_put_setting(self, plan->settings);
        } while (story_chance(self, 20));
        if (story_chance(self, 90)) return;
    }
    plan->stores[0] = story_chance(self, 60) ? story_data(self) : NULL;
    plan->stores[1] = !plan->stores[0] || story_chance(self, 20) ? story_data(self) : NULL;
}

static inline void story_plan_fini(story_plan *plan)
{
    eid_doc_free(plan->settings);
    for (size_t s = 0; s < STORY_STORES; s++) eid_doc_free(plan->stores[s]);
}

/* Try one entry; false if it would be Failed and is not wanted. */
static inline bool story_try(story *self)
{
    static const char *const names[] = {"n0", "n1", "n2", "n3"};
    story_plan plan = {.author = story_below(self, STORY_KEYS)};
    eid_entry *entry;
    bool is_verified, is_wanted;

    if (story_chance(self, self->cheating)) {
        story_plan_cheat(self, &plan);
    } else {
        story_plan_honestly(self, &plan);
    }
    plan.is_global = story_chance(self, 9);
    if (story_chance(self, 8)) plan.name = names[story_below(self, EID_COUNT(names))];
    story_plan_height(self, &plan);
    story_plan_payload(self, &plan);
    entry = story_seal(self, &plan);
    is_verified = story_judge(self, &plan, entry);
    is_wanted = is_verified || story_chance(self, 6);
    if (is_wanted && story_place(self, eid_entry_id(entry)) == self->count) {
        story_add(self, &plan, entry, is_verified);
    } else {
        eid_entry_free(entry);
        is_wanted = false;
    }
    story_plan_fini(&plan);
    return is_wanted;
}

static inline void story_genesis(story *self)
{
    eid_auth_key creator = {.pubkey = self->keys[0].pub,
                            .permission = {EID_PERMISSION_ADMIN, 0},
                            .status = EID_KEY_ACTIVE};
    story_plan plan = {.author = 0};

    self->is_enforced = story_chance(self, 95);
    FACTS_OK(eid_doc_new(&plan.settings));
    FACTS_OK(eid_doc_set_text(plan.settings, eid_slice_text("revocation"),
                              eid_slice_text(self->is_enforced ? "enforced" : "pinned")));
    for (size_t key = 1; key < STORY_KEYS; key++) {
        if (story_chance(self, 35)) story_put_key(self, plan.settings, key, false);
    }
    if (story_chance(self, 15)) story_put_key(self, plan.settings, 0, true);
    FACTS_OK(eid_settings_put_key(plan.settings, &creator));
    story_add(self, &plan, story_seal(self, &plan), true);
    for (size_t key = 0; key < STORY_KEYS; key++) self->views[key] = 1;
    story_plan_fini(&plan);
}

/* The keys of all stories. */
static inline void story_keys(eid_key out[STORY_KEYS])
{
    for (size_t i = 0; i < STORY_KEYS; i++) {
        uint8_t seed[EID_KEY_BYTES] = {(uint8_t)(i + 1), 77};

        eid_key_from_seed(seed, &out[i]);
    }
}

/* End with story_end(). `keys` are lent. */
static inline void story_begin(story *self, uint64_t seed, const eid_key *keys)
{
    size_t count;

    *self = (story){.seed = seed, .random = {seed}, .keys = keys};
    count = 8 + story_below(self, STORY_ENTRIES_MAX - 7);
    self->cheating = story_below(self, 60);
    self->revoking = 10 + story_below(self, 50);
    self->admins = 20 + story_below(self, 70);
    self->settling = 30 + story_below(self, 60);
    self->ranks = 1 + story_below(self, 3);
    story_genesis(self);
    for (size_t tries = 0; self->count < count && tries < 8 * count; tries++) {
        (void)story_try(self);
        if (story_chance(self, 45)) {
            size_t from = story_below(self, STORY_KEYS);

            self->views[story_below(self, STORY_KEYS)] |= self->views[from];
        }
    }
}

static inline void story_end(story *self)
{
    for (size_t i = 0; i < self->count; i++) eid_entry_free(self->entries[i]);
}

#endif
