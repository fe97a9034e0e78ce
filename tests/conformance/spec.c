/* Failures while a description is read abort: they would be faults of the file or want of memory.
 */
#include "tests/conformance/spec.h"

#include <stdlib.h>

#include "dag/alloc.h"
#include "dag/assert.h"

static void must(eid_status status)
{
    EID_ASSERT(status == EID_OK);
}

eid_idset eid_spec_ids(const json_t *texts)
{
    size_t count = json_array_size(texts);
    eid_idset ids = {eid_alloc_array(count, sizeof(eid_id)), count, count};

    EID_ASSERT(ids.at);
    for (size_t i = 0; i < count; i++) ids.at[i] = eid_id_of_json(json_array_get(texts, i));
    return ids;
}

static void spec_put_store(eid_builder *builder, const json_t *store)
{
    eid_slice name = eid_get_slice(store, "name");
    eid_idset parents = eid_spec_ids(eid_get_array(store, "parents"));
    uint64_t height;

    must(eid_builder_touch(builder, name));
    must(eid_builder_set_store_parents(builder, name, eid_idset_ids(&parents)));
    eid_idset_fini(&parents);
    if (eid_has(store, "data_b64")) {
        eid_buf data = eid_get_b64(store, "data_b64");

        must(eid_builder_set_data(builder, name, eid_buf_slice(&data)));
        eid_buf_fini(&data);
    }
    if (eid_has(store, "h")) {
        height = eid_get_u64_text(store, "h");
        must(eid_builder_set_store_height(builder, name, &height));
    }
}

static eid_hint spec_hint(const json_t *hint)
{
    eid_hint out = {.has_name = eid_has(hint, "name"), .has_pubkey = eid_has(hint, "pubkey")};

    if (out.has_name) out.name = eid_get_slice(hint, "name");
    if (out.has_pubkey) out.pubkey_text = eid_get_slice(hint, "pubkey");
    out.is_global = eid_get_bool(hint, "is_global");
    return out;
}

static void spec_put_key(eid_builder *builder, const json_t *spec)
{
    const json_t *path = json_object_get(spec, "path");
    size_t count = json_array_size(path);
    eid_delegation_step *steps = eid_alloc_array(count, sizeof *steps);
    eid_idset *tips = eid_alloc_array(count, sizeof *tips);
    eid_sigkey key = {.path = steps, .path_count = count};

    EID_ASSERT(steps && tips);
    key.is_delegation = strcmp(eid_get_text(spec, "type"), "delegation") == 0;
    key.hint = spec_hint(json_object_get(spec, "hint"));
    for (size_t i = 0; i < count; i++) {
        const json_t *step = json_array_get(path, i);

        tips[i] = eid_spec_ids(eid_get_array(step, "tips"));
        steps[i] = (eid_delegation_step){eid_get_id(step, "tree"), eid_idset_ids(&tips[i])};
    }
    must(eid_builder_set_sigkey(builder, &key));
    for (size_t i = 0; i < count; i++) eid_idset_fini(&tips[i]);
    eid_free(tips);
    eid_free(steps);
}

static void spec_put_signature_info(eid_builder *builder, const json_t *sig)
{
    if (!sig) return;
    spec_put_key(builder, json_object_get(sig, "key"));
    if (eid_has(sig, "sig")) must(eid_builder_set_signature(builder, eid_get_slice(sig, "sig")));
}

eid_builder *eid_spec_build(const json_t *spec)
{
    const json_t *stores = eid_get_array(spec, "subtrees");
    eid_idset parents = eid_spec_ids(eid_get_array(spec, "parents"));
    eid_id root = eid_get_id(spec, "root");
    eid_builder *builder;

    must(eid_builder_new(&root, &builder));
    must(eid_builder_set_parents(builder, eid_idset_ids(&parents)));
    eid_idset_fini(&parents);
    if (eid_has(spec, "h")) eid_builder_set_height(builder, eid_get_u64_text(spec, "h"));
    if (eid_has(spec, "metadata_b64")) {
        eid_buf metadata = eid_get_b64(spec, "metadata_b64");

        must(eid_builder_set_metadata(builder, eid_buf_slice(&metadata)));
        eid_buf_fini(&metadata);
    }
    for (size_t i = 0; i < json_array_size(stores); i++) {
        spec_put_store(builder, json_array_get(stores, i));
    }
    spec_put_signature_info(builder, json_object_get(spec, "sig"));
    return builder;
}
