/* Opening reads nothing but the store's own format mark: what is cached of a database is made when
 * it is first asked for, and threads when there is something for them to do. */
#include "node/db/engine.h"

#include <stdio.h>
#include <unistd.h>

#include "dag/alloc.h"
#include "node/db/conflict_list.h"
#include "node/db/db_internal.h"
#include "node/db/local.h"

#define OPTION_NAME_MAX 200

static unsigned engine_threads(const eid_engine_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (config->verify_inline) return 0;
    if (config->verify_threads > 0) return config->verify_threads;
    if (cores > (long)EID__POOL_THREADS_MAX) return EID__POOL_THREADS_MAX;
    return cores > 2 ? (unsigned)cores - 1 : 1;
}

static eid_seam engine_make_seam(eid_engine *engine)
{
    return (eid_seam){.self = engine,
                      .clock = engine->clock,
                      .random = engine->random,
                      .instance = eid__local_instance,
                      .databases = eid__local_databases,
                      .info = eid__local_info,
                      .begin = eid__local_begin,
                      .submit = eid__local_submit,
                      .repair = eid__local_repair,
                      .tips = eid__local_tips,
                      .added = eid__local_added,
                      .submit_own = eid__local_submit_own,
                      .value = eid__local_value,
                      .doc = eid__local_doc,
                      .children = eid__local_children,
                      .payloads = eid__local_payloads,
                      .text = eid__local_text,
                      .find = eid__local_find,
                      .set_index = eid__local_set_index,
                      .indexes = eid__local_indexes,
                      .doc_at = eid__local_doc_at,
                      .entry = eid__local_entry,
                      .entries = eid__local_entries,
                      .conflicts = eid__local_conflicts,
                      .prune_conflicts = eid__local_prune_conflicts,
                      .subscribe = eid__local_subscribe,
                      .unsubscribe = eid__local_unsubscribe,
                      .ingest = eid__local_ingest,
                      .set_strict = eid__local_set_strict,
                      .set_shared = eid__local_set_shared,
                      .forget = eid__local_forget,
                      .check = eid__local_check,
                      .sigkeys = eid__local_sigkeys,
                      .prove = eid__local_prove,
                      .control = eid__local_control};
}

eid_status eid_engine_open(const eid_engine_config *config, eid_engine **out)
{
    eid_engine *engine = eid_alloc(sizeof(*engine));
    eid_status status;

    *out = NULL;
    if (engine == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for an engine");
    pthread_mutex_init(&engine->hooks, NULL);
    pthread_cond_init(&engine->hooks_idle, NULL);
    pthread_rwlock_init(&engine->listening, NULL);
    engine->clock = config->clock != NULL ? config->clock : eid_clock_system();
    engine->random = config->random != NULL ? config->random : eid_random_system();
    engine->seam = engine_make_seam(engine);
    status = eid_kv_open(config->url, config->create, &engine->kv);
    if (status != EID_OK) goto done;
    status = eid__dbtrees_new(engine->kv, &engine->trees);
    if (status != EID_OK) goto done;
    status = eid__pool_new(engine_threads(config), &engine->pool);
    if (status != EID_OK) goto done;
    status = eid__watch_new(engine->kv, config->verify_inline, &engine->watch);
    if (status != EID_OK) goto done;
    status = eid__texts_new(&engine->texts);
    if (status != EID_OK) goto done;
    *out = engine;
    engine = NULL;

done:
    eid_engine_close(engine);
    return status;
}

void eid_engine_close(eid_engine *engine)
{
    if (engine == NULL) return;
    eid__watch_free(engine->watch);
    eid__pool_free(engine->pool);
    eid__texts_free(engine->texts);
    eid__dbtrees_free(engine->trees);
    eid_kv_close(engine->kv);
    pthread_cond_destroy(&engine->hooks_idle);
    pthread_mutex_destroy(&engine->hooks);
    pthread_rwlock_destroy(&engine->listening);
    eid_free(engine);
}

const eid_seam *eid_engine_seam(eid_engine *engine)
{
    return &engine->seam;
}

eid_kv *eid_engine_kv(eid_engine *engine)
{
    return engine->kv;
}

void eid_engine_set_control(eid_engine *engine,
                            eid_status (*control)(void *self, const char *method, eid_slice args,
                                                  void (*progress)(void *arg, eid_slice json),
                                                  void *arg, eid_buf *out),
                            void *self)
{
    pthread_mutex_lock(&engine->hooks);
    while (engine->controls > 0) pthread_cond_wait(&engine->hooks_idle, &engine->hooks);
    engine->control = control;
    engine->control_self = self;
    pthread_mutex_unlock(&engine->hooks);
}

void eid_engine_on_write(eid_engine *engine,
                         void (*fn)(void *self, const eid_id *root, bool is_remote), void *self)
{
    pthread_rwlock_wrlock(&engine->listening);
    engine->on_write = fn;
    engine->on_write_self = self;
    pthread_rwlock_unlock(&engine->listening);
}

typedef struct policy_call {
    void (*fn)(void *arg, const eid_policy *policy);
    void *arg;
} policy_call;

static eid_status engine_call_policy(void *self, eid__current *current, const eid_at *at,
                                     const eid_id *root)
{
    policy_call *call = self;
    eid_status status = eid__current_need_settings(current, at, root);

    if (status == EID_OK) call->fn(call->arg, current->policy);
    return status;
}

eid_status eid_engine_with_policy(eid_engine *engine, const eid_id *root,
                                  void (*fn)(void *arg, const eid_policy *policy), void *arg)
{
    policy_call call = {fn, arg};
    eid__dbtree *tree;
    eid_status status = eid__dbtree_ref(engine->trees, root, &tree);

    if (status != EID_OK) return status;
    status = eid__dbtree_read(tree, engine_call_policy, &call);
    eid__dbtree_unref(engine->trees, tree);
    return status;
}

/* -- options of databases ---------------------------------------------------------------------- */

static void option_name(const eid_id *root, const char *what, char out[OPTION_NAME_MAX + 1])
{
    char text[EID_ID_TEXT_MAX];

    snprintf(out, OPTION_NAME_MAX + 1, "db/%s/%s", eid_id_format(root, text), what);
}

eid_status eid__option_get(eid_kv *kv, const eid_id *root, const char *what, bool preset, bool *out)
{
    const eid_at at = {.kv = kv};
    char name[OPTION_NAME_MAX + 1];
    eid_buf value;
    eid_status status;

    option_name(root, what, name);
    eid_buf_init(&value, 16);
    status = eid_records_get(&at, name, &value);
    *out = status == EID_OK ? eid_slice_is(eid_buf_slice(&value), "1") : preset;
    eid_buf_fini(&value);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

eid_status eid__option_set(eid_batch *batch, const eid_id *root, const char *what, bool value)
{
    char name[OPTION_NAME_MAX + 1];

    option_name(root, what, name);
    return eid_records_set(batch, name, eid_slice_text(value ? "1" : "0"));
}

eid_status eid__option_delete(eid_batch *batch, const eid_id *root, const char *what)
{
    char name[OPTION_NAME_MAX + 1];

    option_name(root, what, name);
    return eid_records_delete(batch, name);
}
