/* Explain: why an entry is visible, pending or rejected: the rule, the settings it was judged by,
 * and the entries of those settings that decided.
 *
 * For people and programs that ask, never for deciding; it reads what is held now and changes
 * nothing. Cost: judging the entry, and reading the settings that it pins. Source: issue 4.
 */
#ifndef EID_AUTH_EXPLAIN_H
#define EID_AUTH_EXPLAIN_H

#include "auth/rule.h"
#include "auth/verify.h"

#define EID_EXPLAIN_RECORDS_MAX 12u /* a delegation for each step, then the key */

/* A record of settings that counted, and who wrote it last as of these settings. */
typedef struct eid_explain_record {
    eid_id database;
    char *path;     /* "auth.keys.ed25519:…"; owned */
    bool has_entry; /* false: nobody wrote it */
    eid_id entry;
} eid_explain_record;

typedef struct eid_explanation {
    eid_verdict verdict; /* by the rules, of what is held now */
    eid_rule rule;
    const char *reason; /* a sentence for people; static */
    eid_idset pin; /* settings tips that it is judged by; its own id if it vouches for itself */
    eid_explain_record records[EID_EXPLAIN_RECORDS_MAX]; /* in the order of looking them up */
    size_t record_count;
    bool has_awaited; /* a delegation waits for this entry to arrive or to be decided */
    eid_id awaited;
} eid_explanation;

/* End with eid_explanation_fini(), also after an error. */
EID_MUST_CHECK eid_status eid_explain(const eid_at *at, const eid_entry *entry, bool strict,
                                      eid_explanation *out);
void eid_explanation_fini(eid_explanation *explanation);

#endif
