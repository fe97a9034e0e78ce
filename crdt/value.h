/* Value: what a document holds at a path: null, bool, integer, text, document, list, or a
 * tombstone.
 *
 * A value owns what it holds. Documents keep their children sorted by key bytes, lists theirs by
 * position, so payloads are written in one pass and compared structurally. Not thread-safe.
 * Source: spec 03 §2, §3, §5.
 */
#ifndef EID_CRDT_VALUE_H
#define EID_CRDT_VALUE_H

#include "dag/bytes.h"

typedef enum eid_value_type {
    EID_VALUE_NULL,
    EID_VALUE_BOOL,
    EID_VALUE_INT,
    EID_VALUE_TEXT,
    EID_VALUE_DOC,
    EID_VALUE_LIST,
    EID_VALUE_DELETED,
} eid_value_type;

typedef struct eid_doc eid_doc;
typedef struct eid_list eid_list;

typedef struct eid_value {
    eid_value_type type;
    union {
        bool boolean;
        int64_t integer;
        struct {
            char *at; /* owned; zero-terminated, may hold zeros */
            size_t len;
        } text;
        eid_doc *doc;   /* owned */
        eid_list *list; /* owned */
    };
} eid_value;

#define EID_VALUE_NULL_INIT ((eid_value){.type = EID_VALUE_NULL})
#define EID_VALUE_DELETED_INIT ((eid_value){.type = EID_VALUE_DELETED})

static inline eid_value eid_value_of_bool(bool value)
{
    return (eid_value){.type = EID_VALUE_BOOL, .boolean = value};
}
static inline eid_value eid_value_of_int(int64_t value)
{
    return (eid_value){.type = EID_VALUE_INT, .integer = value};
}
/* Values above 2^63 - 1 wrap, as the reference's do (spec 03 §2). */
static inline eid_value eid_value_of_uint(uint64_t value)
{
    return eid_value_of_int((int64_t)value);
}
/* Truncated toward zero and held in range; a NaN is 0 (spec 03 §2). */
static inline eid_value eid_value_of_double(double value)
{
    if (value >= 9223372036854775808.0) return eid_value_of_int(INT64_MAX);
    if (value <= -9223372036854775808.0) return eid_value_of_int(INT64_MIN);
    return eid_value_of_int(value == value ? (int64_t)value : 0);
}
/* Copies the text. Errors: NO_MEMORY. */
EID_MUST_CHECK eid_status eid_value_set_text(eid_value *value, eid_slice text);
/* Take the doc: *doc is NULL afterwards. */
eid_value eid_value_of_doc_take(eid_doc **doc);
eid_value eid_value_of_list_take(eid_list **list);

/* Free what it holds; it is Null afterwards. */
void eid_value_fini(eid_value *value);
/* A deep copy into an uninitialised value. */
EID_MUST_CHECK eid_status eid_value_copy(const eid_value *value, eid_value *out);
/* Structural equality: tombstones, atomic flags and the spelling of fractions count (03 §16). */
bool eid_value_equal(const eid_value *a, const eid_value *b);
/* "null", "bool", "int", "text", "doc", "list", "deleted". */
const char *eid_value_type_name(eid_value_type type);
static inline eid_slice eid_value_text(const eid_value *value)
{
    return eid_slice_of(value->text.at, value->text.len);
}
/* Docs and lists hold other values, leaves do not; a tombstone is a leaf. */
static inline bool eid_value_is_branch(const eid_value *value)
{
    return value->type == EID_VALUE_DOC || value->type == EID_VALUE_LIST;
}

/* What a value is, for callers who expect one type. `value` may be NULL, as lookups give it; docs,
 * lists and texts are borrowed from it.
 * Errors: NOT_FOUND (an answer) for NULL and tombstones, CRDT_TYPE for any other type. */
EID_MUST_CHECK eid_status eid_value_get_bool(const eid_value *value, bool *out);
EID_MUST_CHECK eid_status eid_value_get_int(const eid_value *value, int64_t *out);
EID_MUST_CHECK eid_status eid_value_get_text(const eid_value *value, eid_slice *out);
EID_MUST_CHECK eid_status eid_value_get_doc(const eid_value *value, const eid_doc **out);
EID_MUST_CHECK eid_status eid_value_get_list(const eid_value *value, const eid_list **out);
/* The same with something to fall back on, whatever the reason. */
bool eid_value_bool_or(const eid_value *value, bool other);
int64_t eid_value_int_or(const eid_value *value, int64_t other);
eid_slice eid_value_text_or(const eid_value *value, eid_slice other);
/* Whether it is of that type and the same; NULL is not. */
bool eid_value_is_bool(const eid_value *value, bool other);
bool eid_value_is_int(const eid_value *value, int64_t other);
bool eid_value_is_text(const eid_value *value, const char *other);
/* Append it as people read it: texts bare, `{key: value, …}`, `[a, b]`, live values only; a
 * tombstone alone is `<deleted>`. Not JSON (payload.h has that). Source: spec 03 §2. */
void eid_value_display(const eid_value *value, eid_buf *out);
/* merge(self, other) of spec 03 §6.1 into self; `other` is copied. */
EID_MUST_CHECK eid_status eid_value_merge(eid_value *self, const eid_value *other);

#endif
