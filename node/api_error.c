/* The public enum is a copy of the node's, kept equal by the compiler, so a status crosses the
 * interface as a cast. The reason stays where EID_FAIL() put it, in the thread; here is only kept
 * whether the last call failed, so that an old reason never shows after a success. */
#include <pthread.h>

#include "dag/alloc.h"
#include "dag/log.h"
#include "node/api_internal.h"
#include "node/version.h"

#define API_SAME(name, text)                                                                       \
    _Static_assert((int)EIDETICA_##name == (int)EID_E_##name, "status " #name " differs");
EID_STATUS_MAP(API_SAME)
#undef API_SAME
_Static_assert((int)EIDETICA_OK == (int)EID_OK, "status OK differs");
#define API_ONE(name, text) +1
_Static_assert((int)EIDETICA_NO_MEMORY == 0 EID_STATUS_MAP(API_ONE), "a status is missing");
#undef API_ONE

static _Thread_local eid_status error_last;

eidetica_status eid__api_end(eid_status status)
{
    error_last = status;
    return (eidetica_status)status;
}

eid_status eid__api_need(const void *argument, const char *name)
{
    if (argument) return EID_OK;
    return EID_FAIL(EID_KIND_ARGUMENT, "%s must not be NULL", name);
}

eidetica_error eidetica_last_error(void)
{
    eid_detail detail;

    if (error_last == EID_OK) return (eidetica_error){EIDETICA_OK, "", "", ""};
    detail = eid_status_detail(error_last);
    return (eidetica_error){
        (eidetica_status)error_last, detail.kind == EID_KIND_NONE ? "" : eid_kind_name(detail.kind),
        detail.text, detail.kind == EID_KIND_NONE ? "" : eid_kind_remedy(detail.kind)};
}

const char *eidetica_status_name(eidetica_status status)
{
    return eid_status_name((eid_status)status);
}

void eidetica_free(void *text)
{
    eid_free(text);
}

const char *eidetica_version(void)
{
    return EID_VERSION;
}

static struct {
    void (*log)(void *self, int level, const char *event, const char *fields);
    void *self;
} error_log;

static void error_on_log(void *self, eid_log_level level, const char *event, const char *fields)
{
    (void)self;
    if (error_log.log) error_log.log(error_log.self, (int)level, event, fields);
}

void eidetica_set_log(int level,
                      void (*log)(void *self, int level, const char *event, const char *fields),
                      void *self)
{
    int known = level < EID_LOG_ERROR   ? EID_LOG_ERROR
                : level > EID_LOG_DEBUG ? EID_LOG_DEBUG
                                        : level;

    error_log.log = log;
    error_log.self = self;
    eid_log_setup((eid_log_level)known, error_on_log, NULL);
}

/* A library does not write to its program's stderr unless asked to. */
__attribute__((constructor)) static void error_log_silent(void)
{
    eid_log_setup(EID_LOG_ERROR, error_on_log, NULL);
}
