/* The memory is the truth while the node runs; the keeper writes what changed, gathered for a
 * moment, so that a busy node does not grow `_sync` with every contact. */
#include "node/sync/book_internal.h"

#include <time.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/log.h"

#define BOOK_SEEN_MS 3600000ull /* a new last_seen alone is written once an hour */

eid__book_peer *eid__book_find(eid_book *book, const uint8_t node[32])
{
    for (size_t i = 0; i < book->peer_count; i++) {
        if (memcmp(book->peers[i]->address.node, node, 32) == 0) return book->peers[i];
    }
    return NULL;
}

/* Room for one more pointer. */
static bool book_grow(void *list_at, size_t count, size_t *cap, size_t max)
{
    void **list;
    size_t wanted = *cap ? *cap * 2 : 16;

    if (count < *cap) return true;
    if (count >= max) return false;
    memcpy(&list, list_at, sizeof list);
    list = eid_realloc(list, wanted * sizeof *list);
    if (!list) return false;
    memcpy(list_at, &list, sizeof list);
    *cap = wanted;
    return true;
}

eid__book_peer *eid__book_ensure(eid_book *book, const uint8_t node[32])
{
    eid__book_peer *peer = eid__book_find(book, node);

    if (peer) return peer;
    if (!book_grow(&book->peers, book->peer_count, &book->peer_cap, EID_BOOK_PEERS_MAX)) {
        return NULL;
    }
    peer = eid_alloc(sizeof *peer);
    if (!peer) return NULL;
    memcpy(peer->address.node, node, 32);
    book->peers[book->peer_count++] = peer;
    return peer;
}

static eid__book_cursor *book_find_cursor(eid_book *book, const uint8_t node[32],
                                          const eid_id *root)
{
    for (size_t i = 0; i < book->cursor_count; i++) {
        eid__book_cursor *cursor = book->cursors[i];

        if (memcmp(cursor->node, node, 32) == 0 && eid_id_equal(&cursor->root, root)) return cursor;
    }
    return NULL;
}

eid__book_cursor *eid__book_ensure_cursor(eid_book *book, const uint8_t node[32],
                                          const eid_id *root)
{
    eid__book_cursor *cursor = book_find_cursor(book, node, root);

    if (cursor) return cursor;
    if (!book_grow(&book->cursors, book->cursor_count, &book->cursor_cap, EID_BOOK_CURSORS_MAX)) {
        return NULL;
    }
    cursor = eid_alloc(sizeof *cursor);
    if (!cursor) return NULL;
    memcpy(cursor->node, node, 32);
    cursor->root = *root;
    book->cursors[book->cursor_count++] = cursor;
    return cursor;
}

static eid_status book_write(eid_book *book)
{
    eid_signer signer = {book->device, NULL};
    eid_txn *txn = NULL;
    bool any = false;
    eid_id id;
    eid_status status = eid_txn_begin(book->seam, &book->root, &signer, NULL, &txn);

    if (status != EID_OK) return status;
    pthread_mutex_lock(&book->lock);
    status = eid__book_stage(book, txn, &any);
    book->is_dirty = false;
    pthread_mutex_unlock(&book->lock);
    if (status == EID_OK && any) status = eid_txn_commit(txn, EID_DURABLE_ASYNC, &id);
    eid_txn_free(txn);
    return status;
}

static void *book_main(void *arg)
{
    eid_book *book = arg;

    pthread_mutex_lock(&book->lock);
    while (!book->stops || book->is_dirty) {
        eid_status status;

        while (!book->is_dirty && !book->stops) pthread_cond_wait(&book->wake, &book->lock);
        if (!book->is_dirty) break;
        pthread_mutex_unlock(&book->lock);
        status = book_write(book);
        if (status != EID_OK) {
            eid_log_error("sync.book", "error=%s", eid_status_detail(status).text);
        }
        pthread_mutex_lock(&book->lock);
        if (status != EID_OK) book->is_dirty = false; /* the next change writes again */
    }
    pthread_mutex_unlock(&book->lock);
    return NULL;
}

static void book_free(eid_book *book)
{
    for (size_t i = 0; i < book->peer_count; i++) {
        eid_idset_fini(&book->peers[i]->roots);
        eid_free(book->peers[i]);
    }
    for (size_t i = 0; i < book->cursor_count; i++) {
        eid_idset_fini(&book->cursors[i]->tips);
        eid_free(book->cursors[i]);
    }
    eid_free(book->peers);
    eid_free(book->cursors);
    pthread_cond_destroy(&book->wake);
    pthread_mutex_destroy(&book->lock);
    eid_free(book);
}

eid_status eid_book_open(const eid_seam *seam, const eid_key *device, const eid_id *root,
                         eid_book **out)
{
    eid_book *book = eid_alloc(sizeof *book);
    eid_status status;

    if (!book) return EID_FAIL(EID_KIND_NO_MEMORY, "book of peers");
    book->seam = seam;
    book->device = device;
    book->root = *root;
    pthread_mutex_init(&book->lock, NULL);
    pthread_cond_init(&book->wake, NULL);
    status = eid__book_load(book);
    if (status == EID_OK && pthread_create(&book->thread, NULL, book_main, book) != 0) {
        status = EID_FAIL(EID_KIND_OVERLOAD, "no thread for the book of peers");
    }
    if (status != EID_OK)
        book_free(book);
    else
        *out = book;
    return status;
}

void eid_book_close(eid_book *book)
{
    if (!book) return;
    pthread_mutex_lock(&book->lock);
    book->stops = true;
    pthread_cond_signal(&book->wake);
    pthread_mutex_unlock(&book->lock);
    pthread_join(book->thread, NULL);
    book_free(book);
}

/* The lock is held. */
static void book_touch(eid_book *book)
{
    book->is_dirty = true;
    pthread_cond_signal(&book->wake);
}

void eid_book_each(eid_book *book,
                   void (*fn)(void *arg, const eid_quic_address *address, bool blocked,
                              const eid_id *roots, size_t root_count),
                   void *arg)
{
    pthread_mutex_lock(&book->lock);
    for (size_t i = 0; i < book->peer_count; i++) {
        const eid__book_peer *peer = book->peers[i];

        fn(arg, &peer->address, peer->blocked, peer->roots.at, peer->roots.count);
    }
    pthread_mutex_unlock(&book->lock);
}

static bool book_same_address(const eid_quic_address *a, const eid_quic_address *b)
{
    char left[EID_ADDRESS_TEXT_MAX], right[EID_ADDRESS_TEXT_MAX];

    if (a->count != b->count) return false;
    return eid_quic_address_format(a, left) == EID_OK &&
           eid_quic_address_format(b, right) == EID_OK && strcmp(left, right) == 0;
}

void eid_book_remember(eid_book *book, const eid_quic_address *address, const eid_id *root)
{
    uint64_t now = book->seam->clock->wall_ms(book->seam->clock->self);
    eid__book_peer *peer;

    pthread_mutex_lock(&book->lock);
    peer = eid__book_ensure(book, address->node);
    if (peer) {
        bool is_new = peer->first_seen_ms == 0;

        if (is_new) peer->first_seen_ms = now;
        if (is_new || now - peer->last_seen_ms > BOOK_SEEN_MS) peer->is_dirty = true;
        peer->last_seen_ms = now;
        if (address->count > 0 && !book_same_address(&peer->address, address)) {
            peer->address = *address;
            peer->is_dirty = true;
        }
        if (root && !eid_idset_has(&peer->roots, root) &&
            eid_idset_add(&peer->roots, root) == EID_OK) {
            peer->roots_dirty = true;
        }
        if (peer->is_dirty || peer->roots_dirty) book_touch(book);
    }
    pthread_mutex_unlock(&book->lock);
}

bool eid_book_is_blocked(eid_book *book, const uint8_t node[32])
{
    const eid__book_peer *peer;
    bool blocked;

    pthread_mutex_lock(&book->lock);
    peer = eid__book_find(book, node);
    blocked = peer && peer->blocked;
    pthread_mutex_unlock(&book->lock);
    return blocked;
}

eid_status eid_book_cursor(eid_book *book, const uint8_t node[32], const eid_id *root,
                           eid_idset *out)
{
    const eid__book_cursor *cursor;
    eid_status status = EID_E_NOT_FOUND;

    pthread_mutex_lock(&book->lock);
    cursor = book_find_cursor(book, node, root);
    if (cursor) status = eid_idset_assign(out, eid_idset_ids(&cursor->tips));
    pthread_mutex_unlock(&book->lock);
    return status;
}

void eid_book_set_cursor(eid_book *book, const uint8_t node[32], const eid_id *root, eid_ids tips)
{
    eid_idset wanted = {(eid_id *)(uintptr_t)tips.at, tips.count, tips.count};
    eid__book_cursor *cursor;

    pthread_mutex_lock(&book->lock);
    cursor = eid__book_ensure_cursor(book, node, root);
    if (cursor && !eid_idset_equal(&cursor->tips, &wanted) &&
        eid_idset_assign(&cursor->tips, tips) == EID_OK) {
        cursor->time_ms = book->seam->clock->wall_ms(book->seam->clock->self);
        cursor->is_dirty = true;
        book_touch(book);
    }
    pthread_mutex_unlock(&book->lock);
}

void eid_book_describe(eid_book *book, const uint8_t node[32], eid_json_writer *out)
{
    char text[EID_ADDRESS_TEXT_MAX], seen[40];
    const eid__book_peer *peer;

    pthread_mutex_lock(&book->lock);
    peer = eid__book_find(book, node);
    if (peer) {
        eid_json_key(out, "addresses");
        eid_json_array(out);
        if (peer->address.count > 0 && eid_quic_address_format(&peer->address, text) == EID_OK) {
            eid_json_text(out, text);
        }
        eid_json_array_end(out);
        eid_json_key(out, "status");
        eid_json_text(out, peer->blocked ? "blocked" : "active");
        eid_clock_format_rfc3339(peer->first_seen_ms, seen);
        eid_json_key(out, "first_seen");
        eid_json_text(out, seen);
        eid_clock_format_rfc3339(peer->last_seen_ms, seen);
        eid_json_key(out, "last_seen");
        eid_json_text(out, seen);
    }
    pthread_mutex_unlock(&book->lock);
}
