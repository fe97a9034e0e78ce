/* The two sentences of the rule, for one entry and the revocations that stand at this moment. */
#include "auth/revocation_parts.h"

#include "dag/alloc.h"

int eid__rank_compare(const eid__rank *a, const eid__rank *b)
{
    if (a->strength != b->strength) return a->strength < b->strength ? -1 : 1;
    if (a->distance != b->distance) return a->distance < b->distance ? -1 : 1;
    if (a->senior == NULL || b->senior == NULL) return (a->senior == NULL) - (b->senior == NULL);
    return eid__stamp_compare_items(a->senior, b->senior);
}

/* The best grant of Admin that counts, and the priority of the record that counts. */
static void case_rank(const eid_revocations *history, eid__case *self, uint64_t priority)
{
    size_t first, count;
    bool is_any = false;

    if (self->item != NULL && self->item->pins.count == 0) {
        self->rank = (eid__rank){0, 0, self->item};
        return;
    }
    eid__history_writes(history, &self->actor->acts, &first, &count);
    for (size_t i = first; i < first + count; i++) {
        const eid__item *item = history->writes[i].item;
        eid__rank rank = {item->rank.strength, item->rank.distance + 1, item};

        if (history->writes[i].grant->level != EID__LEVEL_ADMIN || item->is_void) continue;
        if (item->rank.senior == NULL) continue; /* unsigned */
        if (!eid__bit_has(self->fold, item->place)) continue;
        if (!is_any || eid__rank_compare(&rank, &self->rank) < 0) self->rank = rank;
        is_any = true;
    }
    if (self->rank.strength < priority) self->rank.strength = priority;
}

static bool case_is_again(const eid_revocations *history, const eid__case *self,
                          const eid__item *revocation, const eid__who *who)
{
    size_t first, count;

    eid__history_writes(history, who, &first, &count);
    for (size_t i = first; i < first + count; i++) {
        const eid__item *item = history->writes[i].item;

        if (item->is_void || !eid__bit_has(self->fold, item->place)) continue;
        if (!eid__bit_has(item->know, revocation->place)) continue;
        if (history->writes[i].grant->level >= self->actor->needs) return true;
    }
    return false;
}

/* Whether it is against the entry by this principal, and no later grant helps. */
static bool case_is_hit(const eid_revocations *history, const eid__case *self,
                        const eid__item *revocation, const eid__who *who, bool *is_against)
{
    eid__level level;

    if (!eid__item_lowers(history, revocation, who, &level)) return false;
    if (level >= self->actor->needs) return false;
    *is_against = true;
    return !case_is_again(history, self, revocation, who);
}

static eid_status case_is_before(const eid__case *self, const eid__item *revocation, bool *out)
{
    *out = false;
    if (self->item != NULL) {
        *out = eid__bit_has(revocation->know, self->item->place);
        return EID_OK;
    }
    if (self->before == NULL) return EID_OK;
    return self->before(self->self, &revocation->stamp.id, self->id, out);
}

/* Rule 1, for one revocation. */
static eid_status case_meet(const eid_revocations *history, const eid__case *self,
                            const eid__item *revocation, bool *is_void)
{
    const eid__actor *actor = self->actor;
    bool is_against = false, is_hit, is_before;
    eid_status status;

    *is_void = false;
    if (revocation == self->item) return EID_OK;
    if (actor->needs == EID__LEVEL_ADMIN && revocation->rank.strength > self->rank.strength) {
        return EID_OK;
    }
    is_hit = case_is_hit(history, self, revocation, &actor->acts, &is_against);
    if (!is_hit && actor->has_key && eid__who_compare(&actor->key, &actor->acts) != 0) {
        is_hit = case_is_hit(history, self, revocation, &actor->key, &is_against);
    }
    if (!is_hit) return EID_OK;
    status = case_is_before(self, revocation, &is_before);
    *is_void = !is_before;
    return status;
}

eid_status eid__case_judge(const eid_revocations *history, eid__case *self, bool *is_void)
{
    const eid__actor *actor = self->actor;
    eid__found record;

    self->by = NULL;
    self->rank = (eid__rank){UINT64_MAX, UINT64_MAX, NULL};
    *is_void = false;
    if (!actor->is_signed) return EID_OK;
    record = eid__history_record(history, &actor->acts, self->fold, true);
    *is_void = record.item == NULL || record.level < actor->needs;
    if (*is_void) return EID_OK;
    if (actor->needs == EID__LEVEL_ADMIN) case_rank(history, self, record.priority);
    for (size_t i = 0; i < history->standing_count; i++) {
        eid_status status = case_meet(history, self, history->standing[i], is_void);

        if (status != EID_OK) return status;
        if (!*is_void) continue;
        self->by = history->standing[i];
        return EID_OK;
    }
    return EID_OK;
}

/* P(e) of an entry that is not of the history: what its pins reach. */
static eid_status judge_fold(const eid_revocations *history, const eid_entry *entry, uint64_t *fold)
{
    eid_pin pin;
    eid_status status = eid_entry_pin(entry, &pin);

    if (status != EID_OK) return status;
    for (size_t i = 0; i < pin.tips.count; i++) {
        const eid__item *item = eid__history_find(history, &pin.tips.at[i]);

        if (item != NULL) eid__bits_join(fold, item->closure, history->words);
    }
    eid_pin_fini(&pin);
    return EID_OK;
}

eid_status eid_revocations_judge(const eid_revocations *history, const eid_entry *entry,
                                 eid_revocation_before_fn before, void *self,
                                 eid_revocation_answer *out)
{
    const eid__item *item = eid__history_find(history, eid_entry_id(entry));
    eid__actor actor;
    eid__case question = {.actor = &actor, .id = eid_entry_id(entry), before, self};
    uint64_t *fold;
    bool is_named;
    eid_status status;

    memset(out, 0, sizeof(*out));
    if (item != NULL) {
        out->is_void = item->is_void;
        if (item->is_void && item->by != NULL) out->by = item->by->stamp.id;
        return EID_OK;
    }
    fold = eid_alloc_array(history->words + 1, sizeof(*fold));
    if (fold == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for what an entry pins");
    question.fold = fold;
    eid__actor_of(entry, &actor, &is_named);
    if (is_named) eid__history_resolve(history, entry, &actor);
    status = judge_fold(history, entry, fold);
    if (status == EID_OK) status = eid__case_judge(history, &question, &out->is_void);
    if (status == EID_OK && out->is_void && actor.needs < EID__LEVEL_ADMIN) {
        out->is_readmitted = eid_idset_has(&history->readmitted, eid_entry_id(entry));
        out->is_void = !out->is_readmitted;
    }
    if (status == EID_OK && question.by != NULL) out->by = question.by->stamp.id;
    eid_free(fold);
    return status;
}
