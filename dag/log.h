/* Log: an event name that never changes, then key=value. No secrets, no payloads.
 *
 * One process-wide sink, set at the start; any thread may log.
 */
#ifndef EID_DAG_LOG_H
#define EID_DAG_LOG_H

typedef enum eid_log_level {
    EID_LOG_ERROR, /* someone must act */
    EID_LOG_WARN,  /* worse than it should be */
    EID_LOG_INFO,  /* a state changed */
    EID_LOG_DEBUG, /* the rest */
} eid_log_level;

/* Receives each line: level, event, and the formatted fields. Called under a lock; must not log. */
typedef void (*eid_log_sink)(void *self, eid_log_level level, const char *event,
                             const char *fields);

/* Set sink and level; NULL sink = stderr as "level event fields". Not thread-safe: before threads
 * start. */
void eid_log_setup(eid_log_level level, eid_log_sink sink, void *self);
/* Log one line: event, then a printf format of key=value fields. */
void eid_log(eid_log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define eid_log_error(event, ...) eid_log(EID_LOG_ERROR, (event), __VA_ARGS__)
#define eid_log_warn(event, ...) eid_log(EID_LOG_WARN, (event), __VA_ARGS__)
#define eid_log_info(event, ...) eid_log(EID_LOG_INFO, (event), __VA_ARGS__)
#define eid_log_debug(event, ...) eid_log(EID_LOG_DEBUG, (event), __VA_ARGS__)

#endif
