/* Content is never copied: a cut divides slices. A text is walked from the nearer end, and values
 * have their ends in a table, so that cutting a block to pieces costs n log n in the worst order.
 */
#include "crdt/ystore.h"
#include "dag/assert.h"

/* -- UTF-16 in UTF-8 --------------------------------------------------------------------------- */

static uint32_t utf8_units(uint8_t lead)
{
    if ((lead & 0xc0) == 0x80) return 0; /* inside a character */
    return lead >= 0xf0 ? 2 : 1;
}

uint64_t eid__yutf16_len(eid_slice text)
{
    uint64_t units = 0;

    for (size_t i = 0; i < text.len; i++) units += utf8_units(text.at[i]);
    return units;
}

/* How many bytes hold the first `units`; one less than asked if that would divide a character, and
 * then *divides. */
static size_t utf16_forward(eid_slice text, uint32_t units, bool *divides)
{
    size_t at = 0;
    uint32_t passed = 0;

    while (at < text.len) {
        uint32_t more = utf8_units(text.at[at]);

        if (more > 0 && passed == units) break;
        if (passed + more > units) {
            *divides = true;
            break;
        }
        passed += more;
        at++;
    }
    return at;
}

/* The same, told by the units that follow. */
static size_t utf16_backward(eid_slice text, uint32_t behind, bool *divides)
{
    size_t at = text.len;
    uint32_t passed = 0;

    while (passed < behind) {
        EID_ASSERT(at > 0);
        at--;
        passed += utf8_units(text.at[at]);
    }
    *divides = passed > behind;
    return at;
}

/* -- content ----------------------------------------------------------------------------------- */

static void text_split(const eid__yitem *item, uint32_t units, eid__ycontent *head,
                       eid__ycontent *tail)
{
    const eid__ycontent *all = &item->content;
    uint32_t count = item->len - all->lead - all->trail, ahead = units - all->lead;
    bool divides = false;
    size_t at, skip;

    if (all->bytes.len == count)
        at = ahead; /* ASCII */
    else if (ahead <= count / 2)
        at = utf16_forward(all->bytes, ahead, &divides);
    else
        at = utf16_backward(all->bytes, count - ahead, &divides);
    skip = divides ? 4 : 0;
    EID_ASSERT(at + skip <= all->bytes.len);
    head->bytes = eid_slice_of(all->bytes.at, at);
    head->trail = divides;
    tail->bytes = eid_slice_of(all->bytes.at + at + skip, all->bytes.len - at - skip);
    tail->lead = divides;
}

static void values_split(const eid__ycontent *all, uint32_t units, eid__ycontent *head,
                         eid__ycontent *tail)
{
    size_t at = all->ends[units - 1] - all->base;

    head->bytes = eid_slice_of(all->bytes.at, at);
    tail->bytes = eid_slice_of(all->bytes.at + at, all->bytes.len - at);
    tail->ends = all->ends + units;
    tail->base = all->ends[units - 1];
}

static void content_split(const eid__yitem *item, uint32_t units, eid__ycontent *head,
                          eid__ycontent *tail)
{
    EID_ASSERT(units > 0 && units < item->len);
    *head = item->content;
    *tail = item->content;
    if (item->kind == EID__Y_STRING)
        text_split(item, units, head, tail);
    else if (item->kind == EID__Y_ANY || item->kind == EID__Y_JSON)
        values_split(&item->content, units, head, tail);
}

eid__ycontent eid__ycontent_after(const eid__yitem *item, uint32_t units)
{
    eid__ycontent head, tail;

    content_split(item, units, &head, &tail);
    return tail;
}

static const uint8_t replacement[] = {0xef, 0xbf, 0xbd}; /* U+FFFD, for half a character */

size_t eid__ycontent_text_bytes(const eid__ycontent *content)
{
    return content->bytes.len + (content->lead ? sizeof(replacement) : 0) +
           (content->trail ? sizeof(replacement) : 0);
}

void eid__ycontent_write_text(const eid__ycontent *content, eid_buf *out)
{
    if (content->lead) eid_buf_append(out, eid_slice_of(replacement, sizeof(replacement)));
    eid_buf_append(out, content->bytes);
    if (content->trail) eid_buf_append(out, eid_slice_of(replacement, sizeof(replacement)));
}

/* -- cutting ----------------------------------------------------------------------------------- */

void eid__yitem_trim(eid__yitem *item, uint32_t units)
{
    item->content = eid__ycontent_after(item, units);
    item->id.clock += units;
    item->len -= units;
    if (item->kind == EID__Y_GC) return;
    item->has_origin = true;
    item->origin = (eid__yid){item->id.client, item->id.clock - 1};
    item->parent_form = EID__YPARENT_OF_NEIGHBOUR;
}

bool eid__yitem_cut(eid_ydoc *doc, eid__yitem *item, uint32_t units)
{
    eid__yitem *half = eid__yarena_alloc(&doc->arena, sizeof(*half));
    eid__yitem *next;
    eid__ycontent head, tail;

    EID_ASSERT(item->kind != EID__Y_GC);
    if (half == NULL || !eid__yclient_insert_after(doc, item, half)) return false;
    next = half->next;
    *half = *item;
    half->next = next;
    eid__yitem_trim(half, units);
    content_split(item, units, &head, &tail);
    item->content = head;
    item->len = units;
    half->left = item;
    item->right = half;
    if (half->right != NULL) half->right->left = half;
    if (half->right == NULL && half->entry != NULL) half->entry->last = half;
    return true;
}

eid__yitem *eid__yitem_starting(eid_ydoc *doc, eid__yid id)
{
    eid__yitem *item = eid__yitem_find(doc, id);

    EID_ASSERT(item != NULL);
    if (item->id.clock == id.clock || item->kind == EID__Y_GC) return item;
    return eid__yitem_cut(doc, item, id.clock - item->id.clock) ? item->next : NULL;
}

eid__yitem *eid__yitem_ending(eid_ydoc *doc, eid__yid id)
{
    eid__yitem *item = eid__yitem_find(doc, id);
    uint32_t units;

    EID_ASSERT(item != NULL);
    units = id.clock - item->id.clock + 1;
    if (units == item->len || item->kind == EID__Y_GC) return item;
    return eid__yitem_cut(doc, item, units) ? item : NULL;
}

/* -- deleting ---------------------------------------------------------------------------------- */

/* Mark one block; the type it holds, if any, is put on the list of those to be emptied. */
static void item_mark_deleted(eid__yitem *item, eid__ytype **todo)
{
    if (item->is_deleted) return;
    if (eid__yitem_counts(item) && item->entry == NULL && item->parent != NULL) {
        EID_ASSERT(item->parent->length >= item->len);
        item->parent->length -= item->len;
    }
    item->is_deleted = true;
    if (item->kind == EID__Y_TYPE) {
        item->content.type->next = *todo;
        *todo = item->content.type;
    }
    item->kind = EID__Y_DELETED;
}

/* Types within types may be nested as deeply as a peer likes, so no recursion. */
void eid__yitem_delete(eid__yitem *item)
{
    eid__ytype *todo = NULL;

    item_mark_deleted(item, &todo);
    while (todo != NULL) {
        eid__ytype *type = todo;

        todo = type->next;
        for (eid__yitem *child = type->start; child != NULL; child = child->right) {
            item_mark_deleted(child, &todo);
        }
        for (eid__yentry *entry = type->entries; entry != NULL; entry = entry->next) {
            item_mark_deleted(entry->last, &todo);
        }
    }
}
