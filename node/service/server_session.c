/* A request is answered before the next one is read, so a client needs no numbers to match answers
 * to questions, and what one connection can have under way is one request. What breaks the form
 * ends the connection without a word, as the specification wants it: there is nobody to talk to. */
#include "dag/alloc.h"
#include "dag/log.h"
#include "node/service/frame.h"
#include "node/service/server_internal.h"
#include "node/service/socket.h"

#define SESSION_VERSION 0u
#define SESSION_NAME_MAX 4096u
#define SESSION_KEEP_BYTES (64u * 1024u)

eid_status eid__connection_write(eid__connection *connection, eid_slice json)
{
    eid_status status;

    pthread_mutex_lock(&connection->write);
    status = eid__frame_write(connection->fd, json);
    pthread_mutex_unlock(&connection->write);
    return status;
}

eid_status eid__respond_raw(eid__connection *connection, eid_slice json)
{
    eid_buf frame;
    eid_status status;

    eid_buf_init(&frame, EID_FRAME_BYTES_MAX);
    eid_buf_append_text(&frame, "{\"Response\":");
    eid_buf_append(&frame, json);
    eid_buf_append_byte(&frame, '}');
    status = eid_buf_status(&frame);
    if (status == EID_OK) status = eid__connection_write(connection, eid_buf_slice(&frame));
    eid_buf_wipe(&frame);
    return status;
}

eid_status eid__respond_text(eid__connection *connection, const char *text)
{
    eid_json_writer writer;
    eid_buf buf;
    eid_status status;

    eid_buf_init(&buf, 256);
    eid_json_writer_init(&writer, &buf);
    eid_json_text(&writer, text);
    status = eid__respond_raw(connection, eid_buf_slice(&buf));
    eid_buf_fini(&buf);
    return status;
}

eid_status eid__respond_error(eid__connection *connection, eid_status status)
{
    eid_json_writer json;
    eid_buf buf;

    eid_buf_init(&buf, 16384);
    eid_json_writer_init(&json, &buf);
    eid__write_error(&json, status, false);
    status = eid_buf_status(&buf);
    if (status == EID_OK) status = eid__respond_raw(connection, eid_buf_slice(&buf));
    eid_buf_fini(&buf);
    return status;
}

static eid_status session_answer_plain(eid__connection *connection, const char *name)
{
    if (strcmp(name, "GetInstanceMetadata") == 0) return eid__op_metadata(connection);
    return EID_FAIL(EID_KIND_SERVICE_FRAME, "an unknown request: %s", name);
}

static const struct session_request {
    const char *name;
    eid_status (*answer)(eid__connection *connection, eid_slice content);
} session_requests[] = {
    {"Call", eid__call_answer},
    {"AuthenticatedDb", eid__op_database},
    {"TrustedLoginUser", eid__login_user},
    {"TrustedLoginProve", eid__login_prove},
    {"SessionKeyChallenge", eid__login_key_challenge},
    {"SessionKeyRegister", eid__login_key_register},
};

eid_status eid__connection_answer(eid__connection *connection, eid_slice json)
{
    char *name = NULL;
    eid_slice content;
    eid_buf tag;
    eid_status status;

    eid_buf_init(&tag, SESSION_NAME_MAX);
    status = eid__read_tag(json, &tag, &content);
    if (status == EID_OK) {
        name = eid_buf_take_text(&tag);
        if (!name) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a request");
    }
    if (status != EID_OK) goto done;
    if (content.len == 0) {
        status = session_answer_plain(connection, name);
        goto done;
    }
    status = EID_FAIL(EID_KIND_SERVICE_FRAME, "an unknown request: %s", name);
    for (size_t i = 0; i < sizeof session_requests / sizeof session_requests[0]; i++) {
        if (strcmp(session_requests[i].name, name) != 0) continue;
        status = session_requests[i].answer(connection, content);
        break;
    }

done:
    eid_free(name);
    eid_buf_fini(&tag);
    return status;
}

/* {"protocol_version":0} both ways (spec 07 §2.3). */
static eid_status session_greet(eid__connection *connection, eid_buf *frame)
{
    static const char *const names[] = {"protocol_version"};
    eid_fields fields;
    uint64_t version;
    eid_status status = eid__frame_read(connection->fd, frame);

    if (status != EID_OK) return status;
    eid_fields_init(&fields, eid_buf_slice(frame), names, 1);
    version = eid_fields_uint(&fields, 0);
    if (fields.status != EID_OK) return fields.status;
    status = eid__connection_write(connection, eid_slice_text("{\"protocol_version\":0}"));
    if (status == EID_OK && version != SESSION_VERSION) {
        status = EID_FAIL(EID_KIND_SERVICE_VERSION, "a client of protocol version %llu",
                          (unsigned long long)version);
    }
    return status;
}

/* A client that once sent much and is idle now must not cost it for ever. */
static void session_shrink(eid_buf *frame)
{
    if (frame->cap <= SESSION_KEEP_BYTES) return;
    eid_buf_fini(frame);
    eid_buf_init(frame, EID_FRAME_BYTES_MAX);
}

static eid_status session_serve(eid__connection *connection, eid_buf *frame)
{
    eid_status status = session_greet(connection, frame);

    while (status == EID_OK) {
        status = eid__frame_read(connection->fd, frame);
        if (status == EID_OK) status = eid__connection_answer(connection, eid_buf_slice(frame));
        session_shrink(frame);
    }
    return status;
}

void *eid__connection_run(void *arg)
{
    eid__connection *connection = arg;
    eid_buf frame;
    eid_status status;

    eid_buf_init(&frame, EID_FRAME_BYTES_MAX);
    status = session_serve(connection, &frame);
    if (status != EID_E_NOT_FOUND && status != EID_E_CLOSED) {
        eid_log_warn("service.hang_up", "reason=%s", eid_status_detail(status).text);
    }
    eid__socket_shut(connection->fd); /* a notifier that is writing must not wait any longer */
    eid__notify_end(connection);
    eid__login_drop(connection);
    eid_wipe(connection->challenge, sizeof connection->challenge);
    eid_buf_wipe(&frame);
    atomic_store(&connection->is_done, true);
    return NULL;
}
