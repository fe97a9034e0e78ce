/* An owned SigKey is one block: the steps, then the ids of their tips, then the texts. It can be
 * copied and freed without a walk, and the eid_sigkey in it looks like the one in an entry. */
#include "auth/sigkey.h"

#include "dag/alloc.h"
#include "dag/assert.h"

static size_t sigkey_tip_count(const eid_sigkey *key)
{
    size_t count = 0;

    for (size_t i = 0; i < key->path_count; i++) count += key->path[i].tips.count;
    return count;
}

/* Copy a text behind *at and move it on. */
static eid_slice sigkey_put_text(uint8_t **at, eid_slice text)
{
    eid_slice copy = eid_slice_of(*at, text.len);

    if (text.len > 0) memcpy(*at, text.at, text.len);
    *at += text.len;
    return copy;
}

eid_status eid_sigkey_copy(const eid_sigkey *key, eid_sigkey_owned *out)
{
    size_t tip_count = sigkey_tip_count(key);
    size_t steps_bytes = key->path_count * sizeof(eid_delegation_step);
    size_t ids_bytes = tip_count * sizeof(eid_id);
    size_t text_bytes = key->hint.name.len + key->hint.pubkey_text.len;
    uint8_t *block = eid_alloc(steps_bytes + ids_bytes + text_bytes + 1);
    eid_delegation_step *steps;
    eid_id *ids;
    uint8_t *text;

    if (!block) return EID_FAIL(EID_KIND_NO_MEMORY, "a signer");
    steps = (eid_delegation_step *)(void *)block;
    ids = (eid_id *)(void *)(block + steps_bytes);
    text = block + steps_bytes + ids_bytes;
    *out = (eid_sigkey_owned){.key = *key, .memory = block};
    for (size_t i = 0; i < key->path_count; i++) {
        eid_ids tips = key->path[i].tips;

        if (tips.count > 0) memcpy(ids, tips.at, tips.count * sizeof *ids);
        steps[i] = (eid_delegation_step){key->path[i].tree, {ids, tips.count}};
        ids += tips.count;
    }
    out->key.path = key->path_count > 0 ? steps : NULL;
    out->key.hint.name = sigkey_put_text(&text, key->hint.name);
    out->key.hint.pubkey_text = sigkey_put_text(&text, key->hint.pubkey_text);
    return EID_OK;
}

static eid_status sigkey_of_key(const eid_pubkey *key, bool is_global, eid_sigkey_owned *out)
{
    char text[EID_KEY_TEXT_MAX];
    eid_sigkey sigkey = {.hint = {.has_pubkey = true, .is_global = is_global}};

    memcpy(sigkey.hint.pubkey, key->bytes, EID_KEY_BYTES);
    sigkey.hint.pubkey_text = eid_slice_text(eid_pubkey_text(key, text));
    return eid_sigkey_copy(&sigkey, out);
}

eid_status eid_sigkey_of_pubkey(const eid_pubkey *key, eid_sigkey_owned *out)
{
    return sigkey_of_key(key, false, out);
}

eid_status eid_sigkey_of_global(const eid_pubkey *key, eid_sigkey_owned *out)
{
    return sigkey_of_key(key, true, out);
}

eid_status eid_sigkey_of_name(eid_slice name, eid_sigkey_owned *out)
{
    eid_sigkey sigkey = {.hint = {.has_name = true, .name = name}};

    return eid_sigkey_copy(&sigkey, out);
}

void eid_sigkey_owned_fini(eid_sigkey_owned *key)
{
    eid_free(key->memory);
    *key = (eid_sigkey_owned){.memory = NULL};
}

static bool sigkey_hint_equal(const eid_hint *a, const eid_hint *b)
{
    if (a->has_name != b->has_name || a->has_pubkey != b->has_pubkey) return false;
    if (a->is_global != b->is_global) return false;
    if (a->has_name && !eid_slice_equal(a->name, b->name)) return false;
    return !a->has_pubkey || memcmp(a->pubkey, b->pubkey, EID_PUBKEY_BYTES) == 0;
}

static bool sigkey_step_equal(const eid_delegation_step *a, const eid_delegation_step *b)
{
    if (!eid_id_equal(&a->tree, &b->tree) || a->tips.count != b->tips.count) return false;
    for (size_t i = 0; i < a->tips.count; i++) {
        if (!eid_id_equal(&a->tips.at[i], &b->tips.at[i])) return false;
    }
    return true;
}

bool eid_sigkey_equal(const eid_sigkey *a, const eid_sigkey *b)
{
    if (a->is_delegation != b->is_delegation || a->path_count != b->path_count) return false;
    for (size_t i = 0; i < a->path_count; i++) {
        if (!sigkey_step_equal(&a->path[i], &b->path[i])) return false;
    }
    return sigkey_hint_equal(&a->hint, &b->hint);
}

eid_slice eid_sigkey_display(const eid_sigkey *key)
{
    if (key->hint.is_global) return eid_slice_text("*");
    if (key->hint.has_pubkey) return key->hint.pubkey_text;
    if (key->hint.has_name) return key->hint.name;
    return eid_slice_text("unknown");
}

static void sigkey_write_hint(const eid_hint *hint, eid_json_writer *out)
{
    eid_json_key(out, "hint");
    eid_json_object(out);
    if (hint->has_name) {
        eid_json_key(out, "name");
        eid_json_string(out, hint->name);
    }
    if (hint->has_pubkey) {
        eid_json_key(out, "pubkey");
        eid_json_string(out, hint->pubkey_text);
    }
    if (hint->is_global) {
        eid_json_key(out, "is_global");
        eid_json_bool(out, true);
    }
    eid_json_object_end(out);
}

static void sigkey_write_step(const eid_delegation_step *step, eid_json_writer *out)
{
    char text[EID_ID_TEXT_MAX];

    eid_json_object(out);
    eid_json_key(out, "tree");
    eid_json_text(out, eid_id_format(&step->tree, text));
    eid_json_key(out, "tips");
    eid_json_array(out);
    for (size_t i = 0; i < step->tips.count; i++) {
        eid_json_text(out, eid_id_format(&step->tips.at[i], text));
    }
    eid_json_array_end(out);
    eid_json_object_end(out);
}

void eid_sigkey_write_json(const eid_sigkey *key, eid_json_writer *out)
{
    eid_json_object(out);
    eid_json_key(out, key->is_delegation ? "Delegation" : "Direct");
    eid_json_object(out);
    if (key->is_delegation) {
        eid_json_key(out, "path");
        eid_json_array(out);
        for (size_t i = 0; i < key->path_count; i++) sigkey_write_step(&key->path[i], out);
        eid_json_array_end(out);
    }
    sigkey_write_hint(&key->hint, out);
    eid_json_object_end(out);
    eid_json_object_end(out);
}
