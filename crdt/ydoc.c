/* A document owns an arena and gives nothing back until it ends: histories only grow, and stores
 * make a new document for each merge. */
#include "crdt/ydoc.h"

#include "crdt/ystore.h"
#include "dag/alloc.h"
#include "dag/random.h"

eid_status eid_ydoc_new(uint32_t client, eid_ydoc **out)
{
    *out = eid_alloc(sizeof(eid_ydoc));
    if (*out == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "Y document");
    (*out)->client = client;
    (*out)->secret = eid_random_u64(eid_random_system());
    return EID_OK;
}

void eid_ydoc_free(eid_ydoc *doc)
{
    if (doc == NULL) return;
    for (eid__yclient *client = doc->clients; client != NULL; client = client->next) {
        eid__yclient_free_directory(client);
    }
    eid__ytable_fini(&doc->by_id);
    eid__ytable_fini(&doc->roots);
    eid__ytable_fini(&doc->by_key);
    eid__yarena_fini(&doc->arena);
    eid_free(doc->pending);
    eid_free(doc->deletes);
    eid_free(doc);
}

eid_status eid__ydoc_usable(const eid_ydoc *doc)
{
    if (!doc->is_broken) return EID_OK;
    return EID_FAIL(EID_KIND_NO_MEMORY, "memory ran out while the Y document was changed");
}

eid_status eid__ydoc_break(eid_ydoc *doc)
{
    doc->is_broken = true;
    return eid__ydoc_usable(doc);
}

uint32_t eid_ydoc_clock(const eid_ydoc *doc, uint32_t client)
{
    return eid__yclient_state(doc, client);
}

void eid_ydoc_set_client(eid_ydoc *doc, uint32_t client)
{
    doc->client = client;
}

bool eid_ydoc_is_pending(const eid_ydoc *doc)
{
    return doc->pending_count > 0 || doc->delete_count > 0;
}

eid_status eid_ydoc_merge(eid_slice self, eid_slice other, eid_buf *out)
{
    eid_ydoc *doc = NULL;
    eid_status status = eid_ydoc_new(0, &doc);

    if (status == EID_OK && self.len > 0) status = eid_ydoc_apply(doc, self);
    if (status == EID_OK && other.len > 0) status = eid_ydoc_apply(doc, other);
    if (status == EID_OK) status = eid_ydoc_encode(doc, EID_SLICE_EMPTY, out);
    eid_ydoc_free(doc);
    return status;
}
