/* The reader of a SigKey's JSON: as strict and as lenient as the reference's (spec 05 §4): unknown
 * members are passed over, wrong types and repeated members refused, exactly one variant.
 *
 * Parts are gathered in buffers that grow, and copied into one owned block at the end. */
#include "auth/sigkey.h"
#include "dag/alloc.h"

#define SIGKEY_STEPS_MAX                                                                           \
    64u /* read; more than a valid path has, for the judge to name the error                       \
         */
#define SIGKEY_TIPS_MAX 1024u
#define SIGKEY_TEXT_MAX (64u * 1024u)

typedef struct sigkey_step {
    eid_id tree;
    eid_id *tips; /* owned */
    size_t tip_count;
} sigkey_step;

typedef struct sigkey_reader {
    eid_json json;
    eid_sigkey key;
    eid_buf name, pubkey_text;
    sigkey_step *steps;
    size_t step_count;
    bool saw_hint, saw_path;
    eid_status status; /* of anything but the JSON itself */
} sigkey_reader;

static bool reader_failed(const sigkey_reader *reader)
{
    return reader->status != EID_OK || reader->json.status != EID_OK;
}

static bool reader_expect(sigkey_reader *reader, eid_json_event wanted, const char *what)
{
    if (eid_json_next(&reader->json) == wanted) return true;
    eid_json_fail(&reader->json, what);
    return false;
}

/* A string or null into `out`; false if it is null or an error. */
static bool reader_optional_text(sigkey_reader *reader, eid_buf *out)
{
    eid_json_event event = eid_json_next(&reader->json);

    if (event == EID_JSON_NULL) return false;
    if (event != EID_JSON_STRING) {
        eid_json_fail(&reader->json, "expected a text or null");
        return false;
    }
    eid_buf_append(out, reader->json.text);
    reader->status = eid_buf_status(out);
    return reader->status == EID_OK;
}

static void reader_pubkey(sigkey_reader *reader)
{
    eid_hint *hint = &reader->key.hint;
    eid_pubkey key;

    if (!reader_optional_text(reader, &reader->pubkey_text)) return;
    reader->status = eid_pubkey_parse(eid_buf_slice(&reader->pubkey_text), &key);
    if (reader->status != EID_OK) return;
    memcpy(hint->pubkey, key.bytes, EID_PUBKEY_BYTES);
    hint->has_pubkey = true;
}

/* One member of the hint; the key is the reader's present text. */
static void reader_hint_member(sigkey_reader *reader, unsigned *seen)
{
    static const char *const names[] = {"name", "pubkey", "is_global"};
    eid_hint *hint = &reader->key.hint;
    unsigned which = 0;

    while (which < 3 && !eid_slice_is(reader->json.text, names[which])) which++;
    if (which == 3) {
        eid_json_skip(&reader->json);
        return;
    }
    if (*seen & (1u << which)) {
        eid_json_fail(&reader->json, "a member twice");
        return;
    }
    *seen |= 1u << which;
    if (which == 0) hint->has_name = reader_optional_text(reader, &reader->name);
    if (which == 1) reader_pubkey(reader);
    if (which == 2 && reader_expect(reader, EID_JSON_BOOL, "expected true or false")) {
        hint->is_global = reader->json.boolean;
    }
}

static void reader_hint(sigkey_reader *reader)
{
    unsigned seen = 0;

    if (!reader_expect(reader, EID_JSON_OBJECT, "expected a hint")) return;
    while (!reader_failed(reader) && eid_json_next(&reader->json) == EID_JSON_KEY) {
        reader_hint_member(reader, &seen);
    }
}

static void reader_tips(sigkey_reader *reader, sigkey_step *step)
{
    if (!reader_expect(reader, EID_JSON_ARRAY, "expected a list of tips")) return;
    while (!reader_failed(reader) && eid_json_next(&reader->json) != EID_JSON_ARRAY_END) {
        eid_id *ids = step->tips;

        if (reader->json.event != EID_JSON_STRING || step->tip_count == SIGKEY_TIPS_MAX) {
            eid_json_fail(&reader->json, "expected an id, and not too many");
            return;
        }
        ids = eid_realloc(ids, (step->tip_count + 1) * sizeof *ids);
        if (!ids) {
            reader->status = EID_FAIL(EID_KIND_NO_MEMORY, "tips of a delegation");
            return;
        }
        step->tips = ids;
        reader->status = eid_id_parse(reader->json.text, &ids[step->tip_count]);
        if (reader->status != EID_OK) return;
        step->tip_count++;
    }
}

static void reader_step(sigkey_reader *reader, sigkey_step *step)
{
    bool saw_tree = false, saw_tips = false;

    while (!reader_failed(reader) && eid_json_next(&reader->json) == EID_JSON_KEY) {
        if (eid_slice_is(reader->json.text, "tree") && !saw_tree) {
            saw_tree = true;
            if (!reader_expect(reader, EID_JSON_STRING, "expected an id")) return;
            reader->status = eid_id_parse(reader->json.text, &step->tree);
        } else if (eid_slice_is(reader->json.text, "tips") && !saw_tips) {
            saw_tips = true;
            reader_tips(reader, step);
        } else if (eid_slice_is(reader->json.text, "tree") ||
                   eid_slice_is(reader->json.text, "tips")) {
            eid_json_fail(&reader->json, "a member twice");
        } else {
            eid_json_skip(&reader->json);
        }
    }
    if (!reader_failed(reader) && (!saw_tree || !saw_tips)) {
        eid_json_fail(&reader->json, "a step needs `tree` and `tips`");
    }
}

static void reader_path(sigkey_reader *reader)
{
    if (!reader_expect(reader, EID_JSON_ARRAY, "expected a path")) return;
    while (!reader_failed(reader) && eid_json_next(&reader->json) != EID_JSON_ARRAY_END) {
        if (reader->json.event != EID_JSON_OBJECT || reader->step_count == SIGKEY_STEPS_MAX) {
            eid_json_fail(&reader->json, "expected a step, and not too many");
            return;
        }
        reader_step(reader, &reader->steps[reader->step_count++]);
    }
}

static void reader_variant(sigkey_reader *reader)
{
    if (!reader_expect(reader, EID_JSON_OBJECT, "expected the members of the variant")) return;
    while (!reader_failed(reader) && eid_json_next(&reader->json) == EID_JSON_KEY) {
        if (eid_slice_is(reader->json.text, "hint") && !reader->saw_hint) {
            reader->saw_hint = true;
            reader_hint(reader);
        } else if (eid_slice_is(reader->json.text, "hint")) {
            eid_json_fail(&reader->json, "`hint` twice");
        } else if (reader->key.is_delegation && eid_slice_is(reader->json.text, "path")) {
            if (reader->saw_path) eid_json_fail(&reader->json, "`path` twice");
            reader->saw_path = true;
            reader_path(reader);
        } else {
            eid_json_skip(&reader->json);
        }
    }
    if (reader_failed(reader)) return;
    if (!reader->saw_hint || (reader->key.is_delegation && !reader->saw_path)) {
        eid_json_fail(&reader->json, "`hint` or `path` is missing");
    }
}

static void reader_sigkey(sigkey_reader *reader)
{
    if (!reader_expect(reader, EID_JSON_OBJECT, "expected Direct or Delegation")) return;
    if (!reader_expect(reader, EID_JSON_KEY, "expected Direct or Delegation")) return;
    reader->key.is_delegation = eid_slice_is(reader->json.text, "Delegation");
    if (!reader->key.is_delegation && !eid_slice_is(reader->json.text, "Direct")) {
        eid_json_fail(&reader->json, "expected Direct or Delegation");
        return;
    }
    reader_variant(reader);
    if (reader_failed(reader)) return;
    (void)reader_expect(reader, EID_JSON_OBJECT_END, "expected one variant only");
}

static eid_status reader_finish(sigkey_reader *reader, eid_sigkey_owned *out)
{
    eid_delegation_step steps[SIGKEY_STEPS_MAX];
    eid_status status = reader->status;

    if (status == EID_OK) status = eid_json_finish(&reader->json);
    if (status != EID_OK) return status;
    for (size_t i = 0; i < reader->step_count; i++) {
        const sigkey_step *step = &reader->steps[i];

        steps[i] = (eid_delegation_step){step->tree, {step->tips, step->tip_count}};
    }
    reader->key.hint.name = eid_buf_slice(&reader->name);
    reader->key.hint.pubkey_text = eid_buf_slice(&reader->pubkey_text);
    reader->key.path = steps;
    reader->key.path_count = reader->step_count;
    return eid_sigkey_copy(&reader->key, out);
}

eid_status eid_sigkey_read_json(eid_slice json, eid_sigkey_owned *out)
{
    sigkey_reader reader = {.status = EID_OK};
    eid_status status;

    eid_json_init(&reader.json, json);
    eid_buf_init(&reader.name, SIGKEY_TEXT_MAX);
    eid_buf_init(&reader.pubkey_text, SIGKEY_TEXT_MAX);
    reader.steps = eid_alloc_array(SIGKEY_STEPS_MAX, sizeof *reader.steps);
    if (!reader.steps) reader.status = EID_FAIL(EID_KIND_NO_MEMORY, "a signer");
    if (reader.status == EID_OK) reader_sigkey(&reader);
    status = reader_finish(&reader, out);
    for (size_t i = 0; i < reader.step_count; i++) eid_free(reader.steps[i].tips);
    eid_free(reader.steps);
    eid_buf_fini(&reader.name);
    eid_buf_fini(&reader.pubkey_text);
    eid_json_fini(&reader.json);
    return status;
}
