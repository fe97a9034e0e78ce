/* entries-bad.jsonl: damaged and non-canonical bytes. The decoder is strict: it takes what decodes
 * and encodes again to the same bytes, and nothing else (spec 01 §2.2 and H3). */
#include "dag/entry.h"
#include "tests/conformance/runner.h"

static void check_accepted(eid_suite *suite, const json_t *test, const eid_entry *entry)
{
    eid_status status = eid_entry_validate(entry);

    eid_case_id(suite, "id", eid_get_text(test, "id"), eid_entry_id(entry));
    if (strcmp(eid_get_text(test, "validate"), "ok") == 0) {
        eid_case_ok(suite, "validate", status);
    } else {
        eid_case_error(suite, "validate", eid_get_text(test, "error"), status);
    }
}

static void bad_case(eid_suite *suite, const json_t *test)
{
    eid_buf bytes = eid_get_b64(test, "bytes_b64");
    eid_entry *entry = NULL;
    eid_status status = eid_entry_decode(eid_buf_slice(&bytes), &entry);

    if (!eid_get_bool(test, "strict_ok")) {
        eid_case_bool(suite, "accepted", false, status == EID_OK);
    } else if (eid_case_ok(suite, "decode", status)) {
        check_accepted(suite, test, entry);
    }
    eid_entry_free(entry);
    eid_buf_fini(&bytes);
}

static void entries_bad_run(const char *path, eid_suite *suite)
{
    eid_suite_each_line(suite, path, bad_case);
}

EID_SUITE("entries-bad.jsonl", entries_bad_run)
