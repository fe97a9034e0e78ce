/* Trees that delegate to each other, in a store in memory, and questions to them: what the tests of
 * delegation share. Everything aborts the test on failure. */
#ifndef EID_TESTS_AUTH_FOREST_H
#define EID_TESTS_AUTH_FOREST_H

#include "auth/delegate.h"
#include "auth/judge.h"
#include "tests/auth/history.h"

#define TREES_MAX 12

static inline eid_permission permission_of(const char *text)
{
    eid_permission out;

    history_ok(eid_permission_parse(eid_slice_text(text), &out));
    return out;
}

/* -- trees of settings entries ----------------------------------------------------------------- */

/* A tree whose entries are all settings, in a row, Verified. */
typedef struct tree {
    eid_id root, tip;
    uint64_t height;
} tree;

typedef struct forest {
    history_store store;
    tree trees[TREES_MAX];
    size_t count;
} forest;

static inline void forest_open(forest *at)
{
    *at = (forest){.count = 0};
    history_store_open(&at->store);
}

static inline void forest_close(forest *at)
{
    history_store_close(&at->store);
}

static inline char *settings_text(eid_doc **settings)
{
    eid_buf text;
    char *out;

    eid_buf_init(&text, 65536);
    history_ok(eid_payload_write_doc(*settings, &text));
    out = eid_buf_take_text(&text);
    assert_non_null(out);
    eid_doc_free(*settings);
    *settings = NULL;
    return out;
}

/* Append an entry with these settings to a tree (NULL = it is the genesis of a new one). */
static inline tree *forest_append(forest *at, tree *to, eid_doc **settings)
{
    char *text = settings_text(settings);
    history_plan plan = {.settings = text, .signer = 0, .pin = HISTORY_PIN_EMPTY};
    eid_entry *entry;

    if (to) {
        plan.root = &to->root;
        plan.parents = plan.pins = plan.settings_parents = history_ids(&to->tip, 1);
        plan.pin = HISTORY_PIN_TIPS;
        plan.height = to->height + 1;
    } else {
        to = &at->trees[at->count++];
        assert_true(at->count <= TREES_MAX);
    }
    entry = history_make(&plan);
    history_put(&at->store, entry, EID_VERIFIED);
    to->tip = *eid_entry_id(entry);
    to->height = plan.height;
    if (!plan.root) to->root = to->tip;
    eid_entry_free(entry);
    eid_free(text);
    return to;
}

static inline eid_doc *doc_new(void)
{
    eid_doc *doc = NULL;

    history_ok(eid_doc_new(&doc));
    return doc;
}

static inline eid_auth_key record_of(int number, const char *permission, eid_key_status status)
{
    eid_key key = history_key(number);

    return (eid_auth_key){
        .pubkey = key.pub, .permission = permission_of(permission), .status = status};
}

static inline void put_key(eid_doc *settings, int number, const char *permission)
{
    eid_auth_key record = record_of(number, permission, EID_KEY_ACTIVE);

    history_ok(eid_settings_put_key(settings, &record));
}

static inline void put_delegation(eid_doc *settings, const tree *to, const char *max,
                                  const char *min, const eid_id *floor)
{
    eid_delegation delegation = {.root = to->root, .tips = EID_IDSET_EMPTY};

    delegation.bounds.max = permission_of(max);
    delegation.bounds.has_min = min != NULL;
    if (min) delegation.bounds.min = permission_of(min);
    if (floor) history_ok(eid_idset_add(&delegation.tips, floor));
    history_ok(eid_settings_put_delegation(settings, &delegation));
    eid_delegation_fini(&delegation);
}

/* A new tree whose admin is key 0 and which lists another key. */
static inline tree *forest_identity(forest *at, int number, const char *permission)
{
    eid_doc *settings = doc_new();

    put_key(settings, 0, "admin:0");
    put_key(settings, number, permission);
    return forest_append(at, NULL, &settings);
}

/* A new tree that delegates to another one, whose tip now is the floor. */
static inline tree *forest_delegating(forest *at, const tree *to, const char *max, const char *min)
{
    eid_doc *settings = doc_new();

    put_key(settings, 0, "admin:0");
    put_delegation(settings, to, max, min, &to->tip);
    return forest_append(at, NULL, &settings);
}

/* -- asking ------------------------------------------------------------------------------------ */

typedef struct question {
    const tree *from;              /* whose settings begin */
    eid_delegation_step steps[16]; /* tips are lent */
    size_t count;
    int number;
    bool is_lenient;
    eid_delegate_state state; /* of the answer */
    eid_kind kind;
    eid_candidate found; /* the first candidate */
    size_t found_count;
} question;

static inline void ask_step(question *ask, const tree *to, eid_ids tips)
{
    ask->steps[ask->count++] = (eid_delegation_step){to->root, tips};
}

static inline void ask(forest *at, question *ask)
{
    eid_delegate_place place = {
        .at = history_at(&at->store), .strict = !ask->is_lenient, .cache = at->store.cache};
    eid_sigkey key = {.is_delegation = true, .path = ask->steps, .path_count = ask->count};
    eid_key signer = history_key(ask->number);
    eid_delegate_answer answer;
    eid_candidates found;
    eid_sigkey_owned hint;
    eid_policy *policy = NULL;
    eid_doc *settings = NULL;
    eid_status status;

    history_ok(eid_verify_settings_at(&place.at, &ask->from->root, history_ids(&ask->from->tip, 1),
                                      &settings));
    history_ok(eid_policy_of_settings(settings, &policy));
    history_ok(eid_sigkey_of_pubkey(&signer.pub, &hint));
    key.hint = hint.key.hint;
    status = eid_delegate_resolve(&place, policy, &key, &found, &answer);
    ask->state = answer.state;
    ask->kind = eid_status_detail(status).kind;
    ask->found_count = found.count;
    if (found.count > 0) ask->found = found.at[0];
    eid_candidates_fini(&found);
    eid_delegate_answer_fini(&answer);
    eid_sigkey_owned_fini(&hint);
    eid_policy_free(policy);
    eid_doc_free(settings);
}

static inline void assert_found(const question *ask, const char *permission, eid_key_status status)
{
    char text[24];

    assert_int_equal(ask->state, EID_DELEGATE_FOUND);
    assert_int_equal(ask->found_count, 1);
    assert_string_equal(eid_permission_text(ask->found.permission, text), permission);
    assert_int_equal(ask->found.status, status);
}

static inline void assert_refused(const question *ask, eid_delegate_state state, eid_kind kind)
{
    assert_int_equal(ask->state, state);
    assert_string_equal(eid_kind_name(ask->kind), eid_kind_name(kind));
}

/* One step to a tree at its tip, by a key of it. */
static inline question ask_one(forest *at, const tree *from, const tree *to, int number)
{
    question out = {.from = from, .number = number};

    ask_step(&out, to, history_ids(&to->tip, 1));
    ask(at, &out);
    return out;
}

/* -- judging without a store ------------------------------------------------------------------ */

/* A policy with key 1, and perhaps the grant to everybody. */
static inline eid_policy *policy_with(const char *permission, eid_key_status status,
                                      const char *global)
{
    eid_auth_key record = {.status = EID_KEY_ACTIVE};
    eid_policy *policy = NULL;
    eid_doc *settings = doc_new();

    if (global) {
        record.permission = permission_of(global);
        history_ok(eid_settings_put_global(settings, &record));
    }
    if (permission) {
        record = record_of(1, permission, status);
        history_ok(eid_settings_put_key(settings, &record));
    }
    history_ok(eid_policy_of_settings(settings, &policy));
    eid_doc_free(settings);
    return policy;
}

/* Judge an entry of a key; with settings in it if asked. */
static inline eid_judgement judge(const eid_policy *policy, int number, bool is_global,
                                  bool settings)
{
    eid_id root = eid_id_of_entry(eid_slice_text("root"));
    history_plan plan = {.root = &root,
                         .parents = history_ids(&root, 1),
                         .height = 1,
                         .pin = HISTORY_PIN_EMPTY,
                         .data = "{\"children\":{}}",
                         .settings = settings ? "{\"children\":{}}" : NULL,
                         .signer = number,
                         .is_global = is_global};
    eid_entry *entry = history_make(&plan);
    eid_judgement out;

    history_ok(eid_judge_entry(policy, entry, NULL, &out, NULL));
    eid_entry_free(entry);
    return out;
}

#endif
