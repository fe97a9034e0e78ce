/* wolfSSL itself and not auth/key.h: keys are imported once, nothing is wiped in between. */
#include <string.h>

#include <wolfssl/wolfcrypt/ed25519.h>

#include "auth/key.h"
#include "tools/bench/limit.h"

#define MESSAGE_MAX 8192u

typedef struct crypto_bench {
    ed25519_key key;
    uint8_t message[MESSAGE_MAX];
    word32 message_len;
    uint8_t signature[EID_SIGNATURE_BYTES];
} crypto_bench;

static void crypto_sign(crypto_bench *bench)
{
    word32 len = sizeof bench->signature;

    if (wc_ed25519_sign_msg(bench->message, bench->message_len, bench->signature, &len,
                            &bench->key) != 0) {
        bench_fail("limit: wolfSSL does not sign");
    }
}

static void crypto_verify(crypto_bench *bench)
{
    int is_right = 0;

    if (wc_ed25519_verify_msg(bench->signature, sizeof bench->signature, bench->message,
                              bench->message_len, &is_right, &bench->key) != 0 ||
        !is_right) {
        bench_fail("limit: wolfSSL does not verify");
    }
}

static double crypto_rate(const bench_plan *plan, size_t bytes, void (*once)(crypto_bench *bench))
{
    double enough = plan->quick ? 0.1 : 0.5, seconds = 0;
    uint64_t start, done = 0;
    crypto_bench bench;
    eid_key key;

    memset(&bench, 7, sizeof bench);
    bench.message_len = (word32)(bytes < MESSAGE_MAX ? bytes : MESSAGE_MAX);
    eid_key_from_seed(bench.message, &key);
    if (wc_ed25519_init(&bench.key) != 0 ||
        wc_ed25519_import_private_key_ex(key.seed, EID_KEY_BYTES, key.pub.bytes, EID_KEY_BYTES,
                                         &bench.key, 1) != 0) {
        bench_fail("limit: wolfSSL takes no key");
    }
    crypto_sign(&bench);
    start = bench_now_ns();
    while (seconds < enough) {
        once(&bench);
        done++;
        seconds = bench_seconds_since(start);
    }
    wc_ed25519_free(&bench.key);
    eid_key_wipe(&key);
    return (double)done / seconds;
}

double bench_limit_signs(const bench_plan *plan, size_t bytes)
{
    return crypto_rate(plan, bytes, crypto_sign);
}

double bench_limit_verifies(const bench_plan *plan, size_t bytes)
{
    return crypto_rate(plan, bytes, crypto_verify);
}
