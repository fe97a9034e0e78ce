/* Who stands is found one by one, the strongest first, and what is void is worked out anew after
 * each: nothing is withdrawn from a decision, so the rounds end, and each is a plain pass over the
 * entries in an order in which what they rest on comes first. A history is short; plain is enough.
 */
#include <stdlib.h>

#include "auth/key.h"
#include "auth/revocation_parts.h"
#include "auth/settings.h"
#include "dag/alloc.h"

/* Void and ranks of all, given who stands. Who stands keeps the rank by which it was taken. */
static eid_status decide_voids(eid_revocations *history)
{
    history->has_void = false;
    for (size_t i = 0; i < history->count; i++) {
        eid__item *item = history->items[i];
        eid__case question = {.actor = &item->actor, .fold = item->fold, .item = item};
        eid_status status;

        if (item->is_standing) continue;
        item->is_void = false;
        status = eid__case_judge(history, &question, &item->is_void);
        if (status != EID_OK) return status;
        item->rank = question.rank;
        item->by = question.by;
        history->has_void = history->has_void || item->is_void;
    }
    return EID_OK;
}

/* By rank, then by stamp. */
static bool decide_is_first(const eid__item *a, const eid__item *b)
{
    int compared = eid__rank_compare(&a->rank, &b->rank);

    return compared != 0 ? compared < 0 : eid__stamp_compare_items(a, b) < 0;
}

static eid__item *decide_next(const eid_revocations *history)
{
    eid__item *next = NULL;

    for (size_t i = 0; i < history->count; i++) {
        eid__item *item = history->items[i];

        if (!item->lowers || item->is_standing || item->is_void) continue;
        if (next == NULL || decide_is_first(item, next)) next = item;
    }
    return next;
}

/* -- readmitted -------------------------------------------------------------------------------- */

typedef struct decide_readmit {
    const eid__item *item;
    const eid__readmit *readmit;
} decide_readmit;

static int readmit_compare(const void *a, const void *b)
{
    const decide_readmit *x = a, *y = b;
    int compared = eid_id_compare(&x->readmit->id, &y->readmit->id);

    return compared != 0 ? compared : eid__stamp_compare_items(y->item, x->item);
}

/* The last that ended all readmissions before it. */
static const eid__item *readmit_end(const eid_revocations *history)
{
    const eid__item *end = NULL;

    for (size_t i = 0; i < history->count; i++) {
        const eid__item *item = history->items[i];

        if (!item->wipes_readmits || item->is_void) continue;
        if (end == NULL || eid__stamp_compare_items(item, end) > 0) end = item;
    }
    return end;
}

static eid_status decide_readmitted(eid_revocations *history)
{
    const eid__item *end = readmit_end(history);
    decide_readmit *all;
    size_t count = 0, room = 0;
    eid_status status = EID_OK;

    eid_idset_fini(&history->readmitted);
    for (size_t i = 0; i < history->count; i++) room += history->items[i]->readmit_count;
    if (room == 0) return EID_OK;
    all = eid_alloc_array(room, sizeof(*all));
    if (all == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu readmitted entries", room);
    for (size_t i = 0; i < history->count; i++) {
        const eid__item *item = history->items[i];

        if (end != NULL && eid__stamp_compare_items(item, end) < 0) continue;
        for (size_t j = 0; j < item->readmit_count && !item->is_void; j++) {
            all[count++] = (decide_readmit){item, &item->readmits[j]};
        }
    }
    qsort(all, count, sizeof(*all), readmit_compare);
    for (size_t i = 0; i < count && status == EID_OK; i++) {
        bool is_latest = i == 0 || !eid_id_equal(&all[i].readmit->id, &all[i - 1].readmit->id);

        if (!is_latest || !all[i].readmit->yes) continue;
        status = eid_idset_add(&history->readmitted, &all[i].readmit->id);
    }
    eid_free(all);
    return status;
}

eid_status eid_revocations_decide(eid_revocations *history)
{
    eid__item *next;
    eid_status status = eid__history_arrange(history);

    eid_free(history->standing);
    history->standing = NULL;
    history->standing_count = 0;
    if (status != EID_OK || history->count == 0) return status;
    history->standing = eid_alloc_array(history->count, sizeof(*history->standing));
    if (history->standing == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for revocations");
    for (size_t i = 0; i < history->count; i++) {
        history->items[i]->is_standing = false;
        history->items[i]->is_void = false;
    }
    status = decide_voids(history);
    while (status == EID_OK && (next = decide_next(history)) != NULL) {
        next->is_standing = true;
        history->standing[history->standing_count++] = next;
        status = decide_voids(history);
    }
    return status == EID_OK ? decide_readmitted(history) : status;
}

/* -- the policy now ---------------------------------------------------------------------------- */

/* Whether someone who knew of the revocation gave the principal more again. */
static bool override_is_over(const eid_revocations *history, const eid__item *revocation,
                             const eid__who *who, eid__level level)
{
    size_t first, count;

    eid__history_writes(history, who, &first, &count);
    for (size_t i = first; i < first + count; i++) {
        const eid__item *item = history->writes[i].item;

        if (item->is_void || !eid__bit_has(item->know, revocation->place)) continue;
        if (history->writes[i].grant->level > level) return true;
    }
    return false;
}

/* The latest write of a revocation, and of those who knew it and gave no more: their value holds.
 */
static const eid__item *override_latest(const eid_revocations *history, const eid__item *revocation,
                                        const eid__who *who)
{
    const eid__item *found = revocation;
    size_t first, count;

    eid__history_writes(history, who, &first, &count);
    for (size_t i = first; i < first + count; i++) {
        const eid__item *item = history->writes[i].item;

        if (item->is_void || !eid__bit_has(item->know, revocation->place)) continue;
        if (eid__stamp_compare_items(item, found) > 0) found = item;
    }
    for (size_t i = 0; i < history->wiper_count; i++) {
        const eid__item *item = history->wipers[i];

        if (!(item->wipes >> who->kind & 1u) || item->is_void) continue;
        if (!eid__bit_has(item->know, revocation->place)) continue;
        if (eid__stamp_compare_items(item, found) > 0) found = item;
    }
    return found;
}

/* The level that the merged settings give: the latest write of those that are not void. */
static eid__level override_merged(const eid_revocations *history, const eid__who *who)
{
    const eid__item *latest = NULL;
    eid__level level = EID__LEVEL_NONE;

    for (size_t i = 0; i < history->count; i++) {
        const eid__item *item = history->items[i];
        eid__level given;

        if (item->is_void || !eid__item_writes(item, who, &given)) continue;
        if (latest != NULL && eid__stamp_compare_items(item, latest) < 0) continue;
        latest = item;
        level = given;
    }
    return level;
}

/* The entry whose value holds for a principal now; NULL if that is not for revocations to say. */
static const eid__item *override_of(const eid_revocations *history, const eid__who *who)
{
    const eid__item *found = NULL;
    eid__level lowest = EID__LEVEL_ADMIN;

    for (size_t i = 0; i < history->standing_count; i++) {
        const eid__item *item = history->standing[i];
        eid__level level;

        if (!eid__item_lowers(history, item, who, &level)) continue;
        if (override_is_over(history, item, who, level)) continue;
        item = override_latest(history, item, who);
        (void)eid__item_writes(item, who, &level);
        if (found != NULL && level > lowest) continue;
        if (found != NULL && level == lowest && eid__stamp_compare_items(item, found) < 0) continue;
        found = item;
        lowest = level;
    }
    return found != NULL && override_merged(history, who) > lowest ? found : NULL;
}

static const eid__grant *override_grant(const eid__item *item, const eid__who *who)
{
    for (size_t i = 0; i < item->grant_count; i++) {
        if (eid__who_compare(&item->grants[i].who, who) == 0) return &item->grants[i];
    }
    return NULL;
}

/* Put the record as it was written; without one, nobody may act as this principal. */
static eid_status override_put(eid_doc *parent, eid_slice name, const eid__grant *grant)
{
    eid_value value = EID_VALUE_DELETED_INIT;
    eid_doc *copy = NULL;
    eid_status status = EID_OK;

    if (grant != NULL && grant->record != NULL) {
        status = eid_doc_copy(grant->record, &copy);
        if (status != EID_OK) return status;
        value = eid_value_of_doc_take(&copy);
    }
    status = eid_doc_put_child_take(parent, name, &value);
    eid_value_fini(&value);
    return status;
}

static eid_status override_key(const eid_revocations *history, eid_doc *settings,
                               const eid__who *who)
{
    const eid__item *item = override_of(history, who);
    char text[EID_KEY_TEXT_MAX];
    eid_doc *keys;
    eid_pubkey key;
    eid_status status;

    if (item == NULL) return EID_OK;
    status = eid_doc_ensure_doc(settings, eid_slice_text("auth.keys"), &keys);
    if (status != EID_OK) return status;
    memcpy(key.bytes, who->bytes, sizeof(key.bytes));
    return override_put(keys, eid_slice_text(eid_pubkey_text(&key, text)),
                        override_grant(item, who));
}

static eid_status override_global(const eid_revocations *history, eid_doc *settings)
{
    static const eid__who global = {.kind = EID__WHO_GLOBAL};
    const eid__item *item = override_of(history, &global);
    eid_doc *auth;
    eid_status status;

    if (item == NULL) return EID_OK;
    status = eid_doc_ensure_doc(settings, eid_slice_text("auth"), &auth);
    if (status != EID_OK) return status;
    return override_put(auth, eid_slice_text("global"), override_grant(item, &global));
}

/* Delegations are known by the hash of their names here, so those that are there are looked up. */
static eid_status override_delegations(const eid_revocations *history, eid_doc *settings)
{
    const eid_value *value = eid_doc_get(settings, eid_slice_text("auth.delegations"));
    eid_doc *names = NULL;
    eid_status status = EID_OK;

    if (value == NULL || value->type != EID_VALUE_DOC) return EID_OK;
    status = eid_doc_copy(value->doc, &names);
    if (status != EID_OK) return status;
    for (size_t i = 0; i < eid_doc_total(value->doc) && status == EID_OK; i++) {
        eid__who who = {.kind = EID__WHO_DELEGATION};
        const eid__item *item;
        eid_slice name;

        (void)eid_doc_at(value->doc, i, &name);
        who = eid__who_of_delegation(name);
        item = override_of(history, &who);
        if (item != NULL) status = override_put(names, name, override_grant(item, &who));
    }
    if (status == EID_OK) {
        eid_doc *delegations;

        status = eid_doc_ensure_doc(settings, eid_slice_text("auth.delegations"), &delegations);
        if (status == EID_OK) eid_doc_swap(delegations, names);
    }
    eid_doc_free(names);
    return status;
}

eid_status eid_revocations_override(const eid_revocations *history, eid_doc *settings)
{
    const eid__who *last = NULL;
    eid_status status = EID_OK;

    if (history->standing_count == 0) return EID_OK;
    for (size_t i = 0; i < history->write_count && status == EID_OK; i++) {
        const eid__who *who = &history->writes[i].grant->who;

        if (who->kind != EID__WHO_KEY || (last != NULL && eid__who_compare(last, who) == 0)) {
            continue;
        }
        last = who;
        status = override_key(history, settings, who);
    }
    if (status == EID_OK) status = override_global(history, settings);
    return status == EID_OK ? override_delegations(history, settings) : status;
}
