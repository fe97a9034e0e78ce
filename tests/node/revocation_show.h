/* A random history in words, for whoever has to find out why it failed. */
#ifndef EID_TESTS_NODE_REVOCATION_SHOW_H
#define EID_TESTS_NODE_REVOCATION_SHOW_H

#include "tests/node/revocation_story.h"

static inline void story_show_mask(const char *name, uint32_t mask)
{
    print_error(" %s", name);
    for (size_t i = 0; i < STORY_ENTRIES_MAX; i++) {
        if (mask & STORY_BIT(i)) print_error(",%zu", i);
    }
}

static inline uint32_t story_show_ids(const story *self, eid_ids ids)
{
    uint32_t mask = 0;

    for (size_t k = 0; k < ids.count; k++) {
        for (size_t i = 0; i < self->count; i++) {
            if (eid_id_equal(eid_entry_id(self->entries[i]), &ids.at[k])) {
                mask |= STORY_BIT(i);
            }
        }
    }
    return mask;
}

/* Keys as their numbers, so that the payloads can be read. */
static inline void story_show_text(const story *self, eid_slice text)
{
    char out[4096], key[EID_KEY_TEXT_MAX], *at;

    snprintf(out, sizeof(out), "%.*s", EID_SLICE_ARG(text));
    for (size_t k = 0; k < STORY_KEYS; k++) {
        eid_pubkey_text(&self->keys[k].pub, key);
        while ((at = strstr(out, key)) != NULL) {
            *at = (char)('0' + k);
            memmove(at + 1, at + strlen(key), strlen(at + strlen(key)) + 1);
        }
    }
    print_error(" %s", out);
}

static inline void story_show_entry(const story *self, size_t i)
{
    const eid_entry *entry = self->entries[i];
    const eid_subtree *settings = eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS));
    eid_pin pin;

    print_error("%zu %.12s h%llu %s by", i, eid_id_str(eid_entry_id(entry)) + 50,
                (unsigned long long)eid_entry_height(entry),
                self->verified & STORY_BIT(i) ? "V" : "F");
    story_show_text(self, eid_hint_display(&eid_entry_sigkey(entry)->hint));
    FACTS_OK(eid_entry_pin(entry, &pin));
    story_show_mask("parents", story_show_ids(self, eid_entry_parents(entry)));
    story_show_mask("pins", story_show_ids(self, eid_idset_ids(&pin.tips)));
    eid_pin_fini(&pin);
    if (settings != NULL) {
        story_show_mask("settings", story_show_ids(self, settings->parents));
        print_error(" sh%llu", (unsigned long long)settings->height);
        story_show_text(self, settings->data);
    }
    print_error("\n");
}

/* The entries, one a line, and what the naive evaluator says of them. */
static inline void story_show(const story *self, const naive *by)
{
    for (size_t i = 0; i < self->count; i++) story_show_entry(self, i);
    for (size_t i = 0; i < by->f.count; i++) {
        size_t place = story_place(self, eid_entry_id(by->f.entries[i]));

        if (by->stands[i]) print_error("stands: %zu\n", place);
        if (by->is_void[i]) print_error("void: %zu\n", place);
    }
}

#endif
