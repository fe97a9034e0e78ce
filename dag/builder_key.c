/* A deep copy of a signature key. It is made whole before the old one goes, so that a failure
 * leaves the builder as it was. */
#include "dag/alloc.h"
#include "dag/base.h"
#include "dag/dag_internal.h"

void eid__owned_key_fini(eid__owned_key *key)
{
    eid_buf_fini(&key->name);
    eid_buf_fini(&key->pubkey_text);
    eid_free(key->path);
    eid_free(key->tips);
    *key = (eid__owned_key){0};
}

static eid_status key_copy_hint(eid__owned_key *key, const eid_hint *hint)
{
    eid_buf_init(&key->name, EID_ENTRY_BYTES_MAX);
    eid_buf_init(&key->pubkey_text, EID_ENTRY_BYTES_MAX);
    eid_buf_append(&key->name, hint->name);
    if (hint->pubkey_text.len > 0 || !hint->has_pubkey) {
        eid_buf_append(&key->pubkey_text, hint->pubkey_text);
    } else {
        eid_buf_append_text(&key->pubkey_text, "ed25519:");
        eid_base64_encode(eid_slice_of(hint->pubkey, sizeof hint->pubkey), true, &key->pubkey_text);
    }
    key->view.hint.name = eid_buf_slice(&key->name);
    key->view.hint.pubkey_text = eid_buf_slice(&key->pubkey_text);
    if (eid_buf_status(&key->name) != EID_OK) return eid_buf_status(&key->name);
    return eid_buf_status(&key->pubkey_text);
}

static eid_status key_copy_path(eid__owned_key *key, const eid_sigkey *from)
{
    size_t tip_count = 0;
    eid_id *tips;

    for (size_t i = 0; i < from->path_count; i++) tip_count += from->path[i].tips.count;
    key->path = eid_alloc_array(from->path_count, sizeof *key->path);
    key->tips = tips = eid_alloc_array(tip_count, sizeof *key->tips);
    if (!key->path || !key->tips) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for %zu delegation steps", from->path_count);
    }
    for (size_t i = 0; i < from->path_count; i++) {
        eid_ids step_tips = from->path[i].tips;

        if (step_tips.count > 0) memcpy(tips, step_tips.at, step_tips.count * sizeof *tips);
        key->path[i] = (eid_delegation_step){from->path[i].tree, {tips, step_tips.count}};
        tips += step_tips.count;
    }
    key->view.path = key->path;
    return EID_OK;
}

eid_status eid__owned_key_set(eid__owned_key *key, const eid_sigkey *from)
{
    eid__owned_key copy = {.view = *from};
    eid_status status = key_copy_hint(&copy, &from->hint);

    if (status == EID_OK) status = key_copy_path(&copy, from);
    if (status != EID_OK) {
        eid__owned_key_fini(&copy);
        return status;
    }
    eid__owned_key_fini(key);
    *key = copy;
    return EID_OK;
}
