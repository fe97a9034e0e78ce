/* cmocka, with what it forgets to include. Every test includes this and never <cmocka.h>.
 *
 * EID_TESTS_DIR is the absolute path of tests/, for what a test reads; it runs in a scratch folder
 * of its build, for what it writes.
 */
#ifndef EID_TESTS_SUPPORT_TEST_H
#define EID_TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
