/* Asserts on our own invariants, in release builds too; never on bytes from outside. */
#ifndef EID_DAG_ASSERT_H
#define EID_DAG_ASSERT_H

#define EID_ASSERT(condition)                                                                      \
    ((condition) ? (void)0 : eid_assert_failed(#condition, __FILE__, __LINE__))

/* Print what failed and abort. */
_Noreturn void eid_assert_failed(const char *condition, const char *file, int line);

#define EID_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define EID_BIT(n) (1u << (n))

#endif
