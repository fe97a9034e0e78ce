/* What the settings say is looked up as of the entry's own parents, and not as of its pin, which
 * its author might have chosen. That it was accepted is kept in a record, because nothing in the
 * entry shows it and every check would judge it invalid again. */
#include "node/db/repair.h"

#include <stdio.h>

#include "auth/judge.h"
#include "crdt/payload.h"
#include "dag/log.h"

#define REPAIR_NAME_MAX (EID_ID_TEXT_MAX + 16)

static void repair_name(const eid_id *id, char out[REPAIR_NAME_MAX])
{
    char text[EID_ID_TEXT_MAX];

    (void)snprintf(out, REPAIR_NAME_MAX, "repair/%s", eid_id_format(id, text));
}

static const eid_doc *repair_auth(const eid_doc *settings)
{
    const eid_value *auth = eid_doc_child(settings, eid_slice_text("auth"));

    return auth && auth->type == EID_VALUE_DOC && eid_doc_live(auth->doc) > 0 ? auth->doc : NULL;
}

/* Whether every parent is held and Verified. */
static eid_status repair_stands(const eid_at *at, const eid_entry *entry, bool *out)
{
    eid_ids parents = eid_entry_parents(entry);

    *out = parents.count > 0;
    for (size_t i = 0; i < parents.count && *out; i++) {
        eid_index_info info;
        eid_status status = eid_index_find(at, &parents.at[i], &info);

        if (status != EID_OK && status != EID_E_NOT_FOUND) return status;
        *out = status == EID_OK && info.verdict == EID_VERIFIED;
    }
    return EID_OK;
}

/* Whether the settings that the entry is built on hold no rights. */
static eid_status repair_is_wanted(const eid_at *at, const eid_entry *entry, bool *out)
{
    const eid_id *root = eid_entry_tree(entry);
    eid_idset tips = EID_IDSET_EMPTY;
    eid_index_graph *graph = NULL;
    eid_doc *settings = NULL;
    eid_status status = eid_index_graph_new(at, root, &graph);

    *out = false;
    if (status == EID_OK) {
        status = eid_graph_store_tips_at(eid_index_graph_source(graph),
                                         eid_slice_text(EID_STORE_SETTINGS),
                                         eid_entry_parents(entry), &tips);
    }
    if (status == EID_OK)
        status = eid_verify_settings_at(at, root, eid_idset_ids(&tips), &settings);
    if (status == EID_OK) *out = repair_auth(settings) == NULL;
    eid_doc_free(settings);
    eid_idset_fini(&tips);
    eid_index_graph_free(graph);
    return status;
}

/* Whether the rights that the entry brings let its signer bring them. */
static eid_status repair_is_valid(const eid_entry *entry, bool *out)
{
    const eid_subtree *node = eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS));
    eid_judgement judgement = EID_JUDGED_UNDECIDED;
    eid_policy *policy = NULL;
    eid_doc *staged = NULL;
    eid_status status;

    *out = false;
    if (node == NULL || !node->has_data) return EID_OK;
    status = eid_payload_read_doc(node->data, &staged);
    if (status == EID_OK && repair_auth(staged) != NULL) {
        status = eid_policy_new(repair_auth(staged), &policy);
        if (status == EID_OK) status = eid_judge_entry(policy, entry, NULL, &judgement, NULL);
    }
    *out = status == EID_OK && judgement == EID_JUDGED_VALID;
    eid_policy_free(policy);
    eid_doc_free(staged);
    return status;
}

static eid_status repair_accept(eid__write *write, const eid_entry *entry)
{
    const eid_id *id = eid_entry_id(entry);
    char name[REPAIR_NAME_MAX];
    eid_status status = eid_index_set_verdict(write->batch, id, EID_VERIFIED);

    eid_log_warn("repair.accept", "db=%s entry=%s", eid_id_str(&write->tree->root), eid_id_str(id));
    repair_name(id, name);
    if (status == EID_OK) status = eid__option_set(write->batch, &write->tree->root, name, true);
    if (status != EID_OK) return status;
    write->failed--;
    write->must_clear = true;
    eid__dbtree_forget_policies(write->tree);
    return eid__write_on_verdict(write, entry, EID_VERIFIED, NULL);
}

eid_status eid__repair_try(eid__write *write, const eid_entry *entry)
{
    const eid_at at = {.kv = write->engine->kv, .batch = write->batch};
    bool is_so;
    eid_status status = repair_stands(&at, entry, &is_so);

    if (status == EID_OK && is_so) status = repair_is_wanted(&at, entry, &is_so);
    if (status == EID_OK && is_so) status = repair_is_valid(entry, &is_so);
    return status == EID_OK && is_so ? repair_accept(write, entry) : status;
}

eid_status eid__repair_has(eid_kv *kv, const eid_id *root, const eid_id *id, bool *out)
{
    char name[REPAIR_NAME_MAX];

    repair_name(id, name);
    return eid__option_get(kv, root, name, false, out);
}
