/* The settings as of some tips, by the plain fold: pins name historical tips, of which no state is
 * kept, and the settings of a database are few. What repeats is cached (policy_cache.c). */
#include "auth/verify_parts.h"
#include "crdt/fold.h"

bool eid__settings_is_bad(eid_status status)
{
    return status == EID_E_MALFORMED || status == EID_E_TOO_BIG || status == EID_E_INVALID;
}

eid_status eid__settings_apply(const eid_entry *entry, eid_doc *settings)
{
    const eid_subtree *store = eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS));

    return store && store->has_data ? eid_fold_payload(settings, store->data) : EID_OK;
}

static eid_status settings_fold_order(const eid_at *at, const eid_order *order,
                                      const eid_idset *without, eid_doc *settings)
{
    for (size_t i = 0; i < order->count; i++) {
        eid_entry *entry = NULL;
        eid_status status;

        if (without && eid_idset_has(without, &order->at[i].id)) continue;
        status = eid__verifier_entry(at, &order->at[i].id, &entry);
        if (status == EID_OK) status = eid__settings_apply(entry, settings);
        eid_entry_free(entry);
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

eid_status eid__settings_fold(const eid_at *at, const eid_id *root, eid_ids settings_tips,
                              eid_doc **out, eid_order_item *last, bool *has_gap)
{
    eid_index_graph *graph = NULL;
    eid_order order = EID_ORDER_EMPTY;
    eid_doc *settings = NULL;
    eid_status status;

    *last = (eid_order_item){0, EID_ID_EMPTY};
    *has_gap = false;
    status = eid_index_graph_new(at, root, &graph);
    if (status != EID_OK) goto done;
    status =
        eid_graph_store_closure(eid_index_graph_source(graph), eid_slice_text(EID_STORE_SETTINGS),
                                settings_tips, &order, has_gap);
    if (status != EID_OK) goto done;
    for (size_t i = 0; i < settings_tips.count && !*has_gap; i++) {
        eid_index_info info;

        status = eid_index_find(at, &settings_tips.at[i], &info);
        *has_gap = status == EID_E_NOT_FOUND;
        if (status != EID_OK && !*has_gap) goto done;
    }
    status = eid_doc_new(&settings);
    if (status != EID_OK) goto done;
    status = settings_fold_order(at, &order, NULL, settings);
    if (status != EID_OK) goto done;
    if (order.count > 0) *last = order.at[order.count - 1];
    *out = settings;
    settings = NULL;

done:
    eid_doc_free(settings);
    eid_order_fini(&order);
    eid_index_graph_free(graph);
    return status;
}

eid_status eid__settings_fold_without(const eid_at *at, const eid_id *root, eid_ids settings_tips,
                                      const eid_idset *without, eid_doc **out)
{
    eid_index_graph *graph = NULL;
    eid_order order = EID_ORDER_EMPTY;
    eid_status status = eid_doc_new(out);

    if (status == EID_OK) status = eid_index_graph_new(at, root, &graph);
    if (status == EID_OK) {
        status = eid_graph_store_closure(eid_index_graph_source(graph),
                                         eid_slice_text(EID_STORE_SETTINGS), settings_tips, &order,
                                         NULL);
    }
    if (status == EID_OK) status = settings_fold_order(at, &order, without, *out);
    eid_order_fini(&order);
    eid_index_graph_free(graph);
    return status;
}

eid_status eid_verify_settings_at(const eid_at *at, const eid_id *root, eid_ids settings_tips,
                                  eid_doc **out)
{
    eid_order_item last;
    bool has_gap;

    return eid__settings_fold(at, root, settings_tips, out, &last, &has_gap);
}
