/* What is shown is looked at twice (how wide is each column?), so it is read into a tree here, the
 * one place of the program where that is needed. */
#include "node/cli/view.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "node/cli/listing.h"
#include "node/cli/text.h"

#define VIEW_COLUMNS_MAX 16
#define VIEW_INDENT_MAX 16
#define VIEW_WIDTH_MAX 100 /* a wider cell does not widen the column */

typedef struct view {
    const eid__cli_label *labels;
    eid_buf *out;
} view;

static void view_object(const view *v, json_t *object, size_t indent);

static void view_pad(eid_buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) eid_buf_append_byte(out, ' ');
}

/* "device_id" is "Device id". */
static void view_label(const view *v, const char *member, eid_buf *out)
{
    for (const eid__cli_label *label = v->labels; label != NULL && label->member; label++) {
        if (strcmp(label->member, member) != 0) continue;
        eid_buf_append_text(out, label->label);
        return;
    }
    for (size_t i = 0; member[i] != 0; i++) {
        char byte = member[i] == '_' ? ' ' : member[i];

        if (i == 0) byte = (char)toupper((unsigned char)byte);
        eid__cli_text_append(out, eid_slice_of(&byte, 1));
    }
}

static int view_on_json(const char *at, size_t len, void *self)
{
    eid__cli_text_append(self, eid_slice_of(at, len));
    return 0;
}

static void view_scalar(json_t *value, eid_buf *out)
{
    if (json_is_string(value)) {
        const char *text = json_string_value(value);

        if (text[0] == 0) text = "-";
        eid__cli_text_append(out, eid_slice_of(text, strlen(text)));
    } else if (json_is_boolean(value)) {
        eid_buf_append_text(out, json_is_true(value) ? "yes" : "no");
    } else if (json_is_integer(value)) {
        eid_buf_append_format(out, "%lld", (long long)json_integer_value(value));
    } else if (json_is_null(value)) {
        eid_buf_append_text(out, "-");
    } else {
        json_dump_callback(value, view_on_json, out, JSON_COMPACT | JSON_ENCODE_ANY);
    }
}

static size_t view_width(json_t *value)
{
    eid_buf cell;
    size_t width;

    eid_buf_init(&cell, EID__CLI_TEXT_MAX);
    view_scalar(value, &cell);
    width = eid__cli_text_width(eid_buf_slice(&cell));
    eid_buf_fini(&cell);
    return width > VIEW_WIDTH_MAX ? VIEW_WIDTH_MAX : width;
}

static bool view_is_nested(json_t *value)
{
    return json_object_size(value) + json_array_size(value) > 0; /* 0 for what is neither */
}

/* Whether a list is a table: objects without anything nested. */
static bool view_is_table(json_t *array)
{
    size_t i;
    json_t *item, *value;
    const char *key;

    json_array_foreach(array, i, item)
    {
        if (!json_is_object(item) || json_object_size(item) > VIEW_COLUMNS_MAX) return false;
        json_object_foreach(item, key, value)
        {
            if (view_is_nested(value)) return false;
        }
    }
    return true;
}

static size_t view_label_width(const view *v, const char *member)
{
    eid_buf label;
    size_t width;

    eid_buf_init(&label, EID__CLI_TEXT_MAX);
    view_label(v, member, &label);
    width = eid__cli_text_width(eid_buf_slice(&label));
    eid_buf_fini(&label);
    return width;
}

static void view_cell(const view *v, json_t *value, size_t width, bool last)
{
    size_t start = v->out->len, used;

    view_scalar(value, v->out);
    used = eid__cli_text_width(eid_slice_of(v->out->at + start, v->out->len - start));
    if (!last) view_pad(v->out, (used < width ? width - used : 0) + 2);
}

static void view_header(const view *v, const char *member, size_t width, bool last)
{
    size_t start = v->out->len, used;

    view_label(v, member, v->out);
    for (size_t i = start; i < v->out->len; i++) {
        v->out->at[i] = (uint8_t)toupper(v->out->at[i]);
    }
    used = v->out->len - start;
    if (!last) view_pad(v->out, (used < width ? width - used : 0) + 2);
}

/* The columns are the first object's members. */
static void view_table(const view *v, json_t *array, size_t indent)
{
    json_t *first = json_array_get(array, 0);
    size_t widths[VIEW_COLUMNS_MAX] = {0};
    size_t column = 0, columns = json_object_size(first), i;
    json_t *item, *value;
    const char *key;

    json_object_foreach(first, key, value)
    {
        widths[column] = view_label_width(v, key);
        json_array_foreach(array, i, item)
        {
            size_t width = view_width(json_object_get(item, key));

            if (width > widths[column]) widths[column] = width;
        }
        column++;
    }
    column = 0;
    view_pad(v->out, indent);
    json_object_foreach(first, key, value)
    {
        view_header(v, key, widths[column], column + 1 == columns);
        column++;
    }
    eid_buf_append_byte(v->out, '\n');
    json_array_foreach(array, i, item)
    {
        column = 0;
        view_pad(v->out, indent);
        json_object_foreach(first, key, value)
        {
            view_cell(v, json_object_get(item, key), widths[column], column + 1 == columns);
            column++;
        }
        eid_buf_append_byte(v->out, '\n');
    }
}

static void view_array(const view *v, json_t *array, size_t indent)
{
    size_t i;
    json_t *item;

    if (json_is_object(json_array_get(array, 0)) && view_is_table(array)) {
        view_table(v, array, indent);
        return;
    }
    json_array_foreach(array, i, item)
    {
        if (json_is_object(item) && indent < VIEW_INDENT_MAX) {
            if (i > 0) eid_buf_append_byte(v->out, '\n');
            view_object(v, item, indent);
            continue;
        }
        view_pad(v->out, indent);
        view_scalar(item, v->out);
        eid_buf_append_byte(v->out, '\n');
    }
}

static void view_member(const view *v, const char *key, json_t *value, size_t indent, size_t width)
{
    view_pad(v->out, indent);
    view_label(v, key, v->out);
    eid_buf_append_byte(v->out, ':');
    if (view_is_nested(value) && indent < VIEW_INDENT_MAX) {
        eid_buf_append_byte(v->out, '\n');
        if (json_is_object(value)) view_object(v, value, indent + 2);
        if (json_is_array(value)) view_array(v, value, indent + 2);
        return;
    }
    view_pad(v->out, width - view_label_width(v, key) + 2);
    if (view_is_nested(value) || (!json_is_object(value) && !json_is_array(value))) {
        view_scalar(value, v->out);
    } else {
        eid_buf_append_text(v->out, "none");
    }
    eid_buf_append_byte(v->out, '\n');
}

static void view_object(const view *v, json_t *object, size_t indent)
{
    size_t width = 0;
    json_t *value;
    const char *key;

    json_object_foreach(object, key, value)
    {
        size_t label = view_label_width(v, key);

        if (!view_is_nested(value) && label > width) width = label;
    }
    json_object_foreach(object, key, value)
    {
        size_t label = view_label_width(v, key);

        if (indent == 0 && strcmp(key, "v") == 0) continue;
        view_member(v, key, value, indent, label > width ? label : width);
    }
}

static json_t *view_load(eid__cli *cli, eid_slice json, int *code)
{
    json_t *tree = json_loadb((const char *)json.at, json.len, JSON_DECODE_ANY, NULL);

    *code = 0;
    if (tree == NULL) {
        *code = eid__cli_refuse(cli, EIDETICA_CORRUPT, "showing the answer", "",
                                "it is no JSON that can be shown; try --json");
    }
    return tree;
}

static int view_print_json(eid__cli *cli, eid_slice json)
{
    eid_buf text;

    eid_buf_init(&text, EID__CLI_TEXT_MAX);
    if (eid_slice_has_prefix(json, eid_slice_text("{\"v\":1"))) {
        eid_buf_append(&text, json);
    } else if (json.len > 1 && json.at[0] == '{') {
        eid_buf_append_text(&text, json.at[1] == '}' ? "{\"v\":1" : "{\"v\":1,");
        eid_buf_append(&text, eid_slice_of(json.at + 1, json.len - 1));
    } else {
        eid_buf_append_text(&text, "{\"v\":1,\"value\":");
        eid_buf_append(&text, json);
        eid_buf_append_text(&text, "}");
    }
    if (eid_buf_status(&text) != EID_OK) {
        eid_buf_fini(&text);
        return eid__cli_no_memory(cli);
    }
    eid__cli_print_json(eid_buf_slice(&text));
    eid_buf_fini(&text);
    return 0;
}

int eid__cli_view(eid__cli *cli, eid_slice json, const eid__cli_label *labels)
{
    eid_buf out;
    view v = {labels, &out};
    json_t *tree;
    int code;

    if (cli->form != EID__CLI_HUMAN) return view_print_json(cli, json);
    tree = view_load(cli, json, &code);
    if (tree == NULL) return code;
    eid_buf_init(&out, EID__CLI_TEXT_MAX);
    if (json_is_array(tree)) view_array(&v, tree, 0);
    if (json_is_object(tree)) view_object(&v, tree, 0);
    fwrite(out.at, 1, out.len, stdout);
    eid_buf_fini(&out);
    json_decref(tree);
    return 0;
}

static int view_on_indented(const char *at, size_t len, void *self)
{
    eid_buf_append(self, eid_slice_of(at, len));
    return 0;
}

int eid__cli_view_indented(eid__cli *cli, eid_slice json)
{
    json_t *tree;
    eid_buf out;
    int code;

    if (cli->form != EID__CLI_HUMAN) return view_print_json(cli, json);
    tree = view_load(cli, json, &code);
    if (tree == NULL) return code;
    eid_buf_init(&out, EID__CLI_TEXT_MAX);
    json_dump_callback(tree, view_on_indented, &out, JSON_INDENT(2) | JSON_ENCODE_ANY);
    eid__cli_print_json(eid_buf_slice(&out));
    eid_buf_fini(&out);
    json_decref(tree);
    return 0;
}
