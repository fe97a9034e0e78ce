/* Ends of what the seam hands out: the two sides of it (engine, client of a daemon) fill these
 * structs, everybody ends them here. */
#include "node/db/seam.h"

#include "dag/alloc.h"

void eid_txn_context_fini(eid_txn_context *context)
{
    for (size_t i = 0; i < context->store_count; i++) {
        eid_free(context->stores[i].name);
        eid_idset_fini(&context->stores[i].parents);
    }
    eid_free(context->stores);
    eid_idset_fini(&context->parents);
    eid_idset_fini(&context->settings_tips);
    eid_doc_free(context->settings);
    eid_doc_free(context->index);
    memset(context, 0, sizeof(*context));
}

void eid_db_info_fini(eid_db_info *info)
{
    eid_free(info->name);
    eid_free(info->type);
    eid_idset_fini(&info->tips);
    memset(info, 0, sizeof(*info));
}
