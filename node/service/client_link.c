/* A connection that fails is closed and not mended: the login may be gone with the daemon, and a
 * request that was cut off may have been carried out. */
#include "dag/alloc.h"
#include "node/service/client_internal.h"
#include "node/service/frame.h"
#include "node/service/socket.h"

static eid_status link_gone(void)
{
    return EID_FAIL(EID_KIND_SERVICE_CLOSED, "the daemon has closed the connection");
}

static eid_status link_read(int fd, eid_buf *frame)
{
    eid_status status = eid__frame_read(fd, frame);

    return status == EID_E_NOT_FOUND ? link_gone() : status;
}

static eid_status link_greet(int fd)
{
    static const char *const names[] = {"protocol_version"};
    eid_fields fields;
    uint64_t version;
    eid_buf frame;
    eid_status status;

    eid_buf_init(&frame, 4096);
    status = eid__frame_write(fd, eid_slice_text("{\"protocol_version\":0}"));
    if (status == EID_OK) status = link_read(fd, &frame);
    if (status == EID_OK) {
        eid_fields_init(&fields, eid_buf_slice(&frame), names, 1);
        version = eid_fields_uint(&fields, 0);
        status = fields.status;
        if (status == EID_OK && version != 0) {
            status = EID_FAIL(EID_KIND_SERVICE_VERSION,
                              "Protocol version mismatch: client=0, server=%llu",
                              (unsigned long long)version);
        }
    }
    eid_buf_fini(&frame);
    return status;
}

eid_status eid__link_open(const char *path, int *fd)
{
    eid_status status = eid__socket_connect(path, fd);

    if (status != EID_OK) return status;
    status = link_greet(*fd);
    if (status != EID_OK) {
        eid__socket_close(*fd);
        *fd = -1;
    }
    return status;
}

eid_status eid__link_send(int fd, eid_slice json)
{
    eid_status status;

    if (fd < 0) return link_gone();
    status = eid__frame_write(fd, json);
    return status == EID_E_CLOSED ? link_gone() : status;
}

eid_status eid__link_receive(int fd, eid_buf *frame, eid_buf *tag, eid_slice *content)
{
    eid_status status = link_read(fd, frame);

    if (status != EID_OK) return status;
    status = eid__read_tag(eid_buf_slice(frame), tag, content);
    if (status == EID_OK) return EID_OK;
    return EID_FAIL(EID_KIND_SERVICE_FRAME, "the daemon sent a frame that cannot be read");
}

eid_status eid__link_result(eid_slice response, const char *name, eid_slice *content)
{
    eid_slice inner = EID_SLICE_EMPTY;
    eid_buf tag;
    eid_status status;

    eid_buf_init(&tag, 4096);
    *content = EID_SLICE_EMPTY;
    status = eid__read_tag(response, &tag, &inner);
    if (status != EID_OK) {
        status = EID_FAIL(EID_KIND_SERVICE_FRAME, "the daemon sent an answer that cannot be read");
    } else if (eid_slice_is(eid_buf_slice(&tag), name)) {
        *content = inner;
    } else if (eid_slice_is(eid_buf_slice(&tag), "Error")) {
        status = eid__read_error(inner);
    } else if (eid_slice_is(eid_buf_slice(&tag), "NotFound")) {
        status = EID_E_NOT_FOUND;
    } else {
        status = EID_FAIL(EID_KIND_SERVICE_FRAME, "the daemon sent another answer than %s", name);
    }
    eid_buf_fini(&tag);
    return status;
}

/* Share the login of the anchor. */
static eid_status link_attach(int fd, const char *token)
{
    eid_json_writer json;
    eid_buf out, frame, tag;
    eid_slice content;
    eid_status status;

    eid_buf_init(&out, 4096);
    eid_buf_init(&frame, EID_FRAME_BYTES_MAX);
    eid_buf_init(&tag, 4096);
    eid_buf_append_text(&out, "{\"Call\":{\"method\":\"attach\",\"args\":{\"token\":");
    eid_json_writer_init(&json, &out);
    eid_json_text(&json, token);
    eid_buf_append_text(&out, "}}}");
    status = eid_buf_status(&out);
    if (status == EID_OK) status = eid__link_send(fd, eid_buf_slice(&out));
    if (status == EID_OK) status = eid__link_receive(fd, &frame, &tag, &content);
    if (status == EID_OK) status = eid__link_result(content, "Result", &content);
    eid_buf_wipe(&out);
    eid_buf_fini(&frame);
    eid_buf_fini(&tag);
    return status;
}

static eid_status link_new(eid_service_client *client, const char *token, uint64_t epoch,
                           eid__link **out)
{
    eid__link *link = eid_alloc(sizeof *link);
    eid_status status;

    *out = NULL;
    if (!link) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a connection");
    link->epoch = epoch;
    status = eid__link_open(client->path, &link->fd);
    if (status == EID_OK && token) status = link_attach(link->fd, token);
    if (status == EID_E_UNREACHABLE) status = link_gone();
    if (status != EID_OK) {
        eid__socket_close(link->fd);
        eid_free(link);
        return status;
    }
    *out = link;
    return EID_OK;
}

static void link_drop(eid__link *link)
{
    eid__socket_close(link->fd);
    eid_free(link);
}

eid_status eid__link_take(eid_service_client *client, bool is_long, eid__link **out)
{
    eid__link *link = NULL;
    char *token = NULL;
    uint64_t epoch;
    bool has_token;
    eid_status status;

    *out = &client->anchor;
    if (!is_long && pthread_mutex_trylock(&client->anchor_lock) == 0) return EID_OK;
    *out = NULL;
    pthread_mutex_lock(&client->lock);
    while (!link) {
        link = client->idle;
        if (link) client->idle = link->next;
        if (link && link->epoch != client->epoch) { /* of a former login */
            link_drop(link);
            link = NULL;
            client->link_count--;
            continue;
        }
        if (link || client->link_count < EID__LINKS_MAX) break;
        pthread_cond_wait(&client->freed, &client->lock);
    }
    if (!link) client->link_count++;
    epoch = client->epoch;
    has_token = client->token != NULL;
    if (!link && has_token) token = eid_slice_dup_text(eid_slice_text(client->token));
    pthread_mutex_unlock(&client->lock);
    *out = link;
    if (link) return EID_OK;
    status = has_token && !token ? EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a connection")
                                 : link_new(client, token, epoch, out);
    if (token) eid_wipe(token, strlen(token));
    eid_free(token);
    if (status == EID_OK) return EID_OK;
    pthread_mutex_lock(&client->lock);
    client->link_count--;
    pthread_cond_signal(&client->freed);
    pthread_mutex_unlock(&client->lock);
    return status;
}

void eid__link_give(eid_service_client *client, eid__link *link, bool is_broken)
{
    if (link->is_anchor) {
        if (is_broken) eid__socket_close(link->fd);
        if (is_broken) link->fd = -1;
        pthread_mutex_unlock(&client->anchor_lock);
        return;
    }
    pthread_mutex_lock(&client->lock);
    if (is_broken) {
        client->link_count--;
    } else {
        link->next = client->idle;
        client->idle = link;
    }
    pthread_cond_signal(&client->freed);
    pthread_mutex_unlock(&client->lock);
    if (is_broken) link_drop(link);
}
