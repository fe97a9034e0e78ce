/* The rule of auth/REVOCATION.md, word for word and without a thought for its cost. It was written
 * from the document alone, independently of the engine, which is judged by it.
 *
 * One reading of it: the rank of a revocation that stands is the one that it was taken with. (By
 * later members of the list the grants behind it may be void; the list would be judged by itself.)
 */
#ifndef EID_TESTS_NODE_REVOCATION_NAIVE_H
#define EID_TESTS_NODE_REVOCATION_NAIVE_H

#include "tests/node/revocation_facts.h"

typedef struct naive_rank {
    uint64_t strength, distance;
    eid_order_item seniority;
} naive_rank;

typedef struct naive {
    facts f;
    bool is_judged_only[FACTS_ENTRIES_MAX]; /* may not stand: it is only looked at */
    bool stands[FACTS_ENTRIES_MAX];         /* the list A */
    size_t stand_count;
    bool is_void[FACTS_ENTRIES_MAX]; /* by A; in the end with `readmitted` */
    naive_rank rank[FACTS_ENTRIES_MAX];
} naive;

static inline int naive_compare_ranks(const naive_rank *a, const naive_rank *b)
{
    if (a->strength != b->strength) return a->strength < b->strength ? -1 : 1;
    if (a->distance != b->distance) return a->distance < b->distance ? -1 : 1;
    return facts_compare_stamps(a->seniority, b->seniority);
}

/* What counts under 2: the record of what e acts as over P(e) without its void members. */
static inline facts_write naive_record(const naive *self, size_t e)
{
    return facts_record(&self->f, self->f.acts_as[e], self->f.in_p[e], self->is_void);
}

static inline naive_rank naive_find_rank(const naive *self, size_t y)
{
    const facts *f = &self->f;
    naive_rank best = {UINT64_MAX, UINT64_MAX, {UINT64_MAX, EID_ID_EMPTY}};

    if (eid_entry_is_root(f->entries[y])) return (naive_rank){0, 0, f->stamp[y]};
    if (f->acts_as[y] == FACTS_NOBODY) return best;
    for (size_t g = 0; g < y; g++) {
        facts_write write = f->writes[g][f->acts_as[y]];
        naive_rank rank = {self->rank[g].strength, self->rank[g].distance + 1, f->stamp[g]};

        if (!f->in_p[y][g] || self->is_void[g] || write.level != FACTS_ADMIN) continue;
        if (naive_compare_ranks(&rank, &best) < 0) best = rank;
    }
    if (naive_record(self, y).priority > best.strength) {
        best.strength = naive_record(self, y).priority;
    }
    return best;
}

static inline bool naive_is_before(const naive *self, size_t e, size_t r)
{
    return self->f.in_s[e] ? self->f.is_known[r][e] : self->f.is_before[r][e];
}

static inline bool naive_is_strong_enough(const naive *self, size_t r, size_t e)
{
    return !self->f.in_s[e] || self->rank[r].strength <= self->rank[e].strength;
}

static inline bool naive_is_against_by(const naive *self, size_t r, size_t e, size_t x)
{
    const facts *f = &self->f;

    if (r == e || (x != f->acts_as[e] && x != f->signed_by[e])) return false;
    return f->lowers[r][x] && f->writes[r][x].level < facts_need(f, e);
}

static inline bool naive_is_granted_again(const naive *self, size_t r, size_t e, size_t x)
{
    const facts *f = &self->f;

    for (size_t g = 0; g < f->count; g++) {
        if (!f->in_p[e][g] || self->is_void[g] || !f->is_known[g][r]) continue;
        if (f->writes[g][x].level >= facts_need(f, e)) return true;
    }
    return false;
}

/* Case 1 for one R. */
static inline bool naive_is_revoked_by(const naive *self, size_t r, size_t e)
{
    bool is_against = false, is_granted = true;

    for (size_t x = 0; x < self->f.principal_count; x++) {
        if (!naive_is_against_by(self, r, e, x)) continue;
        is_against = true;
        is_granted = is_granted && naive_is_granted_again(self, r, e, x);
    }
    return is_against && !is_granted && !naive_is_before(self, e, r) &&
           naive_is_strong_enough(self, r, e);
}

static inline bool naive_is_void(const naive *self, size_t e)
{
    if (self->stands[e] || eid_entry_is_unsigned(self->f.entries[e])) return false;
    if (self->f.acts_as[e] == FACTS_NOBODY) return true; /* by no key that anyone wrote */
    if (naive_record(self, e).level < facts_need(&self->f, e)) return true;
    for (size_t r = 0; r < self->f.count; r++) {
        if (self->stands[r] && naive_is_revoked_by(self, r, e)) return true;
    }
    return false;
}

/* Void and rank of all by the list as it is. What an entry rests on comes before it. */
static inline void naive_judge(naive *self)
{
    memset(self->is_void, 0, sizeof(self->is_void));
    for (size_t e = 0; e < self->f.count; e++) {
        if (!self->stands[e]) self->rank[e] = naive_find_rank(self, e);
        self->is_void[e] = naive_is_void(self, e);
    }
}

/* The one that is first of those that might be appended; FACTS_NOBODY if there is none. */
static inline size_t naive_pick(const naive *self)
{
    size_t best = FACTS_NOBODY;

    for (size_t r = 0; r < self->f.count; r++) {
        bool lowers = false;
        int order;

        for (size_t x = 0; x < self->f.principal_count; x++) lowers |= self->f.lowers[r][x];
        if (!lowers || self->stands[r] || self->is_void[r] || self->is_judged_only[r]) continue;
        order = best == FACTS_NOBODY ? -1 : naive_compare_ranks(&self->rank[r], &self->rank[best]);
        if (order == 0) order = facts_compare_stamps(self->f.stamp[r], self->f.stamp[best]);
        if (order < 0) best = r;
    }
    return best;
}

static inline void naive_find_list(naive *self)
{
    size_t next;

    naive_judge(self);
    while ((next = naive_pick(self)) != FACTS_NOBODY) {
        self->stands[next] = true;
        self->stand_count++;
        naive_judge(self);
    }
}

/* What a payload says of `readmitted.<id>`: NULL if nothing. */
static inline const eid_value *naive_readmission(const eid_doc *payload, const eid_id *id)
{
    static const eid_value no = {.type = EID_VALUE_DELETED};
    const eid_value *all = facts_child(payload, "readmitted"), *one;
    char text[EID_ID_TEXT_MAX];

    if (payload == NULL) return NULL;
    one = facts_child(facts_doc(all), eid_id_format(id, text));
    if (one != NULL) return one;
    return facts_replaces(all) || eid_doc_is_atomic(payload) ? &no : NULL;
}

static inline bool naive_is_readmitted(const naive *self, const bool *is_void, size_t e)
{
    size_t last = FACTS_NOBODY;
    bool is_readmitted = false;

    for (size_t i = 0; i < self->f.count; i++) {
        const eid_value *value;
        eid_doc *payload;

        if (!self->f.in_s[i] || is_void[i]) continue;
        if (last != FACTS_NOBODY && facts_compare_stamps(self->f.stamp[i], self->f.stamp[last]) < 0)
            continue;
        payload = facts_payload(self->f.entries[i], EID_STORE_SETTINGS);
        value = naive_readmission(payload, eid_entry_id(self->f.entries[e]));
        if (value != NULL) {
            last = i;
            is_readmitted = eid_value_is_bool(value, true);
        }
        eid_doc_free(payload);
    }
    return is_readmitted;
}

/* Judge Verified entries of one database, each after its parents, pins and store parents. */
static inline void naive_run(naive *self, const eid_entry *const *entries, size_t count)
{
    bool is_void[FACTS_ENTRIES_MAX];

    memset(self, 0, sizeof(*self));
    facts_read(&self->f, entries, count);
    if (!self->f.is_enforced) return;
    naive_find_list(self);
    memcpy(is_void, self->is_void, sizeof(is_void));
    for (size_t e = 0; e < count; e++) {
        if (!is_void[e] || self->f.in_s[e]) continue;
        self->is_void[e] = !naive_is_readmitted(self, is_void, e);
    }
}

/* -- what follows from it ---------------------------------------------------------------------- */

/* Whether an R of the list lowers a principal and nobody who knew of it has raised it again. */
static inline bool naive_holds(const naive *self, size_t r, size_t x)
{
    const facts *f = &self->f;

    if (!self->stands[r] || !f->lowers[r][x]) return false;
    for (size_t g = 0; g < f->count; g++) {
        if (!f->in_s[g] || self->is_void[g] || !f->is_known[g][r]) continue;
        if (f->writes[g][x].level > f->writes[r][x].level) return false;
    }
    return true;
}

/* The place of the latest write to a principal by R, or by someone not void who knew of it. */
static inline size_t naive_latest(const naive *self, size_t r, size_t x)
{
    const facts *f = &self->f;
    size_t latest = r;

    for (size_t g = 0; g < f->count; g++) {
        if (!f->in_s[g] || self->is_void[g] || !f->is_known[g][r]) continue;
        if (!f->writes[g][x].is_there) continue;
        if (facts_compare_stamps(f->stamp[g], f->stamp[latest]) > 0) latest = g;
    }
    return latest;
}

/* The policy now: what a principal has. */
static inline facts_write naive_now(const naive *self, size_t x)
{
    const facts *f = &self->f;
    bool all[FACTS_ENTRIES_MAX];
    facts_write merged;
    size_t best = FACTS_NOBODY;

    for (size_t i = 0; i < FACTS_ENTRIES_MAX; i++) all[i] = true;
    merged = facts_record(f, x, all, self->is_void);
    for (size_t r = 0; r < f->count; r++) {
        size_t latest;

        if (!naive_holds(self, r, x)) continue;
        latest = naive_latest(self, r, x);
        if (best != FACTS_NOBODY) {
            facts_level level = f->writes[latest][x].level, other = f->writes[best][x].level;

            if (level > other) continue;
            if (level == other && facts_compare_stamps(f->stamp[latest], f->stamp[best]) < 0)
                continue;
        }
        best = latest;
    }
    if (best == FACTS_NOBODY || merged.level <= f->writes[best][x].level) return merged;
    return f->writes[best][x];
}

/* The added case of "Verified or not": whether the last of these is void by the rule applied to the
 * others, P(e) and what that knows, as if there were nothing else. */
static inline void naive_run_alone(naive *self, const eid_entry *const *entries, size_t count)
{
    memset(self, 0, sizeof(*self));
    self->is_judged_only[count - 1] = true;
    facts_read(&self->f, entries, count);
    naive_find_list(self);
}

#endif
