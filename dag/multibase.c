/* A table of letters: we write only 'b', but an id that somebody pastes may come from any tool that
 * prints content identifiers. */
#include "dag/assert.h"
#include "dag/dag_internal.h"

#define BASE64_PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#define BASE64_URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
#define BASE32_PLAIN "abcdefghijklmnopqrstuvwxyz234567"
#define BASE32_HEX "0123456789abcdefghijklmnopqrstuv"

static const struct {
    const char *prefixes;
    eid__base base;
} power_rows[] = {
    {"0", {"01", 1, false, false}},         {"fF", {"0123456789abcdef", 4, false, true}},
    {"bB", {BASE32_PLAIN, 5, false, true}}, {"cC", {BASE32_PLAIN, 5, true, true}},
    {"vV", {BASE32_HEX, 5, false, true}},   {"tT", {BASE32_HEX, 5, true, true}},
    {"m", {BASE64_PLAIN, 6, false, false}}, {"M", {BASE64_PLAIN, 6, true, false}},
    {"u", {BASE64_URL, 6, false, false}},   {"U", {BASE64_URL, 6, true, false}},
};

bool eid__multibase_decode(eid_slice text, eid_buf *out)
{
    static const eid__radix base36 = {"0123456789abcdefghijklmnopqrstuvwxyz", true};
    eid_slice body;
    uint8_t prefix;

    if (text.len < 1 || text.at[0] == 0) return false;
    prefix = text.at[0];
    body = eid_slice_of(text.at + 1, text.len - 1);
    if (prefix == 'z') return eid__radix_decode(&eid__base58, body, out);
    if (prefix == 'k' || prefix == 'K') return eid__radix_decode(&base36, body, out);
    for (size_t i = 0; i < EID_COUNT(power_rows); i++) {
        if (strchr(power_rows[i].prefixes, prefix)) {
            return eid__base_decode(&power_rows[i].base, body, out);
        }
    }
    return false;
}
