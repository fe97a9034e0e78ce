/* The insides of a Y document: blocks, the types that hold them, and who wrote what.
 *
 * Everything a client ever did has a place on its clock. A block is a run of that clock: one insert
 * of `len` units, or the ash of one ("GC"). Blocks of a client follow each other without a gap from
 * clock 0 up to its state; those that cannot be put down yet wait in `pending`.
 *
 * A block that is no ash stands in the sequence of its parent: the children of a type, or, with an
 * entry, the succession of values under one key, of which the last counts.
 *
 * Not here: the bytes (yupdate.h), what users do (ydoc.h). Inside crdt/ only; not thread-safe.
 * Source: the YATA paper (Nicolaescu et al., 2016); github.com/yjs/yjs, INTERNALS.md.
 */
#ifndef EID_CRDT_YSTORE_H
#define EID_CRDT_YSTORE_H

#include "crdt/ydoc.h"
#include "crdt/ymemory.h"

typedef struct eid__yid {
    uint32_t client, clock;
} eid__yid;

/* Numbers are those of update v1. */
typedef enum eid__ykind {
    EID__Y_GC = 0,
    EID__Y_DELETED = 1,
    EID__Y_JSON = 2,
    EID__Y_BINARY = 3,
    EID__Y_STRING = 4,
    EID__Y_EMBED = 5,
    EID__Y_FORMAT = 6,
    EID__Y_TYPE = 7,
    EID__Y_ANY = 8,
    EID__Y_DOC = 9,
    EID__Y_SKIP = 10, /* on the wire only: a gap */
} eid__ykind;

typedef enum eid__yref {
    EID__YREF_ARRAY,
    EID__YREF_MAP,
    EID__YREF_TEXT,
    EID__YREF_XML_ELEMENT,
    EID__YREF_XML_FRAGMENT,
    EID__YREF_XML_HOOK,
    EID__YREF_XML_TEXT,
    EID__YREF_WEAK, /* not supported */
    EID__YREF_UNDEFINED = 15,
} eid__yref;

typedef enum eid__yparent {
    EID__YPARENT_OF_NEIGHBOUR, /* not on the wire: that of the origins */
    EID__YPARENT_ROOT,
    EID__YPARENT_ITEM,
} eid__yparent;

typedef struct eid__yitem eid__yitem;
typedef struct eid__ytype eid__ytype;

/* What a block holds; slices lie in an arena of the document. */
typedef struct eid__ycontent {
    eid_slice bytes;      /* STRING: its UTF-8; JSON, ANY: the values; else as on the wire */
    const uint32_t *ends; /* JSON, ANY: where each of `len` values ends, counted from `base` */
    uint32_t base;        /* where bytes begin, counted alike */
    bool lead, trail;     /* STRING: half of a character outside the BMP was cut off before or after
                             the bytes; each counts one unit and reads as U+FFFD, as in Yjs */
    uint8_t ref;          /* TYPE: eid__yref */
    eid_slice name;       /* TYPE: node name of an element or hook */
    eid__ytype *type;     /* TYPE: once integrated */
} eid__ycontent;

/* The values under one key of a type. */
typedef struct eid__yentry {
    struct eid__yentry *next; /* of the type, in no order */
    eid__ytype *type;
    eid_slice key;
    eid__yitem *first, *last; /* `last` counts */
} eid__yentry;

struct eid__ytype {
    eid__ytype *next; /* roots: the next root; else the next one whose children are to be deleted */
    eid__yitem *item; /* NULL = root */
    eid_slice name;   /* of a root */
    eid__yitem *start; /* of the sequence */
    eid__yentry *entries;
    uint64_t length; /* units that show */
};

struct eid__yitem {
    eid__yid id;
    uint32_t len; /* > 0; id.clock + len fits 32 bits */
    uint8_t kind; /* eid__ykind */
    uint8_t parent_form;
    bool is_deleted; /* also true of GC and DELETED */
    bool has_origin, has_right_origin, has_sub;
    eid__yid origin, right_origin; /* neighbours when it was made; as on the wire */
    union {
        eid_slice parent_root;
        eid__yid parent_item;
    };
    eid_slice sub; /* key on the wire */

    /* once integrated */
    eid__ytype *parent; /* NULL = GC */
    eid__yentry *entry; /* NULL = in the sequence */
    eid__yitem *left, *right;
    eid__yitem *next; /* of the client's, by clock */
    uint64_t seen;    /* mark of eid__yitem_integrate() */

    eid__ycontent content;
};

static inline uint32_t eid__yitem_end(const eid__yitem *item)
{
    return item->id.clock + item->len;
}

/* Units that count for lengths and indexes: what is no format. */
static inline bool eid__yitem_counts(const eid__yitem *item)
{
    return !item->is_deleted && item->kind != EID__Y_FORMAT;
}

#define EID__YLEAF_ITEMS 64u

typedef struct eid__yleaf {
    size_t count;
    eid__yitem *items[EID__YLEAF_ITEMS];
} eid__yleaf;

/* One writer's blocks, by clock: a directory of small leaves, so that cutting a block in the middle
 * of a long history moves little. */
typedef struct eid__yclient {
    uint32_t id;
    uint32_t state; /* the clock that comes next */
    eid__yitem *first, *last;
    struct eid__yclient *next; /* of the document, in no order */
    eid__yleaf **leaves;
    size_t leaf_count, leaf_cap;
} eid__yclient;

/* Deleted clocks of one client. */
typedef struct eid__yrange {
    uint32_t client, clock, len;
} eid__yrange;

struct eid_ydoc {
    uint32_t client;    /* of our own edits */
    uint64_t secret;    /* of the hashes */
    bool is_broken;     /* memory ran out in the middle of a change */
    uint64_t mark;      /* the last one given out for `seen` */
    eid__yarena arena;  /* all but directories of leaves and tables */
    eid__ytable by_id;  /* eid__yclient */
    eid__ytable roots;  /* eid__ytype */
    eid__ytable by_key; /* eid__yentry */
    eid__yclient *clients;
    size_t client_count;
    eid__ytype *root_first;
    eid__yitem **pending; /* by client and clock; none ends at or before its client's state */
    size_t pending_count;
    eid__yrange *deletes; /* waiting; by client and clock, apart from each other */
    size_t delete_count;
};

/* -- clients (yclient.c) ----------------------------------------------------------------------- */

/* NULL if nothing of the client is there. */
eid__yclient *eid__yclient_find(const eid_ydoc *doc, uint32_t id);
/* The clock that comes next; 0 of an unknown client. */
uint32_t eid__yclient_state(const eid_ydoc *doc, uint32_t id);
/* The block that holds the clock, which is below the client's state. */
eid__yitem *eid__yclient_get(const eid__yclient *client, uint32_t clock);
/* The same by id; NULL at or above the state. */
eid__yitem *eid__yitem_find(const eid_ydoc *doc, eid__yid id);
/* Put a block at the end of its client's, where its clock belongs. False without memory. */
bool eid__yclient_append(eid_ydoc *doc, eid__yitem *item);
/* Put the second half of a block that was cut behind the first. False without memory. */
bool eid__yclient_insert_after(eid_ydoc *doc, eid__yitem *item, eid__yitem *half);
void eid__yclient_free_directory(eid__yclient *client);

/* -- blocks (yitem.c) -------------------------------------------------------------------------- */

/* Cut a block that stands in the document after `units` (0 < units < len); `item` keeps the first
 * ones. GC cannot be cut. False without memory. */
bool eid__yitem_cut(eid_ydoc *doc, eid__yitem *item, uint32_t units);
/* Drop the first `units` of a block that stands nowhere yet: it then follows them. */
void eid__yitem_trim(eid__yitem *item, uint32_t units);
/* The block that begins with this clock, or ends with it, cutting if need be (a GC is given as it
 * is). The clock is known. NULL without memory. */
eid__yitem *eid__yitem_starting(eid_ydoc *doc, eid__yid id);
eid__yitem *eid__yitem_ending(eid_ydoc *doc, eid__yid id);
/* Delete what stands in the document, and all that is in it. */
void eid__yitem_delete(eid__yitem *item);
/* Content without the first `units` (0 < units < item->len). */
eid__ycontent eid__ycontent_after(const eid__yitem *item, uint32_t units);
/* Append the bytes; of a text that was cut, with U+FFFD for the halves of characters. */
void eid__ycontent_write_text(const eid__ycontent *content, eid_buf *out);
/* How many bytes that will be. */
size_t eid__ycontent_text_bytes(const eid__ycontent *content);
/* Units of UTF-16 that UTF-8 text has. */
uint64_t eid__yutf16_len(eid_slice text);

/* -- putting down (yintegrate.c) --------------------------------------------------------------- */

/* Put a block where it belongs. It begins at its client's state, and what it names is there
 * (eid__yitem_missing()). False without memory. */
bool eid__yitem_integrate(eid_ydoc *doc, eid__yitem *item);
/* Whether a block names something of another client that is not there, and what. */
bool eid__yitem_missing(const eid_ydoc *doc, const eid__yitem *item, eid__yid *out);
/* The root of that name, made if it is not there; NULL without memory. The name must live as long
 * as the document. */
eid__ytype *eid__yroot_make(eid_ydoc *doc, eid_slice name);
/* NULL if it is not there. */
eid__ytype *eid__yroot_find(const eid_ydoc *doc, eid_slice name);
/* NULL if it is not there. */
eid__yentry *eid__yentry_find(const eid_ydoc *doc, const eid__ytype *type, eid_slice key);

/* -- deletes (ydelete.c) ----------------------------------------------------------------------- */

/* Delete these ranges, of which there may be any and in any order, and those that wait; what is not
 * there yet waits. Errors: NO_MEMORY. */
EID_MUST_CHECK eid_status eid__ydelete_apply(eid_ydoc *doc, const eid__yrange *ranges,
                                             size_t count);

/* -- the document (ydoc.c) --------------------------------------------------------------------- */

/* The document was left half changed: it can only be freed. Gives NO_MEMORY. */
EID_MUST_CHECK eid_status eid__ydoc_break(eid_ydoc *doc);
/* NO_MEMORY if it was. */
EID_MUST_CHECK eid_status eid__ydoc_usable(const eid_ydoc *doc);

#endif
