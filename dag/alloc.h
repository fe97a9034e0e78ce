/* Allocation: the one door to the heap, so that a test can fail the n-th allocation.
 *
 * Any thread. What comes from here is given back with eid_free() only.
 */
#ifndef EID_DAG_ALLOC_H
#define EID_DAG_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `size` bytes of zeros, or NULL when there is no memory (callers answer EID_KIND_NO_MEMORY).
 * A size of 0 gives a pointer that may be freed. New: eid_free(). */
void *eid_alloc(size_t size);
/* `count` items of `size` bytes, zeroed; NULL also when the product overflows. */
void *eid_alloc_array(size_t count, size_t size);
/* Grow or shrink; new bytes are not zeroed; on NULL the old block is untouched. */
void *eid_realloc(void *block, size_t size);
/* Copy of `size` bytes with a zero byte after them. NULL when there is no memory. */
void *eid_memdup(const void *bytes, size_t size);
/* Free; NULL does nothing. */
void eid_free(void *block);
/* Overwrite a secret with zeros in a way the compiler may not remove. */
void eid_wipe(void *secret, size_t size);

/* Tests only: let the `nth` allocation from now on (1 = the next) of this thread fail, and all
 * after it too if `sticky`; 0 switches it off. Gives the number of allocations since the last call.
 */
uint64_t eid_alloc_fail_at(uint64_t nth, bool sticky);

#endif
