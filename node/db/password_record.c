/* Strict in what must be there, as the reference: a record that is only half a record would make a
 * store that nobody can open. Unknown members are passed over; the costs have defaults. */
#include "node/db/password_record.h"

#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/base.h"

#define RECORD_SEALED_MAX (1024u * 1024u)
#define RECORD_VERSION "v0"
#define RECORD_CIPHER "aes-256-gcm"
#define RECORD_KDF "argon2id"

void eid__password_record_fini(eid__password_record *record)
{
    eid_free(record->salt);
    eid_buf_fini(&record->nonce);
    eid_buf_fini(&record->sealed);
    record->salt = NULL;
}

static eid_status record_refuse(eid_slice store, const char *what)
{
    return EID_FAIL(EID_KIND_STORE_DECODE, "the record of encrypted store %.*s: %s",
                    EID_SLICE_ARG(store), what);
}

/* A live child of a type; NULL if there is none. */
static const eid_value *record_child(const eid_doc *doc, const char *name, eid_value_type type)
{
    const eid_value *child = doc ? eid_doc_child(doc, eid_slice_text(name)) : NULL;

    return child && child->type == type ? child : NULL;
}

static eid_status record_base64(eid_slice store, const eid_doc *doc, const char *name, eid_buf *out)
{
    const eid_value *text = record_child(doc, name, EID_VALUE_TEXT);

    if (text && eid_base64_decode(eid_value_text(text), true, out)) return EID_OK;
    if (out->status != EID_OK) return eid_buf_status(out);
    return record_refuse(store, "`wrapped_config` is no base64");
}

/* An absent cost, or one that is no number, is the default. */
static bool record_cost(const eid_doc *doc, const char *name, uint32_t *out)
{
    const eid_value *cost = record_child(doc, name, EID_VALUE_INT);

    if (!cost) return true;
    if (cost->integer < 0 || cost->integer > UINT32_MAX) return false;
    *out = (uint32_t)cost->integer;
    return true;
}

static eid_status record_read_encryption(eid_slice store, const eid_doc *doc,
                                         eid__password_record *out)
{
    const eid_value *cipher = record_child(doc, "algorithm", EID_VALUE_TEXT);
    const eid_value *kdf = record_child(doc, "kdf", EID_VALUE_TEXT);
    const eid_value *salt = record_child(doc, "salt", EID_VALUE_TEXT);

    if (!cipher || !kdf || !salt || !record_child(doc, "version", EID_VALUE_TEXT)) {
        return record_refuse(store, "a member of `encryption` is missing or no text");
    }
    if (!record_cost(doc, "argon2_m_cost", &out->costs.memory_kib) ||
        !record_cost(doc, "argon2_t_cost", &out->costs.passes) ||
        !record_cost(doc, "argon2_p_cost", &out->costs.lanes)) {
        return record_refuse(store, "a cost is out of range");
    }
    if (!eid_slice_is(eid_value_text(cipher), RECORD_CIPHER) ||
        !eid_slice_is(eid_value_text(kdf), RECORD_KDF)) {
        return EID_FAIL(EID_KIND_STORE_CONFIG, "store %.*s is encrypted with %.*s and %.*s",
                        EID_SLICE_ARG(store), EID_SLICE_ARG(eid_value_text(cipher)),
                        EID_SLICE_ARG(eid_value_text(kdf)));
    }
    out->salt = eid_slice_dup_text(eid_value_text(salt));
    return out->salt ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a salt");
}

eid_status eid__password_record_read(eid_slice store, const eid_doc *config,
                                     eid__password_record *out)
{
    const eid_value *encryption = record_child(config, "encryption", EID_VALUE_DOC);
    const eid_value *wrapped = record_child(config, "wrapped_config", EID_VALUE_DOC);
    eid_status status;

    *out = (eid__password_record){.costs = EID_WRAP_COSTS_DEFAULT};
    eid_buf_init(&out->nonce, RECORD_SEALED_MAX);
    eid_buf_init(&out->sealed, RECORD_SEALED_MAX);
    if (eid_doc_live(config) == 0) return EID_OK;
    if (!encryption || !wrapped) {
        return record_refuse(store, "`encryption` or `wrapped_config` is missing");
    }
    status = record_base64(store, wrapped->doc, "ciphertext", &out->sealed);
    if (status == EID_OK) status = record_base64(store, wrapped->doc, "nonce", &out->nonce);
    if (status != EID_OK) return status;
    out->is_initialized = true;
    return record_read_encryption(store, encryption->doc, out);
}

/* -- writing ----------------------------------------------------------------------------------- */

static eid_status record_put_base64(eid_doc *doc, const char *name, const eid_buf *bytes)
{
    eid_buf text;
    eid_status status;

    eid_buf_init(&text, 2 * RECORD_SEALED_MAX);
    eid_base64_encode(eid_buf_slice(bytes), true, &text);
    status = eid_buf_status(&text);
    if (status == EID_OK) {
        status = eid_doc_set_text(doc, eid_slice_text(name), eid_buf_slice(&text));
    }
    eid_buf_fini(&text);
    return status;
}

static eid_status record_write_encryption(const eid__password_record *record, eid_doc *doc)
{
    const struct {
        const char *name, *text;
    } texts[] = {{"algorithm", RECORD_CIPHER},
                 {"kdf", RECORD_KDF},
                 {"salt", record->salt},
                 {"version", RECORD_VERSION}};
    const struct {
        const char *name;
        uint32_t cost;
    } costs[] = {{"argon2_m_cost", record->costs.memory_kib},
                 {"argon2_t_cost", record->costs.passes},
                 {"argon2_p_cost", record->costs.lanes}};
    eid_status status = EID_OK;

    for (size_t i = 0; status == EID_OK && i < sizeof texts / sizeof texts[0]; i++) {
        status =
            eid_doc_set_text(doc, eid_slice_text(texts[i].name), eid_slice_text(texts[i].text));
    }
    for (size_t i = 0; status == EID_OK && i < sizeof costs / sizeof costs[0]; i++) {
        status = eid_doc_set_int(doc, eid_slice_text(costs[i].name), costs[i].cost);
    }
    return status;
}

eid_status eid__password_record_write(const eid__password_record *record, eid_doc **out)
{
    eid_doc *config = NULL, *part;
    eid_status status = eid_doc_new(&config);

    *out = NULL;
    if (status != EID_OK) return status;
    eid_doc_set_atomic(config, true);
    status = eid_doc_ensure_doc(config, eid_slice_text("encryption"), &part);
    if (status == EID_OK) status = record_write_encryption(record, part);
    if (status == EID_OK) {
        status = eid_doc_ensure_doc(config, eid_slice_text("wrapped_config"), &part);
    }
    if (status == EID_OK) status = record_put_base64(part, "ciphertext", &record->sealed);
    if (status == EID_OK) status = record_put_base64(part, "nonce", &record->nonce);
    if (status == EID_OK) {
        *out = config;
        config = NULL;
    }
    eid_doc_free(config);
    return status;
}

/* -- what is wrapped --------------------------------------------------------------------------- */

eid_status eid__password_wrapped_write(const char *type, const eid_doc *config, eid_buf *out)
{
    eid_json_writer json;
    eid_buf doc;
    eid_status status;

    eid_buf_init(&doc, RECORD_SEALED_MAX);
    status = eid_payload_write_doc(config, &doc);
    eid_json_writer_init(&json, out);
    eid_json_object(&json);
    eid_json_key(&json, "type");
    eid_json_text(&json, type);
    eid_json_key(&json, "config");
    eid_json_raw(&json, eid_buf_slice(&doc));
    eid_json_object_end(&json);
    eid_buf_fini(&doc);
    return status == EID_OK ? eid_buf_status(out) : status;
}

typedef struct wrapped_read {
    eid_json json;
    char *type;
    bool is_starved; /* no memory for the type */
    eid_slice config;
} wrapped_read;

static void wrapped_take_type(wrapped_read *read)
{
    if (read->type) eid_json_fail(&read->json, "`type` comes twice");
    if (eid_json_next(&read->json) != EID_JSON_STRING) {
        eid_json_fail(&read->json, "`type` is no text");
        return;
    }
    eid_free(read->type);
    read->type = eid_slice_dup_text(read->json.text);
    read->is_starved = !read->type;
}

/* The raw value that is about to come. */
static void wrapped_take_config(wrapped_read *read)
{
    const uint8_t *from = read->json.at;

    if (read->config.len > 0) eid_json_fail(&read->json, "`config` comes twice");
    eid_json_skip(&read->json);
    while (from < read->json.at && memchr(" \t\r\n,:", *from, 6)) from++;
    read->config = eid_slice_of(from, (size_t)(read->json.at - from));
}

static void wrapped_read_members(wrapped_read *read)
{
    while (eid_json_next(&read->json) == EID_JSON_KEY) {
        if (eid_slice_is(read->json.text, "type")) {
            wrapped_take_type(read);
        } else if (eid_slice_is(read->json.text, "config")) {
            wrapped_take_config(read);
        } else {
            eid_json_skip(&read->json);
        }
    }
}

eid_status eid__password_wrapped_read(eid_slice store, eid_slice json, char **type)
{
    wrapped_read read = {0};
    eid_json_event event;
    eid_doc *config = NULL;
    eid_status status;

    *type = NULL;
    eid_json_init(&read.json, json);
    event = eid_json_next(&read.json);
    if (event == EID_JSON_OBJECT) {
        wrapped_read_members(&read);
    } else if (event == EID_JSON_ARRAY) { /* the positional form */
        wrapped_take_type(&read);
        wrapped_take_config(&read);
        (void)eid_json_next(&read.json);
    } else {
        eid_json_fail(&read.json, "an object is wanted");
    }
    (void)eid_json_next(&read.json);
    status = eid_json_finish(&read.json);
    if (status == EID_OK && read.type) status = eid_payload_read_doc(read.config, &config);
    if (read.is_starved) {
        status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a type");
    } else if (status == EID_OK && read.type) {
        *type = read.type;
        read.type = NULL;
    } else if (status != EID_E_NO_MEMORY) {
        status = record_refuse(store, "what it wraps is not told");
    }
    eid_doc_free(config);
    eid_free(read.type);
    eid_json_fini(&read.json);
    return status;
}
