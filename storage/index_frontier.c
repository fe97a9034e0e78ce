/* A frontier is all that has to be known of a tree or a store to say what becomes of its tips when
 * an entry comes: the tips of both levels, and the awaited, ids that somebody lists as parent and
 * that are not held (or not Verified) yet and so will not be tips when they come.
 *
 * It is one record, rewritten whole, and not one key for each tip: every commit replaces a tip, and
 * an iterator would have to pass all keys deleted since the last compaction. Only a frontier of
 * many items (a bulk import in random order, a thousand forks) is spread over keys, and gathered
 * again when it has shrunk. Source: spec 02 §6.1. */
#include "dag/alloc.h"
#include "dag/assert.h"
#include "storage/index_parts.h"

#define ITEMS_SPREAD 96 /* more items are spread over keys: some 5 KB are rewritten at most */
#define ITEMS_GATHER 32 /* fewer are one record again */
#define FRONTIER_BYTES_MAX ((size_t)64 * 1024)
#define NAME_BYTES_MAX (EID_ENTRY_BYTES_MAX + 64u)
#define ITEM_BYTES_MAX 16

#define TIP_RAW 1u
#define TIP_VISIBLE 2u
#define AWAITED_RAW 4u
#define AWAITED_VISIBLE 8u

typedef struct frontier_item {
    eid_id id;
    uint64_t height; /* while it is a tip */
    unsigned flags;  /* never 0 */
} frontier_item;

typedef struct frontier {
    eid_at at; /* a batch, if it is changed */
    uint32_t database;
    eid_slice name; /* borrowed */
    bool is_spread;
    size_t count; /* items here or, if spread, in keys of their own */
    frontier_item items[ITEMS_SPREAD + 1];
    bool is_changed;
} frontier;

static void frontier_key(const frontier *self, eid_buf *out)
{
    eid__key prefix;

    eid__key_tip(&prefix, self->database, EID__TIP_FRONTIER);
    eid_buf_clear(out);
    eid_buf_append(out, eid__key_slice(&prefix));
    eid_buf_append(out, self->name);
}

/* The key of a spread item; with id NULL, the prefix of all. */
static void frontier_item_key(const frontier *self, const eid_id *id, eid_buf *out)
{
    eid__key prefix;

    eid__key_tip(&prefix, self->database, EID__TIP_ITEM);
    eid_buf_clear(out);
    eid_buf_append(out, eid__key_slice(&prefix));
    eid_buf_append_u32(out, (uint32_t)self->name.len);
    eid_buf_append(out, self->name);
    if (id != NULL) eid_buf_append(out, eid_id_slice(id));
}

static void frontier_read(frontier *self, eid__record *record)
{
    self->is_spread = eid__record_u8(record) != 0;
    self->count = eid__record_u32(record);
    if (self->is_spread) return;
    if (self->count > EID_COUNT(self->items)) record->failed = true;
    for (size_t i = 0; i < self->count && !record->failed; i++) {
        self->items[i].flags = eid__record_u8(record);
        self->items[i].height = eid__record_u64(record);
        eid__record_id(record, &self->items[i].id);
    }
}

/* Read the frontier of a store; one that is unknown is empty, and changed, so that it is written.
 */
static eid_status frontier_load(frontier *self)
{
    eid_buf key, value;
    eid_status status;

    self->is_spread = false;
    self->is_changed = false;
    self->count = 0;
    eid_buf_init(&key, NAME_BYTES_MAX);
    eid_buf_init(&value, FRONTIER_BYTES_MAX);
    frontier_key(self, &key);
    status = eid_buf_status(&key);
    if (status == EID_OK) {
        status = eid__at_get_hot(&self->at, EID_FAMILY_TIP, eid_buf_slice(&key), &value);
    }
    if (status == EID_OK) {
        eid__record record = eid__record_begin(eid_buf_slice(&value));

        frontier_read(self, &record);
        status = eid__record_status(&record, "a list of tips");
    } else if (status == EID_E_NOT_FOUND) {
        self->is_changed = true;
        status = EID_OK;
    }
    eid_buf_fini(&key);
    eid_buf_fini(&value);
    return status;
}

static eid_status item_read(eid_slice value, frontier_item *out)
{
    eid__record record = eid__record_begin(value);

    out->flags = eid__record_u8(&record);
    out->height = eid__record_u64(&record);
    return eid__record_status(&record, "a tip");
}

/* The item of `id`; flags 0 if there is none. *place is where it is in items, or count. */
static eid_status frontier_find(const frontier *self, const eid_id *id, frontier_item *out,
                                size_t *place)
{
    eid_buf key, value;
    eid_status status;

    *out = (frontier_item){.id = *id};
    *place = 0;
    if (!self->is_spread) {
        while (*place < self->count && !eid_id_equal(&self->items[*place].id, id)) (*place)++;
        if (*place < self->count) *out = self->items[*place];
        return EID_OK;
    }
    eid_buf_init(&key, NAME_BYTES_MAX);
    eid_buf_init(&value, ITEM_BYTES_MAX);
    frontier_item_key(self, id, &key);
    status = eid_buf_status(&key);
    if (status == EID_OK) {
        status = eid__at_get(&self->at, EID_FAMILY_TIP, eid_buf_slice(&key), &value);
    }
    if (status == EID_OK) status = item_read(eid_buf_slice(&value), out);
    eid_buf_fini(&key);
    eid_buf_fini(&value);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* Write a spread item, or delete it if it has no flags. */
static eid_status frontier_write_item(frontier *self, const frontier_item *item)
{
    eid_buf key, value;
    eid_status status;

    eid_buf_init(&key, NAME_BYTES_MAX);
    eid_buf_init(&value, ITEM_BYTES_MAX);
    frontier_item_key(self, &item->id, &key);
    eid_buf_append_byte(&value, EID__RECORD_FORMAT);
    eid_buf_append_byte(&value, (uint8_t)item->flags);
    eid_buf_append_u64(&value, item->height);
    status = eid_buf_status(&key);
    if (status == EID_OK) status = eid_buf_status(&value);
    if (status == EID_OK && item->flags == 0) {
        status = eid_batch_delete(self->at.batch, EID_FAMILY_TIP, eid_buf_slice(&key));
    } else if (status == EID_OK) {
        status = eid_batch_put(self->at.batch, EID_FAMILY_TIP, eid_buf_slice(&key),
                               eid_buf_slice(&value));
    }
    eid_buf_fini(&key);
    eid_buf_fini(&value);
    return status;
}

static eid_status frontier_spread(frontier *self)
{
    eid_status status = EID_OK;

    for (size_t i = 0; status == EID_OK && i < self->count; i++) {
        status = frontier_write_item(self, &self->items[i]);
    }
    self->is_spread = true;
    return status;
}

/* Give an item, as frontier_find() found it, new flags. */
static eid_status frontier_set(frontier *self, frontier_item *item, size_t place, unsigned flags)
{
    bool was_there = item->flags != 0;

    if (item->flags == flags) return EID_OK;
    item->flags = flags;
    self->is_changed = true;
    if (self->is_spread) {
        if (was_there && flags == 0) self->count--;
        if (!was_there && flags != 0) self->count++;
        return frontier_write_item(self, item);
    }
    if (flags == 0) {
        self->items[place] = self->items[--self->count];
        return EID_OK;
    }
    self->items[place] = *item;
    if (!was_there) self->count++;
    return self->count > ITEMS_SPREAD ? frontier_spread(self) : EID_OK;
}

/* Each spread item is given to `fn`, which may change it. */
typedef eid_status (*frontier_item_fn)(frontier *self, frontier_item *item, void *context);

static eid_status frontier_walk(frontier *self, frontier_item_fn fn, void *context)
{
    eid__cursor *cursor = NULL;
    eid_slice name, value;
    eid_buf prefix;
    eid_status status;

    eid_buf_init(&prefix, NAME_BYTES_MAX);
    frontier_item_key(self, NULL, &prefix);
    status = eid_buf_status(&prefix);
    if (status == EID_OK) {
        status = eid__cursor_new(&self->at, EID_FAMILY_TIP, eid_buf_slice(&prefix), &cursor);
    }
    for (; status == EID_OK && eid__cursor_pair(cursor, &name, &value); eid__cursor_next(cursor)) {
        frontier_item item = {.id = EID_ID_EMPTY};
        size_t len = name.len - prefix.len;

        status = item_read(value, &item);
        if (status == EID_OK && len > EID_ID_BYTES_MAX) {
            status = EID_FAIL(EID_KIND_STORE_CORRUPT, "a tip of %zu bytes", len);
        }
        if (status != EID_OK) break;
        item.id.len = (uint8_t)len;
        memcpy(item.id.bytes, name.at + prefix.len, len);
        status = fn(self, &item, context);
    }
    if (status == EID_OK) status = eid__cursor_status(cursor);
    eid__cursor_free(cursor);
    eid_buf_fini(&prefix);
    return status;
}

static eid_status frontier_gather_item(frontier *self, frontier_item *item, void *context)
{
    size_t *count = context;

    if (*count > ITEMS_SPREAD) return EID_FAIL(EID_KIND_STORE_CORRUPT, "more tips than counted");
    self->items[(*count)++] = *item;
    item->flags = 0;
    return frontier_write_item(self, item);
}

static eid_status frontier_store(frontier *self)
{
    eid_buf key, value;
    eid_status status = EID_OK;

    if (!self->is_changed) return EID_OK;
    if (self->is_spread && self->count <= ITEMS_GATHER) {
        size_t count = 0;

        status = frontier_walk(self, frontier_gather_item, &count);
        if (status != EID_OK) return status;
        self->is_spread = false;
        self->count = count;
    }
    eid_buf_init(&key, NAME_BYTES_MAX);
    eid_buf_init(&value, FRONTIER_BYTES_MAX);
    frontier_key(self, &key);
    eid_buf_append_byte(&value, EID__RECORD_FORMAT);
    eid_buf_append_byte(&value, self->is_spread);
    eid_buf_append_u32(&value, (uint32_t)self->count);
    for (size_t i = 0; !self->is_spread && i < self->count; i++) {
        eid_buf_append_byte(&value, (uint8_t)self->items[i].flags);
        eid_buf_append_u64(&value, self->items[i].height);
        eid__record_put_id(&value, &self->items[i].id);
    }
    status = eid_buf_status(&key);
    if (status == EID_OK) status = eid_buf_status(&value);
    if (status == EID_OK) {
        status = eid_batch_put(self->at.batch, EID_FAMILY_TIP, eid_buf_slice(&key),
                               eid_buf_slice(&value));
    }
    eid_buf_fini(&key);
    eid_buf_fini(&value);
    return status;
}

/* Who joins, and how. */
typedef struct frontier_joiner {
    const eid_id *id;
    uint64_t height; /* of the tree */
    unsigned levels;
} frontier_joiner;

static eid_status frontier_join_self(frontier *self, const frontier_joiner *joiner, uint64_t height)
{
    frontier_item item;
    size_t place;
    eid_status status = frontier_find(self, joiner->id, &item, &place);
    unsigned flags = item.flags;

    if (joiner->levels & EID__JOIN_RAW) {
        flags = flags & AWAITED_RAW ? flags & ~AWAITED_RAW : flags | TIP_RAW;
    }
    if (joiner->levels & EID__JOIN_VISIBLE) {
        flags = flags & AWAITED_VISIBLE ? flags & ~AWAITED_VISIBLE : flags | TIP_VISIBLE;
    }
    if (status != EID_OK) return status;
    if (flags & (TIP_RAW | TIP_VISIBLE)) item.height = height;
    return frontier_set(self, &item, place, flags);
}

/* Is a parent held, and visible to this joiner? Its flags tell in the usual case that it is a tip:
 * a held entry that nobody lists is a visible tip if and only if it is Verified. */
static eid_status frontier_parent_look(const frontier *self, const frontier_joiner *joiner,
                                       const frontier_item *parent, bool *is_held, bool *is_visible)
{
    eid_verdict verdict = EID_UNVERIFIED;
    uint64_t height = 0;
    eid_status status;

    *is_visible = (parent->flags & TIP_VISIBLE) != 0;
    *is_held = *is_visible || (parent->flags & TIP_RAW) != 0;
    if (*is_held || (parent->flags & AWAITED_RAW) != 0) return EID_OK;
    status = eid__node_peek(&self->at, self->database, &parent->id, &verdict, &height);
    if (status == EID_E_NOT_FOUND) return EID_OK;
    *is_held = status == EID_OK;
    *is_visible = *is_held && verdict == EID_VERIFIED;
    if (*is_visible && (joiner->levels & EID__JOIN_AGAIN)) {
        *is_visible = height < joiner->height ||
                      (height == joiner->height && eid_id_compare(&parent->id, joiner->id) < 0);
    }
    return status;
}

static eid_status frontier_join_parent(frontier *self, const frontier_joiner *joiner,
                                       const eid_id *id)
{
    frontier_item parent;
    bool is_held, is_visible;
    unsigned flags;
    size_t place;
    eid_status status = frontier_find(self, id, &parent, &place);

    if (status != EID_OK) return status;
    status = frontier_parent_look(self, joiner, &parent, &is_held, &is_visible);
    if (status != EID_OK) return status;
    flags = parent.flags;
    if (joiner->levels & EID__JOIN_RAW) {
        flags &= ~TIP_RAW;
        if (!is_held) flags |= AWAITED_RAW;
    }
    if (joiner->levels & EID__JOIN_VISIBLE) {
        flags &= ~TIP_VISIBLE;
        if (!is_visible) flags |= AWAITED_VISIBLE;
    }
    return frontier_set(self, &parent, place, flags);
}

eid_status eid__frontier_join(eid_batch *batch, uint32_t database, const eid_id *id,
                              const eid__node *node, unsigned levels)
{
    frontier_joiner joiner = {id, node->edges[0].height, levels};
    frontier *self = eid_alloc(sizeof *self);
    eid_status status = EID_OK;

    if (self == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for tips");
    self->at = eid__at_batch(batch);
    self->database = database;
    for (size_t i = 0; status == EID_OK && i < node->count; i++) {
        const eid__edges *edges = &node->edges[i];

        self->name = edges->name;
        status = frontier_load(self);
        if (status == EID_OK) status = frontier_join_self(self, &joiner, edges->height);
        for (size_t p = 0; status == EID_OK && p < edges->parents.count; p++) {
            status = frontier_join_parent(self, &joiner, &edges->parents.at[p]);
        }
        if (status == EID_OK) status = frontier_store(self);
    }
    eid_free(self);
    return status;
}

eid_status eid__frontier_is_next(eid_batch *batch, uint32_t database, eid_ids parents, bool *out)
{
    frontier *self = eid_alloc(sizeof *self);
    eid_status status;

    *out = parents.count > 0;
    if (self == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for tips");
    self->at = eid__at_batch(batch);
    self->database = database;
    status = frontier_load(self);
    for (size_t i = 0; status == EID_OK && *out && i < parents.count; i++) {
        frontier_item item;
        size_t place;

        status = frontier_find(self, &parents.at[i], &item, &place);
        *out = (item.flags & TIP_RAW) != 0;
    }
    eid_free(self);
    return status;
}

static eid_status frontier_hide_item(frontier *self, frontier_item *item, void *context)
{
    (void)context;
    return frontier_set(self, item, 0, item->flags & (TIP_RAW | AWAITED_RAW));
}

static eid_status frontier_hide(frontier *self)
{
    eid_status status = frontier_load(self);

    if (status == EID_OK && self->is_spread) {
        status = frontier_walk(self, frontier_hide_item, NULL);
    } else if (status == EID_OK) {
        for (size_t i = self->count; i-- > 0 && status == EID_OK;) {
            frontier_item item = self->items[i];

            status = frontier_set(self, &item, i, item.flags & (TIP_RAW | AWAITED_RAW));
        }
    }
    return status == EID_OK ? frontier_store(self) : status;
}

eid_status eid__frontier_clear_visible(eid_batch *batch, uint32_t database)
{
    frontier *self = eid_alloc(sizeof *self);
    eid__cursor *cursor = NULL;
    eid_slice key, value;
    eid__key prefix;
    eid_status status;

    if (self == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for tips");
    self->at = eid__at_batch(batch);
    self->database = database;
    eid__key_tip(&prefix, database, EID__TIP_FRONTIER);
    status = eid__cursor_new(&self->at, EID_FAMILY_TIP, eid__key_slice(&prefix), &cursor);
    for (; status == EID_OK && eid__cursor_pair(cursor, &key, &value); eid__cursor_next(cursor)) {
        self->name = eid_slice_of(key.at + prefix.len, key.len - prefix.len);
        status = frontier_hide(self);
    }
    if (status == EID_OK) status = eid__cursor_status(cursor);
    eid__cursor_free(cursor);
    eid_free(self);
    return status;
}

typedef struct tips_wanted {
    unsigned flag;
    eid_order *out;
} tips_wanted;

static eid_status frontier_take_tip(frontier *self, frontier_item *item, void *context)
{
    tips_wanted *wanted = context;

    (void)self;
    if (!(item->flags & wanted->flag)) return EID_OK;
    return eid_order_push(wanted->out, item->height, &item->id);
}

eid_status eid__frontier_tips(const eid_at *at, uint32_t database, eid_slice name, eid_level level,
                              eid_order *out)
{
    tips_wanted wanted = {level == EID_LEVEL_RAW ? TIP_RAW : TIP_VISIBLE, out};
    frontier *self = eid_alloc(sizeof *self);
    eid_status status;

    if (self == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for tips");
    self->at = *at;
    self->database = database;
    self->name = name;
    status = frontier_load(self);
    if (status == EID_OK && self->is_spread) {
        status = frontier_walk(self, frontier_take_tip, &wanted);
    } else if (status == EID_OK) {
        for (size_t i = 0; status == EID_OK && i < self->count; i++) {
            status = frontier_take_tip(self, &self->items[i], &wanted);
        }
    }
    eid_free(self);
    return status;
}
