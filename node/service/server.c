/* Threads are joined and not detached: when stop returns, nothing of the server runs any more.
 * Those that have ended are joined when the next client comes, so at most one batch of them waits.
 */
#include "node/service/server.h"

#include "dag/alloc.h"
#include "dag/log.h"
#include "node/service/server_internal.h"
#include "node/service/socket.h"

#define SERVER_STACK_BYTES (512u * 1024u)

static void connection_free(eid__connection *connection)
{
    eid__socket_close(connection->fd);
    pthread_mutex_destroy(&connection->write);
    eid_free(connection);
}

/* Take those out of the list that have ended (all = every one, ended or not) and join them. */
static void server_reap(eid_service_server *server, bool all)
{
    eid__connection *done = NULL;

    pthread_mutex_lock(&server->lock);
    for (eid__connection **link = &server->connections; *link;) {
        eid__connection *connection = *link;

        if (!all && !atomic_load(&connection->is_done)) {
            link = &connection->next;
            continue;
        }
        *link = connection->next;
        server->connection_count--;
        connection->next = done;
        done = connection;
    }
    pthread_mutex_unlock(&server->lock);
    while (done) {
        eid__connection *next = done->next;

        (void)pthread_join(done->thread, NULL);
        connection_free(done);
        done = next;
    }
}

static eid_status server_start_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
    pthread_attr_t attributes;
    int result;

    if (pthread_attr_init(&attributes) != 0) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "no thread for a connection");
    }
    (void)pthread_attr_setstacksize(&attributes, SERVER_STACK_BYTES);
    result = pthread_create(thread, &attributes, run, arg);
    (void)pthread_attr_destroy(&attributes);
    return result == 0 ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "no thread for a connection");
}

/* Serve a new connection, whose descriptor is taken whatever happens. */
static eid_status server_serve(eid_service_server *server, int fd)
{
    eid__connection *connection = eid_alloc(sizeof *connection);
    eid_status status = EID_OK;

    if (!connection || pthread_mutex_init(&connection->write, NULL) != 0) {
        eid_free(connection);
        eid__socket_close(fd);
        return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a connection");
    }
    connection->server = server;
    connection->fd = fd;
    pthread_mutex_lock(&server->lock);
    if (server->connection_count >= EID_SERVICE_CONNECTIONS_MAX ||
        atomic_load(&server->is_stopping)) {
        status = EID_FAIL(EID_KIND_OVERLOAD, "%zu connections are open", server->connection_count);
    }
    if (status == EID_OK) {
        status = server_start_thread(&connection->thread, eid__connection_run, connection);
    }
    if (status == EID_OK) {
        connection->next = server->connections;
        server->connections = connection;
        server->connection_count++;
    }
    pthread_mutex_unlock(&server->lock);
    if (status != EID_OK) connection_free(connection);
    return status;
}

static void *server_run(void *arg)
{
    eid_service_server *server = arg;

    while (!atomic_load(&server->is_stopping)) {
        int fd;
        eid_status status = eid__socket_accept(server->listener, &fd);

        if (status == EID_E_CLOSED) break;
        server_reap(server, false);
        if (status == EID_OK) status = server_serve(server, fd);
        if (status != EID_OK) {
            eid_log_warn("service.refused", "reason=%s", eid_status_detail(status).text);
        }
    }
    return NULL;
}

eid_status eid_service_server_start(eid_engine *engine, const char *path, eid_service_server **out)
{
    eid_service_server *server = eid_alloc(sizeof *server);
    bool is_bound = false;
    eid_status status;

    *out = NULL;
    if (!server || pthread_mutex_init(&server->lock, NULL) != 0) {
        eid_free(server);
        return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a service");
    }
    server->engine = engine;
    server->seam = eid_engine_seam(engine);
    server->listener = -1;
    server->path = eid_slice_dup_text(eid_slice_text(path));
    status = server->path ? eid__cache_new(&server->cache)
                          : EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a service");
    if (status == EID_OK) status = eid__socket_listen(path, &server->listener);
    is_bound = status == EID_OK;
    if (status == EID_OK) status = server_start_thread(&server->thread, server_run, server);
    if (status == EID_OK) {
        *out = server;
        return EID_OK;
    }
    if (is_bound) eid__socket_remove(path);
    eid__socket_close(server->listener);
    eid__cache_free(server->cache);
    pthread_mutex_destroy(&server->lock);
    eid_free(server->path);
    eid_free(server);
    return status;
}

/* So that calls under way end as soon as they can. */
static void server_hang_up(eid_service_server *server)
{
    atomic_store(&server->is_stopping, true);
    eid__socket_shut(server->listener);
    pthread_mutex_lock(&server->lock);
    for (eid__connection *connection = server->connections; connection;
         connection = connection->next) {
        eid__socket_shut(connection->fd);
    }
    pthread_mutex_unlock(&server->lock);
}

void eid_service_server_stop(eid_service_server *server)
{
    if (!server) return;
    server_hang_up(server);
    (void)pthread_join(server->thread, NULL);
    server_hang_up(server); /* on one that came in between */
    server_reap(server, true);
    eid__socket_remove(server->path);
    eid__socket_close(server->listener);
    eid__cache_free(server->cache);
    pthread_mutex_destroy(&server->lock);
    eid_free(server->path);
    eid_free(server);
}
