/* Two rounds on the pool: first bytes are read and hashed, which tells whose they are and in which
 * order they belong; then signatures are checked in that order, while this thread already stores
 * the first of them. Signatures are nearly all of the work, so storing costs little more time than
 * they do. */
#include <stdlib.h>

#include "auth/key.h"
#include "dag/alloc.h"
#include "dag/log.h"
#include "node/db/write.h"

#define INGEST_READ_GROUP 64u
#define INGEST_SIGN_GROUP 16u
#define INGEST_MISSING_MAX 1024u

typedef struct ingest_item {
    eid_entry *entry; /* NULL = malformed */
    bool is_known;    /* held before */
    bool has_signature, is_good;
    size_t place; /* in the order of storing */
} ingest_item;

typedef struct ingest {
    eid_engine *engine;
    const eid_slice *bytes;
    ingest_item *items;  /* in the order given */
    ingest_item **order; /* the readable ones by tree, height, id */
    ingest_item **by_id;
    size_t count;
    eid__job *signatures;
    const eid_idset *expect;
    eid_durability durability;
    eid_ingest_report *report;
} ingest;

/* -- on the pool ------------------------------------------------------------------------------- */

static void ingest_read_item(void *arg, size_t i)
{
    ingest *self = arg;
    ingest_item *item = &self->items[i];
    const eid_at at = {.kv = self->engine->kv};
    eid_entry *entry = NULL;
    eid_status status = eid_entry_decode(self->bytes[i], &entry);

    if (status == EID_OK) status = eid_entry_validate(entry);
    if (status != EID_OK) {
        eid_log_debug("ingest.malformed", "reason=%s", eid_status_detail(status).text);
        eid_entry_free(entry);
        return;
    }
    item->entry = entry;
    item->is_known = eid_index_has(&at, eid_entry_id(entry));
}

static void ingest_sign_item(void *arg, size_t i)
{
    ingest *self = arg;
    ingest_item *item = self->order[i];
    const eid_sigkey *sigkey = eid_entry_sigkey(item->entry);
    eid_pubkey key;

    if (item->is_known || !sigkey->hint.has_pubkey) return;
    if (eid_entry_is_unsigned(item->entry)) return;
    memcpy(key.bytes, sigkey->hint.pubkey, sizeof(key.bytes));
    item->is_good = eid_key_verify_entry(&key, item->entry);
    item->has_signature = true;
}

/* -- order ------------------------------------------------------------------------------------- */

static int item_compare_id(const void *a, const void *b)
{
    const ingest_item *x = *(ingest_item *const *)a, *y = *(ingest_item *const *)b;

    return eid_id_compare(eid_entry_id(x->entry), eid_entry_id(y->entry));
}

static int item_compare_place(const void *a, const void *b)
{
    const ingest_item *x = *(ingest_item *const *)a, *y = *(ingest_item *const *)b;
    uint64_t x_height = eid_entry_height(x->entry), y_height = eid_entry_height(y->entry);
    int trees = eid_id_compare(eid_entry_tree(x->entry), eid_entry_tree(y->entry));

    if (trees != 0) return trees;
    if (x_height != y_height) return x_height < y_height ? -1 : 1;
    return item_compare_id(a, b);
}

static eid_status ingest_sort(ingest *self, size_t given)
{
    self->order = eid_alloc_array(given, sizeof(*self->order));
    self->by_id = eid_alloc_array(given, sizeof(*self->by_id));
    if (self->order == NULL || self->by_id == NULL) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu entries", given);
    }
    for (size_t i = 0; i < given; i++) {
        if (self->items[i].entry == NULL) {
            self->report->malformed++;
        } else {
            self->order[self->count++] = &self->items[i];
        }
    }
    if (self->count == 0) return EID_OK;
    qsort(self->order, self->count, sizeof(*self->order), item_compare_place);
    memcpy(self->by_id, self->order, self->count * sizeof(*self->by_id));
    qsort(self->by_id, self->count, sizeof(*self->by_id), item_compare_id);
    for (size_t i = 0; i < self->count; i++) self->order[i]->place = i;
    return EID_OK;
}

/* What the pool found; see eid_verify_options. */
static eid_status ingest_signature(void *arg, const eid_id *id, bool *ok)
{
    ingest *self = arg;
    size_t low = 0, high = self->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const ingest_item *item = self->by_id[middle];
        int compared = eid_id_compare(eid_entry_id(item->entry), id);

        if (compared == 0) {
            eid__job_need(self->signatures, item->place);
            *ok = item->is_good;
            return item->has_signature ? EID_OK : EID_E_NOT_FOUND;
        }
        if (compared < 0) low = middle + 1;
        if (compared > 0) high = middle;
    }
    return EID_E_NOT_FOUND;
}

/* -- storing ----------------------------------------------------------------------------------- */

/* Note the parents that are not held; those that come later in this batch are taken out again. */
static eid_status ingest_note_missing(const ingest *self, const eid__write *write,
                                      const eid_entry *entry)
{
    const eid_at at = {.kv = self->engine->kv, .batch = write->batch};
    eid_idset *missing = &self->report->missing;
    eid_ids parents = eid_entry_parents(entry);

    for (size_t i = 0; i < parents.count && missing->count < INGEST_MISSING_MAX; i++) {
        eid_status status;

        if (eid_index_has(&at, &parents.at[i])) continue;
        status = eid_idset_add(missing, &parents.at[i]);
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

static eid_status ingest_put(ingest *self, eid__write *write, ingest_item *item)
{
    uint64_t waiting = write->waiting;
    bool is_new;
    eid_status status;

    if (item->is_known) {
        self->report->known++;
        return EID_OK;
    }
    eid__job_need(self->signatures, item->place);
    status =
        eid__write_put(write, item->entry, item->has_signature ? &item->is_good : NULL, &is_new);
    if (status != EID_OK) return status;
    if (!is_new) {
        self->report->known++;
        return EID_OK;
    }
    self->report->stored++;
    if (write->waiting > waiting) status = ingest_note_missing(self, write, item->entry);
    if (status != EID_OK || write->bytes < EID__WRITE_BYTES_MAX) return status;
    return eid__write_commit(write, self->durability);
}

/* Items `from` to `end` of the order, which are one tree's. */
static eid_status ingest_tree(ingest *self, size_t from, size_t end)
{
    const eid_id *root = eid_entry_tree(self->order[from]->entry);
    eid__dbtree *tree;
    eid__write write;
    eid_status status = eid__dbtree_ref(self->engine->trees, root, &tree);

    if (status != EID_OK) return status;
    status = eid__write_begin(self->engine, tree, &write);
    write.is_remote = true;
    write.signature = ingest_signature;
    write.signature_self = self;
    for (size_t i = from; i < end && status == EID_OK; i++) {
        status = ingest_put(self, &write, self->order[i]);
    }
    if (status == EID_OK) status = eid__write_commit(&write, self->durability);
    self->report->verified += write.verified;
    self->report->failed += write.failed;
    eid__write_end(&write);
    eid__dbtree_unref(self->engine->trees, tree);
    return status;
}

/* Whether entries of this tree are wanted: it is known, or asked for, or anything is. */
static eid_status ingest_is_wanted(const ingest *self, const eid_id *root, bool *out)
{
    const eid_at at = {.kv = self->engine->kv};
    uint32_t database;
    eid_status status;

    *out = true;
    if (self->expect == NULL || eid_idset_has(self->expect, root)) return EID_OK;
    status = eid_index_database(&at, root, &database);
    *out = status == EID_OK;
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

static eid_status ingest_store(ingest *self)
{
    eid_status status = EID_OK;
    size_t from = 0;

    while (from < self->count && status == EID_OK) {
        const eid_id *root = eid_entry_tree(self->order[from]->entry);
        size_t end = from + 1;
        bool is_wanted;

        while (end < self->count && eid_id_equal(eid_entry_tree(self->order[end]->entry), root)) {
            end++;
        }
        status = ingest_is_wanted(self, root, &is_wanted);
        if (status != EID_OK) break;
        if (is_wanted) {
            status = ingest_tree(self, from, end);
        } else {
            self->report->malformed += end - from;
        }
        from = end;
    }
    return status;
}

/* Missing parents that are held by now are not missing. */
static void ingest_settle_missing(ingest *self)
{
    const eid_at at = {.kv = self->engine->kv};
    eid_idset *missing = &self->report->missing;
    size_t kept = 0;

    for (size_t i = 0; i < missing->count; i++) {
        if (!eid_index_has(&at, &missing->at[i])) missing->at[kept++] = missing->at[i];
    }
    missing->count = kept;
}

eid_status eid_engine_ingest(eid_engine *engine, const eid_slice *entries, size_t count,
                             const eid_idset *expect, eid_durability durability,
                             eid_ingest_report *out)
{
    ingest self = {.engine = engine,
                   .bytes = entries,
                   .expect = expect,
                   .durability = durability,
                   .report = out};
    eid__job *reading = NULL;
    eid_status status;

    memset(out, 0, sizeof(*out));
    self.items = eid_alloc_array(count, sizeof(*self.items));
    if (self.items == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu entries", count);
    status =
        eid__job_start(engine->pool, count, INGEST_READ_GROUP, ingest_read_item, &self, &reading);
    if (status != EID_OK) goto done;
    eid__job_end(reading);
    status = ingest_sort(&self, count);
    if (status != EID_OK) goto done;
    status = eid__job_start(engine->pool, self.count, INGEST_SIGN_GROUP, ingest_sign_item, &self,
                            &self.signatures);
    if (status != EID_OK) goto done;
    status = ingest_store(&self);
    ingest_settle_missing(&self);

done:
    eid__job_end(self.signatures);
    for (size_t i = 0; i < count; i++) eid_entry_free(self.items[i].entry);
    eid_free(self.items);
    eid_free(self.order);
    eid_free(self.by_id);
    return status;
}
