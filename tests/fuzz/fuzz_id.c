/* Ids in both forms: what is read is printed so that it is read the same. */
#include "dag/id.h"
#include "tests/fuzz/fuzz.h"

static void check_id(const eid_id *id)
{
    char text[EID_ID_TEXT_MAX];
    eid_id_parts parts;
    size_t used;
    eid_id again;

    fuzz_check(eid_id_parse(eid_slice_text(eid_id_format(id, text)), &again) == EID_OK);
    fuzz_check(eid_id_equal(id, &again) && eid_id_compare(id, &again) == 0);
    if (eid_id_is_empty(id)) return;
    fuzz_check(eid_id_from_bytes(eid_id_slice(id), &again, &used) == EID_OK);
    fuzz_check(eid_id_equal(id, &again) && used == id->len);
    eid_id_parts_of(id, &parts);
    fuzz_check(parts.digest.len <= id->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    eid_slice bytes = eid_slice_of(data, size);
    eid_id id;
    size_t used;

    if (eid_id_from_bytes(bytes, &id, &used) == EID_OK) {
        fuzz_check(used <= size && eid_slice_equal(eid_id_slice(&id), eid_slice_of(data, used)));
        check_id(&id);
    }
    if (eid_id_parse(bytes, &id) == EID_OK) check_id(&id);
    return 0;
}
