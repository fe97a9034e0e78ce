/* Text writers: the client numbers under which one handle edits text documents.
 *
 * Edits of one client that follow each other join into one block, those of another never do; so a
 * handle goes on with the number of its last transaction on a document instead of drawing a new one
 * for each. That is safe only if all that was ever written under the number is in the document that
 * is edited: whoever takes a number is told the clock that its document must show, and gives the
 * number up for ever if it shows another one. A number that is taken is nobody else's meanwhile.
 *
 * In memory only: another process draws its own. Any thread.
 * Source: github.com/yjs/yjs, "a client id must not be used by two at once".
 */
#ifndef EID_NODE_DB_TEXT_WRITERS_H
#define EID_NODE_DB_TEXT_WRITERS_H

#include "dag/bytes.h"
#include "dag/random.h"

#define EID_TEXT_WRITERS_MAX 16u /* documents whose numbers are kept */

typedef struct eid_text_writers eid_text_writers;
/* Of one database. New: eid_text_writers_unref(). */
EID_MUST_CHECK eid_status eid_text_writers_new(eid_text_writers **out);
/* Ref. NULL does nothing. */
eid_text_writers *eid_text_writers_ref(eid_text_writers *writers);
void eid_text_writers_unref(eid_text_writers *writers);

/* A number for a document: the kept one with its clock, or a new one with clock 0. */
uint32_t eid_text_writers_take(eid_text_writers *writers, eid_slice store, const eid_random *random,
                               uint32_t *clock);
/* Give it back with the clock that follows all that was committed under it. */
void eid_text_writers_keep(eid_text_writers *writers, eid_slice store, uint32_t client,
                           uint32_t clock);

#endif
