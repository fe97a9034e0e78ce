/* Status: what a caller can do about a failure, and the reason it was born with.
 *
 * A status tells code what to do; a kind tells people, tests and the service socket which of the
 * specification's errors it is; a text tells what was wrong this time. The only way to make a
 * failing status is EID_FAIL(), which keeps kind, text, file and line for the calling thread.
 * NOT_FOUND and AGAIN inside the node are answers and may be returned bare.
 *
 * Not here: logging (log.h). Any thread; the detail belongs to the thread that failed.
 */
#ifndef EID_DAG_STATUS_H
#define EID_DAG_STATUS_H

#include <stddef.h>

#include "dag/kind.h"

#define EID_STATUS_MAP(X)                                                                          \
    X(NOT_FOUND, "not there, which can be normal")                                                 \
    X(AGAIN, "nothing yet")                                                                        \
    X(PENDING, "somebody else has to decide first")                                                \
    X(EXISTS, "already there")                                                                     \
    X(INVALID, "an argument or a setting that makes no sense")                                     \
    X(STATE, "not possible in the present state")                                                  \
    X(FULL, "a limit of ours is reached")                                                          \
    X(TOO_BIG, "theirs breaks a limit of ours")                                                    \
    X(MALFORMED, "bytes that break the format")                                                    \
    X(DENIED, "not by one who may")                                                                \
    X(CORRUPT, "our own stored bytes are wrong")                                                   \
    X(UNSUPPORTED, "a thing that this version cannot do")                                          \
    X(BUSY, "held by another process or thread")                                                   \
    X(IO, "the system refused a file or a socket")                                                 \
    X(UNREACHABLE, "nobody answers there")                                                         \
    X(TIMEOUT, "it took longer than allowed")                                                      \
    X(PROTOCOL, "a peer broke the protocol")                                                       \
    X(CLOSED, "ended, by us or by the other side")                                                 \
    X(NO_MEMORY, "out of memory")

typedef enum eid_status {
    EID_OK = 0,
#define EID_STATUS_ENUM(name, text) EID_E_##name,
    EID_STATUS_MAP(EID_STATUS_ENUM)
#undef EID_STATUS_ENUM
} eid_status;

#define EID_MUST_CHECK __attribute__((warn_unused_result))

/* Which error it is; names come from kind.h. EID_KIND_NONE goes with EID_OK. */
typedef enum eid_kind {
    EID_KIND_NONE = 0,
#define EID_KIND_ENUM(name, status, module, label, remedy) EID_KIND_##name,
    EID_KIND_MAP(EID_KIND_ENUM)
#undef EID_KIND_ENUM
} eid_kind;

/* The reason of a status. Strings are borrowed until the thread's next EID_FAIL(). */
typedef struct eid_detail {
    eid_status status;
    eid_kind kind;
    const char
        *text; /* what was wrong this time; printable, at most EID_DETAIL_TEXT_MAX - 1 bytes */
    const char *file; /* where in our source */
    int line;
} eid_detail;

#define EID_DETAIL_TEXT_MAX 512

/* Make a failing status: remembers kind, formatted text, file and line for this thread and gives
 * the status that belongs to the kind. Bytes of the text that are control characters or not UTF-8
 * are replaced by '?', since texts may quote a peer. */
#define EID_FAIL(kind, ...) eid_status_fail((kind), __FILE__, __LINE__, __VA_ARGS__)

EID_MUST_CHECK eid_status eid_status_fail(eid_kind kind, const char *file, int line,
                                          const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The reason of `status` if the last EID_FAIL() of this thread made it, else one with kind NONE and
 * the general text of the status, so that no stale reason shows. */
eid_detail eid_status_detail(eid_status status);

/* Put a detail that was copied from another thread (or process) in force for this thread and give
 * its status back: what crosses threads carries a copy. */
EID_MUST_CHECK eid_status eid_status_restore(eid_kind kind, const char *text);

/* "NOT_FOUND", "OK"; never NULL. */
const char *eid_status_name(eid_status status);
/* "ENTRY_BYTES"; never NULL. */
const char *eid_kind_name(eid_kind kind);
/* The specification's module and name of a kind ("backend", "EntryNotFound"); never NULL. */
const char *eid_kind_module(eid_kind kind);
const char *eid_kind_label(eid_kind kind);
/* What a person can do about it; "" where nothing general can be said. */
const char *eid_kind_remedy(eid_kind kind);
/* The status that belongs to a kind. */
eid_status eid_kind_status(eid_kind kind);

#endif
