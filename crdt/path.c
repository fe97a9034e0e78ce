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

static const uint8_t *path_find_dot(eid_slice text)
{
    return text.len > 0 ? memchr(text.at, '.', text.len) : NULL;
}

eid_status eid_path_check_component(eid_slice component)
{
    if (path_find_dot(component) == NULL) return EID_OK;
    return EID_FAIL(EID_KIND_CRDT_PATH, "the component \"%.*s\" holds a dot: components cannot",
                    EID_SLICE_ARG(component));
}

eid_status eid_path_join(eid_buf *path, eid_slice text)
{
    if (path->len > 0 && text.len > 0) eid_buf_append_byte(path, '.');
    eid_buf_append(path, text);
    return eid_buf_status(path);
}

eid_status eid_path_push(eid_buf *path, eid_slice component)
{
    eid_status status = eid_path_check_component(component);

    if (status != EID_OK) return status;
    if (path->len > 0) eid_buf_append_byte(path, '.');
    eid_buf_append(path, component);
    return eid_buf_status(path);
}

eid_status eid_path_append(eid_buf *path, eid_slice text)
{
    eid_path walk;
    eid_slice component;
    eid_status status = eid_buf_status(path);

    eid_path_init(&walk, text);
    while (status == EID_OK && eid_path_next(&walk, &component)) {
        status = eid_path_join(path, component);
    }
    return status;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static eid_slice slice_trim(eid_slice text)
{
    while (text.len > 0 && is_blank(text.at[0])) text = eid_slice_of(text.at + 1, text.len - 1);
    while (text.len > 0 && is_blank(text.at[text.len - 1])) text.len--;
    return text;
}

eid_status eid_path_build(eid_buf *path, const char *const *parts, size_t count)
{
    eid_status status = eid_buf_status(path);

    if (count == 1) return eid_path_join(path, eid_slice_text(parts[0]));
    for (size_t i = 0; i < count && status == EID_OK; i++) {
        status = eid_path_append(path, slice_trim(eid_slice_text(parts[i])));
    }
    return status;
}

size_t eid_path_parts(eid_slice path)
{
    size_t parts = path.len > 0;

    for (size_t i = 0; i < path.len; i++) parts += path.at[i] == '.';
    return parts;
}

/* The length of what lies before the last dot; false if there is none. */
static bool path_last_dot(eid_slice path, size_t *out)
{
    for (size_t i = path.len; i > 0; i--) {
        if (path.at[i - 1] != '.') continue;
        *out = i - 1;
        return true;
    }
    return false;
}

bool eid_path_parent(eid_slice path, eid_slice *out)
{
    size_t len;

    if (!path_last_dot(path, &len)) return false;
    *out = eid_slice_of(path.at, len);
    return true;
}

bool eid_path_name(eid_slice path, eid_slice *out)
{
    size_t len;

    if (path.len == 0) return false;
    *out = path;
    if (path_last_dot(path, &len)) *out = eid_slice_of(path.at + len + 1, path.len - len - 1);
    return true;
}

eid_slice eid_path_display(eid_slice path)
{
    return path.len > 0 ? path : eid_slice_text("(empty path)");
}
