/* The system's allocator behind one door. The countdown to a failure belongs to a thread, so that a
 * test of one thread cannot starve another. */
#include "dag/alloc.h"

#include <stdlib.h>
#include <string.h>

static _Thread_local struct {
    uint64_t count;   /* allocations since the last eid_alloc_fail_at() */
    uint64_t fail_at; /* which of them fails; 0 = none */
    bool sticky;
} plan;

static bool plan_fails(void)
{
    plan.count++;
    if (plan.fail_at == 0) return false;
    return plan.count == plan.fail_at || (plan.sticky && plan.count > plan.fail_at);
}

void *eid_alloc(size_t size)
{
    if (plan_fails()) return NULL;
    return calloc(1, size == 0 ? 1 : size);
}

void *eid_alloc_array(size_t count, size_t size)
{
    if (plan_fails()) return NULL;
    if (count == 0 || size == 0) return calloc(1, 1);
    return calloc(count, size);
}

void *eid_realloc(void *block, size_t size)
{
    if (plan_fails()) return NULL;
    return realloc(block, size == 0 ? 1 : size);
}

void *eid_memdup(const void *bytes, size_t size)
{
    char *copy;

    if (plan_fails() || size == SIZE_MAX) return NULL;
    copy = malloc(size + 1);
    if (!copy) return NULL;
    if (size > 0) memcpy(copy, bytes, size);
    copy[size] = '\0';
    return copy;
}

void eid_free(void *block)
{
    free(block);
}

void eid_wipe(void *secret, size_t size)
{
    if (size > 0) explicit_bzero(secret, size);
}

uint64_t eid_alloc_fail_at(uint64_t nth, bool sticky)
{
    uint64_t count = plan.count;

    plan.count = 0;
    plan.fail_at = nth;
    plan.sticky = sticky;
    return count;
}
