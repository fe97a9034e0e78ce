/* Who signs, in the JSON form. Texts and tips are gathered in a draft, since the members may come
 * in any order, and then given to the builder as a whole. */
#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/dag_internal.h"

/* A signature key while it is read. */
typedef struct key_draft {
    bool is_delegation;
    eid_hint hint;
    char *name, *pubkey_text; /* what the hint's slices lie in */
    eid_id *trees;            /* of the steps */
    eid__ids *tips;
    size_t step_count;
} key_draft;

/* A text or null into memory of its own; *out stays NULL for null. */
static eid_status read_optional_text(eid_json *json, char **copy, eid_slice *out)
{
    if (eid_json_next(json) == EID_JSON_NULL) return EID_OK;
    if (json->event != EID_JSON_STRING) eid_json_fail(json, "no text");
    if (json->status != EID_OK) return json->status;
    *copy = eid_slice_dup_text(json->text);
    if (!*copy) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a text of the key");
    *out = eid_slice_of(*copy, json->text.len);
    return EID_OK;
}

static eid_status read_hint(eid_json *json, key_draft *key)
{
    static const char *const names[] = {"pubkey", "name", "is_global", NULL};
    enum { PUBKEY, NAME, IS_GLOBAL };
    unsigned seen = 0, which = 0;
    eid_status status = eid__json_open_object(json);

    while (status == EID_OK && eid__json_next_member(json, names, &seen, &which)) {
        if (which == PUBKEY) {
            status = read_optional_text(json, &key->pubkey_text, &key->hint.pubkey_text);
        } else if (which == NAME) {
            status = read_optional_text(json, &key->name, &key->hint.name);
        } else {
            if (eid_json_next(json) != EID_JSON_BOOL) eid_json_fail(json, "no boolean");
            key->hint.is_global = json->boolean;
        }
    }
    key->hint.has_pubkey = key->pubkey_text != NULL;
    key->hint.has_name = key->name != NULL;
    return status == EID_OK ? json->status : status;
}

static eid_status draft_add_step(key_draft *key)
{
    size_t count = key->step_count + 1;
    eid_id *trees = eid_realloc(key->trees, count * sizeof *trees);
    eid__ids *tips;

    if (trees) key->trees = trees;
    tips = eid_realloc(key->tips, count * sizeof *tips);
    if (tips) key->tips = tips;
    if (!trees || !tips) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a delegation step");
    key->trees[key->step_count] = EID_ID_EMPTY;
    key->tips[key->step_count] = (eid__ids){0};
    key->step_count = count;
    return EID_OK;
}

static eid_status read_step(eid_json *json, key_draft *key)
{
    static const char *const names[] = {"tree", "tips", NULL};
    enum { TREE, TIPS };
    unsigned seen = 0, which = 0;
    eid_status status = draft_add_step(key);

    while (status == EID_OK && eid__json_next_member(json, names, &seen, &which)) {
        if (which == TREE) {
            (void)eid_json_next(json);
            status = eid__json_read_id(json, &key->trees[key->step_count - 1]);
        } else {
            status = eid__json_read_ids(json, &key->tips[key->step_count - 1]);
        }
    }
    if (status != EID_OK) return status;
    return eid__json_members_end(json, seen, EID_BIT(TREE) | EID_BIT(TIPS));
}

static eid_status read_path(eid_json *json, key_draft *key)
{
    eid_status status = EID_OK;

    if (eid_json_next(json) != EID_JSON_ARRAY) eid_json_fail(json, "no path");
    while (status == EID_OK && eid_json_next(json) == EID_JSON_OBJECT) {
        if (key->step_count == EID__STEPS_MAX) eid_json_fail(json, "too many delegation steps");
        status = read_step(json, key);
    }
    if (status == EID_OK && json->event != EID_JSON_ARRAY_END) eid_json_fail(json, "no step");
    return status == EID_OK ? json->status : status;
}

/* {"Direct":{...}} or {"Delegation":{...}} with nothing beside it. */
static eid_status read_key(eid_json *json, key_draft *key)
{
    static const char *const names[] = {"hint", "path", NULL};
    enum { HINT, PATH };
    unsigned seen = 0, which = 0;
    eid_status status = eid__json_open_object(json);

    if (eid_json_next(json) != EID_JSON_KEY) eid_json_fail(json, "no kind of key");
    key->is_delegation = eid_slice_is(json->text, "Delegation");
    if (!key->is_delegation && !eid_slice_is(json->text, "Direct")) {
        eid_json_fail(json, "an unknown kind of key");
    }
    status = status == EID_OK ? eid__json_open_object(json) : status;
    while (status == EID_OK && eid__json_next_member(json, names, &seen, &which)) {
        if (which == HINT) {
            status = read_hint(json, key);
        } else if (key->is_delegation) {
            status = read_path(json, key);
        } else {
            eid_json_skip(json);
        }
    }
    if (status == EID_OK) {
        status = eid__json_members_end(json, seen,
                                       EID_BIT(HINT) | (key->is_delegation ? EID_BIT(PATH) : 0));
    }
    if (status == EID_OK && eid_json_next(json) != EID_JSON_OBJECT_END) {
        eid_json_fail(json, "two kinds of key");
    }
    return status == EID_OK ? json->status : status;
}

/* Give the finished key to the builder, which copies it. */
static eid_status draft_finish(const key_draft *draft, eid_builder *builder)
{
    eid_delegation_step *path = eid_alloc_array(draft->step_count, sizeof *path);
    eid_sigkey key = {draft->is_delegation, draft->hint, path, draft->step_count};
    eid_status status;

    if (!path) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for the delegation path");
    for (size_t i = 0; i < draft->step_count; i++) {
        path[i].tree = draft->trees[i];
        path[i].tips = (eid_ids){draft->tips[i].at, draft->tips[i].count};
    }
    status = eid_builder_set_sigkey(builder, &key);
    eid_free(path);
    return status;
}

static void draft_fini(key_draft *draft)
{
    for (size_t i = 0; i < draft->step_count; i++) eid_free(draft->tips[i].at);
    eid_free(draft->tips);
    eid_free(draft->trees);
    eid_free(draft->name);
    eid_free(draft->pubkey_text);
}

eid_status eid__json_read_signature_info(eid_json *json, eid_builder *builder)
{
    static const char *const names[] = {"sig", "key", NULL};
    enum { SIG, KEY };
    unsigned seen = 0, which = 0;
    key_draft draft = {0};
    eid_status status = eid__json_open_object(json);

    while (status == EID_OK && eid__json_next_member(json, names, &seen, &which)) {
        if (which == KEY) {
            status = read_key(json, &draft);
        } else if (eid_json_next(json) == EID_JSON_STRING) {
            status = eid_builder_set_signature(builder, json->text);
        } else if (json->event != EID_JSON_NULL) {
            eid_json_fail(json, "no signature");
        }
    }
    if (status == EID_OK) status = eid__json_members_end(json, seen, EID_BIT(KEY));
    if (status == EID_OK) status = draft_finish(&draft, builder);
    draft_fini(&draft);
    return status;
}
