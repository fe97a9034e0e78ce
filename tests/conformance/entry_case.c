/* Each recorded fact is checked on the entry as read from the recorded bytes; that our builder
 * makes the same bytes is one more check, so that reader and writer are not only right together. */
#include "tests/conformance/entry_case.h"

#include "auth/key.h"
#include "dag/builder.h"
#include "dag/entry.h"
#include "dag/hash.h"
#include "tests/conformance/spec.h"

static void check_sealed(eid_suite *suite, const json_t *test, const char *what, const eid_key *key,
                         eid_slice expected)
{
    eid_builder *builder = eid_spec_build(json_object_get(test, "spec"));
    eid_entry *entry = NULL;
    eid_key copy;
    eid_status status;

    if (key) {
        copy = *key;
        status = eid_builder_seal(builder, eid_key_sign_fn, &copy, &entry);
    } else {
        status = eid_builder_seal(builder, NULL, NULL, &entry);
    }
    if (eid_case_ok(suite, what, status)) {
        eid_case_bytes(suite, what, expected, eid_entry_bytes(entry));
        eid_case_id(suite, what, eid_get_text(test, "id"), eid_entry_id(entry));
    }
    eid_entry_free(entry);
    eid_builder_free(builder);
}

static void check_signing_bytes(eid_suite *suite, const json_t *test, const eid_entry *entry)
{
    eid_buf bytes, hash, expected;
    uint8_t digest[EID_HASH_BYTES];

    eid_buf_init(&bytes, SIZE_MAX);
    hash = eid_get_hex(test, "signing_sha256_hex");
    if (eid_case_ok(suite, "signing bytes", eid_entry_signing_bytes(entry, &bytes))) {
        eid_case_u64(suite, "signing size", eid_get_u64_text(test, "signing_size"), bytes.len);
        if (eid_has(test, "signing_b64")) {
            expected = eid_get_b64(test, "signing_b64");
            eid_case_bytes(suite, "signing bytes", eid_buf_slice(&expected), eid_buf_slice(&bytes));
            eid_buf_fini(&expected);
        }
        eid_hash_sha256(eid_buf_slice(&bytes), digest);
        eid_case_bytes(suite, "hash of the signing bytes", eid_buf_slice(&hash),
                       eid_slice_of(digest, sizeof digest));
    }
    eid_buf_fini(&hash);
    eid_buf_fini(&bytes);
}

static void check_signature(eid_suite *suite, const json_t *test, const eid_entry *entry)
{
    eid_pubkey pubkey;
    eid_buf seed;
    eid_key key;

    if (eid_has(test, "verify_pubkey") &&
        eid_case_ok(suite, "key",
                    eid_pubkey_parse(eid_get_slice(test, "verify_pubkey"), &pubkey))) {
        eid_case_bool(suite, "verify", eid_get_bool(test, "verify"),
                      eid_key_verify_entry(&pubkey, entry));
    }
    if (eid_has(test, "signer_seed_hex") && eid_has(test, "spec")) {
        seed = eid_get_hex(test, "signer_seed_hex");
        eid_key_from_seed(seed.at, &key);
        check_sealed(suite, test, "sign", &key, eid_entry_bytes(entry));
        eid_key_wipe(&key);
        eid_buf_fini(&seed);
    }
}

static void check_predicates(eid_suite *suite, const json_t *test, const eid_entry *entry)
{
    const eid_hint *hint = &eid_entry_sigkey(entry)->hint;
    const char *reason = eid_entry_malformed_reason(entry);

    eid_case_u64(suite, "size", eid_get_u64_text(test, "size"), eid_entry_bytes(entry).len);
    eid_case_bool(suite, "is_root", eid_get_bool(test, "is_root"), eid_entry_is_root(entry));
    eid_case_bool(suite, "is_unsigned", eid_get_bool(test, "is_unsigned"),
                  eid_entry_is_unsigned(entry));
    eid_case_bool(suite, "malformed", eid_get_bool(test, "malformed"), reason != NULL);
    eid_case_text(suite, "hint_type", eid_get_text(test, "hint_type"),
                  eid_slice_text(eid_hint_type(hint)));
    if (eid_has(test, "display_id")) {
        eid_case_text(suite, "display_id", eid_get_text(test, "display_id"),
                      eid_hint_display(hint));
    }
    if (eid_has(test, "malformed_reason")) {
        eid_case_text(suite, "malformed_reason", eid_get_text(test, "malformed_reason"),
                      eid_slice_text(reason ? reason : ""));
    }
}

/* The JSON form, where recorded, and that what we write we read. */
static void check_json(eid_suite *suite, const json_t *test, const eid_entry *entry)
{
    eid_entry *again = NULL;
    eid_buf json;

    eid_buf_init(&json, SIZE_MAX);
    if (eid_case_ok(suite, "to JSON", eid_entry_to_json(entry, &json))) {
        if (eid_has(test, "json_text")) {
            eid_case_text(suite, "json_text", eid_get_text(test, "json_text"),
                          eid_buf_slice(&json));
        }
        if (eid_case_ok(suite, "from JSON", eid_entry_from_json(eid_buf_slice(&json), &again))) {
            eid_case_bytes(suite, "JSON and back", eid_entry_bytes(entry), eid_entry_bytes(again));
        }
    }
    eid_entry_free(again);
    eid_buf_fini(&json);
}

void eid_entry_case(eid_suite *suite, const json_t *test)
{
    eid_buf bytes = eid_get_b64(test, "bytes_b64");
    eid_entry *entry = NULL;

    if (eid_case_ok(suite, "decode", eid_entry_decode(eid_buf_slice(&bytes), &entry))) {
        eid_case_id(suite, "id", eid_get_text(test, "id"), eid_entry_id(entry));
        eid_case_ok(suite, "validate", eid_entry_validate(entry));
        check_predicates(suite, test, entry);
        check_signing_bytes(suite, test, entry);
        check_signature(suite, test, entry);
        check_json(suite, test, entry);
    }
    if (eid_has(test, "spec")) {
        check_sealed(suite, test, "build", NULL, eid_buf_slice(&bytes));
    }
    eid_entry_free(entry);
    eid_buf_fini(&bytes);
}
