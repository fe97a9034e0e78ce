/* Numbers are kept as they are spelled until somebody says which integer he expects: heights and
 * entropies go beyond what a double holds, and "1.0" is no integer of the format. */
#include "dag/json.h"

/* The digits as a magnitude of at most `max`; false for anything else. */
static bool digits_read(eid_slice digits, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;

    if (digits.len == 0 || (digits.len > 1 && digits.at[0] == '0')) return false;
    for (size_t i = 0; i < digits.len; i++) {
        uint64_t digit = (uint64_t)digits.at[i] - '0';

        if (digits.at[i] < '0' || digits.at[i] > '9') return false;
        if (value > (max - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool eid_json_uint64(const eid_json *json, uint64_t *out)
{
    return json->event == EID_JSON_NUMBER && digits_read(json->text, UINT64_MAX, out);
}

bool eid_json_int64(const eid_json *json, int64_t *out)
{
    eid_slice digits = json->text;
    uint64_t value;

    if (json->event != EID_JSON_NUMBER) return false;
    if (digits.len == 0 || digits.at[0] != '-') {
        if (!digits_read(digits, INT64_MAX, &value)) return false;
        *out = (int64_t)value;
        return true;
    }
    digits.at++;
    digits.len--;
    if (!digits_read(digits, (uint64_t)INT64_MAX + 1, &value) || value == 0) return false;
    *out = -1 - (int64_t)(value - 1);
    return true;
}
