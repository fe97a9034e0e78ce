/* History is walked backward over the seam, one entry in memory at a time. An entry that people
 * look at shows its payloads as plain JSON where they are documents, and as base64 where they are
 * not. */
#include "auth/sigkey.h"
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/base.h"
#include "node/api_internal.h"
#include "node/db/engine.h"
#include "node/user/session.h"

typedef struct log_walk {
    const char *store; /* NULL = all */
    bool (*each)(void *self, const eidetica_entry *entry);
    void *self;
    eid_idset voids;
} log_walk;

static eid_status log_add_stores(eid__api_texts *texts, const eid_entry *entry)
{
    eid_status status = EID_OK;

    for (size_t i = 0; i < eid_entry_subtree_count(entry) && status == EID_OK; i++) {
        status = eid__api_texts_add(texts, eid_entry_subtree(entry, i)->name);
    }
    return status;
}

const char *eid__api_standing(const eid_entry *entry, eid_verdict verdict, const eid_idset *voids)
{
    bool is_void = verdict == EID_VERIFIED && eid_idset_has(voids, eid_entry_id(entry));

    return is_void ? "Void" : eid_verdict_name(verdict);
}

eid_status eid__api_entry_give(const eid_entry *entry, const char *standing,
                               bool (*each)(void *self, const eidetica_entry *entry), void *self)
{
    eidetica_entry out = {.verdict = standing};
    char id[EID_ID_TEXT_MAX];
    eid__api_texts texts;
    eid_status status;

    eid__api_texts_init(&texts);
    status = eid__api_texts_add_ids(&texts, eid_entry_parents(entry));
    if (status == EID_OK) status = log_add_stores(&texts, entry);
    if (status == EID_OK) {
        status = eid__api_texts_add(&texts, eid_entry_is_unsigned(entry)
                                                ? EID_SLICE_EMPTY
                                                : eid_sigkey_display(eid_entry_sigkey(entry)));
    }
    if (status == EID_OK) status = eid__api_texts_end(&texts);
    if (status != EID_OK) goto done;
    out.id = eid_id_format(eid_entry_id(entry), id);
    out.height = eid_entry_height(entry);
    out.parent_count = eid_entry_parents(entry).count;
    out.parents = texts.at;
    out.store_count = eid_entry_subtree_count(entry);
    out.stores = texts.at + out.parent_count;
    out.signer = texts.at[texts.count - 1];
    out.bytes = eid_entry_bytes(entry).len;
    if (!each(self, &out)) status = EID_E_AGAIN;

done:
    eid__api_texts_fini(&texts);
    return status;
}

static eid_status log_give(void *arg, const eid_entry *entry, eid_verdict verdict)
{
    const log_walk *walk = arg;

    if (walk->store && !eid_entry_find_subtree(entry, eid_slice_text(walk->store))) return EID_OK;
    return eid__api_entry_give(entry, eid__api_standing(entry, verdict, &walk->voids), walk->each,
                               walk->self);
}

eidetica_status eidetica_log(eidetica_db *db, const char *store,
                             bool (*each)(void *self, const eidetica_entry *entry), void *self)
{
    log_walk walk = {store, each, self, EID_IDSET_EMPTY};
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_void_ids(db, &walk.voids);
    if (status == EID_OK) {
        status = db->seam->entries(db->seam->self, &db->root, NULL, true, log_give, &walk);
    }
    eid_idset_fini(&walk.voids);
    return eid__api_end(status);
}

/* -- one entry as JSON ------------------------------------------------------------------------- */

static void show_ids(eid_json_writer *json, const char *key, eid_ids ids)
{
    char text[EID_ID_TEXT_MAX];

    eid_json_key(json, key);
    eid_json_array(json);
    for (size_t i = 0; i < ids.count; i++) eid_json_text(json, eid_id_format(&ids.at[i], text));
    eid_json_array_end(json);
}

static void show_base64(eid_json_writer *json, const char *key, eid_slice bytes)
{
    eid_buf text;

    eid_buf_init(&text, EID__API_JSON_MAX);
    eid_base64_encode(bytes, true, &text);
    eid_json_key(json, key);
    eid_json_string(json, eid_buf_slice(&text));
    eid_buf_fini(&text);
}

static void show_data(eid_json_writer *json, eid_slice data)
{
    eid_doc *doc = NULL;

    if (eid_payload_read_doc(data, &doc) == EID_OK) {
        eid_json_key(json, "data");
        eid_payload_view_doc(doc, json);
        eid_doc_free(doc);
    } else if (data.len > 0) {
        show_base64(json, "data_base64", data);
    }
}

static void show_stores(eid_json_writer *json, const eid_entry *entry)
{
    eid_json_key(json, "stores");
    eid_json_array(json);
    for (size_t i = 0; i < eid_entry_subtree_count(entry); i++) {
        const eid_subtree *store = eid_entry_subtree(entry, i);

        eid_json_object(json);
        eid_json_key(json, "name");
        eid_json_string(json, store->name);
        eid_json_key(json, "height");
        eid_json_uint(json, store->height);
        show_ids(json, "parents", store->parents);
        if (store->has_data) show_data(json, store->data);
        eid_json_object_end(json);
    }
    eid_json_array_end(json);
}

static void show_signature(eid_json_writer *json, const eid_entry *entry)
{
    eid_slice signature;

    eid_json_key(json, "signer");
    eid_sigkey_write_json(eid_entry_sigkey(entry), json);
    if (!eid_entry_signature(entry, &signature)) return;
    eid_json_key(json, "signature");
    eid_json_string(json, signature);
}

static void show_metadata(eid_json_writer *json, const eid_entry *entry)
{
    eid_slice metadata;
    eid_pin pin = {0};

    if (!eid_entry_metadata(entry, &metadata)) return;
    if (eid_entry_pin(entry, &pin) == EID_OK && pin.valid) {
        show_ids(json, "settings_tips", eid_idset_ids(&pin.tips));
    } else {
        show_base64(json, "metadata_base64", metadata);
    }
    eid_pin_fini(&pin);
}

static void show_entry(eid_json_writer *json, const eid_entry *entry, eid_verdict verdict)
{
    char text[EID_ID_TEXT_MAX];

    eid_json_object(json);
    eid_json_key(json, "id");
    eid_json_text(json, eid_id_format(eid_entry_id(entry), text));
    eid_json_key(json, "root");
    eid_json_text(json, eid_id_format(eid_entry_tree(entry), text));
    eid_json_key(json, "height");
    eid_json_uint(json, eid_entry_height(entry));
    eid_json_key(json, "verdict");
    eid_json_text(json, eid_verdict_name(verdict));
    eid_json_key(json, "bytes");
    eid_json_uint(json, eid_entry_bytes(entry).len);
    show_ids(json, "parents", eid_entry_parents(entry));
    show_metadata(json, entry);
    show_stores(json, entry);
    show_signature(json, entry);
    eid_json_object_end(json);
}

static eid_status log_show(eidetica_db *db, const char *id_text, char **out)
{
    eid_entry *entry = NULL;
    eid_verdict verdict;
    eid_json_writer json;
    eid_buf buf;
    eid_id id;
    eid_status status = eid_id_parse(eid_slice_text(id_text), &id);

    if (status != EID_OK) return status;
    status = db->seam->entry(db->seam->self, &db->root, &id, &entry, &verdict);
    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_ENTRY_NOT_FOUND, "entry %s is not here", id_text);
    }
    if (status != EID_OK) return status;
    eid_buf_init(&buf, EID__API_JSON_MAX);
    eid_json_writer_init(&json, &buf);
    show_entry(&json, entry, verdict);
    eid_entry_free(entry);
    status = eid_buf_status(&buf);
    if (status == EID_OK) *out = eid_buf_take_text(&buf);
    eid_buf_fini(&buf);
    if (status == EID_OK && !*out) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an entry");
    return status;
}

eidetica_status eidetica_entry_show(eidetica_db *db, const char *id, char **json)
{
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(id, "id");
    if (status == EID_OK) status = eid__api_need(json, "json");
    if (status == EID_OK) {
        *json = NULL;
        status = log_show(db, id, json);
    }
    return eid__api_end(status);
}

static eid_status log_explain(eidetica_db *db, const char *id, char **out)
{
    eid_json_writer json;
    eid_buf args, answer;
    eid_status status;

    eid_buf_init(&args, 4096);
    eid_buf_init(&answer, EID__API_JSON_MAX);
    eid_json_writer_init(&json, &args);
    eid_json_object(&json);
    eid_json_key(&json, "root");
    eid_json_text(&json, db->root_text);
    eid_json_key(&json, "id");
    eid_json_text(&json, id);
    eid_json_object_end(&json);
    status = eid_buf_status(&args);
    if (status == EID_OK) {
        status = eid__api_control(db->user->instance, db->seam, "explain", eid_buf_slice(&args),
                                  &answer);
    }
    if (status == EID_OK) *out = eid_buf_take_text(&answer);
    eid_buf_fini(&args);
    eid_buf_fini(&answer);
    if (status == EID_OK && !*out) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an answer");
    return status;
}

eidetica_status eidetica_entry_explain(eidetica_db *db, const char *id, char **json)
{
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(id, "id");
    if (status == EID_OK) status = eid__api_need(json, "json");
    if (status == EID_OK) {
        *json = NULL;
        status = log_explain(db, id, json);
    }
    return eid__api_end(status);
}
