/* Y updates: whatever is accepted can be applied twice, encoded, read again as the same, and shown.
 *
 * The input is a sequence of updates: two bytes of length before each. */
#include "crdt/ydoc.h"
#include "dag/assert.h"

#define BYTES_MAX ((size_t)1 << 24)
#define UPDATES_MAX 16

static eid_slice input_next(eid_slice *rest)
{
    size_t len;
    eid_slice update;

    if (rest->len < 2) return EID_SLICE_EMPTY;
    len = eid_get_u16(rest->at);
    if (len > rest->len - 2) len = rest->len - 2;
    update = eid_slice_of(rest->at + 2, len);
    *rest = eid_slice_of(rest->at + 2 + len, rest->len - 2 - len);
    return update;
}

static eid_status fuzz_show(const eid_ydoc *doc, eid_buf *out)
{
    eid_json_writer writer;
    eid_status status = EID_OK;

    eid_json_writer_init(&writer, out);
    for (const char *root = "tmax"; *root != 0 && status == EID_OK; root++) {
        char name[2] = {*root, 0};

        status = eid_ydoc_view_text(doc, name, out);
        if (status == EID_OK) status = eid_ydoc_view_xml(doc, name, out);
        if (status == EID_OK) status = eid_ydoc_view_map(doc, name, &writer);
        if (status == EID_OK) status = eid_ydoc_view_array(doc, name, &writer);
    }
    if (status == EID_OK) status = eid_ydoc_view_state(doc, &writer);
    return status;
}

static void fuzz_round_trip(const eid_ydoc *doc)
{
    eid_ydoc *again = NULL;
    eid_buf update, view, view_again;

    eid_buf_init(&update, BYTES_MAX);
    eid_buf_init(&view, BYTES_MAX);
    eid_buf_init(&view_again, BYTES_MAX);
    EID_ASSERT(eid_ydoc_new(1, &again) == EID_OK);
    EID_ASSERT(eid_ydoc_encode(doc, EID_SLICE_EMPTY, &update) == EID_OK);
    EID_ASSERT(eid_ydoc_apply(again, eid_buf_slice(&update)) == EID_OK);
    EID_ASSERT(eid_ydoc_is_pending(again) == eid_ydoc_is_pending(doc));
    if (fuzz_show(doc, &view) == EID_OK) {
        EID_ASSERT(fuzz_show(again, &view_again) == EID_OK);
        EID_ASSERT(eid_slice_equal(eid_buf_slice(&view), eid_buf_slice(&view_again)));
    }
    eid_buf_fini(&update);
    eid_buf_fini(&view);
    eid_buf_fini(&view_again);
    eid_ydoc_free(again);
}

static void fuzz_edit(eid_ydoc *doc)
{
    uint64_t half = eid_ydoc_length(doc, "t") / 2;

    EID_ASSERT(eid_ydoc_text_insert(doc, "t", half, eid_slice_text("x")) == EID_OK);
    EID_ASSERT(eid_ydoc_text_delete(doc, "t", half / 2, 1) == EID_OK);
    EID_ASSERT(eid_ydoc_map_set(doc, "m", eid_slice_text("k"), eid_slice_text("[1]")) == EID_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    eid_slice rest = eid_slice_of(data, size);
    eid_ydoc *doc = NULL;

    EID_ASSERT(eid_ydoc_new(4294967295u, &doc) == EID_OK);
    for (unsigned i = 0; i < UPDATES_MAX && rest.len > 2; i++) {
        eid_slice update = input_next(&rest);

        if (eid_ydoc_apply(doc, update) != EID_OK) continue;
        EID_ASSERT(eid_ydoc_apply(doc, update) == EID_OK);
    }
    fuzz_round_trip(doc);
    /* edits are only allowed if nobody else writes as our client, which what waits might do */
    if (eid_ydoc_length(doc, "t") < UINT32_MAX / 2 && !eid_ydoc_is_pending(doc)) {
        fuzz_edit(doc);
        fuzz_round_trip(doc);
    }
    eid_ydoc_free(doc);
    return 0;
}
