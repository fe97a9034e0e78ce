/* keys.json: texts of keys, signing, verifying down to the odd points, challenges. */
#include "auth/key.h"
#include "dag/alloc.h"
#include "dag/base.h"
#include "tests/conformance/runner.h"

static void public_case(eid_suite *suite, const json_t *test)
{
    char text[EID_KEY_TEXT_MAX];
    eid_pubkey key;
    eid_status status = eid_pubkey_parse(eid_get_slice(test, "text"), &key);

    if (eid_has(test, "error")) {
        eid_case_error(suite, "parse", eid_get_text(test, "error"), status);
    } else if (eid_case_ok(suite, "parse", status)) {
        eid_case_text(suite, "text_back", eid_get_text(test, "text_back"),
                      eid_slice_text(eid_pubkey_text(&key, text)));
    }
}

static void private_case(eid_suite *suite, const json_t *test)
{
    char text[EID_KEY_TEXT_MAX];
    eid_key key;
    eid_status status = eid_key_parse_secret(eid_get_slice(test, "text"), &key);

    if (eid_has(test, "error")) {
        eid_case_error(suite, "parse", eid_get_text(test, "error"), status);
        return;
    }
    if (!eid_case_ok(suite, "parse", status)) return;
    eid_case_text(suite, "public", eid_get_text(test, "public"),
                  eid_slice_text(eid_pubkey_text(&key.pub, text)));
    eid_case_text(suite, "secret", eid_get_text(test, "text"),
                  eid_slice_text(eid_key_secret_text(&key, text)));
    eid_key_wipe(&key);
}

static void sign_case(eid_suite *suite, const json_t *test)
{
    eid_buf message = eid_get_b64(test, "message_b64");
    uint8_t signature[EID_SIGNATURE_BYTES];
    eid_key key;
    eid_buf text;

    eid_buf_init(&text, EID_SIGNATURE_TEXT_MAX);
    if (eid_case_ok(suite, "private", eid_key_parse_secret(eid_get_slice(test, "private"), &key))) {
        eid_key_sign(&key, eid_buf_slice(&message), signature);
        eid_base64_encode(eid_slice_of(signature, sizeof signature), true, &text);
        eid_case_text(suite, "signature", eid_get_text(test, "signature_text"),
                      eid_buf_slice(&text));
        eid_case_bool(suite, "own signature", true,
                      eid_key_verify(&key.pub, eid_buf_slice(&message),
                                     eid_slice_of(signature, sizeof signature)));
    }
    eid_buf_fini(&text);
    eid_buf_fini(&message);
}

static void verify_case(eid_suite *suite, const json_t *test)
{
    const json_t *expect = json_object_get(test, "expect");
    eid_buf bytes = eid_get_hex(test, "public_hex");
    eid_buf message = eid_get_b64(test, "message_b64");
    eid_buf signature = eid_get_hex(test, "signature_hex");
    char text[EID_KEY_TEXT_MAX];
    eid_pubkey raw, key;
    eid_status status;

    memcpy(raw.bytes, bytes.at, bytes.len < sizeof raw.bytes ? bytes.len : sizeof raw.bytes);
    status = eid_pubkey_parse(eid_slice_text(eid_pubkey_text(&raw, text)), &key);
    if (eid_has(expect, "key_error")) {
        eid_case_error(suite, "key", eid_get_text(expect, "key_error"), status);
    } else if (eid_case_ok(suite, "key", status)) {
        eid_case_bool(suite, "valid", eid_get_bool(expect, "valid"),
                      eid_key_verify(&key, eid_buf_slice(&message), eid_buf_slice(&signature)));
    }
    eid_buf_fini(&signature);
    eid_buf_fini(&message);
    eid_buf_fini(&bytes);
}

static void challenge_case(eid_suite *suite, const json_t *test)
{
    eid_buf challenge = eid_get_b64(test, "challenge_b64");
    eid_buf response = eid_get_b64(test, "response_b64");
    uint8_t signature[EID_SIGNATURE_BYTES];
    eid_pubkey pub;
    eid_key key;

    if (eid_case_ok(suite, "public", eid_pubkey_parse(eid_get_slice(test, "public"), &pub))) {
        eid_case_bool(suite, "valid", eid_get_bool(test, "valid"),
                      eid_key_verify(&pub, eid_buf_slice(&challenge), eid_buf_slice(&response)));
    }
    if (eid_has(test, "private") &&
        eid_case_ok(suite, "private", eid_key_parse_secret(eid_get_slice(test, "private"), &key))) {
        eid_key_sign(&key, eid_buf_slice(&challenge), signature);
        eid_case_bytes(suite, "response", eid_buf_slice(&response),
                       eid_slice_of(signature, sizeof signature));
    }
    eid_buf_fini(&response);
    eid_buf_fini(&challenge);
}

static void keys_run(const char *path, eid_suite *suite)
{
    json_t *root = eid_suite_load(suite, path);

    if (!root) return;
    eid_suite_each(suite, root, "public_key_text", public_case);
    eid_suite_each(suite, root, "private_key_text", private_case);
    eid_suite_each(suite, root, "sign", sign_case);
    eid_suite_each(suite, root, "verify", verify_case);
    eid_suite_each(suite, root, "challenge", challenge_case);
    json_decref(root);
}

EID_SUITE("keys.json", keys_run)
