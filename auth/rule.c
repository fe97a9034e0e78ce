/* A table from the one list. Sentences are compared and not their addresses: some of them come from
 * dag/, which knows no rules. */
#include "auth/rule.h"

#include <string.h>

static const struct rule_row {
    const char *code, *source, *text;
} rule_rows[] = {[EID_RULE_OTHER] = {"other", "", ""},
#define RULE_ROW(name, code, source, text) [EID_RULE_##name] = {code, "spec " source, text},
                 EID_RULE_MAP(RULE_ROW)
#undef RULE_ROW
};

#define RULE_COUNT (sizeof rule_rows / sizeof rule_rows[0])

const char *eid_rule_text(eid_rule rule)
{
    return rule_rows[rule].text;
}

const char *eid_rule_code(eid_rule rule)
{
    return rule_rows[rule].code;
}

const char *eid_rule_source(eid_rule rule)
{
    return rule_rows[rule].source;
}

eid_rule eid_rule_find(const char *text)
{
    for (size_t i = 1; text && i < RULE_COUNT; i++) {
        if (strcmp(rule_rows[i].text, text) == 0) return (eid_rule)i;
    }
    return EID_RULE_OTHER;
}
