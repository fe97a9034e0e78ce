/* Numbers that people type: strict, or not at all.
 *
 * Any thread.
 */
#ifndef EID_NODE_CLI_NUMBER_H
#define EID_NODE_CLI_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* "1200": decimal digits and nothing else, without leading zeros, from `min` to `max`. */
bool eid__cli_number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *out);
/* "500ms", "30s", "5m", "2h", or seconds without a unit; in milliseconds, a year at most. */
bool eid__cli_duration_parse(const char *text, uint64_t *out_ms);

#endif
