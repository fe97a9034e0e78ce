/* Runner: replays files of recorded cases, each by the suite that knows the file.
 *
 * A suite registers itself with EID_SUITE() and then handles every file of its name; nobody edits
 * main.c. Inside, each case is begun, checked with the eid_case_ functions and ended; the first
 * check that fails is printed with both values, and the case goes on. A case that nobody checks is
 * skipped with a reason, which is printed. One thread.
 */
#ifndef EID_TESTS_CONFORMANCE_RUNNER_H
#define EID_TESTS_CONFORMANCE_RUNNER_H

#include <jansson.h>

#include "dag/bytes.h"
#include "dag/id.h"

typedef struct eid_suite eid_suite; /* the run of one file */
typedef void (*eid_suite_fn)(const char *path, eid_suite *suite);
typedef void (*eid_case_fn)(eid_suite *suite, const json_t *test);

/* Handle the file `name` below the folder of vectors ("ids.json", "http/gate.json"); a name that
 * ends with '/' takes all files of that folder. At file scope, once for each fn. */
#define EID_SUITE(name, fn)                                                                        \
    __attribute__((constructor)) static void fn##_register(void)                                   \
    {                                                                                              \
        eid_suite_register((name), (fn));                                                          \
    }
void eid_suite_register(const char *name, eid_suite_fn fn);

/* Read a .json file. Fails the suite and gives NULL if it cannot. New: json_decref(). */
json_t *eid_suite_load(eid_suite *suite, const char *path);
/* Run fn on each line of a .jsonl file, as a case named by the line's member "name". */
void eid_suite_each_line(eid_suite *suite, const char *path, eid_case_fn fn);
/* Run fn on each item of the array root.key, likewise. */
void eid_suite_each(eid_suite *suite, const json_t *root, const char *key, eid_case_fn fn);
/* Count every item of root.key as skipped. */
void eid_suite_skip_all(eid_suite *suite, const json_t *root, const char *key, const char *reason);

/* The same by hand: false if the case is not asked for (--only), and then there is no end. */
bool eid_case_begin(eid_suite *suite, const char *name);
void eid_case_end(eid_suite *suite);
/* The case has failed; the first reason is printed. */
void eid_case_fail(eid_suite *suite, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The case is not checked; `reason` is a string that outlives the run. */
void eid_case_skip(eid_suite *suite, const char *reason);
/* Whether the case has failed so far. */
bool eid_case_has_failed(const eid_suite *suite);

/* Checks: each fails the case unless both are equal, and gives whether they are. */
bool eid_case_bool(eid_suite *suite, const char *what, bool expected, bool actual);
bool eid_case_u64(eid_suite *suite, const char *what, uint64_t expected, uint64_t actual);
bool eid_case_text(eid_suite *suite, const char *what, const char *expected, eid_slice actual);
bool eid_case_bytes(eid_suite *suite, const char *what, eid_slice expected, eid_slice actual);
bool eid_case_id(eid_suite *suite, const char *what, const char *expected, const eid_id *actual);
/* The status must be OK. */
bool eid_case_ok(eid_suite *suite, const char *what, eid_status status);
/* The status must be the failure that the specification calls `label`. */
bool eid_case_error(eid_suite *suite, const char *what, const char *label, eid_status status);

/* Members of a case. A missing or wrongly typed one aborts the run: the file is no such file. */
const char *eid_get_text(const json_t *object, const char *key);
eid_slice eid_get_slice(const json_t *object, const char *key); /* text that may hold zero bytes */
bool eid_get_bool(const json_t *object, const char *key);
uint64_t eid_get_u64_text(const json_t *object, const char *key); /* decimal text or a number */
const json_t *eid_get_array(const json_t *object, const char *key);
bool eid_has(const json_t *object, const char *key); /* there and not null */
eid_id eid_get_id(const json_t *object, const char *key);
eid_id eid_id_of_json(const json_t *text);
/* Decoded bytes. New: eid_buf_fini(). */
eid_buf eid_get_b64(const json_t *object, const char *key);
eid_buf eid_get_hex(const json_t *object, const char *key);

#endif
