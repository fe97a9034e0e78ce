/* Both ends in one file, so that they cannot drift apart. */
#include "node/service/sigkeys.h"

#include "dag/alloc.h"
#include "node/service/client_internal.h"
#include "node/service/fields.h"

static const char *const ask_names[] = {"root", "key"};

eid_status eid_service_sigkeys_key(eid_slice args, eid_pubkey *out)
{
    eid_fields fields;

    eid_fields_init(&fields, args, ask_names, 2);
    eid_fields_pubkey(&fields, 1, out);
    return fields.status;
}

eid_status eid_service_answer_sigkeys(eid_engine *engine, eid_slice args, eid_buf *out)
{
    const eid_seam *seam = eid_engine_seam(engine);
    eid_found_ways ways = {NULL, 0};
    eid_json_writer json;
    eid_fields fields;
    eid_pubkey key;
    eid_id root;
    char text[24];
    eid_status status;

    eid_fields_init(&fields, args, ask_names, 2);
    eid_fields_id(&fields, 0, &root);
    eid_fields_pubkey(&fields, 1, &key);
    if (fields.status != EID_OK) return fields.status;
    status = seam->sigkeys(seam->self, &root, &key, &ways);
    if (status != EID_OK) return status;
    eid_json_writer_init(&json, out);
    eid_json_object(&json);
    eid_json_key(&json, "ways");
    eid_json_array(&json);
    for (size_t i = 0; i < ways.count; i++) {
        eid_json_object(&json);
        eid_json_key(&json, "permission");
        eid_json_text(&json, eid_permission_text(ways.at[i].permission, text));
        eid_json_key(&json, "sigkey");
        eid_sigkey_write_json(&ways.at[i].identity.key, &json);
        eid_json_object_end(&json);
    }
    eid_json_array_end(&json);
    eid_json_object_end(&json);
    eid_found_ways_fini(&ways);
    return eid_buf_status(out);
}

/* -- the client -------------------------------------------------------------------------------- */

static eid_status sigkeys_on_way(void *arg, eid_slice item)
{
    static const char *const names[] = {"permission", "sigkey"};
    eid_found_ways *ways = arg;
    eid_found_way *at = eid_realloc(ways->at, (ways->count + 1) * sizeof *at);
    eid_found_way way = {.identity = {.memory = NULL}};
    eid_fields fields;
    eid_buf text;
    eid_status status;

    if (!at) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for identities");
    ways->at = at;
    eid_buf_init(&text, 64);
    eid_fields_init(&fields, item, names, 2);
    eid_fields_text(&fields, 0, &text);
    status = fields.status;
    if (status == EID_OK) status = eid_permission_parse(eid_buf_slice(&text), &way.permission);
    if (status == EID_OK) {
        status = eid_sigkey_read_json(eid_fields_raw(&fields, 1), &way.identity);
    }
    if (status == EID_OK) ways->at[ways->count++] = way;
    eid_buf_fini(&text);
    return status;
}

eid_status eid__client_sigkeys(void *self, const eid_id *root, const eid_pubkey *key,
                               eid_found_ways *out)
{
    static const char *const names[] = {"ways"};
    char text[EID_KEY_TEXT_MAX];
    eid_json_writer json;
    eid_fields fields;
    eid_buf args, answer;
    eid_status status;

    *out = (eid_found_ways){NULL, 0};
    eid_buf_init(&args, 1024);
    eid_buf_init(&answer, 1024 * 1024);
    eid_json_writer_init(&json, &args);
    eid_json_object(&json);
    eid__write_id(&json, "root", root);
    eid_json_key(&json, "key");
    eid_json_text(&json, eid_pubkey_text(key, text));
    eid_json_object_end(&json);
    status = eid_buf_status(&args);
    if (status == EID_OK) {
        status = eid__client_control(self, "sigkeys", eid_buf_slice(&args), NULL, NULL, &answer);
    }
    if (status == EID_OK) {
        eid_fields_init(&fields, eid_buf_slice(&answer), names, 1);
        eid_fields_each(&fields, 0, sigkeys_on_way, out);
        status = fields.status;
    }
    if (status != EID_OK) eid_found_ways_fini(out);
    eid_buf_fini(&args);
    eid_buf_fini(&answer);
    return status;
}
