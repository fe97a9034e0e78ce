/* Backend: the table of functions behind eid_kv, private to this folder.
 *
 * A backend's store and iterator begin with eid_kv and eid_kv_iter, so that a pointer to one is a
 * pointer to the other; a view is opaque and only ever handed back to the backend that made it.
 */
#ifndef EID_STORAGE_BACKEND_H
#define EID_STORAGE_BACKEND_H

#include <pthread.h>

#include "storage/kv.h"

/* Each as the function of kv.h of that name. */
typedef struct eid__backend {
    const char *name;
    void (*close)(eid_kv *kv);
    eid_status (*view_new)(eid_kv *kv, eid_kv_view **out);
    void (*view_free)(eid_kv *kv, eid_kv_view *view);
    eid_status (*get)(eid_kv *kv, const eid_kv_view *view, eid_family family, eid_slice key,
                      eid_buf *out);
    eid_status (*iter_new)(eid_kv *kv, const eid_kv_view *view, eid_family family, eid_slice prefix,
                           eid_kv_iter **out);
    void (*iter_free)(eid_kv_iter *iter);
    void (*iter_seek)(eid_kv_iter *iter, eid_slice from);
    void (*iter_seek_last)(eid_kv_iter *iter);
    bool (*iter_pair)(const eid_kv_iter *iter, eid_slice *key, eid_slice *value);
    void (*iter_next)(eid_kv_iter *iter);
    void (*iter_previous)(eid_kv_iter *iter);
    eid_status (*iter_status)(const eid_kv_iter *iter);
    eid_status (*write)(eid_kv *kv, const eid_kv_write_op *ops, size_t count,
                        eid_durability durability);
    eid_status (*sync)(eid_kv *kv);
    uint64_t (*bytes)(eid_kv *kv);
} eid__backend;

struct eid_kv {
    const eid__backend *backend;
    pthread_mutex_t numbers_lock; /* of the next field: databases are made by several threads */
    uint32_t number_last;         /* last number given to a database; 0 = not read yet */
};

struct eid_kv_iter {
    const eid__backend *backend;
};

/* Begin and end the common part. */
void eid__kv_init(eid_kv *kv, const eid__backend *backend);
void eid__kv_fini(eid_kv *kv);

/* The backends; as eid_kv_open(). `path` is absolute. */
EID_MUST_CHECK eid_status eid__memory_open(eid_kv **out);
EID_MUST_CHECK eid_status eid__rocks_open(const char *path, bool create, eid_kv **out);

/* The range of the keys with this prefix: `from` is the prefix, `end` the least key after all of
 * them, EMPTY if there is none. New: eid_buf_fini() of both, also after an error. */
EID_MUST_CHECK eid_status eid__prefix_range(eid_slice prefix, eid_buf *from, eid_buf *end);

#endif
