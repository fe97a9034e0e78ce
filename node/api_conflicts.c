/* Conflicts are given to C programs one at a time, with their texts in one buffer. Values look as
 * where they would be read: documents as plain JSON, a table's rows as the JSON that they are. */
#include "crdt/payload.h"
#include "dag/base.h"
#include "node/api_internal.h"
#include "node/db/registry.h"
#include "node/db/table.h"
#include "node/db/txn.h"

#define CONFLICTS_CURSOR_MAX (64u * 1024u * 1024u)

typedef struct conflicts_walk {
    bool (*each)(void *self, const eidetica_conflict *conflict);
    void *self;
    eid_txn *txn;  /* to ask for the types of stores */
    eid_buf store; /* the last one asked for */
    bool has_store, is_table;
    eid__api_texts texts;
    eid_buf value;
} conflicts_walk;

/* -- the filter -------------------------------------------------------------------------------- */

typedef struct conflicts_query {
    eid_conflict_query query;
    eid_id entry;
    eid_buf after;
} conflicts_query;

static eid_status query_begin(const eidetica_conflict_filter *filter, conflicts_query *out)
{
    *out = (conflicts_query){.query = {.settled_only = filter && filter->settled}};
    eid_buf_init(&out->after, CONFLICTS_CURSOR_MAX);
    if (!filter) return EID_OK;
    if (filter->store) out->query.store = eid_slice_text(filter->store);
    if (filter->path) out->query.path = eid_slice_text(filter->path);
    if (filter->after && !eid_base64_decode(eid_slice_text(filter->after), true, &out->after)) {
        return EID_FAIL(EID_KIND_ARGUMENT, "\"%s\" is no cursor of a list of conflicts",
                        filter->after);
    }
    out->query.after = eid_buf_slice(&out->after);
    if (!filter->entry) return EID_OK;
    out->query.entry = &out->entry;
    return eid_id_parse(eid_slice_text(filter->entry), &out->entry);
}

/* -- one conflict ------------------------------------------------------------------------------ */

/* Whether the store is a table now; asked once for the conflicts of a store, which come together.
 */
static eid_status conflicts_look_up(conflicts_walk *walk, eid_slice store)
{
    eid_registry_row row = {0};
    eid_status status;

    if (walk->has_store && eid_slice_equal(eid_buf_slice(&walk->store), store)) return EID_OK;
    walk->has_store = true;
    eid_buf_clear(&walk->store);
    eid_buf_append(&walk->store, store);
    status = eid_registry_find(walk->txn, store, &row);
    walk->is_table = status == EID_OK && strcmp(row.type, EID_TYPE_TABLE) == 0;
    if (status == EID_OK) eid_registry_row_fini(&row);
    return status == EID_E_NO_MEMORY ? status : eid_buf_status(&walk->store);
}

static bool conflicts_is_json(eid_slice text)
{
    eid_json json;
    bool is_json;

    eid_json_init(&json, text);
    eid_json_skip(&json);
    is_json = eid_json_finish(&json) == EID_OK;
    eid_json_fini(&json);
    return is_json;
}

/* Entry, signer, value: three texts, of which the last is missing if there is none. */
static eid_status conflicts_add_side(conflicts_walk *walk, const eid_conflict_side *side)
{
    char id[EID_ID_TEXT_MAX];
    eid_slice json;
    eid_json_writer writer;
    eid_status status =
        eid__api_texts_add(&walk->texts, eid_slice_text(eid_id_format(&side->entry, id)));

    if (status == EID_OK) status = eid__api_texts_add(&walk->texts, side->signer);
    if (status != EID_OK) return status;
    eid_buf_clear(&walk->value);
    if (!side->value) return eid__api_texts_add(&walk->texts, EID_SLICE_EMPTY);
    if (walk->is_table && side->value->type == EID_VALUE_TEXT &&
        conflicts_is_json(eid_value_text(side->value))) {
        return eid__api_texts_add(&walk->texts, eid_value_text(side->value));
    }
    eid_json_writer_init(&writer, &walk->value);
    eid_payload_view_value(side->value, &writer);
    json = eid_buf_slice(&walk->value);
    status = eid_buf_status(&walk->value);
    return status == EID_OK ? eid__api_texts_add(&walk->texts, json) : status;
}

static eid_status conflicts_add(conflicts_walk *walk, const eid_conflict *conflict)
{
    eid__api_texts *texts = &walk->texts;
    eid_status status = eid__api_texts_add(texts, conflict->store);

    if (status == EID_OK) status = conflicts_add_side(walk, &conflict->lost);
    if (status == EID_OK) status = conflicts_add_side(walk, &conflict->now);
    if (status != EID_OK) return status;
    eid_buf_clear(&walk->value);
    eid_base64_encode(conflict->cursor, true, &walk->value);
    status = eid_buf_status(&walk->value);
    if (status == EID_OK) status = eid__api_texts_add(texts, eid_buf_slice(&walk->value));
    for (size_t i = 0; i < conflict->path_count && status == EID_OK; i++) {
        status = eid__api_texts_add(texts, conflict->path[i]);
    }
    return status == EID_OK ? eid__api_texts_end(texts) : status;
}

static eidetica_conflict_side conflicts_side(const char *const *texts,
                                             const eid_conflict_side *side)
{
    return (eidetica_conflict_side){.entry = texts[0],
                                    .signer = texts[1],
                                    .arrived_ms = side->arrived_ms,
                                    .json = side->value ? texts[2] : NULL};
}

static eid_status conflicts_give(void *arg, const eid_conflict *conflict)
{
    conflicts_walk *walk = arg;
    eidetica_conflict out = {.settled = conflict->is_settled};
    bool is_on = true;
    eid_status status = conflicts_look_up(walk, conflict->store);

    eid__api_texts_init(&walk->texts);
    if (status == EID_OK) status = conflicts_add(walk, conflict);
    if (status == EID_OK) {
        const char *const *texts = walk->texts.at;

        out.store = texts[0];
        out.lost = conflicts_side(texts + 1, &conflict->lost);
        out.now = conflicts_side(texts + 4, &conflict->now);
        out.cursor = texts[7];
        out.path = texts + 8;
        out.path_count = conflict->path_count;
        is_on = walk->each(walk->self, &out);
    }
    eid__api_texts_fini(&walk->texts);
    if (status != EID_OK) return status;
    return is_on ? EID_OK : EID_E_AGAIN;
}

eidetica_status eidetica_conflicts(eidetica_db *db, const eidetica_conflict_filter *filter,
                                   bool (*each)(void *self, const eidetica_conflict *conflict),
                                   void *self)
{
    conflicts_walk walk = {.each = each, .self = self};
    conflicts_query query;
    eid_status status = eid__api_need(db, "db");

    if (status != EID_OK) return eid__api_end(status);
    eid_buf_init(&walk.store, EID__API_JSON_MAX);
    eid_buf_init(&walk.value, EID__API_JSON_MAX);
    status = query_begin(filter, &query);
    if (status == EID_OK) status = eid_txn_begin(db->seam, &db->root, NULL, NULL, &walk.txn);
    if (status == EID_OK) {
        status =
            db->seam->conflicts(db->seam->self, &db->root, &query.query, conflicts_give, &walk);
    }
    eid_txn_free(walk.txn);
    eid_buf_fini(&query.after);
    eid_buf_fini(&walk.store);
    eid_buf_fini(&walk.value);
    return eid__api_end(status);
}

eidetica_status eidetica_conflicts_prune(eidetica_db *db, const eidetica_conflict_filter *filter,
                                         uint64_t *pruned)
{
    conflicts_query query;
    uint64_t count = 0;
    eid_status status = eid__api_need(db, "db");

    if (pruned) *pruned = 0;
    if (status != EID_OK) return eid__api_end(status);
    status = query_begin(filter, &query);
    if (status == EID_OK) {
        status = db->seam->prune_conflicts(db->seam->self, &db->root, &query.query, &count);
    }
    if (pruned) *pruned = count;
    eid_buf_fini(&query.after);
    return eid__api_end(status);
}
