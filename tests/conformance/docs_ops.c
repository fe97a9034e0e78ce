/* Each operation is done with ours and its return compared before the next one. */
#include "tests/conformance/docs_ops.h"

#include "dag/assert.h"
#include "tests/conformance/doc_case.h"

typedef struct op_run {
    eid_suite *suite;
    eid_doc *doc;
    const json_t *op, *returns;
    eid_slice path; /* empty where the operation has none */
} op_run;

/* "none" or {"some": value}. */
static void check_option(const op_run *run, const eid_value *actual)
{
    const json_t *some = json_object_get(run->returns, "some");
    eid_value expected = EID_VALUE_NULL_INIT;

    if (some == NULL || actual == NULL) {
        (void)eid_case_bool(run->suite, "something is there", some != NULL, actual != NULL);
        return;
    }
    if (eid_case_value_of(run->suite, some, &expected)) {
        (void)eid_case_value_equal(run->suite, eid_get_text(run->op, "op"), &expected, actual);
    }
    eid_value_fini(&expected);
}

static void op_get(const op_run *run)
{
    check_option(run, eid_doc_get(run->doc, run->path));
}

static void op_get_mut(const op_run *run)
{
    check_option(run, eid_doc_get_mutable(run->doc, run->path));
}

static void op_contains(const op_run *run)
{
    (void)eid_case_bool(run->suite, "contains", json_is_true(run->returns),
                        eid_doc_get(run->doc, run->path) != NULL);
}

static void op_is_tombstone(const op_run *run)
{
    (void)eid_case_bool(run->suite, "is_tombstone", json_is_true(run->returns),
                        eid_doc_is_tombstone(run->doc, run->path));
}

/* What was there is the return value. */
static void op_exchange(const op_run *run, eid_value *value)
{
    eid_value old = EID_VALUE_NULL_INIT;

    if (eid_case_ok(run->suite, "set", eid_doc_exchange_take(run->doc, run->path, value, &old))) {
        check_option(run, old.type != EID_VALUE_DELETED ? &old : NULL);
    }
    eid_value_fini(value);
    eid_value_fini(&old);
}

static void op_set(const op_run *run)
{
    eid_value value;

    if (eid_case_value_of(run->suite, json_object_get(run->op, "value"), &value)) {
        op_exchange(run, &value);
    }
}

static void op_remove(const op_run *run)
{
    eid_value tombstone = EID_VALUE_DELETED_INIT;
    eid_doc *copy = NULL;
    bool was_live = false;

    if (eid_case_ok(run->suite, "copy", eid_doc_copy(run->doc, &copy)) &&
        eid_case_ok(run->suite, "remove", eid_doc_remove(copy, run->path, &was_live))) {
        (void)eid_case_bool(run->suite, "was live", json_is_object(run->returns), was_live);
        op_exchange(run, &tombstone);
        (void)eid_case_doc_equal(run->suite, "removed in two ways", copy, run->doc);
    }
    eid_doc_free(copy);
}

static void op_len(const op_run *run)
{
    (void)eid_case_u64(run->suite, "len", (uint64_t)json_integer_value(run->returns),
                       eid_doc_live(run->doc));
}

static void op_is_empty(const op_run *run)
{
    (void)eid_case_bool(run->suite, "is_empty", json_is_true(run->returns),
                        eid_doc_live(run->doc) == 0);
}

static void op_keys(const op_run *run)
{
    size_t expected = 0;

    for (size_t i = 0; i < eid_doc_total(run->doc); i++) {
        eid_slice key;

        if (eid_doc_at(run->doc, i, &key)->type == EID_VALUE_DELETED) continue;
        (void)eid_case_bytes(
            run->suite, "key",
            eid_slice_of(json_string_value(json_array_get(run->returns, expected)),
                         json_string_length(json_array_get(run->returns, expected))),
            key);
        expected++;
    }
    (void)eid_case_u64(run->suite, "keys", json_array_size(run->returns), expected);
}

/* null, or the bare scalar. */
static void op_as(const op_run *run)
{
    const char *op = eid_get_text(run->op, "op");
    const eid_value *value = eid_doc_get(run->doc, run->path);
    bool fits = value != NULL && strcmp(op + 3, eid_value_type_name(value->type)) == 0;

    if (!eid_case_bool(run->suite, op, !json_is_null(run->returns), fits) || !fits) return;
    if (value->type == EID_VALUE_TEXT) {
        (void)eid_case_bytes(
            run->suite, op,
            eid_slice_of(json_string_value(run->returns), json_string_length(run->returns)),
            eid_value_text(value));
    } else if (value->type == EID_VALUE_INT) {
        (void)eid_case_bool(run->suite, op, true,
                            json_integer_value(run->returns) == value->integer);
    } else {
        (void)eid_case_bool(run->suite, op, json_is_true(run->returns), value->boolean);
    }
}

static void op_run_one(const op_run *run)
{
    static const struct {
        const char *name;
        void (*fn)(const op_run *run);
    } ops[] = {
        {"get", op_get},
        {"get_mut", op_get_mut},
        {"set", op_set},
        {"contains", op_contains},
        {"is_tombstone", op_is_tombstone},
        {"remove", op_remove},
        {"len", op_len},
        {"is_empty", op_is_empty},
        {"keys", op_keys},
        {"as_text", op_as},
        {"as_int", op_as},
        {"as_bool", op_as},
    };
    const char *name = eid_get_text(run->op, "op");

    for (size_t i = 0; i < EID_COUNT(ops); i++) {
        if (strcmp(ops[i].name, name) != 0) continue;
        ops[i].fn(run);
        return;
    }
    eid_case_fail(run->suite, "no check for the operation \"%s\"", name);
}

/* The bytes that the reference stored are read as the same doc. */
static void check_bytes(eid_suite *suite, const json_t *test, const eid_doc *expected)
{
    eid_buf bytes = eid_get_b64(test, "bytes_b64");
    eid_doc *read = NULL;

    if (eid_case_ok(suite, "bytes", eid_payload_read_doc(eid_buf_slice(&bytes), &read))) {
        (void)eid_case_doc_equal(suite, "bytes", expected, read);
    }
    eid_doc_free(read);
    eid_buf_fini(&bytes);
}

void eid_case_doc_ops(eid_suite *suite, const json_t *test)
{
    op_run run = {.suite = suite, .doc = eid_case_read_doc(suite, test, "start")};
    eid_doc *expected = eid_case_read_doc(suite, test, "result");
    size_t index;
    json_t *op;

    json_array_foreach(eid_get_array(test, "ops"), index, op)
    {
        if (run.doc == NULL || eid_case_has_failed(suite)) break;
        run.op = op;
        run.returns = json_object_get(op, "returns");
        run.path = eid_has(op, "path") ? eid_get_slice(op, "path") : EID_SLICE_EMPTY;
        op_run_one(&run);
    }
    (void)eid_case_doc_equal(suite, "result", expected, run.doc);
    if (expected != NULL && eid_has(test, "bytes_b64")) check_bytes(suite, test, expected);
    eid_doc_free(expected);
    eid_doc_free(run.doc);
}
