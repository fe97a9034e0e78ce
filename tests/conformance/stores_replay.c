/* A recorded transaction, begun on the tips it had and dropped at its end: its entry came from the
 * recording, since ids cannot be made again; but what is staged must be what that entry carries. */
#include "dag/alloc.h"
#include "node/db/password_store.h"
#include "node/db/table.h"
#include "node/db/ydoc_store.h"
#include "tests/conformance/stores_ops.h"

typedef struct replay {
    stores_node *node;
    const json_t *transaction;
    eid_txn *txn;
    bool has_dotted_row;
    bool is_limited;    /* by what the reference cannot fold */
    bool has_tombstone; /* something was deleted in it, or replaced whole */
} replay;

/* Whether this is an operation whose result is ours to decide differently; NULL if not. */
static bool is_ours(const replay *run, const json_t *op)
{
    const char *name = eid_get_text(op, "op");
    bool is_table = eid_has(op, "type") && strcmp(eid_get_text(op, "type"), EID_TYPE_TABLE) == 0;

    if (run->is_limited) return true; /* ours must succeed, and nobody knows with what */
    /* S2: a staged tombstone hides what was committed; get_all agrees. */
    if (run->has_tombstone && strcmp(name, "get_all") != 0 && strcmp(name, "get_at_path") != 0) {
        return true;
    }
    /* A row's key is one name: rows whose keys have dots are rows like others. */
    return is_table && run->has_dotted_row;
}

/* Reading opened the store there, which registered it. */
static void replay_open(const replay *run, const json_t *op)
{
    const char *type = eid_has(op, "type") ? eid_get_text(op, "type") : EID_TYPE_DOCSTORE;
    eid_slice store = eid_get_slice(op, "store");
    bool is_open = strcmp(eid_get_text(op, "op"), "open") == 0;

    if (is_open || type[0] == '_' || (store.len > 0 && store.at[0] == '_')) return;
    if (strcmp(type, EID_TYPE_PASSWORD) == 0) return;
    if (strcmp(json_string_value(json_object_get(run->node->types, eid_get_text(op, "store"))),
               type) == 0) {
        (void)eid_case_ok(run->node->suite, "open", eid_txn_open_store(run->txn, store, type));
    }
}

/* Whether what was committed does not show through what the operation stages. */
static bool ends_history(const json_t *op)
{
    const json_t *value = json_object_get(op, "value");
    const json_t *doc = json_object_get(value, "Doc");

    return strncmp(eid_get_text(op, "op"), "delete", 6) == 0 ||
           (json_is_string(value) && strcmp(json_string_value(value), "Deleted") == 0) ||
           json_is_true(json_object_get(doc, "_a"));
}

static void replay_op(replay *run, const json_t *op)
{
    const json_t *returns = json_object_get(op, "returns");
    const char *error = json_string_value(json_object_get(returns, "error"));
    store_op one = {.node = run->node, .txn = run->txn, .op = op};
    bool is_known, is_free = is_ours(run, op);
    eid_status status;

    one.store = eid_get_slice(op, "store");
    replay_open(run, op);
    if (!error && !is_free) one.ok = json_object_get(returns, "ok");
    status = store_op_run(&one, &is_known);
    if (!is_known) {
        eid_case_fail(run->node->suite, "nobody knows %s", eid_get_text(op, "op"));
    } else if (error && !is_free && status == EID_E_NOT_FOUND &&
               strcmp(error, "KeyNotFound") == 0) {
        /* the registry answers so without a reason */
    } else if (error && !is_free) {
        (void)eid_case_error(run->node->suite, eid_get_text(op, "op"), error, status);
    } else if (!is_free) {
        (void)eid_case_ok(run->node->suite, eid_get_text(op, "op"), status);
    }
    if (ends_history(op)) run->has_tombstone = true;
    /* It wrote what it read, which is another value by S2. */
    if (run->has_tombstone && strstr(eid_get_text(op, "op"), "_int")) run->is_limited = true;
}

static bool is_random(const json_t *ops, const char *store)
{
    for (size_t i = 0; i < json_array_size(ops); i++) {
        const json_t *op = json_array_get(ops, i);
        const char *type = eid_has(op, "type") ? eid_get_text(op, "type") : EID_TYPE_DOCSTORE;
        bool is_it = strcmp(eid_get_text(op, "store"), store) == 0;
        if (is_it && (strcmp(type, EID_TYPE_TABLE) == 0 || strcmp(type, EID_TYPE_YDOC) == 0)) {
            return true; /* random keys and clients; rows are written another way */
        }
        if (strcmp(type, EID_TYPE_PASSWORD) == 0) return true;
    }
    return false;
}

/* What is staged is what the recorded entry carries. */
static void replay_check(const replay *run)
{
    size_t index = eid_get_u64_text(run->transaction, "entry");
    const eid_entry *entry = run->node->entries[index];

    for (size_t i = 0; i < eid_entry_subtree_count(entry); i++) {
        const eid_subtree *subtree = eid_entry_subtree(entry, i);
        char *name = eid_slice_dup_text(subtree->name);
        const eid_doc *staged = eid_txn_peek_staged(run->txn, subtree->name);
        eid_doc *wanted = NULL;

        if (name && subtree->has_data && staged &&
            !is_random(eid_get_array(run->transaction, "ops"), name) &&
            eid_case_ok(run->node->suite, name, eid_payload_read_doc(subtree->data, &wanted))) {
            (void)eid_case_doc_equal(run->node->suite, "what is staged", wanted, staged);
        }
        eid_doc_free(wanted);
        eid_free(name);
    }
}

static bool has_limit(const json_t *ops)
{
    for (size_t i = 0; i < json_array_size(ops); i++) {
        const json_t *returns = json_object_get(json_array_get(ops, i), "returns");
        const char *error = json_string_value(json_object_get(returns, "error"));
        if (error && strcmp(error, "NoCommonAncestor") == 0) return true;
    }
    return false;
}

static bool has_dotted_row(const json_t *txns)
{
    for (size_t i = 0; i < json_array_size(txns); i++) {
        const json_t *ops = json_object_get(json_array_get(txns, i), "ops");
        for (size_t k = 0; k < json_array_size(ops); k++) {
            const json_t *op = json_array_get(ops, k);
            if (eid_has(op, "row") && eid_has(op, "path") && strchr(eid_get_text(op, "path"), '.'))
                return true;
        }
    }
    return false;
}

/* T8, S3: names that begin with '_' or have a '.' in them are not given to new stores. */
static bool has_our_name(const json_t *ops)
{
    for (size_t i = 0; i < json_array_size(ops); i++) {
        const char *store = eid_get_text(json_array_get(ops, i), "store");
        if (strchr(store, '.')) return true;
        if (store[0] == '_' && strcmp(store, EID_STORE_SETTINGS) != 0 &&
            strcmp(store, EID_STORE_INDEX) != 0) {
            return true;
        }
    }
    return false;
}

static void replay_run(stores_node *node, const json_t *transaction, bool dotted_row)
{
    replay run = {.node = node, .transaction = transaction, .has_dotted_row = dotted_row};
    const json_t *on = eid_get_array(transaction, "on");
    const json_t *ops = eid_get_array(transaction, "ops");
    eid_idset at = EID_IDSET_EMPTY;
    eid_status status = EID_OK;

    if (has_our_name(ops) || eid_has(transaction, "commit")) return;
    run.is_limited = has_limit(ops);
    for (size_t i = 0; i < json_array_size(on) && status == EID_OK; i++) {
        size_t index = (size_t)json_integer_value(json_array_get(on, i));
        stores_node_hold(node, index + 1);
        status = eid_idset_add(&at, eid_entry_id(node->entries[index]));
    }
    if (status == EID_OK) status = eid_txn_begin(node->seam, &node->root, NULL, &at, &run.txn);
    if (eid_case_ok(node->suite, "begin", status)) {
        for (size_t i = 0; i < json_array_size(ops); i++) replay_op(&run, json_array_get(ops, i));
        if (!run.is_limited) replay_check(&run);
    }
    eid_txn_free(run.txn);
    eid_idset_fini(&at);
}

void stores_node_replay(stores_node *node, const json_t *txns)
{
    bool dotted_row = has_dotted_row(txns);

    for (size_t i = 0; i < json_array_size(txns); i++) {
        replay_run(node, json_array_get(txns, i), dotted_row);
    }
}
