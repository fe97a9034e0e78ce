/* Blocks are kept as they were cut and joined only here, in one pass behind the clock: a document
 * never has to undo its cuts, and what is written is as short as if it had. */
#include "crdt/yupdate.h"
#include "dag/assert.h"

#define INFO_SUB 0x20u
#define INFO_RIGHT_ORIGIN 0x40u
#define INFO_ORIGIN 0x80u

/* What lies in something deleted leaves only its clocks. */
static uint8_t item_written_kind(const eid__yitem *item)
{
    const eid__ytype *parent = item->parent;

    if (parent != NULL && parent->item != NULL && parent->item->is_deleted) return EID__Y_GC;
    return item->kind;
}

bool eid__yitem_can_join(const eid__yitem *item)
{
    const eid__yitem *next = item->next;
    uint8_t kind = item_written_kind(item);

    if (next == NULL || item_written_kind(next) != kind) return false;
    if (kind == EID__Y_GC) return true;
    if (kind != EID__Y_DELETED && kind != EID__Y_STRING && kind != EID__Y_ANY &&
        kind != EID__Y_JSON) {
        return false;
    }
    if (item->right != next || !next->has_origin) return false;
    if (next->origin.client != item->id.client || next->origin.clock != next->id.clock - 1) {
        return false;
    }
    if (next->has_right_origin != item->has_right_origin) return false;
    return !item->has_right_origin || (next->right_origin.client == item->right_origin.client &&
                                       next->right_origin.clock == item->right_origin.clock);
}

static void write_id(eid__yid id, eid_buf *out)
{
    eid__ywrite_uint(out, id.client);
    eid__ywrite_uint(out, id.clock);
}

static void write_place(const eid__yitem *item, uint32_t skip, uint8_t kind, eid_buf *out)
{
    bool has_origin = skip > 0 || item->has_origin;
    uint8_t info = kind;

    if (has_origin) info |= INFO_ORIGIN;
    if (item->has_right_origin) info |= INFO_RIGHT_ORIGIN;
    if (item->has_sub) info |= INFO_SUB;
    eid_buf_append_byte(out, info);
    if (skip > 0)
        write_id((eid__yid){item->id.client, item->id.clock + skip - 1}, out);
    else if (has_origin)
        write_id(item->origin, out);
    if (item->has_right_origin) write_id(item->right_origin, out);
    if (has_origin || item->has_right_origin) return;
    if (item->parent_form == EID__YPARENT_ROOT) {
        eid_buf_append_byte(out, 1);
        eid__ywrite_block(out, item->parent_root);
    } else {
        eid_buf_append_byte(out, 0);
        write_id(item->parent_item, out);
    }
    if (item->has_sub) eid__ywrite_block(out, item->sub);
}

/* -- content ----------------------------------------------------------------------------------- */

static eid__ycontent content_from(const eid__yitem *item, uint32_t skip)
{
    return skip > 0 ? eid__ycontent_after(item, skip) : item->content;
}

static void write_run(const eid__yitem *first, size_t count, uint32_t skip, eid_buf *out)
{
    const eid__yitem *item = first;
    bool is_text = first->kind == EID__Y_STRING;
    uint64_t size = 0;

    for (size_t i = 0; i < count; i++, item = item->next) {
        eid__ycontent content = content_from(item, i == 0 ? skip : 0);

        size += is_text ? eid__ycontent_text_bytes(&content) : item->len - (i == 0 ? skip : 0);
    }
    eid__ywrite_uint(out, size);
    item = first;
    for (size_t i = 0; i < count; i++, item = item->next) {
        eid__ycontent content = content_from(item, i == 0 ? skip : 0);

        eid__ycontent_write_text(&content, out); /* the bytes alone, but for texts that were cut */
    }
}

static uint64_t run_units(const eid__yitem *first, size_t count, uint32_t skip)
{
    uint64_t units = 0;

    for (size_t i = 0; i < count; i++, first = first->next) units += first->len;
    return units - skip;
}

void eid__yblock_write(const eid__yitem *first, size_t count, uint32_t skip, eid_buf *out)
{
    uint8_t kind = item_written_kind(first);

    EID_ASSERT(count > 0 && skip < first->len);
    if (kind == EID__Y_GC) {
        eid_buf_append_byte(out, EID__Y_GC);
        eid__ywrite_uint(out, run_units(first, count, skip));
        return;
    }
    write_place(first, skip, kind, out);
    if (kind == EID__Y_DELETED)
        eid__ywrite_uint(out, run_units(first, count, skip));
    else if (kind == EID__Y_STRING || kind == EID__Y_ANY || kind == EID__Y_JSON)
        write_run(first, count, skip, out);
    else
        eid_buf_append(out, first->content.bytes);
}
