/* Nearly every entry carries the pin of the entry before it, over parents that are Verified. The
 * pass would ask the same questions about that pin again, so what it found is kept under the
 * metadata's very bytes, and such an entry is judged at once: no detour over Unverified, nothing
 * read but what the batch needs. Everything else (geneses, settings, new pins, missing parents)
 * goes to the pass. */
#include "node/db/write.h"

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/log.h"
#include "node/db/revoke.h"
#include "node/db/state_rows.h"

static eid_at write_at(const eid__write *write)
{
    return (eid_at){.kv = write->engine->kv, .batch = write->batch};
}

/* How many of the tree are Unverified. */
static eid_status write_count_waiting(eid__write *write)
{
    eid_at at = write_at(write);
    eid_index_counts counts = {0};
    eid_status status = EID_OK;

    if (!write->tree->has_waiting) {
        status = eid_index_count(&at, &write->tree->root, &counts);
        if (status == EID_E_NOT_FOUND) status = EID_OK;
        write->tree->has_waiting = status == EID_OK;
        write->tree->waiting = counts.unverified;
    }
    write->waiting = write->tree->waiting;
    return status;
}

eid_status eid__write_begin(eid_engine *engine, eid__dbtree *tree, eid__write *write)
{
    eid_status status;

    memset(write, 0, sizeof(*write));
    write->engine = engine;
    write->tree = tree;
    pthread_mutex_lock(&tree->write);
    write->batch = tree->batch;
    EID_ASSERT(eid_batch_count(write->batch) == 0);
    write->has_watchers = eid__watch_has(engine->watch, &tree->root);
    if (tree->policies == NULL) {
        status = eid_policy_cache_new(EID__POLICIES_MAX, &tree->policies);
        if (status != EID_OK) return status;
    }
    if (!tree->has_strict) {
        status =
            eid__option_get(engine->kv, &tree->root, EID__OPTION_STRICT, true, &tree->is_strict);
        if (status != EID_OK) return status;
        tree->has_strict = true;
    }
    return write_count_waiting(write);
}

static void write_forget(eid__write *write)
{
    write->bytes = 0;
    write->put_count = 0;
    write->last_put = NULL;
    write->added_count = 0;
    write->is_cut = false;
    write->verified_now = 0;
    write->touches_settings = false;
    write->touches_index = false;
    write->marks_opaque = false;
    write->must_clear = false;
}

static void write_forget_pin(eid__write *write)
{
    eid_free(write->pin_metadata);
    eid_idset_fini(&write->pin_tips);
    write->pin_metadata = NULL;
}

/* Tell who listens that something became visible. */
static void write_tell(eid__write *write)
{
    eid_engine *engine = write->engine;

    pthread_rwlock_rdlock(&engine->listening); /* whoever takes the listener away waits for us */
    if (engine->on_write != NULL) {
        engine->on_write(engine->on_write_self, &write->tree->root, write->is_remote);
    }
    pthread_rwlock_unlock(&engine->listening);
    eid__watch_deliver(engine->watch);
}

void eid__write_end(eid__write *write)
{
    eid_engine *engine = write->engine;

    if (eid_batch_count(write->batch) > 0) {
        eid_batch_clear(write->batch);
        eid__dbtree_forget_policies(write->tree);
    }
    pthread_mutex_unlock(&write->tree->write);
    eid_free(write->added);
    eid__revoke_forget(&write->revoke);
    write_forget_pin(write);
    if (write->verified > 0) write_tell(write);
    if (write->is_woken) write->wake.woken.count = 0; /* taken over by whoever woke it */
    eid__wake_run(engine, &write->wake);
}

/* -- what a verdict brings --------------------------------------------------------------------- */

static eid_status write_remember_added(eid__write *write, const eid_id *id)
{
    if (!write->has_watchers || write->is_cut) return EID_OK;
    if (write->added_count == EID_EVENT_IDS_MAX) {
        write->is_cut = true;
        return EID_OK;
    }
    if (write->added_count == write->added_cap) {
        size_t cap = write->added_cap == 0 ? 16 : write->added_cap * 2;
        eid_id *added = eid_realloc(write->added, cap * sizeof(*added));

        if (added == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu ids", cap);
        write->added = added;
        write->added_cap = cap;
    }
    write->added[write->added_count++] = *id;
    return EID_OK;
}

static eid_status write_on_verified(eid__write *write, const eid_entry *entry)
{
    eid_at at = write_at(write);
    uint32_t database;
    bool applies;
    eid_status status;

    write->verified_now++;
    write->last_verified = *eid_entry_id(entry);
    for (size_t i = 0; i < eid_entry_subtree_count(entry); i++) {
        eid_slice name = eid_entry_subtree(entry, i)->name;
        if (eid_slice_is(name, EID_STORE_SETTINGS)) write->touches_settings = true;
        if (eid_slice_is(name, EID_STORE_INDEX)) write->touches_index = true;
    }
    status = write_remember_added(write, eid_entry_id(entry));
    if (status == EID_OK) status = eid_index_database(&at, &write->tree->root, &database);
    if (status == EID_OK) status = eid__revoke_meet(write, database, entry, &applies);
    if (status != EID_OK || !applies) return status;
    return eid__state_apply_entry(write->batch, database, entry, &write->marks_opaque);
}

eid_status eid__write_on_verdict(eid__write *write, const eid_entry *entry, eid_verdict verdict,
                                 const char *reason)
{
    if (write->asked != NULL && eid_id_equal(write->asked, eid_entry_id(entry))) {
        write->asked_verdict = verdict;
        write->asked_reason = reason;
    }
    switch (verdict) {
    case EID_VERIFIED:
        return write_on_verified(write, entry);
    case EID_FAILED:
        write->failed++;
        eid_log_debug("entry.failed", "entry=%s reason=%s", eid_id_str(eid_entry_id(entry)),
                      reason != NULL ? reason : "");
        break;
    case EID_UNVERIFIED:
        break;
    }
    return EID_OK;
}

/* -- the pass ---------------------------------------------------------------------------------- */

/* Keep the pin of an entry that the pass found good, if others can carry the same. */
static eid_status write_note_pin(eid__write *write, const eid_entry *entry)
{
    eid_slice metadata;
    eid_pin pin;
    eid_status status;

    if (!eid_entry_metadata(entry, &metadata) || metadata.len > EID__PIN_BYTES_MAX) return EID_OK;
    if (eid__dbtree_pin(write->tree, metadata) != NULL) return EID_OK;
    status = eid_entry_pin(entry, &pin);
    if (status != EID_OK) return status;
    if (pin.valid && pin.tips.count > 0 && !eid_entry_is_unsigned(entry)) {
        write_forget_pin(write);
        write->pin_metadata = eid_memdup(metadata.at, metadata.len);
        write->pin_len = metadata.len;
        status = eid_idset_assign(&write->pin_tips, eid_idset_ids(&pin.tips));
        if (status != EID_OK || write->pin_metadata == NULL) write_forget_pin(write);
    }
    eid_pin_fini(&pin);
    return status;
}

/* Make the noted pin one of the tree's. Its settings were folded by the pass already, so they can
 * be. */
static eid_status write_learn_pin(eid__write *write)
{
    eid_slice metadata = eid_slice_of(write->pin_metadata, write->pin_len);
    eid_at at = write_at(write);
    eid_doc *settings = NULL;
    eid_policy *policy = NULL;
    eid_status status;

    if (write->pin_metadata == NULL) return EID_OK;
    status =
        eid_verify_settings_at(&at, &write->tree->root, eid_idset_ids(&write->pin_tips), &settings);
    if (status == EID_OK) status = eid_policy_of_settings(settings, &policy);
    if (status == EID_OK) eid__dbtree_put_pin(write->tree, metadata, policy);
    eid_doc_free(settings);
    write_forget_pin(write);
    return status;
}

static eid_status write_changed(void *self, const eid_entry *entry, eid_verdict verdict,
                                const char *reason)
{
    eid__write *write = self;
    eid_status status = eid__wake_note(&write->wake, eid_entry_id(entry));

    if (status == EID_OK && verdict == EID_VERIFIED && !eid_entry_is_root(entry)) {
        status = write_note_pin(write, entry);
    }
    if (status != EID_OK) return status;
    return eid__write_on_verdict(write, entry, verdict, reason);
}

static eid_status write_signature(void *self, const eid_id *id, bool *ok)
{
    eid__write *write = self;

    if (write->signature == NULL) return EID_E_NOT_FOUND;
    return write->signature(write->signature_self, id, ok);
}

static eid_status write_awaits(void *self, const eid_awaited *awaited)
{
    return eid__wake_await(self, awaited);
}

eid_status eid__write_pass(eid__write *write)
{
    const eid_verify_options options = {.strict = write->tree->is_strict,
                                        .cache = write->tree->policies,
                                        .signature = write_signature,
                                        .changed = write_changed,
                                        .awaits = write_awaits,
                                        .self = write};
    eid_verify_report report;
    eid_status status;

    if (!write->must_pass || write->waiting == 0) return EID_OK;
    status = eid_verify_tree(write->batch, &write->tree->root, &options, &report);
    if (status != EID_OK) return status;
    write->must_pass = false;
    write->waiting = report.still_unverified;
    return write_learn_pin(write);
}

/* -- putting ----------------------------------------------------------------------------------- */

/* Whether all parents are Verified entries of this tree, and lower. */
static eid_status write_look_at_parents(eid__write *write, const eid_entry *entry, bool *are_good)
{
    eid_ids parents = eid_entry_parents(entry);
    eid_at at = write_at(write);
    const eid__current *current = &write->tree->current;
    bool are_tips = true;
    uint32_t database;
    eid_status status;

    *are_good = parents.count > 0;
    pthread_mutex_lock(&write->tree->cache);
    for (size_t i = 0; i < parents.count && are_tips; i++) {
        are_tips = current->has_tips && eid_idset_has(&current->tips, &parents.at[i]);
    }
    are_tips = are_tips && current->height_max < eid_entry_height(entry);
    pthread_mutex_unlock(&write->tree->cache);
    if (are_tips) return EID_OK;
    status = eid_index_database(&at, &write->tree->root, &database);
    for (size_t i = 0; i < parents.count && status == EID_OK && *are_good; i++) {
        eid_index_info info;

        status = eid_index_find(&at, &parents.at[i], &info);
        if (status == EID_OK) {
            *are_good = info.verdict == EID_VERIFIED && info.database == database &&
                        info.height < eid_entry_height(entry);
        }
    }
    if (status != EID_E_NOT_FOUND) return status;
    *are_good = false;
    return EID_OK;
}

/* Verified by a known pin; UNVERIFIED = ask the pass. */
static eid_status write_judge(const eid__write *write, const eid_entry *entry, const bool *is_good,
                              eid_verdict *verdict, const char **reason)
{
    const eid_policy *policy = NULL;
    eid_judgement judgement = EID_JUDGED_UNDECIDED;
    eid_slice metadata;
    eid_status status;

    *verdict = EID_UNVERIFIED;
    if (eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS)) != NULL) return EID_OK;
    if (eid_entry_metadata(entry, &metadata)) policy = eid__dbtree_pin(write->tree, metadata);
    if (policy == NULL) return EID_OK;
    status = eid_judge_entry(policy, entry, is_good, &judgement, reason);
    if (judgement == EID_JUDGED_VALID) *verdict = EID_VERIFIED; /* the pass knows exceptions else */
    return status;
}

eid_status eid__write_put(eid__write *write, const eid_entry *entry, const bool *is_good,
                          bool *is_new)
{
    uint64_t now_ms = write->engine->clock->wall_ms(write->engine->clock->self);
    eid_verdict verdict = EID_UNVERIFIED;
    const char *reason = NULL;
    bool are_good;
    eid_status status = write_look_at_parents(write, entry, &are_good);

    if (status == EID_OK && are_good) {
        status = write_judge(write, entry, is_good, &verdict, &reason);
    }
    if (status == EID_OK) status = eid_index_put(write->batch, entry, verdict, now_ms, is_new);
    if (status != EID_OK || !*is_new) return status;
    status = eid__wake_note(&write->wake, eid_entry_id(entry));
    if (status != EID_OK) return status;
    write->put_count++;
    write->last_put = entry;
    write->bytes += eid_entry_bytes(entry).len;
    write->must_pass = true;
    if (verdict != EID_UNVERIFIED) return eid__write_on_verdict(write, entry, verdict, reason);
    write->waiting++;
    /* The first of its kind: what the pass finds of it serves all that follow. */
    if (write->waiting == 1 && (are_good || eid_entry_is_root(entry))) {
        return eid__write_pass(write);
    }
    return EID_OK;
}

/* -- committing -------------------------------------------------------------------------------- */

static void write_publish(eid__write *write)
{
    const eid_at at = {.kv = write->engine->kv};
    eid__dbtree *tree = write->tree;
    eid__watch_write event = {.root = &tree->root,
                              .added = {write->added, write->added_count},
                              .is_cut = write->is_cut,
                              .is_remote = write->is_remote};
    eid_idset tips = EID_IDSET_EMPTY;
    eid_status status;

    if (!write->has_watchers || write->verified_now == 0) return;
    pthread_mutex_lock(&tree->cache);
    status = eid__current_need_tips(&tree->current, &at, &tree->root);
    if (status == EID_OK) status = eid_idset_assign(&tips, eid_idset_ids(&tree->current.tips));
    pthread_mutex_unlock(&tree->cache);
    if (status == EID_OK) {
        event.tips = eid_idset_ids(&tips);
        eid__watch_publish(write->engine->watch, &event);
    } else {
        eid__watch_miss(write->engine->watch, &tree->root);
    }
    eid_idset_fini(&tips);
}

/* Bring the cache to what was written; its lock is held. */
static void write_update_cache(eid__write *write)
{
    eid__current *current = &write->tree->current;

    bool is_one = write->put_count == 1 && write->verified_now == 1 && write->waiting == 0;

    if (write->must_clear) {
        eid__current_clear(current);
    } else if (is_one && eid_id_equal(eid_entry_id(write->last_put), &write->last_verified)) {
        eid__current_advance(current, write->last_put);
    } else if (write->verified_now > 0) {
        eid__current_forget_tips(current, write->touches_settings, write->touches_index);
    }
    if (write->marks_opaque) eid__current_forget_numbers(current);
}

eid_status eid__write_commit(eid__write *write, eid_durability durability)
{
    eid__dbtree *tree = write->tree;
    eid_status status = eid__write_pass(write);

    if (status == EID_OK) status = eid__revoke_settle(write);
    if (status != EID_OK || eid_batch_count(write->batch) == 0) return status;
    pthread_mutex_lock(&tree->cache);
    tree->is_writing = true;
    pthread_mutex_unlock(&tree->cache);
    status = eid_batch_write(write->batch, durability);
    pthread_mutex_lock(&tree->cache);
    tree->is_writing = false;
    if (status == EID_OK) write_update_cache(write);
    pthread_mutex_unlock(&tree->cache);
    if (status != EID_OK) return status;
    eid__wake_find(write);
    write_publish(write);
    tree->waiting = write->waiting;
    write->verified += write->verified_now;
    write_forget(write);
    return EID_OK;
}
