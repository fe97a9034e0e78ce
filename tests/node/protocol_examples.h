/* The examples of PROTOCOL.md: blocks of hexadecimal, each after a line with its name. */
#ifndef EID_TESTS_NODE_PROTOCOL_EXAMPLES_H
#define EID_TESTS_NODE_PROTOCOL_EXAMPLES_H

#include <ctype.h>

#include "tests/node/sync_world.h"

#define EXAMPLES_MAX 32
#define EXAMPLE_MARK "<!-- example: "

typedef struct example {
    char name[40];
    eid_buf frame;
} example;

typedef struct protocol {
    char *text;
    example examples[EXAMPLES_MAX];
    size_t count;
} protocol;

static inline eid_slice body_of(const example *at)
{
    return eid_slice_of(at->frame.at + EID_FRAME_HEAD, at->frame.len - EID_FRAME_HEAD);
}

static inline char *file_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);
    size_t len;

    if (!file || !text) fail_msg("%s cannot be read", path);
    len = fread(text, 1, (1 << 20) - 1, file);
    assert_true(len > 0 && len < (1 << 20) - 1);
    fclose(file);
    return text;
}

static inline const char *example_read(const char *at, example *out)
{
    const char *end = strstr(at, " -->");
    unsigned high = 0;
    bool is_half = false;

    assert_non_null(end);
    assert_true((size_t)(end - at) < sizeof out->name);
    memcpy(out->name, at, (size_t)(end - at));
    eid_buf_init(&out->frame, 1 << 20);
    at = strstr(end, "```hex\n");
    assert_non_null(at);
    for (at += strlen("```hex\n"); *at != '`'; at++) {
        unsigned digit;

        if (isspace((unsigned char)*at)) continue;
        assert_true(isxdigit((unsigned char)*at) && !isupper((unsigned char)*at));
        digit = (unsigned)(*at <= '9' ? *at - '0' : *at - 'a' + 10);
        if (is_half) eid_buf_append_byte(&out->frame, (uint8_t)(high << 4 | digit));
        high = digit;
        is_half = !is_half;
    }
    assert_false(is_half);
    assert_ok(eid_buf_status(&out->frame));
    return at;
}

static inline int protocol_open(void **state)
{
    protocol *self = calloc(1, sizeof *self);

    assert_non_null(self);
    self->text = file_text(EID_TESTS_DIR "/../node/sync/PROTOCOL.md");
    for (const char *at = strstr(self->text, EXAMPLE_MARK); at; at = strstr(at, EXAMPLE_MARK)) {
        assert_true(self->count < EXAMPLES_MAX);
        at = example_read(at + strlen(EXAMPLE_MARK), &self->examples[self->count++]);
    }
    *state = self;
    return 0;
}

static inline int protocol_close(void **state)
{
    protocol *self = *state;

    for (size_t i = 0; i < self->count; i++) eid_buf_fini(&self->examples[i].frame);
    free(self->text);
    free(self);
    return 0;
}

static inline const example *protocol_find(const protocol *self, const char *name)
{
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp(self->examples[i].name, name) == 0) return &self->examples[i];
    }
    fail_msg("PROTOCOL.md has no example %s", name);
    return NULL;
}

static inline void protocol_decode(const protocol *self, const char *name, eid_message *out)
{
    assert_ok(eid_message_decode(body_of(protocol_find(self, name)), out));
}

#endif
