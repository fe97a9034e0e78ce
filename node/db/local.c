/* What a node knows of itself and of its databases, and the few options that are its own. */
#include "node/db/local.h"

#include "dag/alloc.h"
#include "node/db/write.h"

eid_status eid__local_instance(void *self, eid_pubkey *device, eid_id *users_db,
                               eid_id *databases_db, eid_id *sync_db)
{
    eid_engine *engine = self;
    const eid_at at = {.kv = engine->kv};
    eid_instance_record record;
    eid_status status = eid_records_instance(&at, &record);

    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_INSTANCE_NOT_INITIALIZED, "the store holds no instance");
    }
    if (status != EID_OK) return status;
    memcpy(device->bytes, record.device, sizeof(device->bytes));
    *users_db = record.users_db;
    *databases_db = record.databases_db;
    *sync_db = record.has_sync_db ? record.sync_db : EID_ID_EMPTY;
    return EID_OK;
}

/* -- info -------------------------------------------------------------------------------------- */

/* The live text at a key of the settings; NULL stays if there is none. */
static eid_status info_text(const eid_doc *settings, const char *key, char **out)
{
    const eid_value *value = eid_doc_get(settings, eid_slice_text(key));

    if (value == NULL || value->type != EID_VALUE_TEXT) return EID_OK;
    *out = eid_slice_dup_text(eid_value_text(value));
    return *out != NULL ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "for the %s of a database", key);
}

static eid_status info_read(void *self, eid__current *current, const eid_at *at, const eid_id *root)
{
    eid_db_info *out = self;
    eid_status status = eid_index_count(at, root, &out->counts);

    if (status != EID_OK) return status;
    out->has_genesis = eid_index_has(at, root);
    status = eid__current_need_tips(current, at, root);
    if (status == EID_OK) status = eid__current_need_settings(current, at, root);
    if (status == EID_OK) status = eid_idset_assign(&out->tips, eid_idset_ids(&current->tips));
    if (status == EID_OK) status = info_text(current->settings, "name", &out->name);
    if (status == EID_OK) status = info_text(current->settings, "type", &out->type);
    return status;
}

eid_status eid__local_info(void *self, const eid_id *root, eid_db_info *out)
{
    eid_engine *engine = self;
    const eid_at at = {.kv = engine->kv};
    eid__dbtree *tree = NULL;
    uint32_t database;
    eid_status status = eid_index_database(&at, root, &database);

    memset(out, 0, sizeof(*out));
    if (status != EID_OK) return status;
    out->root = *root;
    status = eid__dbtree_ref(engine->trees, root, &tree);
    if (status == EID_OK) status = eid__dbtree_read(tree, info_read, out);
    if (status == EID_OK) {
        status = eid__option_get(engine->kv, root, EID__OPTION_STRICT, true, &out->strict);
    }
    if (status == EID_OK) {
        status = eid__option_get(engine->kv, root, EID__OPTION_SHARED, false, &out->shared);
    }
    eid__dbtree_unref(engine->trees, tree);
    if (status != EID_OK) eid_db_info_fini(out);
    return status;
}

eid_status eid__local_databases(void *self, eid_status (*fn)(void *arg, const eid_db_info *info),
                                void *arg)
{
    eid_engine *engine = self;
    const eid_at at = {.kv = engine->kv};
    eid_idset roots = EID_IDSET_EMPTY;
    eid_status status = eid_index_databases(&at, &roots);

    for (size_t i = 0; i < roots.count && status == EID_OK; i++) {
        eid_db_info info;

        status = eid__local_info(engine, &roots.at[i], &info);
        if (status == EID_E_NOT_FOUND) { /* forgotten meanwhile */
            status = EID_OK;
            continue;
        }
        if (status != EID_OK) break;
        status = fn(arg, &info);
        eid_db_info_fini(&info);
    }
    eid_idset_fini(&roots);
    return status == EID_E_AGAIN ? EID_OK : status;
}

/* -- options ----------------------------------------------------------------------------------- */

eid_status eid__local_need_held(eid_engine *engine, const eid_id *root)
{
    const eid_at at = {.kv = engine->kv};
    uint32_t database;
    eid_status status = eid_index_database(&at, root, &database);

    if (status != EID_E_NOT_FOUND) return status;
    return EID_FAIL(EID_KIND_DATABASE_NOT_FOUND, "database %s is not here", eid_id_str(root));
}

eid_status eid__local_set_strict(void *self, const eid_id *root, bool strict)
{
    eid_status status = eid__local_need_held(self, root);

    return status == EID_OK ? eid__strict_set(self, root, strict) : status;
}

eid_status eid__local_set_shared(void *self, const eid_id *root, bool shared)
{
    eid_engine *engine = self;
    eid_batch *batch = NULL;
    eid_status status = eid__local_need_held(engine, root);

    if (status != EID_OK) return status;
    status = eid_batch_new(engine->kv, &batch);
    if (status == EID_OK) status = eid__option_set(batch, root, EID__OPTION_SHARED, shared);
    if (status == EID_OK) status = eid_batch_write(batch, EID_DURABLE_SYNC);
    eid_batch_free(batch);
    return status;
}

/* Readers of the cache must not see the old tips once it is gone. */
static eid_status forget_write(eid__dbtree *tree)
{
    eid_status status;

    pthread_mutex_lock(&tree->cache);
    tree->is_writing = true;
    pthread_mutex_unlock(&tree->cache);
    status = eid_batch_write(tree->batch, EID_DURABLE_SYNC);
    pthread_mutex_lock(&tree->cache);
    tree->is_writing = false;
    eid__current_clear(&tree->current);
    pthread_mutex_unlock(&tree->cache);
    return status;
}

eid_status eid__local_forget(void *self, const eid_id *root)
{
    eid_engine *engine = self;
    eid__dbtree *tree = NULL;
    eid_status status = eid__local_need_held(engine, root);

    if (status != EID_OK) return status;
    status = eid__dbtree_ref(engine->trees, root, &tree);
    if (status != EID_OK) return status;
    pthread_mutex_lock(&tree->write);
    status = eid_index_forget(tree->batch, root);
    if (status == EID_OK) status = eid__option_delete(tree->batch, root, EID__OPTION_STRICT);
    if (status == EID_OK) status = eid__option_delete(tree->batch, root, EID__OPTION_SHARED);
    if (status == EID_OK) status = eid__option_delete(tree->batch, root, EID__OPTION_INDEXES);
    if (status == EID_OK) status = forget_write(tree);
    eid_batch_clear(tree->batch);
    eid__dbtree_forget_policies(tree);
    tree->has_strict = false;
    tree->has_waiting = false;
    pthread_mutex_unlock(&tree->write);
    eid__dbtree_unref(engine->trees, tree);
    return status;
}

/* -- the rest ---------------------------------------------------------------------------------- */

eid_status eid__local_check(void *self, const eid_id *root, eid_buf *report, uint64_t *findings)
{
    eid_status status = eid__local_need_held(self, root);

    return status == EID_OK ? eid__check(self, root, report, findings) : status;
}

eid_status eid__local_prove(void *self, const eid_key *key)
{
    (void)self;
    (void)key;
    return EID_OK; /* whoever has the store open may use any key */
}

eid_status eid__local_control(void *self, const char *method, eid_slice args,
                              void (*progress)(void *arg, eid_slice json), void *arg, eid_buf *out)
{
    eid_engine *engine = self;
    eid_status status;

    pthread_mutex_lock(&engine->hooks);
    if (engine->control == NULL) {
        pthread_mutex_unlock(&engine->hooks);
        return EID_FAIL(EID_KIND_SYNC_OFF, "`%s` needs a running daemon", method);
    }
    engine->controls++;
    pthread_mutex_unlock(&engine->hooks); /* who takes `control` away waits for us */
    status = engine->control(engine->control_self, method, args, progress, arg, out);
    pthread_mutex_lock(&engine->hooks);
    if (--engine->controls == 0) pthread_cond_broadcast(&engine->hooks_idle);
    pthread_mutex_unlock(&engine->hooks);
    return status;
}
