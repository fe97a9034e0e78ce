/* Texts: the text documents that were asked for last, merged, so that the next transaction on one
 * reads only what came since.
 *
 * Exact: what came since is merged into a document only if it all comes after what is in it, in
 * store order, and nothing that is in it was voided; else the document is folded anew. A few of
 * them, in memory; any thread.
 */
#ifndef EID_NODE_DB_LOCAL_TEXT_H
#define EID_NODE_DB_LOCAL_TEXT_H

#include "dag/status.h"

#define EID__TEXTS_MAX 8u /* documents that are kept */

typedef struct eid__texts eid__texts;
/* New: eid__texts_free(). */
EID_MUST_CHECK eid_status eid__texts_new(eid__texts **out);
void eid__texts_free(eid__texts *texts);

#endif
