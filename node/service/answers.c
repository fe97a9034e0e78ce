/* The seam has no calls for what only people ask now and then; they are methods here, so that a
 * question has one answer whoever passes it on. */
#include "node/service/answers.h"

#include "auth/explain.h"
#include "auth/sigkey.h"
#include "dag/alloc.h"
#include "node/db/void.h"
#include "node/service/fields.h"
#include "node/service/sigkeys.h"
#include "node/user/session.h"

static void answer_text(eid_json_writer *json, const char *key, const char *text)
{
    eid_json_key(json, key);
    eid_json_text(json, text);
}

static void explain_parents(const eid_at *at, const eid_entry *entry, eid_json_writer *json)
{
    eid_ids parents = eid_entry_parents(entry);
    char text[EID_ID_TEXT_MAX];

    eid_json_key(json, "parents");
    eid_json_array(json);
    for (size_t i = 0; i < parents.count; i++) {
        eid_index_info info;
        bool is_held = eid_index_find(at, &parents.at[i], &info) == EID_OK;

        eid_json_object(json);
        answer_text(json, "id", eid_id_format(&parents.at[i], text));
        answer_text(json, "verdict", is_held ? eid_verdict_name(info.verdict) : "missing");
        eid_json_object_end(json);
    }
    eid_json_array_end(json);
}

static void explain_ids(eid_json_writer *json, const char *key, eid_ids ids)
{
    char text[EID_ID_TEXT_MAX];

    eid_json_key(json, key);
    eid_json_array(json);
    for (size_t i = 0; i < ids.count; i++) eid_json_text(json, eid_id_format(&ids.at[i], text));
    eid_json_array_end(json);
}

/* The records of settings that counted, and who wrote them; `entry` null: nobody did. */
static void explain_records(const eid_explanation *why, eid_json_writer *json)
{
    char text[EID_ID_TEXT_MAX];

    eid_json_key(json, "settings");
    eid_json_array(json);
    for (size_t i = 0; i < why->record_count; i++) {
        const eid_explain_record *record = &why->records[i];

        eid_json_object(json);
        answer_text(json, "database", eid_id_format(&record->database, text));
        answer_text(json, "record", record->path);
        answer_text(json, "entry", record->has_entry ? eid_id_format(&record->entry, text) : NULL);
        eid_json_object_end(json);
    }
    eid_json_array_end(json);
}

static void explain_rule(const eid_explanation *why, eid_json_writer *json)
{
    char text[EID_ID_TEXT_MAX];

    answer_text(json, "judged", eid_verdict_name(why->verdict));
    answer_text(json, "rule", eid_rule_code(why->rule));
    answer_text(json, "source", eid_rule_source(why->rule));
    answer_text(json, "reason", why->reason ? why->reason : "");
    if (why->has_awaited) answer_text(json, "awaits", eid_id_format(&why->awaited, text));
}

/* Void or not is said of what would be visible else. */
static void explain_void(const eid_revocation_answer *answer, eid_json_writer *json)
{
    eid_rule rule = answer->by.len > 0 ? EID_RULE_VOID_REVOKED : EID_RULE_VOID_GRANT;
    char text[EID_ID_TEXT_MAX];

    eid_json_key(json, "void");
    eid_json_bool(json, answer->is_void);
    answer_text(json, "voided_by", answer->by.len > 0 ? eid_id_format(&answer->by, text) : NULL);
    if (answer->is_readmitted) rule = EID_RULE_READMITTED;
    if (!answer->is_void && !answer->is_readmitted) return;
    answer_text(json, "void_rule", eid_rule_code(rule));
    answer_text(json, "void_reason", eid_rule_text(rule));
}

static eid_status explain_write(const eid_at *at, const eid_entry *entry, bool strict,
                                eid_verdict held, eid_buf *out)
{
    char text[EID_ID_TEXT_MAX];
    eid_explanation why;
    eid_json_writer json;
    eid_revocation_answer answer = {.is_void = false};
    eid_status status = eid_explain(at, entry, strict, &why);

    if (status == EID_OK && held == EID_VERIFIED) status = eid_void_ask(at, entry, &answer);
    if (status != EID_OK) goto done;
    eid_json_writer_init(&json, out);
    eid_json_object(&json);
    answer_text(&json, "id", eid_id_format(eid_entry_id(entry), text));
    answer_text(&json, "verdict", eid_verdict_name(held));
    eid_json_key(&json, "visible");
    eid_json_bool(&json, held == EID_VERIFIED && !answer.is_void);
    explain_void(&answer, &json);
    explain_rule(&why, &json);
    eid_json_key(&json, "signer");
    eid_json_string(&json, eid_sigkey_display(eid_entry_sigkey(entry)));
    eid_json_key(&json, "strict");
    eid_json_bool(&json, strict);
    explain_ids(&json, "pinned", eid_idset_ids(&why.pin));
    explain_records(&why, &json);
    explain_parents(at, entry, &json);
    eid_json_object_end(&json);
    status = eid_buf_status(out);

done:
    eid_explanation_fini(&why);
    return status;
}

static eid_status answer_explain(eid_engine *engine, eid_slice args, eid_buf *out)
{
    static const char *const names[] = {"root", "id"};
    const eid_seam *seam = eid_engine_seam(engine);
    const eid_at at = {.kv = eid_engine_kv(engine)};
    eid_entry *entry = NULL;
    eid_verdict verdict;
    eid_db_info info;
    eid_fields fields;
    eid_id root, id;
    eid_status status;

    eid_fields_init(&fields, args, names, 2);
    eid_fields_id(&fields, 0, &root);
    eid_fields_id(&fields, 1, &id);
    if (fields.status != EID_OK) return fields.status;
    status = seam->info(seam->self, &root, &info);
    if (status == EID_OK) status = seam->entry(seam->self, &root, &id, &entry, &verdict);
    if (status == EID_E_NOT_FOUND) {
        status = EID_FAIL(EID_KIND_ENTRY_NOT_FOUND, "entry %s is not here", eid_id_str(&id));
    }
    if (status == EID_OK) status = explain_write(&at, entry, info.strict, verdict, out);
    eid_entry_free(entry);
    eid_db_info_fini(&info);
    return status;
}

static eid_status voids_write(void *arg, const eid_entry *entry,
                              const eid_revocation_answer *answer)
{
    eid_json_writer *json = arg;
    char text[EID_ID_TEXT_MAX];

    eid_json_object(json);
    answer_text(json, "id", eid_id_format(eid_entry_id(entry), text));
    answer_text(json, "by", answer->by.len > 0 ? eid_id_format(&answer->by, text) : NULL);
    eid_json_key(json, "signer");
    eid_json_string(json, eid_sigkey_display(eid_entry_sigkey(entry)));
    eid_json_key(json, "settings");
    eid_json_bool(json, eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS)) != NULL);
    eid_json_object_end(json);
    return EID_OK;
}

static eid_status answer_voids(eid_engine *engine, eid_slice args, eid_buf *out)
{
    static const char *const names[] = {"root"};
    const eid_at at = {.kv = eid_engine_kv(engine)};
    eid_json_writer json;
    eid_fields fields;
    eid_id root;
    eid_status status;

    eid_fields_init(&fields, args, names, 1);
    eid_fields_id(&fields, 0, &root);
    if (fields.status != EID_OK) return fields.status;
    eid_json_writer_init(&json, out);
    eid_json_object(&json);
    eid_json_key(&json, "entries");
    eid_json_array(&json);
    status = eid_void_each(&at, &root, voids_write, &json);
    eid_json_array_end(&json);
    eid_json_object_end(&json);
    return status == EID_OK ? eid_buf_status(out) : status;
}

static eid_status users_write(void *arg, const char *name)
{
    eid_json_text(arg, name);
    return EID_OK;
}

static eid_status answer_users(eid_engine *engine, eid_buf *out)
{
    eid_json_writer json;
    eid_status status;

    eid_json_writer_init(&json, out);
    eid_json_object(&json);
    eid_json_key(&json, "names");
    eid_json_array(&json);
    status = eid_session_list_users(eid_engine_seam(engine), users_write, &json);
    eid_json_array_end(&json);
    eid_json_object_end(&json);
    return status == EID_OK ? eid_buf_status(out) : status;
}

eid_status eid_service_answer(eid_engine *engine, const char *method, eid_slice args,
                              void (*progress)(void *arg, eid_slice json), void *arg, eid_buf *out)
{
    const eid_seam *seam = eid_engine_seam(engine);
    eid_status status;

    if (strcmp(method, "explain") == 0) return answer_explain(engine, args, out);
    if (strcmp(method, "voids") == 0) return answer_voids(engine, args, out);
    if (strcmp(method, "users") == 0) return answer_users(engine, out);
    if (strcmp(method, "sigkeys") == 0) return eid_service_answer_sigkeys(engine, args, out);
    if (strcmp(method, "sync_disk") == 0) {
        status = eid_kv_sync(eid_engine_kv(engine));
        eid_buf_append_text(out, "{}");
        return status == EID_OK ? eid_buf_status(out) : status;
    }
    return seam->control(seam->self, method, args, progress, arg, out);
}
