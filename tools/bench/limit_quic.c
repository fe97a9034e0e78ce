/* Two network threads with nothing above the endpoint: each throws back what it gets, the first one
 * with a watch in its hand. */
#include <pthread.h>
#include <string.h>

#include "auth/key.h"
#include "tools/bench/limit.h"
#include "transport/net.h"

#define MESSAGE_MAX 8192u

typedef struct quic_end {
    struct quic_game *game;
    eid_net *net;
    eid_key key;
    size_t held; /* bytes of the message that comes in */
    bool begins;
} quic_end;

typedef struct quic_game {
    quic_end a, b;
    size_t bytes;  /* of a message */
    size_t rounds; /* to play; a's network thread's from here on */
    uint64_t thrown_ns;
    bench_samples samples;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool is_over;
} quic_game;

static void quic_throw(quic_end *end, uint64_t conn, int64_t stream)
{
    static const uint8_t message[MESSAGE_MAX];

    end->game->thrown_ns = end->begins ? bench_now_ns() : end->game->thrown_ns;
    bench_need_lower(eid_endpoint_stream_send(eid_net_endpoint(end->net), conn, stream,
                                              eid_slice_of(message, end->game->bytes), false),
                     "limit: send");
}

static void quic_end_game(quic_game *game)
{
    pthread_mutex_lock(&game->lock);
    game->is_over = true;
    pthread_cond_signal(&game->ended);
    pthread_mutex_unlock(&game->lock);
}

/* A message is back: whether another one is to be thrown. */
static bool quic_count(quic_game *game)
{
    if (game->samples.count == game->rounds) return false;
    bench_samples_add(&game->samples, bench_seconds_since(game->thrown_ns) * 1000);
    if (game->samples.count < game->rounds) return true;
    quic_end_game(game);
    return false;
}

static void on_data(void *self, uint64_t conn, int64_t stream, eid_slice bytes, bool fin)
{
    quic_end *end = self;

    (void)fin;
    eid_endpoint_consumed(eid_net_endpoint(end->net), conn, stream, bytes.len);
    end->held += bytes.len;
    if (end->held < end->game->bytes) return;
    end->held -= end->game->bytes;
    if (!end->begins || quic_count(end->game)) quic_throw(end, conn, stream);
}

static void on_connected(void *self, uint64_t conn, const uint8_t peer[32], bool we_dialled,
                         const eid_netaddr *remote)
{
    quic_end *end = self;
    int64_t stream;

    (void)peer;
    (void)remote;
    if (!we_dialled) return;
    bench_need_lower(eid_endpoint_stream_open(eid_net_endpoint(end->net), conn, &stream),
                     "limit: stream");
    quic_throw(end, conn, stream);
}

static void on_closed(void *self, uint64_t conn, eid_close reason, const char *text)
{
    (void)self;
    (void)conn;
    if (reason != EID_CLOSE_SHUTDOWN) bench_fail("limit: the connection ended: %s", text);
}

static void quic_begin(quic_game *game, quic_end *end, uint8_t name)
{
    static const char any[] = "127.0.0.1:0";
    uint8_t seed[EID_KEY_BYTES];
    eid_net_config config = {.listen_count = 1};

    end->game = game;
    memset(seed, name, sizeof seed);
    eid_key_from_seed(seed, &end->key);
    memcpy(config.endpoint.seed, seed, sizeof seed);
    memcpy(config.endpoint.node, end->key.pub.bytes, EID_KEY_BYTES);
    config.events = (eid_endpoint_events){
        .self = end, .on_connected = on_connected, .on_closed = on_closed, .on_data = on_data};
    bench_need_lower(eid_netaddr_parse(eid_slice_text(any), &config.listen[0]), "limit: address");
    bench_need_lower(eid_net_new(&config, &end->net), "limit: socket");
    bench_need_lower(eid_net_start(end->net), "limit: thread");
}

static void quic_dial(void *arg)
{
    quic_game *game = arg;
    uint64_t conn;

    bench_need_lower(
        eid_net_dial(game->a.net, eid_net_local(game->b.net, 0), game->b.key.pub.bytes, &conn),
        "limit: dial");
}

double bench_limit_one_way_ms(const bench_plan *plan, size_t bytes)
{
    quic_game game = {.bytes = bytes < MESSAGE_MAX ? bytes : MESSAGE_MAX,
                      .rounds = bench_count(plan, 2000, 100),
                      .a = {.begins = true}};
    double median;

    pthread_mutex_init(&game.lock, NULL);
    pthread_cond_init(&game.ended, NULL);
    bench_samples_init(&game.samples, game.rounds);
    quic_begin(&game, &game.a, 1);
    quic_begin(&game, &game.b, 2);
    bench_need_lower(eid_net_call(game.a.net, quic_dial, &game), "limit: dial");
    pthread_mutex_lock(&game.lock);
    while (!game.is_over) pthread_cond_wait(&game.ended, &game.lock);
    pthread_mutex_unlock(&game.lock);
    eid_net_free(game.a.net);
    eid_net_free(game.b.net);
    pthread_cond_destroy(&game.ended);
    pthread_mutex_destroy(&game.lock);
    median = bench_samples_at(&game.samples, 0.5);
    bench_samples_fini(&game.samples);
    return median / 2;
}
