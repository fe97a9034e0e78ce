/* Metadata is a stranger's bytes that decide by which settings an entry is judged, so whatever is
 * not exactly what a commit writes makes the pin unusable, and never more than that. */
#include "dag/dag_internal.h"
#include "dag/entry.h"

static eid_status read_tips(eid_json *json, eid_idset *tips)
{
    if (eid_json_next(json) != EID_JSON_ARRAY) eid_json_fail(json, "no list of tips");
    while (eid_json_next(json) == EID_JSON_STRING) {
        eid_id id;
        eid_status status = eid_id_parse(json->text, &id);

        if (status == EID_OK) status = eid_idset_add(tips, &id);
        if (status != EID_OK) return status;
    }
    if (json->event != EID_JSON_ARRAY_END) eid_json_fail(json, "a tip that is no text");
    return json->status;
}

static eid_status read_entropy(eid_json *json, eid_pin *out)
{
    eid_json_event event = eid_json_next(json);

    if (event == EID_JSON_NULL) return json->status;
    out->has_entropy = eid_json_uint64(json, &out->entropy);
    if (!out->has_entropy) eid_json_fail(json, "an entropy that is no 64-bit number");
    return json->status;
}

/* One member, of which the key was read; `seen` has a bit for each known one. */
static eid_status read_member(eid_json *json, unsigned *seen, eid_pin *out)
{
    bool is_tips = eid_slice_is(json->text, "settings_tips");
    bool is_entropy = eid_slice_is(json->text, "entropy");
    unsigned bit = is_tips ? 1u : is_entropy ? 2u : 0u;

    if (*seen & bit) eid_json_fail(json, "a repeated member");
    *seen |= bit;
    if (is_tips) return read_tips(json, &out->tips);
    if (is_entropy) return read_entropy(json, out);
    eid_json_skip(json);
    return json->status;
}

static eid_status read_metadata(eid_json *json, eid_pin *out)
{
    unsigned seen = 0;
    eid_status status = EID_OK;

    if (eid_json_next(json) != EID_JSON_OBJECT) eid_json_fail(json, "no object");
    while (status == EID_OK && eid_json_next(json) == EID_JSON_KEY) {
        status = read_member(json, &seen, out);
    }
    if (status != EID_OK) return status;
    if (!(seen & 1u)) eid_json_fail(json, "no settings_tips");
    return eid_json_finish(json);
}

eid_status eid_entry_pin(const eid_entry *entry, eid_pin *out)
{
    eid_slice metadata;
    eid_json json;
    eid_status status;

    *out = (eid_pin){.present = eid_entry_metadata(entry, &metadata)};
    if (!out->present) return EID_OK;
    eid_json_init(&json, metadata);
    status = read_metadata(&json, out);
    eid_json_fini(&json);
    out->valid = status == EID_OK;
    if (out->valid) return EID_OK;
    eid_pin_fini(out);
    out->present = true;
    return status == EID_E_NO_MEMORY ? status : EID_OK;
}

void eid_pin_fini(eid_pin *pin)
{
    eid_idset_fini(&pin->tips);
    *pin = (eid_pin){0};
}

void eid_pin_write(eid_ids settings_tips, const uint64_t *entropy, eid_buf *out)
{
    char text[EID_ID_TEXT_MAX];
    eid_json_writer writer;

    eid_json_writer_init(&writer, out);
    eid_json_object(&writer);
    eid_json_key(&writer, "settings_tips");
    eid_json_array(&writer);
    for (size_t i = 0; i < settings_tips.count; i++) {
        eid_json_text(&writer, eid_id_format(&settings_tips.at[i], text));
    }
    eid_json_array_end(&writer);
    eid_json_key(&writer, "entropy");
    if (entropy) {
        eid_json_uint(&writer, *entropy);
    } else {
        eid_json_null(&writer);
    }
    eid_json_object_end(&writer);
}
