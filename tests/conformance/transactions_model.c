/* Where a decision of ours makes another outcome than the recorded one (spec 04 §14 T2 and T3, spec
 * 02 §9.6 row 1), the outcome that it makes is computed here, by looking through all labels again
 * and again: scenarios are small. Every entry of them that is stored is validly signed, so whether
 * a node shows it depends on its ancestors only. */
#include "tests/conformance/transactions_case.h"

static size_t model_find(const scenario *run, const eid_id *id)
{
    size_t i = 0;

    while (i < run->label_count && !eid_id_equal(&run->labels[i].id, id)) i++;
    return i;
}

static eid_ids model_store_parents(const label *of, const char *store)
{
    const eid_subtree *node = eid_entry_find_subtree(of->entry, eid_slice_text(store));

    return node ? node->parents : (eid_ids){NULL, 0};
}

static void model_add(const scenario *run, eid_idset *out, const eid_id *id)
{
    (void)eid_case_ok(run->suite, "set", eid_idset_add(out, id));
}

void model_settings_tips(const scenario *run, eid_ids from, eid_idset *out)
{
    bool reached[NAMES_MAX + 1] = {false};

    for (size_t i = 0; i < from.count; i++) reached[model_find(run, &from.at[i])] = true;
    for (size_t i = run->label_count; i-- > 0;) { /* children were made after their parents */
        eid_ids parents = eid_entry_parents(run->labels[i].entry);
        for (size_t k = 0; reached[i] && k < parents.count; k++) {
            reached[model_find(run, &parents.at[k])] = true;
        }
    }
    for (size_t i = 0; i < run->label_count; i++) {
        const label *of = &run->labels[i];
        if (!reached[i] || !eid_entry_find_subtree(of->entry, eid_slice_text(EID_STORE_SETTINGS))) {
            continue;
        }
        model_add(run, out, &of->id);
    }
    for (size_t i = 0; i < run->label_count; i++) {
        eid_ids parents = model_store_parents(&run->labels[i], EID_STORE_SETTINGS);
        for (size_t k = 0; reached[i] && k < parents.count; k++) {
            eid_idset_remove(out, &parents.at[k]);
        }
    }
}

/* Which labels a node holds with everything that they are built on. */
static void model_complete(const scenario *run, const scenario_node *at, bool out[NAMES_MAX + 1])
{
    for (size_t i = 0; i < run->label_count; i++) {
        eid_ids parents = eid_entry_parents(run->labels[i].entry);
        out[i] = at->holds[i];
        for (size_t k = 0; k < parents.count; k++) {
            out[i] = out[i] && out[model_find(run, &parents.at[k])];
        }
    }
}

void model_tips(const scenario *run, const scenario_node *at, bool loose, eid_idset *out)
{
    bool shown[NAMES_MAX + 1] = {false};

    model_complete(run, at, shown);
    for (size_t i = 0; i < run->label_count; i++) {
        if (loose) shown[i] = at->holds[i];
        if (shown[i]) model_add(run, out, &run->labels[i].id);
    }
    for (size_t i = 0; i < run->label_count; i++) {
        eid_ids parents = eid_entry_parents(run->labels[i].entry);
        for (size_t k = 0; shown[i] && k < parents.count; k++) {
            eid_idset_remove(out, &parents.at[k]);
        }
    }
}

void model_count(const scenario *run, const scenario_node *at, uint64_t *complete, uint64_t *gaps)
{
    bool shown[NAMES_MAX + 1] = {false};

    *complete = 0;
    *gaps = 0;
    model_complete(run, at, shown);
    for (size_t i = 0; i < run->label_count; i++) {
        if (shown[i]) (*complete)++;
        if (at->holds[i] && !shown[i]) (*gaps)++;
    }
}
