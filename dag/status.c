/* One detail per thread, overwritten by each failure: nothing is allocated when memory is what is
 * missing, and nobody has to free a reason that nobody reads. */
#include "dag/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dag/assert.h"
#include "dag/bytes.h"

struct kind_row {
    const char *name, *module, *label, *remedy;
    eid_status status;
};

static const struct kind_row kind_rows[] = {[EID_KIND_NONE] = {"NONE", "", "", "", EID_OK},
#define KIND_ROW(name, status, module, label, remedy)                                              \
    [EID_KIND_##name] = {#name, module, label, remedy, EID_E_##status},
                                            EID_KIND_MAP(KIND_ROW)
#undef KIND_ROW
};

static const char *const status_names[] = {"OK",
#define STATUS_NAME(name, text) [EID_E_##name] = #name,
                                           EID_STATUS_MAP(STATUS_NAME)
#undef STATUS_NAME
};

static const char *const status_texts[] = {"no error",
#define STATUS_TEXT(name, text) [EID_E_##name] = text,
                                           EID_STATUS_MAP(STATUS_TEXT)
#undef STATUS_TEXT
};

static _Thread_local struct {
    char text[EID_DETAIL_TEXT_MAX];
    eid_detail detail;
} last;

static const struct kind_row *kind_row_of(eid_kind kind)
{
    size_t i = (size_t)kind;

    return &kind_rows[i < EID_COUNT(kind_rows) ? i : EID_KIND_INTERNAL];
}

static size_t status_index(eid_status status)
{
    size_t i = (size_t)status;

    EID_ASSERT(i < EID_COUNT(status_names));
    return i;
}

/* Bytes that a terminal or a log must not be given become '?'. */
static void text_clean(char *text)
{
    size_t len = strlen(text);

    for (size_t at = 0; at < len;) {
        size_t step = eid_utf8_step(eid_slice_of(text + at, len - at));

        if (step == 0 || (step == 1 && ((unsigned char)text[at] < 0x20 || text[at] == 0x7f))) {
            text[at] = '?';
            step = 1;
        }
        at += step;
    }
}

static eid_status detail_set(eid_kind kind, const char *file, int line)
{
    text_clean(last.text);
    last.detail = (eid_detail){
        .status = kind_row_of(kind)->status,
        .kind = kind,
        .text = last.text,
        .file = file,
        .line = line,
    };
    return last.detail.status;
}

eid_status eid_status_fail(eid_kind kind, const char *file, int line, const char *format, ...)
{
    char text[EID_DETAIL_TEXT_MAX]; /* the arguments may quote the last text */
    va_list args;

    EID_ASSERT(kind != EID_KIND_NONE);
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    memcpy(last.text, text, sizeof text);
    return detail_set(kind, file, line);
}

eid_detail eid_status_detail(eid_status status)
{
    if (status != EID_OK && last.detail.status == status) return last.detail;
    return (eid_detail){
        .status = status,
        .kind = EID_KIND_NONE,
        .text = status_texts[status_index(status)],
        .file = "",
        .line = 0,
    };
}

eid_status eid_status_restore(eid_kind kind, const char *text)
{
    if (kind == EID_KIND_NONE) return EID_OK;
    (void)snprintf(last.text, sizeof last.text, "%s", text);
    return detail_set(kind, "", 0);
}

const char *eid_status_name(eid_status status)
{
    return status_names[status_index(status)];
}

const char *eid_kind_name(eid_kind kind)
{
    return kind_row_of(kind)->name;
}

const char *eid_kind_module(eid_kind kind)
{
    return kind_row_of(kind)->module;
}

const char *eid_kind_label(eid_kind kind)
{
    return kind_row_of(kind)->label;
}

const char *eid_kind_remedy(eid_kind kind)
{
    return kind_row_of(kind)->remedy;
}

eid_status eid_kind_status(eid_kind kind)
{
    return kind_row_of(kind)->status;
}
