/* Texts of ids: written in one way, read in all ways that the network's tools print, so that what a
 * person pastes works. Quotes of bad text in messages are cut: they come from anywhere. */
#include "dag/alloc.h"
#include "dag/base.h"
#include "dag/dag_internal.h"
#include "dag/id.h"

#define TEXT_MAX 2048 /* a whole id in base 2, the longest spelling, has 690 characters */
#define TEXT_V0_LEN 46

/* Everything up to the first "/ipfs/" goes; an id may be pasted with its path. */
static eid_slice text_strip_path(eid_slice text)
{
    static const char mark[] = "/ipfs/";
    const uint8_t *at = text.len == 0 ? NULL : memmem(text.at, text.len, mark, sizeof mark - 1);

    if (!at) return text;
    at += sizeof mark - 1;
    return eid_slice_of(at, text.len - (size_t)(at - text.at));
}

static bool text_decode(eid_slice text, eid_buf *out)
{
    if (text.len == TEXT_V0_LEN && text.at[0] == 'Q' && text.at[1] == 'm') {
        return eid_base58_decode(text, out);
    }
    return eid__multibase_decode(text, out);
}

eid_status eid_id_parse(eid_slice text, eid_id *out)
{
    eid_slice body = text;
    eid_buf bytes;
    eid_status status;

    *out = EID_ID_EMPTY;
    if (text.len == 0) return EID_OK;
    eid_buf_init(&bytes, TEXT_MAX);
    if (text.len <= TEXT_MAX) body = text_strip_path(text);
    if (text.len > TEXT_MAX || body.len < 2 || !text_decode(body, &bytes)) {
        status = eid_buf_status(&bytes);
        if (status != EID_OK) goto done;
        status = EID_FAIL(EID_KIND_ID_FORMAT, "not an id: \"%.*s\"",
                          (int)(text.len < 80 ? text.len : 80), (const char *)text.at);
        goto done;
    }
    status = eid_id_from_bytes(eid_buf_slice(&bytes), out, NULL);

done:
    eid_buf_fini(&bytes);
    return status;
}

/* Base32 straight into the caller's buffer: printing cannot fail for want of memory. */
static void base32_print(eid_slice bytes, char *out)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned held = 0, word = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        word = (word << 8 | bytes.at[i]) & 0xffff;
        for (held += 8; held >= 5;) {
            held -= 5;
            *out++ = letters[word >> held & 31];
        }
    }
    if (held > 0) *out++ = letters[word << (5 - held) & 31];
    *out = '\0';
}

/* Base58 of a version 0 id, likewise. */
static void base58_print(eid_slice bytes, char *out)
{
    uint8_t digits[TEXT_V0_LEN + 2] = {0}; /* big-endian; the first byte of these ids is not 0 */
    size_t first = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        unsigned carry = bytes.at[i];

        for (size_t j = sizeof digits; j-- > 0;) {
            carry += digits[j] * 256u;
            digits[j] = (uint8_t)(carry % 58);
            carry /= 58;
        }
    }
    while (first < sizeof digits - 1 && digits[first] == 0) first++;
    for (size_t i = first; i < sizeof digits; i++) *out++ = eid__base58.letters[digits[i]];
    *out = '\0';
}

char *eid_id_format(const eid_id *id, char *out)
{
    out[0] = '\0';
    if (id->len == 0) return out;
    if (id->bytes[0] == EID_HASHCODE_SHA256) {
        base58_print(eid_id_slice(id), out);
    } else {
        out[0] = 'b';
        base32_print(eid_id_slice(id), out + 1);
    }
    return out;
}

const char *eid_id_str(const eid_id *id)
{
    static _Thread_local char texts[8][EID_ID_TEXT_MAX];
    static _Thread_local unsigned turn;

    return eid_id_format(id, texts[turn++ % 8]);
}
