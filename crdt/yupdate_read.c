/* The bytes are copied once and blocks borrow from the copy. What a count promises is never
 * reserved in advance: blocks are added as they are found, and values take a byte each at least. */
#include <stdlib.h>

#include "crdt/crdt_internal.h"
#include "crdt/yupdate.h"
#include "dag/alloc.h"

#define INFO_KIND 0x1fu
#define INFO_SUB 0x20u
#define INFO_RIGHT_ORIGIN 0x40u
#define INFO_ORIGIN 0x80u

typedef struct update_reader {
    eid__yreader in;
    eid__yupdate *update;
    bool no_memory;
} update_reader;

static void reader_no_memory(update_reader *reader)
{
    reader->no_memory = true;
    eid__yreader_fail(&reader->in, "no memory");
}

static eid__yid read_id(update_reader *reader)
{
    eid__yid id;

    id.client = eid__yread_client(&reader->in);
    id.clock = eid__yread_u32(&reader->in);
    return id;
}

/* What a block names of its own client must come before it. */
static eid__yid read_earlier_id(update_reader *reader, const eid__yitem *item)
{
    eid__yid id = read_id(reader);

    if (id.client == item->id.client && id.clock >= item->id.clock) {
        eid__yreader_fail(&reader->in, "a block refers to itself or to a later one");
    }
    return id;
}

static void read_place(update_reader *reader, uint8_t info, eid__yitem *item)
{
    item->has_origin = (info & INFO_ORIGIN) != 0;
    item->has_right_origin = (info & INFO_RIGHT_ORIGIN) != 0;
    item->has_sub = (info & INFO_SUB) != 0;
    if (item->has_origin) item->origin = read_earlier_id(reader, item);
    if (item->has_right_origin) item->right_origin = read_earlier_id(reader, item);
    if (item->has_origin || item->has_right_origin) return;
    if (eid__yread_uint(&reader->in) == 1) {
        item->parent_form = EID__YPARENT_ROOT;
        item->parent_root = eid__yread_text(&reader->in);
    } else {
        item->parent_form = EID__YPARENT_ITEM;
        item->parent_item = read_earlier_id(reader, item);
    }
    if (item->has_sub) item->sub = eid__yread_text(&reader->in);
}

/* -- content ----------------------------------------------------------------------------------- */

static eid_slice slice_since(const update_reader *reader, const uint8_t *start)
{
    if (reader->in.error != NULL) return EID_SLICE_EMPTY;
    return eid_slice_of(start, (size_t)(reader->in.rest.at - start));
}

static void read_values(update_reader *reader, eid__yitem *item)
{
    uint32_t count = eid__yread_u32(&reader->in);
    const uint8_t *start = reader->in.rest.at;
    uint32_t *ends;

    if (count > reader->in.rest.len) {
        eid__yreader_fail(&reader->in, "it ends too early");
        return;
    }
    ends = eid__yarena_alloc(&reader->update->arena, (size_t)count * sizeof(*ends));
    if (ends == NULL) {
        reader_no_memory(reader);
        return;
    }
    for (uint32_t i = 0; i < count && reader->in.error == NULL; i++) {
        if (item->kind == EID__Y_ANY)
            eid__yread_any(&reader->in);
        else
            (void)eid__yread_text(&reader->in);
        ends[i] = (uint32_t)slice_since(reader, start).len;
    }
    item->len = count;
    item->content.ends = ends;
    item->content.bytes = slice_since(reader, start);
}

static void read_type(update_reader *reader, eid__yitem *item)
{
    uint64_t ref = eid__yread_uint(&reader->in);

    if (ref == EID__YREF_XML_ELEMENT || ref == EID__YREF_XML_HOOK) {
        item->content.name = eid__yread_text(&reader->in);
    } else if (ref >= EID__YREF_WEAK && ref != EID__YREF_UNDEFINED) {
        eid__yreader_fail(&reader->in, "a shared type that is not supported");
    }
    item->content.ref = (uint8_t)ref;
}

/* Content of one unit that is kept as it is. */
static void read_single(update_reader *reader, eid__yitem *item)
{
    const uint8_t *start = reader->in.rest.at;

    if (item->kind == EID__Y_BINARY)
        (void)eid__yread_block(&reader->in);
    else if (item->kind == EID__Y_TYPE)
        read_type(reader, item);
    else
        (void)eid__yread_text(&reader->in); /* embedded value, key of a format, id of a document */
    if (item->kind == EID__Y_FORMAT) (void)eid__yread_text(&reader->in);
    if (item->kind == EID__Y_DOC) eid__yread_any(&reader->in);
    item->len = 1;
    item->content.bytes = slice_since(reader, start);
}

static void read_content(update_reader *reader, eid__yitem *item)
{
    switch ((eid__ykind)item->kind) {
    case EID__Y_DELETED:
        item->len = eid__yread_u32(&reader->in);
        item->is_deleted = true;
        break;
    case EID__Y_JSON:
    case EID__Y_ANY:
        read_values(reader, item);
        break;
    case EID__Y_STRING:
        item->content.bytes = eid__yread_text(&reader->in);
        item->len = (uint32_t)eid__yutf16_len(item->content.bytes);
        break;
    case EID__Y_BINARY:
    case EID__Y_EMBED:
    case EID__Y_FORMAT:
    case EID__Y_TYPE:
    case EID__Y_DOC:
        read_single(reader, item);
        break;
    case EID__Y_GC:
    case EID__Y_SKIP:
        break;
    }
}

/* -- sections ---------------------------------------------------------------------------------- */

static void update_add(update_reader *reader, eid__yitem *item)
{
    eid__yupdate *update = reader->update;
    void *items = update->items;

    if (!eid__array_grow(&items, update->item_count, &update->item_cap, sizeof(item))) {
        reader_no_memory(reader);
        return;
    }
    update->items = items;
    update->items[update->item_count++] = item;
}

/* One block at *clock, which moves to its end. Empty ones count for nothing. */
static void read_block(update_reader *reader, uint32_t client, uint32_t *clock)
{
    uint8_t info = eid__yread_byte(&reader->in);
    uint8_t kind = info & INFO_KIND;
    eid__yitem *item;

    if (reader->in.error != NULL) return;
    if (kind > EID__Y_SKIP) {
        eid__yreader_fail(&reader->in, "a block of a kind that is not supported");
        return;
    }
    item = eid__yarena_alloc(&reader->update->arena, sizeof(*item));
    if (item == NULL) {
        reader_no_memory(reader);
        return;
    }
    item->kind = kind;
    item->id = (eid__yid){client, *clock};
    if (kind == EID__Y_GC || kind == EID__Y_SKIP) {
        item->len = eid__yread_u32(&reader->in);
        item->is_deleted = true;
    } else {
        read_place(reader, info, item);
        read_content(reader, item);
    }
    if (item->len > UINT32_MAX - *clock) eid__yreader_fail(&reader->in, "a clock overflows");
    if (reader->in.error != NULL) return;
    *clock += item->len;
    if (item->len > 0 && kind != EID__Y_SKIP) update_add(reader, item);
}

static void read_blocks(update_reader *reader)
{
    uint64_t clients = eid__yread_uint(&reader->in);

    for (uint64_t i = 0; i < clients && reader->in.error == NULL; i++) {
        uint64_t count = eid__yread_uint(&reader->in);
        uint32_t client = eid__yread_client(&reader->in);
        uint32_t clock = eid__yread_u32(&reader->in);

        for (uint64_t at = 0; at < count && reader->in.error == NULL; at++) {
            read_block(reader, client, &clock);
        }
    }
}

static void read_delete(update_reader *reader, uint32_t client)
{
    eid__yupdate *update = reader->update;
    void *deletes = update->deletes;
    eid__yrange range = {.client = client};

    range.clock = eid__yread_u32(&reader->in);
    range.len = eid__yread_u32(&reader->in);
    if (range.len > UINT32_MAX - range.clock) eid__yreader_fail(&reader->in, "a clock overflows");
    if (reader->in.error != NULL || range.len == 0) return;
    if (!eid__array_grow(&deletes, update->delete_count, &update->delete_cap, sizeof(range))) {
        reader_no_memory(reader);
        return;
    }
    update->deletes = deletes;
    update->deletes[update->delete_count++] = range;
}

static void read_deletes(update_reader *reader)
{
    uint64_t clients = eid__yread_uint(&reader->in);

    for (uint64_t i = 0; i < clients && reader->in.error == NULL; i++) {
        uint32_t client = eid__yread_client(&reader->in);
        uint64_t count = eid__yread_uint(&reader->in);

        for (uint64_t at = 0; at < count && reader->in.error == NULL; at++) {
            read_delete(reader, client);
        }
    }
}

eid_status eid__yupdate_read(eid_slice bytes, eid__yupdate *out)
{
    update_reader reader = {.update = out};

    if (bytes.len > EID_YDOC_UPDATE_BYTES_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "an update of %zu bytes, of which %u are read", bytes.len,
                        EID_YDOC_UPDATE_BYTES_MAX);
    }
    if (!eid__yarena_copy(&out->arena, bytes, &reader.in.rest)) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "update of %zu bytes", bytes.len);
    }
    read_blocks(&reader);
    read_deletes(&reader);
    if (reader.no_memory) return EID_FAIL(EID_KIND_NO_MEMORY, "blocks of an update");
    if (reader.in.error == NULL) return EID_OK;
    return EID_FAIL(EID_KIND_STORE_YDOC, "no Yjs update v1: %s", reader.in.error);
}

void eid__yupdate_fini(eid__yupdate *update)
{
    eid_free(update->items);
    eid_free(update->deletes);
    eid__yarena_fini(&update->arena);
    *update = (eid__yupdate){0};
}

/* -- state vectors ----------------------------------------------------------------------------- */

static int clock_compare(const void *a, const void *b)
{
    const eid__yclock *left = a, *right = b;

    return (left->client > right->client) - (left->client < right->client);
}

eid_status eid__ystate_read(eid_slice bytes, eid__yclock **out, size_t *count)
{
    eid__yreader reader = {bytes, NULL};
    uint64_t clients = bytes.len == 0 ? 0 : eid__yread_uint(&reader);

    *out = NULL;
    *count = 0;
    if (clients > reader.rest.len) eid__yreader_fail(&reader, "it ends too early");
    if (reader.error == NULL) {
        *out = eid_alloc_array((size_t)clients, sizeof(**out));
        if (*out == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "state vector");
    }
    for (uint64_t i = 0; i < clients && reader.error == NULL; i++) {
        (*out)[i].client = eid__yread_client(&reader);
        (*out)[i].clock = eid__yread_u32(&reader);
    }
    if (reader.error != NULL) {
        eid_free(*out);
        *out = NULL;
        return EID_FAIL(EID_KIND_STORE_YDOC, "no Yjs state vector: %s", reader.error);
    }
    *count = (size_t)clients;
    if (*count > 1) qsort(*out, *count, sizeof(**out), clock_compare);
    return EID_OK;
}

eid_status eid__ystate_of(const eid_ydoc *doc, eid__yclock **out)
{
    size_t count = 0;

    *out = eid_alloc_array(doc->client_count, sizeof(**out));
    if (*out == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "state vector");
    for (const eid__yclient *client = doc->clients; client != NULL; client = client->next) {
        (*out)[count++] = (eid__yclock){client->id, client->state};
    }
    if (count > 1) qsort(*out, count, sizeof(**out), clock_compare);
    return EID_OK;
}
