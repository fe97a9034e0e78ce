/* "Knows" is transitive, so with one row of bits for each entry, filled in an order in which what
 * is known comes first, each question of the rule is a look at a bit. Hashes see to it that nobody
 * knows what knows him, so there is such an order. */
#include <stdlib.h>

#include "auth/key.h"
#include "auth/revocation_parts.h"
#include "dag/alloc.h"
#include "dag/assert.h"

int eid__stamp_compare_items(const eid__item *a, const eid__item *b)
{
    if (a->stamp.height != b->stamp.height) return a->stamp.height < b->stamp.height ? -1 : 1;
    return eid_id_compare(&a->stamp.id, &b->stamp.id);
}

static int item_compare_id(const void *a, const void *b)
{
    const eid__item *x = *(eid__item *const *)a, *y = *(eid__item *const *)b;

    return eid_id_compare(&x->stamp.id, &y->stamp.id);
}

static int item_compare_stamp(const void *a, const void *b)
{
    const eid__item *x = *(eid__item *const *)a, *y = *(eid__item *const *)b;

    return eid__stamp_compare_items(x, y);
}

eid__item *eid__history_find(const eid_revocations *history, const eid_id *id)
{
    size_t low = 0, high = history->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int compared = eid_id_compare(&history->by_id[middle]->stamp.id, id);

        if (compared == 0) return history->by_id[middle];
        if (compared < 0) low = middle + 1;
        if (compared > 0) high = middle;
    }
    return NULL;
}

/* -- order ------------------------------------------------------------------------------------- */

typedef struct arrange {
    eid_revocations *history;
    eid__item **stack;
    size_t depth, cap;
    eid__item **order;
    size_t placed;
} arrange;

static eid_status arrange_push(arrange *self, eid__item *item)
{
    if (self->depth == self->cap) {
        size_t cap = self->cap == 0 ? 64 : self->cap * 2;
        eid__item **stack = eid_realloc(self->stack, cap * sizeof(*stack));

        if (stack == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for a history of settings");
        self->stack = stack;
        self->cap = cap;
    }
    self->stack[self->depth++] = item;
    return EID_OK;
}

static eid_status arrange_push_unplaced(arrange *self, const eid_idset *ids)
{
    for (size_t i = 0; i < ids->count; i++) {
        eid__item *known = eid__history_find(self->history, &ids->at[i]);
        eid_status status;

        if (known == NULL || known->is_placed) continue;
        status = arrange_push(self, known);
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

/* What is on top goes to its place when all that it names is placed. */
static eid_status arrange_step(arrange *self)
{
    eid__item *item = self->stack[self->depth - 1];
    size_t before = self->depth;
    eid_status status;

    if (item->is_placed) {
        self->depth--;
        return EID_OK;
    }
    status = arrange_push_unplaced(self, &item->pins);
    if (status == EID_OK) status = arrange_push_unplaced(self, &item->parents);
    if (status != EID_OK || self->depth > before) return status;
    item->is_placed = true;
    item->place = self->placed;
    self->order[self->placed++] = item;
    self->depth--;
    return EID_OK;
}

static eid_status arrange_order(eid_revocations *history)
{
    arrange self = {.history = history};
    eid_status status = EID_OK;

    self.order = eid_alloc_array(history->count, sizeof(*self.order));
    if (self.order == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for a history of settings");
    for (size_t i = 0; i < history->count; i++) history->items[i]->is_placed = false;
    /* by stamp, parents nearly always come first, and the stack stays low */
    qsort(history->items, history->count, sizeof(*history->items), item_compare_stamp);
    for (size_t i = 0; i < history->count && status == EID_OK; i++) {
        status = arrange_push(&self, history->items[i]);
        while (status == EID_OK && self.depth > 0) status = arrange_step(&self);
    }
    if (status == EID_OK) {
        EID_ASSERT(self.placed == history->count);
        memcpy(history->items, self.order, history->count * sizeof(*self.order));
    }
    eid_free(self.order);
    eid_free(self.stack);
    return status;
}

/* -- sets -------------------------------------------------------------------------------------- */

static void arrange_fill(const eid_revocations *history, eid__item *item)
{
    size_t words = history->words;

    eid__bit_add(item->closure, item->place);
    for (size_t i = 0; i < item->parents.count; i++) {
        const eid__item *parent = eid__history_find(history, &item->parents.at[i]);

        if (parent == NULL) continue;
        eid__bits_join(item->closure, parent->closure, words);
        eid__bits_join(item->know, parent->know, words);
        eid__bit_add(item->know, parent->place);
    }
    for (size_t i = 0; i < item->pins.count; i++) {
        const eid__item *pin = eid__history_find(history, &item->pins.at[i]);

        if (pin == NULL) continue;
        eid__bits_join(item->fold, pin->closure, words);
        eid__bits_join(item->know, pin->know, words);
        eid__bit_add(item->know, pin->place);
    }
    if (item->pins.count == 0) eid__bits_join(item->fold, item->closure, words);
}

static eid_status arrange_sets(eid_revocations *history)
{
    size_t words = history->count / 64 + 1;

    eid_free(history->bits);
    history->words = words;
    history->bits = eid_alloc_array(history->count * words, 3 * sizeof(uint64_t));
    if (history->bits == NULL) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "for the relations of %zu settings entries",
                        history->count);
    }
    for (size_t i = 0; i < history->count; i++) {
        eid__item *item = history->items[i];

        item->closure = history->bits + 3 * i * words;
        item->know = item->closure + words;
        item->fold = item->know + words;
        arrange_fill(history, item);
    }
    return EID_OK;
}

/* -- writes ------------------------------------------------------------------------------------ */

static int write_compare(const void *a, const void *b)
{
    const eid__write_ref *x = a, *y = b;
    int compared = eid__who_compare(&x->grant->who, &y->grant->who);

    return compared != 0 ? compared : eid__stamp_compare_items(y->item, x->item);
}

static eid_status arrange_wipers(eid_revocations *history)
{
    eid_free(history->wipers);
    history->wiper_count = 0;
    history->wipers = eid_alloc_array(history->count, sizeof(*history->wipers));
    if (history->wipers == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for a history of settings");
    for (size_t i = 0; i < history->count; i++) {
        if (history->items[i]->wipes != 0) {
            history->wipers[history->wiper_count++] = history->items[i];
        }
    }
    return EID_OK;
}

static eid_status arrange_writes(eid_revocations *history)
{
    size_t count = 0;

    for (size_t i = 0; i < history->count; i++) count += history->items[i]->grant_count;
    eid_free(history->writes);
    history->writes = eid_alloc_array(count, sizeof(*history->writes));
    if (history->writes == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu grants", count);
    history->write_count = 0;
    for (size_t i = 0; i < history->count; i++) {
        const eid__item *item = history->items[i];

        for (size_t j = 0; j < item->grant_count; j++) {
            history->writes[history->write_count++] = (eid__write_ref){item, &item->grants[j]};
        }
    }
    if (count > 0) qsort(history->writes, count, sizeof(*history->writes), write_compare);
    return arrange_wipers(history);
}

void eid__history_writes(const eid_revocations *history, const eid__who *who, size_t *first,
                         size_t *count)
{
    size_t low = 0, high = history->write_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (eid__who_compare(&history->writes[middle].grant->who, who) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (high < history->write_count &&
           eid__who_compare(&history->writes[high].grant->who, who) == 0) {
        high++;
    }
    *count = high - low;
}

bool eid__item_writes(const eid__item *item, const eid__who *who, eid__level *level)
{
    for (size_t i = 0; i < item->grant_count; i++) {
        if (eid__who_compare(&item->grants[i].who, who) != 0) continue;
        *level = item->grants[i].level;
        return true;
    }
    *level = EID__LEVEL_NONE;
    return item->wipes >> who->kind & 1u;
}

static bool record_counts(const eid__item *item, const uint64_t *set, bool stands)
{
    return eid__bit_has(set, item->place) && !(stands && item->is_void);
}

eid__found eid__history_record(const eid_revocations *history, const eid__who *who,
                               const uint64_t *set, bool stands)
{
    eid__found found = {NULL, EID__LEVEL_NONE, 0};
    size_t first, count;

    eid__history_writes(history, who, &first, &count);
    for (size_t i = first; i < first + count && found.item == NULL; i++) {
        const eid__write_ref *write = &history->writes[i];

        if (!record_counts(write->item, set, stands)) continue;
        found = (eid__found){write->item, write->grant->level, write->grant->priority};
    }
    for (size_t i = 0; i < history->wiper_count; i++) {
        const eid__item *item = history->wipers[i];

        if (!(item->wipes >> who->kind & 1u) || !record_counts(item, set, stands)) continue;
        if (found.item != NULL && eid__stamp_compare_items(item, found.item) <= 0) continue;
        found = (eid__found){item, EID__LEVEL_NONE, 0};
    }
    return found;
}

/* -- what is lowered --------------------------------------------------------------------------- */

/* Whether an item writes a principal by its name, and not as a part of a whole. */
static bool item_names(const eid__item *item, const eid__who *who)
{
    for (size_t i = 0; i < item->grant_count; i++) {
        if (eid__who_compare(&item->grants[i].who, who) == 0) return true;
    }
    return false;
}

bool eid__item_lowers(const eid_revocations *history, const eid__item *item, const eid__who *who,
                      eid__level *level)
{
    static const eid__who global = {.kind = EID__WHO_GLOBAL};
    eid__found before;

    if (!eid__item_writes(item, who, level)) return false;
    before = eid__history_record(history, who, item->know, false);
    if (before.item == NULL && who->kind == EID__WHO_KEY && item_names(item, who)) {
        before = eid__history_record(history, &global, item->know, false);
    }
    return before.level > *level;
}

static void arrange_lowers(eid_revocations *history, eid__item *item)
{
    eid__level level;

    item->lowers = false;
    for (size_t i = 0; i < item->grant_count; i++) {
        eid__grant *grant = &item->grants[i];

        grant->lowers = eid__item_lowers(history, item, &grant->who, &level);
        item->lowers = item->lowers || grant->lowers;
    }
    if (item->wipes == 0) return;
    for (size_t i = 0; i < history->write_count && !item->lowers; i++) {
        item->lowers = eid__item_lowers(history, item, &history->writes[i].grant->who, &level);
    }
}

/* -- names ------------------------------------------------------------------------------------- */

void eid__history_resolve(const eid_revocations *history, const eid_entry *entry, eid__actor *actor)
{
    const eid__who *last = NULL;
    eid_pubkey key;

    for (size_t i = 0; i < history->write_count && !actor->has_key; i++) {
        const eid__who *who = &history->writes[i].grant->who;

        if (who->kind != EID__WHO_KEY || (last != NULL && eid__who_compare(last, who) == 0)) {
            continue;
        }
        last = who;
        memcpy(key.bytes, who->bytes, sizeof(key.bytes));
        if (!eid_key_verify_entry(&key, entry)) continue;
        actor->has_key = true;
        actor->key = *who;
        actor->acts = *who;
    }
}

static void arrange_names(eid_revocations *history)
{
    for (size_t i = 0; i < history->count; i++) {
        eid__item *item = history->items[i];

        if (item->unresolved == NULL) continue;
        eid__history_resolve(history, item->unresolved, &item->actor);
        if (!item->actor.has_key) continue;
        eid_entry_free(item->unresolved);
        item->unresolved = NULL;
    }
}

eid_status eid__history_arrange(eid_revocations *history)
{
    eid_status status;

    if (history->count == 0) return EID_OK;
    eid_free(history->by_id);
    history->by_id = eid_alloc_array(history->count, sizeof(*history->by_id));
    if (history->by_id == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for a history of settings");
    memcpy(history->by_id, history->items, history->count * sizeof(*history->by_id));
    qsort(history->by_id, history->count, sizeof(*history->by_id), item_compare_id);
    status = arrange_order(history);
    if (status == EID_OK) status = arrange_sets(history);
    if (status == EID_OK) status = arrange_writes(history);
    if (status != EID_OK) return status;
    arrange_names(history);
    for (size_t i = 0; i < history->count; i++) arrange_lowers(history, history->items[i]);
    return EID_OK;
}
