/* What strangers may send to the service, and that nobody else notices. */
#include "tests/node/api_world.h"
#include "tests/node/service_wire.h"

#include <sys/stat.h>

static void world_is_well(api_world *world)
{
    eidetica_db *db = NULL;

    assert_ok(eidetica_db_open(world->ada, "notes", &db));
    api_set(db, "a", "1");
    eidetica_db_close(db);
}

static int hostile_setup(void **state)
{
    api_world *world = api_open(true);

    eidetica_db_close(api_db(world, "notes"));
    *state = world;
    return 0;
}

static void test_frames__that_are_none_end_the_connection(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } bad[] = {
        {"\0\0\0\0", 4},           /* empty */
        {"\4\0\0\1", 4},           /* one byte above the limit */
        {"\377\377\377\377", 4},   /* far above it */
        {"\0\0\0\2{x", 6},         /* no JSON */
        {"\0\0\0\2[]", 6},         /* no message */
        {"\0\0\0\4\"\377\"\"", 8}, /* no UTF-8 */
        {"\0\0\0\x0e{\"Nonsense\":1}", 18},
        {"\0\0\0\x0a\"Nonsense\"", 14},
        {"\0\0\0\x0d{\"a\":1,\"b\":2}", 17},
    };
    api_world *world = *state;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int fd = wire_greet(world->socket);
        wire_send_bytes(fd, bad[i].bytes, bad[i].len);
        wire_expect_end(fd);
        close(fd);
    }
    world_is_well(world);
}

static void test_frames__cut_off_or_slow_harm_nobody(void **state)
{
    api_world *world = *state;
    int half = wire_greet(world->socket), head = wire_greet(world->socket), none, large;

    wire_send_bytes(half, "\0\0\1\0{", 5);
    wire_send_bytes(head, "\0\0", 2);
    none = wire_connect(world->socket);
    large = wire_greet(world->socket);
    wire_send_bytes(large, "\4\0\0\0x", 5); /* exactly the limit is waited for */
    world_is_well(world);
    close(half);
    close(head);
    close(none);
    close(large);
    world_is_well(world);
}

static void test_greeting__comes_first_and_says_the_version(void **state)
{
    api_world *world = *state;
    int fd = wire_connect(world->socket);

    wire_send(fd, "\"GetInstanceMetadata\"");
    wire_expect_end(fd);
    close(fd);
    fd = wire_connect(world->socket);
    wire_send(fd, "{\"protocol_version\":9}");
    wire_expect(fd, "{\"protocol_version\":0}");
    wire_expect_end(fd);
    close(fd);
    fd = wire_connect(world->socket);
    wire_send(fd, "{\"protocol_version\":0,\"x\":1}");
    wire_expect(fd, "{\"protocol_version\":0}");
    wire_send(fd, "\"GetInstanceMetadata\"");
    wire_expect_part(fd, "{\"Response\":{\"InstanceMetadata\":{\"id\":\"ed25519:");
    close(fd);
}

static void test_requests__without_a_login_are_refused(void **state)
{
    static const char *const methods[] = {
        "databases", "info",   "begin", "submit", "value",      "doc",     "entry",   "entries",
        "ingest",    "forget", "check", "token",  "set_shared", "control", "children"};
    api_world *world = *state;
    int fd = wire_greet(world->socket);
    char json[100];

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        snprintf(json, sizeof json, "{\"Call\":{\"method\":\"%s\",\"args\":{}}}", methods[i]);
        wire_send(fd, json);
        wire_expect_part(fd, "\"code\":\"AUTH_CONFIG\"");
    }
    wire_send(fd, "{\"Call\":{\"method\":\"attach\",\"args\":{\"token\":\"00\"}}}");
    wire_expect_part(fd, "\"code\":\"AUTH_CONFIG\"");
    wire_send(fd, "{\"Call\":{\"method\":\"nothing\",\"args\":{}}}");
    wire_expect_part(fd, "\"code\":\"UNSUPPORTED\"");
    wire_send(fd, "{\"Call\":{\"method\":\"users\",\"args\":{}}}");
    wire_expect(fd, "{\"Response\":{\"Result\":{\"names\":[\"ada\"]}}}");
    wire_send(fd, "{\"TrustedLoginUser\":{\"username\":\"ada\"}}");
    wire_expect_part(fd, "\"TrustedLoginChallenge\"");
    wire_send(fd, "{\"Call\":{\"method\":\"databases\",\"args\":{}}}");
    wire_expect_part(fd, "\"code\":\"AUTH_CONFIG\"");
    close(fd);
    world_is_well(world);
}

static void test_login__wrong_proofs_are_spent(void **state)
{
    api_world *world = *state;
    int fd = wire_greet(world->socket);
    char json[400] = "{\"TrustedLoginProve\":{\"signature\":[0";

    for (int i = 1; i < 64; i++) strcat(json, ",0");
    strcat(json, "]}}");
    wire_send(fd, json);
    wire_expect_part(fd, "\"module\":\"io\",\"kind\":\"Io\"");
    wire_send(fd, "{\"TrustedLoginUser\":{\"username\":\"ada\"}}");
    wire_expect_part(fd, "\"TrustedLoginChallenge\"");
    wire_send(fd, json);
    wire_expect_part(fd, "\"kind\":\"InvalidSignature\"");
    wire_send(fd, json);
    wire_expect_part(fd, "\"module\":\"io\",\"kind\":\"Io\"");
    wire_send(fd, "{\"TrustedLoginProve\":{\"signature\":[1,2,3]}}");
    wire_expect_end(fd);
    close(fd);
}

static void test_socket__is_for_its_owner_and_not_taken_from_a_live_daemon(void **state)
{
    api_world *world = *state, *other = api_open(false);
    eidetica_instance *node;
    char path[108], folder[100];
    struct stat info;
    int fd;

    assert_int_equal(stat(world->socket, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_kind(STORE_LOCKED, eidetica_serve(other->host, world->socket));
    assert_kind(INSTANCE_RUNNING, eidetica_serve(world->host, world->socket));
    assert_kind(UNSUPPORTED, eidetica_serve(world->node, "/tmp/x"));

    api_path(folder, "f");
    snprintf(path, sizeof path, "%.90s/new/s", folder);
    assert_ok(eidetica_serve(other->host, path));
    assert_int_equal(stat(folder, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    api_teardown((void **)&other);
    assert_int_equal(stat(path, &info), -1);

    other = api_open(false); /* a file that a dead daemon left */
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        memcpy(address.sun_path, path, strlen(path) + 1);
        assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&address, sizeof address),
                         0);
    }
    close(fd);
    assert_kind(SERVICE_ABSENT, eidetica_open("unix:///no/such/socket", &node));
    assert_ok(eidetica_serve(other->host, path));
    api_teardown((void **)&other);
    *strrchr(path, '/') = 0;
    (void)rmdir(path);
    (void)rmdir(folder);
}

static void test_connections__are_bounded_and_come_back(void **state)
{
    api_world *world = *state;
    int fds[300], open = 0;

    for (int i = 0; i < 300; i++) {
        fds[i] = wire_connect(world->socket);
        if (send(fds[i], "\0\0\0\x16{\"protocol_version\":0}", 26, MSG_NOSIGNAL) != 26) continue;
        char *text = wire_receive(fds[i]);
        open += text ? 1 : 0;
        free(text);
    }
    assert_true(open > 200 && open < 256);
    for (int i = 0; i < 300; i++) close(fds[i]);
    world_is_well(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_frames__that_are_none_end_the_connection,
                                        hostile_setup, api_teardown),
        cmocka_unit_test_setup_teardown(test_frames__cut_off_or_slow_harm_nobody, hostile_setup,
                                        api_teardown),
        cmocka_unit_test_setup_teardown(test_greeting__comes_first_and_says_the_version,
                                        hostile_setup, api_teardown),
        cmocka_unit_test_setup_teardown(test_requests__without_a_login_are_refused, hostile_setup,
                                        api_teardown),
        cmocka_unit_test_setup_teardown(test_login__wrong_proofs_are_spent, hostile_setup,
                                        api_teardown),
        cmocka_unit_test_setup_teardown(
            test_socket__is_for_its_owner_and_not_taken_from_a_live_daemon, hostile_setup,
            api_teardown),
        cmocka_unit_test_setup_teardown(test_connections__are_bounded_and_come_back, hostile_setup,
                                        api_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
