/* A path is walked where it lies: splitting it first would cost an allocation per lookup. */
#include "crdt/path.h"

void eid_path_init(eid_path *path, eid_slice text)
{
    path->rest = text;
    path->done = false;
    path->verbatim = text.len == 0 || memchr(text.at, '.', text.len) == NULL;
}

bool eid_path_next(eid_path *path, eid_slice *component)
{
    if (path->done) return false;
    if (path->verbatim) {
        path->done = true;
        *component = path->rest;
        return true;
    }
    while (path->rest.len > 0) {
        const uint8_t *dot = memchr(path->rest.at, '.', path->rest.len);
        size_t len = dot != NULL ? (size_t)(dot - path->rest.at) : path->rest.len;
        size_t used = dot != NULL ? len + 1 : len;

        *component = eid_slice_of(path->rest.at, len);
        path->rest = eid_slice_of(path->rest.at + used, path->rest.len - used);
        if (len > 0) return true;
    }
    path->done = true;
    return false;
}

size_t eid_path_count(eid_slice text)
{
    eid_path path;
    eid_slice component;
    size_t count = 0;

    eid_path_init(&path, text);
    while (eid_path_next(&path, &component)) count++;
    return count;
}

void eid_path_normalize(eid_slice text, eid_buf *out)
{
    eid_path path;
    eid_slice component;
    bool first = true;

    eid_path_init(&path, text);
    while (eid_path_next(&path, &component)) {
        if (!first) eid_buf_append_byte(out, '.');
        eid_buf_append(out, component);
        first = false;
    }
}

eid_status eid_path_push(eid_buf *path, eid_slice component)
{
    if (component.len > 0 && memchr(component.at, '.', component.len) != NULL) {
        return EID_FAIL(EID_KIND_CRDT_PATH, "the component \"%.*s\" holds a dot",
                        EID_SLICE_ARG(component));
    }
    if (path->len > 0) eid_buf_append_byte(path, '.');
    eid_buf_append(path, component);
    return eid_buf_status(path);
}
