/* A stage for scenes of revocation: an enforced database in an engine, a creator and four others,
 * and entries that each of them makes on given ones. What is void is compared with the naive
 * evaluator when the stage is cleared, whatever the scene looked at. Every call must succeed. */
#ifndef EID_TESTS_NODE_REVOCATION_STAGE_H
#define EID_TESTS_NODE_REVOCATION_STAGE_H

#include "tests/node/engine_world.h"
#include "tests/node/revocation_naive.h"

#define STAGE_PAYLOADS_MAX 64
#define STAGE_AT_MAX 4

/* Alice makes the database. */
enum { ALICE, BOB, CAROL, DAVE, ERIN, STAGE_KEYS };

typedef struct stage {
    world world;
    eid_id root;
    eid_key keys[STAGE_KEYS];
    eid_entry *entries[FACTS_ENTRIES_MAX];
    size_t count;
    char *payloads[STAGE_PAYLOADS_MAX];
    size_t payload_count;
} stage;

/* One entry. */
typedef struct step {
    size_t by;
    bool is_global;
    const char *name;               /* hint by name */
    const eid_id *through;          /* hint by delegation, at the root of that database */
    const eid_id *at[STAGE_AT_MAX]; /* what it builds on and has seen; none = all that is visible */
    const char *store, *payload;
} step;

/* -- payloads, lent until the stage is cleared ------------------------------------------------- */

static inline const char *stage_keep(stage *self, eid_doc *doc)
{
    eid_buf text;

    assert_true(self->payload_count < STAGE_PAYLOADS_MAX);
    eid_buf_init(&text, EID_ENTRY_BYTES_MAX);
    assert_ok(eid_payload_write_doc(doc, &text));
    eid_doc_free(doc);
    self->payloads[self->payload_count] = eid_buf_take_text(&text);
    eid_buf_fini(&text);
    return self->payloads[self->payload_count++];
}

/* `permission` is "admin:1" and so on, NULL for a revoked key; `name` may be NULL. */
static inline eid_auth_key stage_record(const stage *self, size_t key, const char *permission,
                                        const char *name)
{
    eid_auth_key record = {.pubkey = self->keys[key].pub, .status = EID_KEY_ACTIVE};

    if (permission == NULL) record.status = EID_KEY_REVOKED;
    assert_ok(eid_permission_parse(eid_slice_text(permission ? permission : "write:10"),
                                   &record.permission));
    record.has_name = name != NULL;
    record.name = (char *)(uintptr_t)name;
    return record;
}

static inline const char *stage_named(stage *self, size_t key, const char *permission,
                                      const char *name)
{
    eid_auth_key record = stage_record(self, key, permission, name);
    eid_doc *doc;

    assert_ok(eid_doc_new(&doc));
    assert_ok(eid_settings_put_key(doc, &record));
    return stage_keep(self, doc);
}

static inline const char *stage_key(stage *self, size_t key, const char *permission)
{
    return stage_named(self, key, permission, NULL);
}

/* Two keys at once, each as of stage_key(). */
static inline const char *stage_keys(stage *self, size_t one, const char *first, size_t other,
                                     const char *second)
{
    eid_auth_key records[2] = {stage_record(self, one, first, NULL),
                               stage_record(self, other, second, NULL)};
    eid_doc *doc;

    assert_ok(eid_doc_new(&doc));
    assert_ok(eid_settings_put_key(doc, &records[0]));
    assert_ok(eid_settings_put_key(doc, &records[1]));
    return stage_keep(self, doc);
}

static inline const char *stage_global(stage *self, const char *permission)
{
    eid_auth_key record = stage_record(self, ALICE, permission, NULL);
    eid_doc *doc;

    assert_ok(eid_doc_new(&doc));
    assert_ok(eid_settings_put_global(doc, &record));
    return stage_keep(self, doc);
}

/* Keys of another database may do `permission` at most; NULL takes that back. */
static inline const char *stage_delegate(stage *self, const eid_id *tree, const char *permission)
{
    eid_delegation delegation = {.root = *tree};
    char path[EID_ID_TEXT_MAX + 20], text[EID_ID_TEXT_MAX];
    eid_doc *doc;

    assert_ok(eid_doc_new(&doc));
    if (permission != NULL) {
        assert_ok(eid_permission_parse(eid_slice_text(permission), &delegation.bounds.max));
        assert_ok(eid_settings_put_delegation(doc, &delegation));
    } else {
        snprintf(path, sizeof(path), "auth.delegations.%s", eid_id_format(tree, text));
        assert_ok(eid_doc_remove(doc, eid_slice_text(path), NULL));
    }
    return stage_keep(self, doc);
}

static inline const char *stage_readmit(stage *self, const eid_id *id, bool readmitted)
{
    eid_value value = eid_value_of_bool(readmitted);
    char path[EID_ID_TEXT_MAX + 20], text[EID_ID_TEXT_MAX];
    eid_doc *doc;

    snprintf(path, sizeof(path), "readmitted.%s", eid_id_format(id, text));
    assert_ok(eid_doc_new(&doc));
    assert_ok(eid_doc_set_take(doc, eid_slice_text(path), &value));
    return stage_keep(self, doc);
}

static inline const char *stage_number(stage *self, const char *path, int64_t number)
{
    eid_doc *doc;

    assert_ok(eid_doc_new(&doc));
    assert_ok(eid_doc_set_int(doc, eid_slice_text(path), number));
    return stage_keep(self, doc);
}

static inline const char *stage_text(stage *self, const char *path, const char *text)
{
    eid_doc *doc;

    assert_ok(eid_doc_new(&doc));
    assert_ok(eid_doc_set_text(doc, eid_slice_text(path), eid_slice_text(text)));
    return stage_keep(self, doc);
}

/* -- entries ----------------------------------------------------------------------------------- */

/* Sign an entry, which belongs to the stage, and which nobody has yet. */
static inline const eid_entry *stage_seal(stage *self, eid_builder *builder, const step *plan)
{
    const eid_key *key = &self->keys[plan->by];
    eid_delegation_step path = {EID_ID_EMPTY, {plan->through, 1}};
    eid_sigkey_owned hint;
    eid_entry *entry;

    if (plan->name != NULL) {
        assert_ok(eid_sigkey_of_name(eid_slice_text(plan->name), &hint));
    } else if (plan->is_global) {
        assert_ok(eid_sigkey_of_global(&key->pub, &hint));
    } else {
        assert_ok(eid_sigkey_of_pubkey(&key->pub, &hint));
    }
    if (plan->through != NULL) {
        path.tree = *plan->through;
        hint.key.is_delegation = true;
        hint.key.path = &path;
        hint.key.path_count = 1;
    }
    assert_ok(eid_builder_set_sigkey(builder, &hint.key));
    assert_ok(eid_builder_seal(builder, eid_key_sign_fn, (void *)(uintptr_t)key, &entry));
    eid_sigkey_owned_fini(&hint);
    eid_builder_free(builder);
    assert_true(self->count < FACTS_ENTRIES_MAX);
    self->entries[self->count++] = entry;
    return entry;
}

static inline eid_verdict stage_verdict(stage *self, const eid_id *id)
{
    const eid_at at = {.kv = eid_engine_kv(self->world.engine)};
    eid_index_info info;

    if (eid_index_find(&at, id, &info) != EID_OK) return EID_UNVERIFIED;
    return info.verdict;
}

/* Take an entry in as if it came from a peer. */
static inline eid_id stage_take(stage *self, const eid_entry *entry)
{
    eid_slice bytes = eid_entry_bytes(entry);
    eid_ingest_report report;

    assert_ok(eid_engine_ingest(self->world.engine, &bytes, 1, NULL, EID_DURABLE_ASYNC, &report));
    eid_idset_fini(&report.missing);
    return *eid_entry_id(entry);
}

static inline eid_builder *stage_build(stage *self, const step *plan)
{
    const eid_seam *seam = self->world.seam;
    eid_slice name = eid_slice_text(plan->store);
    eid_idset at = EID_IDSET_EMPTY;
    eid_txn_context context;
    eid_builder *builder;
    eid_buf pin;

    for (size_t i = 0; i < STAGE_AT_MAX && plan->at[i] != NULL; i++) {
        assert_ok(eid_idset_add(&at, plan->at[i]));
    }
    assert_ok(seam->begin(seam->self, &self->root, &name, 1, at.count > 0 ? &at : NULL, &context));
    assert_ok(eid_builder_new(&self->root, &builder));
    assert_ok(eid_builder_set_parents(builder, eid_idset_ids(&context.parents)));
    eid_builder_set_height(builder, context.height_max + 1);
    assert_ok(eid_builder_set_data(builder, name, eid_slice_text(plan->payload)));
    for (size_t i = 0; i < context.store_count; i++) {
        if (!eid_slice_is(name, context.stores[i].name)) continue;
        assert_ok(eid_builder_set_store_parents(builder, name,
                                                eid_idset_ids(&context.stores[i].parents)));
    }
    eid_buf_init(&pin, 100000);
    eid_pin_write(eid_idset_ids(&context.settings_tips), NULL, &pin);
    assert_ok(eid_builder_set_metadata(builder, eid_buf_slice(&pin)));
    eid_buf_fini(&pin);
    eid_txn_context_fini(&context);
    eid_idset_fini(&at);
    return builder;
}

/* Make an entry and take it in; it must be Verified. */
static inline eid_id stage_do(stage *self, step plan)
{
    eid_id id = stage_take(self, stage_seal(self, stage_build(self, &plan), &plan));

    assert_string_equal(eid_verdict_name(stage_verdict(self, &id)), "Verified");
    return id;
}

/* The commonest two. */
static inline eid_id stage_settings(stage *self, size_t by, const eid_id *at, const char *payload)
{
    return stage_do(self,
                    (step){.by = by, .at = {at}, .store = EID_STORE_SETTINGS, .payload = payload});
}

static inline eid_id stage_write(stage *self, size_t by, const eid_id *at, const char *key,
                                 int64_t number)
{
    return stage_do(
        self,
        (step){.by = by, .at = {at}, .store = "data", .payload = stage_number(self, key, number)});
}

/* -- the stage --------------------------------------------------------------------------------- */

/* A database of its own, whose only admin is `by`; gives its root. */
static inline eid_id stage_genesis(stage *self, size_t by, const char *revocation)
{
    eid_auth_key record = stage_record(self, by, "admin:0", NULL);
    uint64_t entropy = self->count;
    eid_builder *builder;
    eid_doc *settings;
    eid_buf pin;

    assert_ok(eid_builder_new(NULL, &builder));
    assert_ok(eid_doc_new(&settings));
    if (revocation != NULL) {
        assert_ok(
            eid_doc_set_text(settings, eid_slice_text("revocation"), eid_slice_text(revocation)));
    }
    assert_ok(eid_settings_put_key(settings, &record));
    world_set_doc(builder, EID_STORE_SETTINGS, settings);
    eid_doc_free(settings);
    assert_ok(
        eid_builder_set_data(builder, eid_slice_text(EID_STORE_ROOT), eid_slice_text("\"\"")));
    eid_buf_init(&pin, 1000);
    eid_pin_write((eid_ids){NULL, 0}, &entropy, &pin);
    assert_ok(eid_builder_set_metadata(builder, eid_buf_slice(&pin)));
    eid_buf_fini(&pin);
    return stage_take(self, stage_seal(self, builder, &(step){.by = by}));
}

/* End with stage_clear(). */
static inline void stage_set_as(stage *self, const char *url, const char *revocation)
{
    memset(self, 0, sizeof(*self));
    world_open(&self->world, url, true);
    for (uint8_t i = 0; i < STAGE_KEYS; i++) self->keys[i] = world_key((uint8_t)(20 + i));
    self->root = stage_genesis(self, ALICE, revocation);
}

static inline void stage_set(stage *self)
{
    stage_set_as(self, "memory://", "enforced");
}

static inline bool stage_is_void(stage *self, const eid_id *id)
{
    const eid_at at = {.kv = eid_engine_kv(self->world.engine)};
    uint32_t database;
    bool is_void;

    assert_ok(eid_index_database(&at, &self->root, &database));
    assert_ok(eid_index_is_void(&at, database, id, &is_void));
    return is_void;
}

/* The number that is visible at a key of the store "data"; -1 = none. */
static inline int64_t stage_read(stage *self, const char *key)
{
    return world_read(&self->world, &self->root, key);
}

typedef struct stage_look {
    const eid_pubkey *key; /* NULL = global */
    facts_write now;
} stage_look;

static inline void stage_take_policy(void *arg, const eid_policy *policy)
{
    stage_look *look = arg;
    const eid_auth_key *key =
        look->key ? eid_policy_find(policy, look->key, NULL) : eid_policy_global(policy, NULL);

    if (key != NULL && key->status == EID_KEY_ACTIVE) {
        look->now = facts_write_of_permission(key->permission);
    }
}

/* What a key may do now. */
static inline facts_level stage_level(stage *self, size_t key)
{
    stage_look look = {.key = &self->keys[key].pub};

    assert_ok(eid_engine_with_policy(self->world.engine, &self->root, stage_take_policy, &look));
    return look.now.level;
}

/* Everything as the naive evaluator says, and nothing for the engine's own check to find. */
static inline void stage_compare(stage *self)
{
    const eid_entry *verified[FACTS_ENTRIES_MAX];
    size_t count = 0;
    naive by;

    for (size_t i = 0; i < self->count; i++) {
        if (!eid_entry_is_in_tree(self->entries[i], &self->root) &&
            !eid_id_equal(eid_entry_id(self->entries[i]), &self->root)) {
            continue;
        }
        if (stage_verdict(self, eid_entry_id(self->entries[i])) != EID_VERIFIED) continue;
        verified[count++] = self->entries[i];
    }
    naive_run(&by, verified, count);
    for (size_t i = 0; i < count; i++) {
        if (stage_is_void(self, eid_entry_id(verified[i])) == by.is_void[i]) continue;
        fail_msg("entry %zu: the naive evaluator says %s", i, by.is_void[i] ? "void" : "not void");
    }
    world_check(&self->world, &self->root);
}

static inline void stage_clear(stage *self)
{
    stage_compare(self);
    world_close(&self->world);
    for (size_t i = 0; i < self->count; i++) eid_entry_free(self->entries[i]);
    for (size_t i = 0; i < self->payload_count; i++) eid_free(self->payloads[i]);
}

#endif
