/* The override belongs to a thread and not to the process: simulated clusters run one per thread,
 * and a test that forgets to take its source back cannot reach another. */
#include "dag/tls_random.h"

static _Thread_local const eid_random *tls_random_source;

int eid_tls_random(unsigned char *out, unsigned int len)
{
    const eid_random *source = tls_random_source ? tls_random_source : eid_random_system();

    source->fill(source->self, out, len);
    return 0;
}

void eid_tls_random_use(const eid_random *random)
{
    tls_random_source = random;
}
