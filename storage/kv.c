/* Dispatch through a table and not by a switch: a backend is added by one file and one line in
 * eid_kv_open(), and the suite runs over whatever that line knows. */
#include "storage/kv.h"

#include <strings.h>

#include "dag/assert.h"
#include "storage/backend.h"

void eid__kv_init(eid_kv *kv, const eid__backend *backend)
{
    kv->backend = backend;
    kv->number_last = 0;
    EID_ASSERT(pthread_mutex_init(&kv->numbers_lock, NULL) == 0);
}

void eid__kv_fini(eid_kv *kv)
{
    EID_ASSERT(pthread_mutex_destroy(&kv->numbers_lock) == 0);
}

eid_status eid__prefix_range(eid_slice prefix, eid_buf *from, eid_buf *end)
{
    size_t len = prefix.len;

    eid_buf_init(from, prefix.len);
    eid_buf_init(end, prefix.len);
    eid_buf_append(from, prefix);
    while (len > 0 && prefix.at[len - 1] == 0xff) len--;
    if (len > 0) {
        eid_buf_append(end, eid_slice_of(prefix.at, len - 1));
        eid_buf_append_byte(end, (uint8_t)(prefix.at[len - 1] + 1));
    }
    return eid_buf_status(from) != EID_OK ? eid_buf_status(from) : eid_buf_status(end);
}

static bool url_is_scheme(const char *url, size_t len, const char *scheme)
{
    return len == strlen(scheme) && strncasecmp(url, scheme, len) == 0;
}

static eid_status url_path_check(const char *url, const char *path)
{
    if (path[0] != '/' || path[1] == '\0') {
        return EID_FAIL(EID_KIND_URL, "`%s` has no absolute path of a folder", url);
    }
    if (path[1] == '/') return EID_FAIL(EID_KIND_URL, "`%s` begins with two slashes", url);
    if (strpbrk(path, "?#") != NULL) return EID_FAIL(EID_KIND_URL, "`%s` has ? or # in it", url);
    return EID_OK;
}

eid_status eid_kv_open(const char *url, bool create, eid_kv **out)
{
    const char *colon = strstr(url, "://");
    const char *path;
    eid_status status;

    *out = NULL;
    if (url[0] == '\0') return EID_FAIL(EID_KIND_URL, "the URL is empty");
    if (colon == NULL) return EID_FAIL(EID_KIND_URL, "`%s` has no scheme", url);
    path = colon + 3;
    if (url_is_scheme(url, (size_t)(colon - url), "memory")) {
        if (path[0] == '\0') return eid__memory_open(out);
        return EID_FAIL(EID_KIND_URL, "`%s`: memory:// takes no path", url);
    }
    if (!url_is_scheme(url, (size_t)(colon - url), "rocksdb")) {
        return EID_FAIL(EID_KIND_URL_SCHEME, "no store is kept at `%s`", url);
    }
    status = url_path_check(url, path);
    return status == EID_OK ? eid__rocks_open(path, create, out) : status;
}

void eid_kv_close(eid_kv *kv)
{
    if (kv != NULL) kv->backend->close(kv);
}

const char *eid_kv_backend(const eid_kv *kv)
{
    return kv->backend->name;
}

eid_status eid_kv_view_new(eid_kv *kv, eid_kv_view **out)
{
    return kv->backend->view_new(kv, out);
}

void eid_kv_view_free(eid_kv *kv, eid_kv_view *view)
{
    if (view != NULL) kv->backend->view_free(kv, view);
}

eid_status eid_kv_get(eid_kv *kv, const eid_kv_view *view, eid_family family, eid_slice key,
                      eid_buf *out)
{
    EID_ASSERT(family < EID_FAMILY_COUNT);
    eid_buf_clear(out);
    return kv->backend->get(kv, view, family, key, out);
}

eid_status eid_kv_iter_new(eid_kv *kv, const eid_kv_view *view, eid_family family, eid_slice prefix,
                           eid_kv_iter **out)
{
    EID_ASSERT(family < EID_FAMILY_COUNT);
    return kv->backend->iter_new(kv, view, family, prefix, out);
}

void eid_kv_iter_free(eid_kv_iter *iter)
{
    if (iter != NULL) iter->backend->iter_free(iter);
}

void eid_kv_iter_seek(eid_kv_iter *iter, eid_slice from)
{
    iter->backend->iter_seek(iter, from);
}

void eid_kv_iter_seek_last(eid_kv_iter *iter)
{
    iter->backend->iter_seek_last(iter);
}

bool eid_kv_iter_pair(const eid_kv_iter *iter, eid_slice *key, eid_slice *value)
{
    return iter->backend->iter_pair(iter, key, value);
}

void eid_kv_iter_next(eid_kv_iter *iter)
{
    iter->backend->iter_next(iter);
}

void eid_kv_iter_previous(eid_kv_iter *iter)
{
    iter->backend->iter_previous(iter);
}

eid_status eid_kv_iter_status(const eid_kv_iter *iter)
{
    return iter->backend->iter_status(iter);
}

eid_status eid_kv_write(eid_kv *kv, const eid_kv_write_op *ops, size_t count,
                        eid_durability durability)
{
    if (count == 0) return EID_OK;
    return kv->backend->write(kv, ops, count, durability);
}

eid_status eid_kv_sync(eid_kv *kv)
{
    return kv->backend->sync(kv);
}

uint64_t eid_kv_bytes(eid_kv *kv)
{
    return kv->backend->bytes(kv);
}
