/* A client's section is its blocks from the clock that the other side has, then what waits, with a
 * gap ("skip") where clocks are missing. Sections are written to a buffer of their own first, since
 * the number of blocks comes before them. */
#include <stdlib.h>

#include "crdt/yupdate.h"
#include "dag/alloc.h"

typedef struct encoder {
    const eid_ydoc *doc;
    eid_buf *out;
    uint32_t *ids; /* all clients that have blocks or deletes, waiting ones too; highest first */
    size_t id_count;
    eid_buf body; /* of one section */
    uint64_t parts;
    uint32_t start, at; /* clock of its first block, and behind its last */
} encoder;

static int id_compare_down(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;

    return (*left < *right) - (*left > *right);
}

static eid_status encoder_list_ids(encoder *self)
{
    const eid_ydoc *doc = self->doc;
    size_t count = 0, unique = 0;
    uint32_t *ids =
        eid_alloc_array(doc->client_count + doc->pending_count + doc->delete_count, sizeof(*ids));

    if (ids == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "clients of a document");
    for (const eid__yclient *client = doc->clients; client != NULL; client = client->next) {
        ids[count++] = client->id;
    }
    for (size_t i = 0; i < doc->pending_count; i++) ids[count++] = doc->pending[i]->id.client;
    for (size_t i = 0; i < doc->delete_count; i++) ids[count++] = doc->deletes[i].client;
    if (count > 1) qsort(ids, count, sizeof(*ids), id_compare_down);
    for (size_t i = 0; i < count; i++) {
        if (unique == 0 || ids[unique - 1] != ids[i]) ids[unique++] = ids[i];
    }
    self->ids = ids;
    self->id_count = unique;
    return EID_OK;
}

/* -- blocks ------------------------------------------------------------------------------------ */

/* Blocks that begin at `first`, as far as they join, without what lies before self->at. */
static void section_add(encoder *self, const eid__yitem *first, size_t count, uint32_t end)
{
    uint32_t clock = first->id.clock, skip = 0;

    if (self->parts > 0 && clock > self->at) {
        eid_buf_append_byte(&self->body, EID__Y_SKIP);
        eid__ywrite_uint(&self->body, clock - self->at);
        self->parts++;
    }
    if (clock < self->at) skip = self->at - clock;
    if (self->parts == 0) self->start = clock + skip;
    eid__yblock_write(first, count, skip, &self->body);
    self->parts++;
    self->at = end;
}

static void section_add_known(encoder *self, uint32_t id)
{
    const eid__yclient *client = eid__yclient_find(self->doc, id);
    const eid__yitem *item;

    if (client == NULL || client->state <= self->at) return;
    for (item = eid__yclient_get(client, self->at); item != NULL;) {
        const eid__yitem *first = item;
        size_t count = 1;

        while (eid__yitem_can_join(item)) {
            item = item->next;
            count++;
        }
        section_add(self, first, count, eid__yitem_end(item));
        item = item->next;
    }
}

static size_t pending_from(const eid_ydoc *doc, uint32_t id)
{
    size_t low = 0, high = doc->pending_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (doc->pending[middle]->id.client < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void section_add_pending(encoder *self, uint32_t id)
{
    const eid_ydoc *doc = self->doc;

    for (size_t i = pending_from(doc, id); i < doc->pending_count; i++) {
        const eid__yitem *item = doc->pending[i];

        if (item->id.client != id) break;
        if (eid__yitem_end(item) > self->at) section_add(self, item, 1, eid__yitem_end(item));
    }
}

static void encode_section(encoder *self, uint32_t id, uint32_t from, eid_buf *sections,
                           uint64_t *count)
{
    eid_buf_clear(&self->body);
    self->parts = 0;
    self->at = from;
    section_add_known(self, id);
    section_add_pending(self, id);
    if (self->parts == 0) return;
    eid__ywrite_uint(sections, self->parts);
    eid__ywrite_uint(sections, id);
    eid__ywrite_uint(sections, self->start);
    eid_buf_append(sections, eid_buf_slice(&self->body));
    if (self->body.status != EID_OK) sections->status = self->body.status;
    ++*count;
}

static uint32_t clock_of(const eid__yclock *clocks, size_t count, uint32_t id)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (clocks[middle].client < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && clocks[low].client == id ? clocks[low].clock : 0;
}

static void encode_blocks(encoder *self, const eid__yclock *clocks, size_t count)
{
    eid_buf sections;
    uint64_t section_count = 0;

    eid_buf_init(&sections, self->out->max);
    for (size_t i = 0; i < self->id_count; i++) {
        uint32_t id = self->ids[i];

        encode_section(self, id, clock_of(clocks, count, id), &sections, &section_count);
    }
    eid__ywrite_uint(self->out, section_count);
    eid_buf_append(self->out, eid_buf_slice(&sections));
    if (sections.status != EID_OK) self->out->status = sections.status;
    eid_buf_fini(&sections);
}

/* -- deletes ----------------------------------------------------------------------------------- */

static void range_write(encoder *self, uint32_t clock, uint32_t end)
{
    eid__ywrite_uint(&self->body, clock);
    eid__ywrite_uint(&self->body, end - clock);
    self->parts++;
}

static void ranges_add_known(encoder *self, uint32_t id)
{
    const eid__yclient *client = eid__yclient_find(self->doc, id);
    const eid__yitem *item = client == NULL ? NULL : client->first;

    while (item != NULL) {
        uint32_t clock = item->id.clock, end = clock;

        for (; item != NULL && item->is_deleted; item = item->next) end = eid__yitem_end(item);
        if (end > clock) range_write(self, clock, end);
        if (item != NULL) item = item->next;
    }
}

static size_t deletes_from(const eid_ydoc *doc, uint32_t id)
{
    size_t low = 0, high = doc->delete_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (doc->deletes[middle].client < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void ranges_add_pending(encoder *self, uint32_t id)
{
    const eid_ydoc *doc = self->doc;

    for (size_t i = deletes_from(doc, id); i < doc->delete_count; i++) {
        const eid__yrange *range = &doc->deletes[i];

        if (range->client != id) break;
        range_write(self, range->clock, range->clock + range->len);
    }
}

static void encode_deletes(encoder *self)
{
    eid_buf sections;
    uint64_t count = 0;

    eid_buf_init(&sections, self->out->max);
    for (size_t i = 0; i < self->id_count; i++) {
        eid_buf_clear(&self->body);
        self->parts = 0;
        ranges_add_known(self, self->ids[i]);
        ranges_add_pending(self, self->ids[i]);
        if (self->parts == 0) continue;
        eid__ywrite_uint(&sections, self->ids[i]);
        eid__ywrite_uint(&sections, self->parts);
        eid_buf_append(&sections, eid_buf_slice(&self->body));
        if (self->body.status != EID_OK) sections.status = self->body.status;
        count++;
    }
    eid__ywrite_uint(self->out, count);
    eid_buf_append(self->out, eid_buf_slice(&sections));
    if (sections.status != EID_OK) self->out->status = sections.status;
    eid_buf_fini(&sections);
}

eid_status eid_ydoc_encode(const eid_ydoc *doc, eid_slice state_vector, eid_buf *out)
{
    encoder self = {.doc = doc, .out = out};
    eid__yclock *clocks = NULL;
    size_t count = 0;
    eid_status status = eid__ydoc_usable(doc);

    eid_buf_init(&self.body, out->max);
    if (status == EID_OK) status = eid__ystate_read(state_vector, &clocks, &count);
    if (status == EID_OK) status = encoder_list_ids(&self);
    if (status == EID_OK) {
        encode_blocks(&self, clocks, count);
        encode_deletes(&self);
        status = eid_buf_status(out);
    }
    eid_free(self.ids);
    eid_free(clocks);
    eid_buf_fini(&self.body);
    return status;
}

eid_status eid_ydoc_state_vector(const eid_ydoc *doc, eid_buf *out)
{
    eid__yclock *clocks = NULL;
    eid_status status = eid__ydoc_usable(doc);

    if (status == EID_OK) status = eid__ystate_of(doc, &clocks);
    if (status != EID_OK) return status;
    eid__ywrite_uint(out, doc->client_count);
    for (size_t i = doc->client_count; i > 0; i--) {
        eid__ywrite_uint(out, clocks[i - 1].client);
        eid__ywrite_uint(out, clocks[i - 1].clock);
    }
    eid_free(clocks);
    return eid_buf_status(out);
}

eid_status eid_ydoc_view_state(const eid_ydoc *doc, eid_json_writer *out)
{
    eid__yclock *clocks = NULL;
    eid_status status = eid__ydoc_usable(doc);

    if (status == EID_OK) status = eid__ystate_of(doc, &clocks);
    if (status != EID_OK) return status;
    eid_json_array(out);
    for (size_t i = 0; i < doc->client_count; i++) {
        eid_json_array(out);
        eid_json_uint(out, clocks[i].client);
        eid_json_uint(out, clocks[i].clock);
        eid_json_array_end(out);
    }
    eid_json_array_end(out);
    eid_free(clocks);
    return eid_buf_status(out->out);
}
