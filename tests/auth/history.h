/* Small signed histories for the tests of auth: entries from a plan, and a store in memory to put
 * them into. Everything aborts the test on failure. */
#ifndef EID_TESTS_AUTH_HISTORY_H
#define EID_TESTS_AUTH_HISTORY_H

#include "auth/sigkey.h"
#include "auth/verify.h"
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/builder.h"
#include "tests/support/test.h"

#define HISTORY_UNSIGNED (-1)

typedef enum history_pin {
    HISTORY_PIN_TIPS,
    HISTORY_PIN_EMPTY,
    HISTORY_PIN_NONE, /* no metadata */
    HISTORY_PIN_BAD,  /* metadata that does not parse */
} history_pin;

typedef struct history_plan {
    const eid_id *root; /* NULL = a genesis */
    eid_ids parents;
    uint64_t height;
    history_pin pin;
    eid_ids pins;
    const char *settings; /* payload; NULL = the entry has no `_settings` */
    eid_ids settings_parents;
    const char *data; /* payload of the store `data`; NULL = none */
    int signer;       /* number of a key, or HISTORY_UNSIGNED */
    bool is_global;
    bool is_delegation;
    bool breaks_signature;
} history_plan;

static inline void history_ok(eid_status status)
{
    if (status != EID_OK) fail_msg("%s", eid_status_detail(status).text);
}

static inline eid_key history_key(int number)
{
    uint8_t seed[EID_KEY_BYTES];
    eid_key key;

    memset(seed, number + 1, sizeof seed);
    eid_key_from_seed(seed, &key);
    return key;
}

static inline eid_ids history_ids(const eid_id *at, size_t count)
{
    return (eid_ids){at, count};
}

/* A `_settings` payload that grants one key something. New: eid_free(). */
static inline char *history_grant(int number, eid_permission_type type, eid_key_status status)
{
    eid_key key = history_key(number);
    eid_auth_key record = {.pubkey = key.pub, .permission = {type, 0}, .status = status};
    eid_doc *doc = NULL;
    eid_buf text;
    char *payload;

    if (type == EID_PERMISSION_WRITE) record.permission.priority = 10;
    history_ok(eid_doc_new(&doc));
    history_ok(eid_settings_put_key(doc, &record));
    eid_buf_init(&text, 65536);
    history_ok(eid_payload_write_doc(doc, &text));
    payload = eid_buf_take_text(&text);
    assert_non_null(payload);
    eid_buf_fini(&text);
    eid_doc_free(doc);
    return payload;
}

static inline eid_status history_sign_badly(void *self, eid_slice message, uint8_t signature[64])
{
    eid_status status = eid_key_sign_fn(self, message, signature);

    signature[5] ^= 1;
    return status;
}

static inline void history_put_metadata(eid_builder *builder, const history_plan *plan)
{
    eid_buf metadata;

    if (plan->pin == HISTORY_PIN_NONE) return;
    eid_buf_init(&metadata, 65536);
    if (plan->pin == HISTORY_PIN_BAD) {
        eid_buf_append_text(&metadata, "{\"entropy\":1}");
    } else {
        eid_pin_write(plan->pin == HISTORY_PIN_TIPS ? plan->pins : history_ids(NULL, 0), NULL,
                      &metadata);
    }
    history_ok(eid_builder_set_metadata(builder, eid_buf_slice(&metadata)));
    eid_buf_fini(&metadata);
}

static inline void history_put_stores(eid_builder *builder, const history_plan *plan)
{
    eid_slice settings = eid_slice_text(EID_STORE_SETTINGS);

    if (!plan->root) {
        history_ok(
            eid_builder_set_data(builder, eid_slice_text(EID_STORE_ROOT), eid_slice_text("\"\"")));
    }
    if (plan->settings) {
        history_ok(eid_builder_set_data(builder, settings, eid_slice_text(plan->settings)));
        history_ok(eid_builder_set_store_parents(builder, settings, plan->settings_parents));
    }
    if (plan->data) {
        history_ok(
            eid_builder_set_data(builder, eid_slice_text("data"), eid_slice_text(plan->data)));
    }
}

/* New: eid_entry_free(). */
static inline eid_entry *history_make(const history_plan *plan)
{
    eid_key key = history_key(plan->signer);
    eid_delegation_step step = {.tree = plan->root ? *plan->root : EID_ID_EMPTY};
    eid_sigkey_owned owned = {.memory = NULL};
    eid_builder *builder = NULL;
    eid_entry *entry = NULL;
    bool is_signed = plan->signer != HISTORY_UNSIGNED;

    history_ok(eid_builder_new(plan->root, &builder));
    history_ok(eid_builder_set_parents(builder, plan->parents));
    eid_builder_set_height(builder, plan->height);
    history_put_metadata(builder, plan);
    history_put_stores(builder, plan);
    if (is_signed) {
        history_ok(
            (plan->is_global ? eid_sigkey_of_global : eid_sigkey_of_pubkey)(&key.pub, &owned));
        if (plan->is_delegation) {
            owned.key.is_delegation = true;
            owned.key.path = &step;
            owned.key.path_count = 1;
        }
        history_ok(eid_builder_set_sigkey(builder, &owned.key));
    }
    history_ok(eid_builder_seal(builder,
                                !is_signed               ? NULL
                                : plan->breaks_signature ? history_sign_badly
                                                         : eid_key_sign_fn,
                                &key, &entry));
    eid_sigkey_owned_fini(&owned);
    eid_builder_free(builder);
    return entry;
}

/* A store in memory. */
typedef struct history_store {
    eid_kv *kv;
    eid_batch *batch;
    eid_policy_cache *cache;
} history_store;

static inline void history_store_open(history_store *store)
{
    history_ok(eid_kv_open("memory://", true, &store->kv));
    history_ok(eid_batch_new(store->kv, &store->batch));
    history_ok(eid_policy_cache_new(4, &store->cache));
}

static inline void history_store_close(history_store *store)
{
    eid_policy_cache_free(store->cache);
    eid_batch_free(store->batch);
    eid_kv_close(store->kv);
}

static inline eid_at history_at(const history_store *store)
{
    return (eid_at){.kv = store->kv, .batch = store->batch};
}

static inline void history_put(history_store *store, const eid_entry *entry, eid_verdict verdict)
{
    bool is_new;

    history_ok(eid_index_put(store->batch, entry, verdict, 0, &is_new));
}

static inline eid_verify_report history_verify(history_store *store, const eid_id *root,
                                               bool strict)
{
    eid_verify_options options = {.strict = strict, .cache = store->cache};
    eid_verify_report report;

    history_ok(eid_verify_tree(store->batch, root, &options, &report));
    return report;
}

/* 'V', 'F', 'U', or 'a' for absent. */
static inline char history_status(const history_store *store, const eid_entry *entry)
{
    eid_at at = history_at(store);
    eid_index_info info;
    eid_status status = eid_index_find(&at, eid_entry_id(entry), &info);

    if (status == EID_E_NOT_FOUND) return 'a';
    history_ok(status);
    return eid_verdict_name(info.verdict)[0];
}

#endif
