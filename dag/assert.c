/* Prints with stdio and aborts: a core dump at the broken invariant is worth more than a node that
 * goes on with it. */
#include "dag/assert.h"

#include <stdio.h>
#include <stdlib.h>

void eid_assert_failed(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "%s:%d: broken invariant: %s; this is a bug of ours, please report it\n",
                  file, line, condition);
    abort();
}
