/* All texts lie in one buffer that may move while it grows; so offsets are kept, and pointers are
 * made at the end. */
#include "dag/alloc.h"
#include "node/api_internal.h"

#define TEXTS_BYTES_MAX (256u * 1024u * 1024u)

void eid__api_texts_init(eid__api_texts *texts)
{
    *texts = (eid__api_texts){0};
    eid_buf_init(&texts->bytes, TEXTS_BYTES_MAX);
}

void eid__api_texts_fini(eid__api_texts *texts)
{
    eid_free(texts->at);
    eid_free(texts->offsets);
    eid_buf_fini(&texts->bytes);
    *texts = (eid__api_texts){0};
}

static eid_status texts_reserve(eid__api_texts *texts)
{
    size_t cap = texts->cap > 0 ? texts->cap * 2 : 8;
    size_t *offsets;

    if (texts->count < texts->cap) return EID_OK;
    offsets = eid_realloc(texts->offsets, cap * sizeof *offsets);
    if (!offsets) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for %zu texts", cap);
    texts->offsets = offsets;
    texts->cap = cap;
    return EID_OK;
}

eid_status eid__api_texts_add(eid__api_texts *texts, eid_slice text)
{
    eid_status status = texts_reserve(texts);

    if (status != EID_OK) return status;
    texts->offsets[texts->count] = texts->bytes.len;
    eid_buf_append(&texts->bytes, text);
    eid_buf_append_byte(&texts->bytes, 0);
    status = eid_buf_status(&texts->bytes);
    if (status == EID_OK) texts->count++;
    return status;
}

eid_status eid__api_texts_add_ids(eid__api_texts *texts, eid_ids ids)
{
    char text[EID_ID_TEXT_MAX];
    eid_status status = EID_OK;

    for (size_t i = 0; i < ids.count && status == EID_OK; i++) {
        status = eid__api_texts_add(texts, eid_slice_text(eid_id_format(&ids.at[i], text)));
    }
    return status;
}

eid_status eid__api_texts_end(eid__api_texts *texts)
{
    eid_free(texts->at);
    texts->at = eid_alloc_array(texts->count + 1, sizeof *texts->at);
    if (!texts->at) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for texts");
    for (size_t i = 0; i < texts->count; i++) {
        texts->at[i] = (const char *)texts->bytes.at + texts->offsets[i];
    }
    return EID_OK;
}
