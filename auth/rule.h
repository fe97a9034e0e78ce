/* Rule: why an entry stands as it does, as one of a list, so that code, sentence and source cannot
 * drift apart.
 *
 * Whoever decides hands on the sentence (a static text, eid_rule_text()); whoever explains finds
 * the rule again by it. A new reason is a line here. Any thread.
 */
#ifndef EID_AUTH_RULE_H
#define EID_AUTH_RULE_H

#include "dag/bytes.h"

/* clang-format off */
#define EID_RULE_MAP(X) /* name, code for programs, source, sentence */                                                            \
    X(SIGNED, "signed", "05 §6 step 7", "signed by a key that may do this")                                                       \
    X(UNSIGNED_FREE, "unsigned-free", "05 §6 step 3", "unsigned, in a database without keys")                                     \
    X(UNSIGNED, "unsigned", "05 §6 step 3", "it is not signed")                                                                   \
    X(SIG_MISSING, "sig-missing", "05 §4", "entry has key hint but no signature")                                                 \
    X(SIG_NO_HINT, "sig-no-hint", "05 §4", "entry has signature but no key hint")                                                 \
    X(SIG_DELEGATION, "sig-missing", "05 §4", "delegation entry requires a signature")                                            \
    X(NO_KEYS, "no-keys", "05 §6 step 4", "it is signed, and its settings have no keys")                                          \
    X(KEY_UNKNOWN, "key-unknown", "05 §5", "its key is not in the settings that it pins")                                         \
    X(KEY_REVOKED, "key-revoked", "05 §6 step 7", "its key is revoked")                                                           \
    X(KEY_READS, "key-reads", "05 §6 step 7", "its key may only read")                                                            \
    X(KEY_NO_ADMIN, "key-no-admin", "05 §6 step 7", "only an admin may change the settings")                                      \
    X(SIGNATURE, "signature", "05 §1.3", "its signature is wrong")                                                                \
    X(PATH_EMPTY, "path-empty", "05 §5.1", "its delegation has an empty path")                                                    \
    X(PATH_LONG, "path-long", "05 §5.1", "its delegation path is too long")                                                       \
    X(PATH_GLOBAL, "path-global", "05 §5.1", "its delegation names no concrete key")                                              \
    X(PATH_TIPS_MANY, "path-tips-many", "05 §5.1", "its delegation claims too many tips")                                         \
    X(PATH_UNKNOWN, "path-unknown", "05 §5.1", "its settings delegate nothing to a database of its path")                         \
    X(PATH_SETTINGS, "path-settings", "05 §5.1", "settings on its delegation path cannot be read")                                \
    X(PATH_TIPS, "path-tips", "05 §5.1", "the tips that its delegation claims are none, foreign or older than the floor")         \
    X(PATH_FAILED, "path-failed", "05 §7.5 row 8", "the tips that its delegation claims rest on settings that are Failed")        \
    X(PATH_KEY, "path-key", "05 §5.1", "its key is not in the delegated database at the tips that it claims")                     \
    X(PATH_WAITS, "path-waits", "05 §7.3 [H]", "entries of the delegated database that it rests on are not here or undecided")   \
    X(PARENT_FAILED, "parent-failed", "05 §7.3", "a parent of it is Failed")                                                      \
    X(PARENT_UNDECIDED, "parent-undecided", "05 §7.3", "a parent of it is undecided")                                             \
    X(PARENT_MISSING, "parent-missing", "05 §7.3", "a parent of it has not arrived")                                              \
    X(OWN_SETTINGS, "own-settings", "05 §7.5 row 5", "its settings cannot be read")                                               \
    X(PIN_UNREADABLE, "pin-unreadable", "05 §7.3", "its metadata cannot be read, so its settings are unknown")                    \
    X(PIN_NONE, "pin-none", "05 §7.5 row 1", "it pins no settings, in a database that has keys")                                  \
    X(PIN_SELF, "pin-self", "05 §7.5 row 2", "it changes settings and pins none, so it vouches for itself")                       \
    X(PIN_FOREIGN, "pin-foreign", "05 §7.5 row 3", "it pins an entry of another database")                                        \
    X(PIN_NO_SETTINGS, "pin-no-settings", "05 §7.5 row 3", "it pins an entry that is no settings entry")                          \
    X(PIN_BAD, "pin-bad", "05 §7.5 row 5", "it pins settings that cannot be read")                                                \
    X(PIN_FAILED, "pin-failed", "05 §7.5 row 7", "it pins settings that are Failed, or follow Failed ones")                       \
    X(PIN_UNDECIDED, "pin-undecided", "05 §7.5 row 7", "settings that it pins are undecided")                                     \
    X(PIN_MISSING, "pin-missing", "05 §7.3", "settings that it pins have not arrived")                                            \
    X(HEIGHT, "height", "auth/REVOCATION.md", "it is not higher than each of its parents")                                        \
    X(SETTINGS_PARENT, "settings-parent", "auth/REVOCATION.md", "a settings parent that it names is not Verified, or is not here")\
    X(STANDS, "stands", "auth/REVOCATION.md", "the settings that it pins refuse it only by what is void")                         \
    X(VOID_REVOKED, "void-revoked", "auth/REVOCATION.md", "its key was revoked by an entry that it does not precede")             \
    X(VOID_GRANT, "void-grant", "auth/REVOCATION.md", "what let its key in is void itself")                                       \
    X(READMITTED, "readmitted", "auth/REVOCATION.md", "it would be void, and an admin has readmitted it")                         \
    X(NOTHING_HELD, "nothing-held", "05 §7.3", "nothing of its database is held")
/* clang-format on */

typedef enum eid_rule {
    EID_RULE_OTHER, /* none of the list */
#define EID_RULE_ENUM(name, code, source, text) EID_RULE_##name,
    EID_RULE_MAP(EID_RULE_ENUM)
#undef EID_RULE_ENUM
} eid_rule;

/* The sentence, for people; static. */
const char *eid_rule_text(eid_rule rule);
#define EID_WHY(name) eid_rule_text(EID_RULE_##name)
/* "key-revoked"; "other" for EID_RULE_OTHER. */
const char *eid_rule_code(eid_rule rule);
/* Where the rule is written: file and section of the specification. */
const char *eid_rule_source(eid_rule rule);
/* The rule of a sentence; EID_RULE_OTHER for NULL and what is not in the list. */
eid_rule eid_rule_find(const char *text);

#endif
