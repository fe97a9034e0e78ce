/* A Y document driven by lines, for the exchange with the real Yjs (exchange.mjs).
 *
 * Each line is a command and its words, bytes in hex; each answer is one line, "ok" and a result or
 * "error" and why.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crdt/ydoc.h"

#define WORDS_MAX 4
#define BYTES_MAX ((size_t)1 << 26)

typedef struct peer {
    eid_ydoc *doc;
    char *words[WORDS_MAX];
    size_t word_count;
    eid_buf result; /* text of the answer */
} peer;

static const char *word(const peer *self, size_t at)
{
    return at < self->word_count ? self->words[at] : "";
}

static uint64_t word_number(const peer *self, size_t at)
{
    return strtoull(word(self, at), NULL, 10);
}

static unsigned hex_digit(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10) & 15u;
}

/* New: eid_buf_fini(). */
static eid_buf word_bytes(const peer *self, size_t at)
{
    const char *text = word(self, at);
    eid_buf bytes;

    eid_buf_init(&bytes, BYTES_MAX);
    for (size_t i = 0; text[i] != 0 && text[i + 1] != 0; i += 2) {
        eid_buf_append_byte(&bytes, (uint8_t)(hex_digit(text[i]) << 4 | hex_digit(text[i + 1])));
    }
    return bytes;
}

static void result_hex(peer *self, const eid_buf *bytes)
{
    for (size_t i = 0; i < bytes->len; i++) {
        eid_buf_append_format(&self->result, "%02x", bytes->at[i]);
    }
}

/* -- commands ---------------------------------------------------------------------------------- */

static eid_status peer_new(peer *self)
{
    eid_ydoc_free(self->doc);
    return eid_ydoc_new((uint32_t)word_number(self, 1), &self->doc);
}

static eid_status peer_apply(peer *self)
{
    eid_buf update = word_bytes(self, 1);
    eid_status status = eid_ydoc_apply(self->doc, eid_buf_slice(&update));

    eid_buf_fini(&update);
    return status;
}

static eid_status peer_text_insert(peer *self)
{
    eid_buf text = word_bytes(self, 2);
    eid_status status =
        eid_ydoc_text_insert(self->doc, "t", word_number(self, 1), eid_buf_slice(&text));

    eid_buf_fini(&text);
    return status;
}

static eid_status peer_text_delete(peer *self)
{
    return eid_ydoc_text_delete(self->doc, "t", word_number(self, 1), word_number(self, 2));
}

static eid_status peer_array_insert(peer *self)
{
    eid_buf json = word_bytes(self, 2);
    eid_status status =
        eid_ydoc_array_insert(self->doc, "a", word_number(self, 1), eid_buf_slice(&json));

    eid_buf_fini(&json);
    return status;
}

static eid_status peer_array_delete(peer *self)
{
    return eid_ydoc_array_delete(self->doc, "a", word_number(self, 1), word_number(self, 2));
}

static eid_status peer_map_set(peer *self)
{
    eid_buf key = word_bytes(self, 1), json = word_bytes(self, 2);
    eid_status status = eid_ydoc_map_set(self->doc, "m", eid_buf_slice(&key), eid_buf_slice(&json));

    eid_buf_fini(&key);
    eid_buf_fini(&json);
    return status;
}

static eid_status peer_map_delete(peer *self)
{
    eid_buf key = word_bytes(self, 1);
    eid_status status = eid_ydoc_map_delete(self->doc, "m", eid_buf_slice(&key));

    eid_buf_fini(&key);
    return status;
}

static eid_status peer_diff(peer *self)
{
    eid_buf state = word_bytes(self, 1), update;
    eid_status status;

    eid_buf_init(&update, BYTES_MAX);
    status = eid_ydoc_encode(self->doc, eid_buf_slice(&state), &update);
    result_hex(self, &update);
    eid_buf_fini(&state);
    eid_buf_fini(&update);
    return status;
}

static eid_status peer_state(peer *self)
{
    eid_buf state;
    eid_status status;

    eid_buf_init(&state, BYTES_MAX);
    status = eid_ydoc_state_vector(self->doc, &state);
    result_hex(self, &state);
    eid_buf_fini(&state);
    return status;
}

static eid_status peer_lengths(peer *self)
{
    eid_buf_append_format(&self->result, "[%llu,%llu]",
                          (unsigned long long)eid_ydoc_length(self->doc, "t"),
                          (unsigned long long)eid_ydoc_length(self->doc, "a"));
    return EID_OK;
}

static eid_status peer_view(peer *self)
{
    eid_json_writer writer;
    eid_buf text, xml;
    eid_status status;

    eid_buf_init(&text, BYTES_MAX);
    eid_buf_init(&xml, BYTES_MAX);
    eid_json_writer_init(&writer, &self->result);
    eid_json_object(&writer);
    eid_json_key(&writer, "map");
    status = eid_ydoc_view_map(self->doc, "m", &writer);
    eid_json_key(&writer, "array");
    if (status == EID_OK) status = eid_ydoc_view_array(self->doc, "a", &writer);
    if (status == EID_OK) status = eid_ydoc_view_text(self->doc, "t", &text);
    if (status == EID_OK) status = eid_ydoc_view_xml(self->doc, "x", &xml);
    eid_json_key(&writer, "text");
    eid_json_string(&writer, eid_buf_slice(&text));
    eid_json_key(&writer, "xml");
    eid_json_string(&writer, eid_buf_slice(&xml));
    eid_json_key(&writer, "pending");
    eid_json_bool(&writer, eid_ydoc_is_pending(self->doc));
    eid_json_object_end(&writer);
    eid_buf_fini(&text);
    eid_buf_fini(&xml);
    return status;
}

static const struct {
    const char *name;
    eid_status (*run)(peer *self);
} commands[] = {
    {"new", peer_new},
    {"apply", peer_apply},
    {"text-insert", peer_text_insert},
    {"text-delete", peer_text_delete},
    {"array-insert", peer_array_insert},
    {"array-delete", peer_array_delete},
    {"map-set", peer_map_set},
    {"map-delete", peer_map_delete},
    {"diff", peer_diff},
    {"state", peer_state},
    {"lengths", peer_lengths},
    {"view", peer_view},
};

static eid_status peer_run(peer *self)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(word(self, 0), commands[i].name) == 0) return commands[i].run(self);
    }
    return EID_FAIL(EID_KIND_ARGUMENT, "unknown command");
}

static void peer_split(peer *self, char *line)
{
    self->word_count = 0;
    line[strcspn(line, "\n")] = 0;
    while (self->word_count < WORDS_MAX && line != NULL) {
        char *space = strchr(line, ' ');

        self->words[self->word_count++] = line;
        if (space != NULL) *space++ = 0;
        line = space;
    }
}

int main(void)
{
    peer self = {.doc = NULL};
    char *line = NULL;
    size_t cap = 0;

    eid_buf_init(&self.result, BYTES_MAX);
    while (getline(&line, &cap, stdin) >= 0) {
        eid_status status;

        peer_split(&self, line);
        eid_buf_clear(&self.result);
        status = peer_run(&self);
        if (status == EID_OK)
            printf("ok %.*s\n", (int)self.result.len, (const char *)self.result.at);
        else
            printf("error %s\n", eid_status_detail(status).text);
        fflush(stdout);
    }
    free(line);
    eid_buf_fini(&self.result);
    eid_ydoc_free(self.doc);
    return 0;
}
