/* The people of a random history: keys that write, grant, revoke, readmit and cheat, each on what
 * it has seen so far. Everything is a function of the seed. */
#ifndef EID_TESTS_NODE_REVOCATION_PEOPLE_H
#define EID_TESTS_NODE_REVOCATION_PEOPLE_H

#include "tests/node/revocation_story.h"

/* -- payloads ---------------------------------------------------------------------------------- */

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
    if (story_chance(self, 3)) {
        FACTS_OK(eid_doc_remove(settings, eid_slice_text("readmitted"), NULL));
        return;
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

/* -- plans ------------------------------------------------------------------------------------- */

/* As an honest author would on all or a part of what it has seen. */
static inline void story_plan_honestly(story *self, story_plan *plan)
{
    uint32_t view = self->views[plan->author], settings;

    if (story_chance(self, 25)) view = self->past[story_pick(self, view)];
    plan->parents = story_tips(self->past, view);
    settings = story_union(self->past, plan->parents) & self->settings & self->verified;
    plan->pins = plan->settings_parents = story_tips(self->closure, settings);
    for (size_t k = 0; k < STORY_STORES; k++) {
        plan->store_parents[k] =
            story_tips(self->behind[k], story_union(self->past, plan->parents) & self->wrote[k]);
    }
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
    for (size_t k = 0; k < STORY_STORES; k++) {
        uint32_t known = view & self->verified & self->wrote[k];

        if (known != 0) plan->store_parents[k] = STORY_BIT(story_pick(self, known));
    }
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

/* In the end, somebody lets something in again. */
static inline void story_readmit(story *self)
{
    story_plan plan = {.author = story_below(self, STORY_KEYS)};
    eid_entry *entry;

    self->views[plan.author] |= self->verified;
    story_plan_honestly(self, &plan);
    story_plan_height(self, &plan);
    FACTS_OK(eid_doc_new(&plan.settings));
    story_put_readmission(self, plan.settings);
    entry = story_seal(self, &plan);
    if (story_judge(self, &plan, entry) && story_place(self, eid_entry_id(entry)) == self->count) {
        story_add(self, &plan, entry, true);
    } else {
        eid_entry_free(entry);
    }
    story_plan_fini(&plan);
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

/* At most `entries_max` entries, mostly less. End with story_end(). `keys` are lent. */
static inline void story_begin(story *self, uint64_t seed, size_t entries_max, const eid_key *keys)
{
    size_t count;

    *self = (story){.seed = seed, .random = {seed}, .keys = keys};
    count = 8 + story_below(self, entries_max - 7);
    self->cheating = story_below(self, 75);
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
    for (size_t k = 0; k < 3 && story_chance(self, 50) && self->count < STORY_ENTRIES_MAX; k++) {
        story_readmit(self);
    }
}

static inline void story_end(story *self)
{
    for (size_t i = 0; i < self->count; i++) eid_entry_free(self->entries[i]);
}

#endif
