/* An entry that is taken keeps its bytes, and its JSON form leads back to them. */
#include "auth/sigkey.h"
#include "dag/entry.h"
#include "tests/fuzz/fuzz.h"

static void check_parts(const eid_entry *entry)
{
    eid_buf out;
    eid_pin pin;

    eid_buf_init(&out, FUZZ_BYTES_MAX);
    fuzz_check(eid_entry_validate(entry) == EID_OK || !eid_id_is_empty(eid_entry_id(entry)));
    fuzz_check(eid_entry_signing_bytes(entry, &out) == EID_OK);
    if (eid_entry_pin(entry, &pin) == EID_OK) eid_pin_fini(&pin);
    for (size_t i = 0; i < eid_entry_subtree_count(entry); i++) {
        const eid_subtree *subtree = eid_entry_subtree(entry, i);

        fuzz_check(eid_entry_find_subtree(entry, subtree->name) != NULL);
    }
    (void)eid_hint_display(&eid_entry_sigkey(entry)->hint);
    (void)eid_entry_malformed_reason(entry);
    eid_buf_fini(&out);
}

static void check_json(const eid_entry *entry)
{
    eid_entry *again = NULL;
    eid_buf json;

    eid_buf_init(&json, FUZZ_BYTES_MAX);
    if (eid_entry_to_json(entry, &json) == EID_OK &&
        eid_entry_from_json(eid_buf_slice(&json), &again) == EID_OK) {
        fuzz_check(eid_slice_equal(eid_entry_bytes(again), eid_entry_bytes(entry)));
    }
    eid_entry_free(again);
    eid_buf_fini(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    eid_slice bytes = eid_slice_of(data, size);
    eid_entry *entry = NULL, *stored = NULL;
    eid_id id;

    if (eid_entry_decode(bytes, &entry) == EID_OK) {
        id = eid_id_of_entry(bytes);
        fuzz_check(eid_slice_equal(eid_entry_bytes(entry), bytes));
        fuzz_check(eid_id_equal(eid_entry_id(entry), &id));
        fuzz_check(eid_entry_decode_stored(bytes, &id, &stored) == EID_OK);
        check_parts(entry);
        check_json(entry);
    }
    eid_entry_free(stored);
    eid_entry_free(entry);
    if (eid_entry_from_json(bytes, &entry) == EID_OK) {
        check_json(entry);
        eid_entry_free(entry);
    }
    return 0;
}
