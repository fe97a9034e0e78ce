/* What there is to know of a database comes from three places: counters of the index, the merged
 * settings, and the keys of the user who asks. */
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/engine.h"
#include "node/db/settings.h"
#include "node/user/session.h"

/* Height and permission, which need the settings; both stay empty where they may not be read. */
static void info_complete(eidetica_user *user, const eid_id *root, eidetica_db_info *info,
                          char permission[24])
{
    eid_txn_context context;
    eid_policy *policy = NULL;
    eid_permission found;

    if (user->seam->begin(user->seam->self, root, NULL, 0, NULL, &context) != EID_OK) return;
    info->height = context.height_max;
    if (eid_policy_of_settings(context.settings, &policy) == EID_OK &&
        eid__api_permission(user, root, policy, &found)) {
        info->permission = eid_permission_text(found, permission);
    }
    eid_policy_free(policy);
    eid_txn_context_fini(&context);
}

typedef struct info_call {
    eidetica_user *user;
    bool with_system;
    bool (*each)(void *self, const eidetica_db_info *info);
    void (*with)(void *self, const eidetica_db_info *info);
    void *self;
} info_call;

static eid_status info_give(void *arg, const eid_db_info *from)
{
    info_call *call = arg;
    eidetica_db_info info = {.name = from->name ? from->name : "", .permission = ""};
    char permission[24], root[EID_ID_TEXT_MAX];
    eid__api_texts tips;
    eid_status status;

    info.system = eid__api_is_system(call->user->seam, from);
    if (info.system && !call->with_system) return EID_OK;
    eid__api_texts_init(&tips);
    status = eid__api_texts_add_ids(&tips, eid_idset_ids(&from->tips));
    if (status == EID_OK) status = eid__api_texts_end(&tips);
    if (status != EID_OK) goto done;
    info.root = eid_id_format(&from->root, root);
    info.entries = from->counts.entries;
    info.verified = from->counts.verified;
    info.failed = from->counts.failed;
    info.unverified = from->counts.unverified;
    info.bytes = from->counts.bytes;
    info.tip_count = tips.count;
    info.tips = tips.at;
    info.shared = from->shared;
    info.strict = from->strict;
    info_complete(call->user, &from->root, &info, permission);
    if (call->with) call->with(call->self, &info);
    if (call->each && !call->each(call->self, &info)) status = EID_E_AGAIN;

done:
    eid__api_texts_fini(&tips);
    return status;
}

eidetica_status eidetica_dbs(eidetica_user *user, bool with_system,
                             bool (*each)(void *self, const eidetica_db_info *info), void *self)
{
    info_call call = {.user = user, .with_system = with_system, .each = each, .self = self};
    eid_status status = eid__api_need(user, "user");

    if (status == EID_OK) status = user->seam->databases(user->seam->self, info_give, &call);
    return eid__api_end(status);
}

eidetica_status eidetica_db_describe(eidetica_db *db,
                                     void (*with)(void *self, const eidetica_db_info *info),
                                     void *self)
{
    info_call call = {.with_system = true, .with = with, .self = self};
    eid_db_info info;
    eid_status status = eid__api_need(db, "db");

    if (status != EID_OK) return eid__api_end(status);
    call.user = db->user;
    status = db->seam->info(db->seam->self, &db->root, &info);
    if (status == EID_E_NOT_FOUND) {
        status = EID_FAIL(EID_KIND_DATABASE_NOT_FOUND, "database %s is not here", db->root_text);
    } else if (status == EID_OK) {
        status = info_give(&call, &info);
        eid_db_info_fini(&info);
    }
    return eid__api_end(status);
}
