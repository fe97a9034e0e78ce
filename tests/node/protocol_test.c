/* PROTOCOL.md is what is spoken: each example in it decodes, says what the text says, and encodes
 * to the same bytes, and the worked exchange is what two engines really say to each other. */
#include "auth/sigkey.h"
#include "dag/cbor.h"
#include "tests/node/protocol_examples.h"

static const struct type_name {
    eid_message_type type;
    const char *name;
} types[] = {
    {EID_MESSAGE_HELLO, "hello"},     {EID_MESSAGE_OBSERVED, "observed"},
    {EID_MESSAGE_GOODBYE, "goodbye"}, {EID_MESSAGE_ERROR, "error"},
    {EID_MESSAGE_OPEN, "open"},       {EID_MESSAGE_ACCEPT, "accept"},
    {EID_MESSAGE_REFUSE, "refuse"},   {EID_MESSAGE_RANGES, "ranges"},
    {EID_MESSAGE_ENTRIES, "entries"}, {EID_MESSAGE_DONE, "done"},
    {EID_MESSAGE_ACK, "ack"},         {EID_MESSAGE_WANT, "want"},
};

#define TYPE_COUNT (sizeof types / sizeof *types)

/* ---- the text */

static void test_protocol__names_each_message_in_its_cddl(void **state)
{
    const protocol *self = *state;
    const char *begin = strstr(self->text, "```cddl");
    const char *end = begin ? strstr(begin + 7, "```") : NULL;

    assert_non_null(end);
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        char rule[60];
        const char *at;

        assert_string_equal(eid_message_name((uint64_t)types[i].type), types[i].name);
        snprintf(rule, sizeof rule, "\n%-8s = [ %d, {", types[i].name, (int)types[i].type);
        at = strstr(begin, rule);
        if (!at || at > end) fail_msg("no rule%s", rule);
    }
    assert_string_equal(eid_message_name(99), "?");
}

static void test_protocol__has_an_example_of_each_message(void **state)
{
    const protocol *self = *state;

    for (size_t i = 0; i < TYPE_COUNT; i++) {
        bool found = false;

        for (size_t j = 0; j < self->count; j++) {
            const example *at = &self->examples[j];
            size_t len = strcspn(at->name, "-");
            eid_message message;

            if (len != strlen(types[i].name) || strncmp(at->name, types[i].name, len) != 0)
                continue;
            assert_ok(eid_message_decode(body_of(at), &message));
            assert_int_equal(message.type, types[i].type);
            eid_message_fini(&message);
            found = true;
        }
        if (!found) fail_msg("no example of %s", types[i].name);
    }
}

static void test_protocol__states_the_limits_of_the_code(void **state)
{
    static const char *const words[] = {
        "| message | 4 MiB |",
        "| tips, `have`, ids of a `want` | 1,024 |",
        "| proofs | 16 |",
        "| parts of a `ranges` | 256 |",
        "| ids in a part | 64 |",
        "| entries in a message | 1,024 |",
        "| entry | 1 MiB |",
        "| text (`node`, `text`) | 256 bytes",
        "| streams of one peer | 256 |",
    };
    const protocol *self = *state;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!strstr(self->text, words[i])) fail_msg("PROTOCOL.md does not say: %s", words[i]);
    }
    assert_int_equal(EID_SYNC_MESSAGE_MAX, 4u << 20);
    assert_int_equal(EID_SYNC_TIPS_MAX, 1024);
    assert_int_equal(EID_MESSAGE_PROOFS_MAX, 16);
    assert_int_equal(EID_MESSAGE_PARTS_MAX, 256);
    assert_int_equal(EID_MESSAGE_PART_IDS_MAX, 64);
    assert_int_equal(EID_MESSAGE_ENTRIES_MAX, 1024);
    assert_int_equal(EID_ENTRY_BYTES_MAX, 1u << 20);
    assert_int_equal(EID_MESSAGE_TEXT_MAX, 256);
    assert_int_equal(EID_STREAMS_PER_CONNECTION, 256);
}

/* ---- examples as bytes */

static void test_examples__encode_to_the_same_bytes(void **state)
{
    const protocol *self = *state;

    for (size_t i = 0; i < self->count; i++) {
        const example *at = &self->examples[i];
        eid_message message;
        eid_buf again;

        assert_true(at->frame.len > EID_FRAME_HEAD);
        assert_int_equal(eid_get_u32(at->frame.at), at->frame.len - EID_FRAME_HEAD);
        assert_ok(eid_message_decode(body_of(at), &message));
        eid_buf_init(&again, 1 << 20);
        assert_ok(eid_message_encode(&message, &again));
        if (!eid_slice_equal(eid_buf_slice(&again), eid_buf_slice(&at->frame))) {
            fail_msg("example %s encodes to other bytes", at->name);
        }
        eid_buf_fini(&again);
        eid_message_fini(&message);
    }
}

/* A key of the body that the second body has not: it was unknown. */
static bool body_has_key(eid_slice body, eid_slice wanted)
{
    eid_slice last = EID_SLICE_EMPTY;
    eid_cbor cbor;
    bool found = false;

    eid_cbor_init(&cbor, body);
    (void)eid_cbor_array(&cbor);
    (void)eid_cbor_uint(&cbor);
    for (size_t count = eid_cbor_map(&cbor); count > 0; count--) {
        found = eid_slice_equal(eid_cbor_key(&cbor, &last), wanted) || found;
        eid_cbor_skip(&cbor);
    }
    return found;
}

static bool body_has_unknown_key(eid_slice body, eid_slice known)
{
    eid_slice last = EID_SLICE_EMPTY;
    eid_cbor cbor;
    bool found = false;

    eid_cbor_init(&cbor, body);
    (void)eid_cbor_array(&cbor);
    (void)eid_cbor_uint(&cbor);
    for (size_t count = eid_cbor_map(&cbor); count > 0; count--) {
        found = !body_has_key(known, eid_cbor_key(&cbor, &last)) || found;
        eid_cbor_skip(&cbor);
    }
    return found;
}

/* Damaged bytes are refused, or say something else than before in canonical form. */
static void check_damaged(const char *name, eid_slice body)
{
    eid_message message;
    eid_buf again;

    if (eid_message_decode(body, &message) == EID_OK &&
        strcmp(eid_message_name(message.type), "?") != 0) {
        eid_slice known;

        eid_buf_init(&again, 1 << 20);
        assert_ok(eid_message_encode(&message, &again));
        known = eid_slice_of(again.at + EID_FRAME_HEAD, again.len - EID_FRAME_HEAD);
        if (!eid_slice_equal(known, body) && !body_has_unknown_key(body, known)) {
            fail_msg("a damaged %s was taken for something that it does not say", name);
        }
        eid_buf_fini(&again);
    }
    eid_message_fini(&message);
}

static void test_examples__are_refused_when_cut_off(void **state)
{
    const protocol *self = *state;

    for (size_t i = 0; i < self->count; i++) {
        eid_slice body = body_of(&self->examples[i]);

        for (size_t len = 0; len < body.len; len++) {
            uint8_t *cut = eid_memdup(body.at, len);
            eid_message message;

            assert_non_null(cut);
            assert_int_equal(eid_message_decode(eid_slice_of(cut, len), &message),
                             eid_kind_status(EID_KIND_SYNC_MESSAGE));
            eid_message_fini(&message);
            eid_free(cut);
        }
    }
}

static void test_examples__never_mislead_when_a_bit_is_flipped(void **state)
{
    const protocol *self = *state;

    for (size_t i = 0; i < self->count; i++) {
        eid_slice body = body_of(&self->examples[i]);
        uint8_t *bytes = eid_memdup(body.at, body.len);

        assert_non_null(bytes);
        for (size_t bit = 0; bit < body.len * 8; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            check_damaged(self->examples[i].name, eid_slice_of(bytes, body.len));
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        eid_free(bytes);
    }
}

/* ---- the worked exchange */

static eid_entry *exchange_entry(const node *writer, const eid_entry *before, const char *text)
{
    uint64_t entropy = 42;
    eid_sigkey_owned hint;
    eid_builder *builder = NULL;
    eid_entry *entry = NULL;
    eid_id parent = before ? *eid_entry_id(before) : EID_ID_EMPTY;
    eid_buf pin;

    eid_buf_init(&pin, 1000);
    eid_pin_write((eid_ids){NULL, 0}, before ? NULL : &entropy, &pin);
    assert_ok(eid_builder_new(before ? eid_entry_tree(before) : NULL, &builder));
    if (before) assert_ok(eid_builder_set_parents(builder, (eid_ids){&parent, 1}));
    eid_builder_set_height(builder, before ? eid_entry_height(before) + 1 : 0);
    assert_ok(eid_builder_set_metadata(builder, eid_buf_slice(&pin)));
    assert_ok(eid_builder_set_data(builder, eid_slice_text(before ? "notes" : EID_STORE_ROOT),
                                   eid_slice_text(text)));
    assert_ok(eid_sigkey_of_pubkey(&writer->user.pub, &hint));
    assert_ok(eid_builder_set_sigkey(builder, &hint.key));
    assert_ok(eid_builder_seal(builder, eid_key_sign_fn, (void *)(uintptr_t)&writer->user, &entry));
    eid_sigkey_owned_fini(&hint);
    eid_builder_free(builder);
    eid_buf_fini(&pin);
    return entry;
}

static void exchange_done(void *context, eid_kind kind, const char *text)
{
    if (kind != EID_KIND_NONE) fail_msg("the join failed: %s", text);
    *(bool *)context = true;
}

/* Node 0 (device key from 00..1f) holds a private database of three entries, node 1 (20..3f) joins
 * it and stops; both act for the user whose key is from 80..9f. */
static world *exchange_run(void)
{
    static const char *const texts[] = {"\"\"", "one", "two"};
    world *self = world_new(2);
    node *holder = &self->nodes[0], *joiner = &self->nodes[1];
    eid_entry *entries[3] = {NULL};
    eid_quic_address address = node_address(holder);
    bool is_joined = false;
    eid_sync_join_events events = {.self = &is_joined, .done = exchange_done};
    uint64_t join;

    for (size_t i = 0; i < 3; i++) {
        entries[i] = exchange_entry(holder, i > 0 ? entries[i - 1] : NULL, texts[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        store_fini(&self->nodes[i].store);
        store_init(&self->nodes[i].store, eid_entry_id(entries[0]));
        self->nodes[i].is_public = false;
        self->nodes[i].readers[0] = holder->user.pub;
        self->nodes[i].reader_count = 1;
    }
    for (size_t i = 0; i < 3; i++) {
        assert_true(store_put(&holder->store, eid_entry_bytes(entries[i])));
        eid_entry_free(entries[i]);
    }
    holder->has_address = true;
    node_start(holder);
    node_start(joiner);
    assert_ok(eid_sync_join(joiner->sync, &address, 1, &holder->store.root, &events, &join));
    world_run(self, 10 * SECOND);
    assert_true(is_joined);
    expect_equal_stores(self);
    eid_sync_stop(joiner->sync);
    world_settle(self);
    return self;
}

static const char *const exchange_names[] = {
    "hello-dialler", "hello-answer", "observed",    "open", "accept",
    "entries",       "done",         "done-opener", "ack",  "goodbye",
};

#define EXCHANGE_COUNT (sizeof exchange_names / sizeof *exchange_names)

static void test_exchange__is_what_two_engines_say(void **state)
{
    const protocol *self = *state;
    world *all = exchange_run();

    for (size_t i = 0; i < all->frame_count; i++) {
        const world_frame *frame = &all->frames[i];
        const example *expected;

        if (i >= EXCHANGE_COUNT) {
            fail_msg("node %zu also says %s", frame->from, eid_message_name(frame->type));
        }
        expected = protocol_find(self, exchange_names[i]);
        if (!eid_slice_equal(eid_buf_slice(&frame->bytes), eid_buf_slice(&expected->frame))) {
            fail_msg("message %zu of the exchange, %s, is not as in PROTOCOL.md", i,
                     expected->name);
        }
    }
    assert_int_equal(all->frame_count, EXCHANGE_COUNT);
    world_free(all);
}

static void expect_proof(const eid_message *message, const eid_id *root, uint8_t seed_begin)
{
    uint8_t seed[32];
    eid_key device;
    eid_buf signed_bytes;

    for (unsigned i = 0; i < 32; i++) seed[i] = (uint8_t)(seed_begin + i);
    eid_key_from_seed(seed, &device);
    assert_int_equal(message->proof_count, 1);
    eid_buf_init(&signed_bytes, 256);
    eid_buf_append_text(&signed_bytes, "eidetica/1 device-proof");
    eid_buf_append(&signed_bytes, eid_id_slice(root));
    eid_buf_append(&signed_bytes, eid_slice_of(device.pub.bytes, 32));
    assert_true(eid_key_verify(&message->proofs[0].key, eid_buf_slice(&signed_bytes),
                               eid_slice_of(message->proofs[0].signature, 64)));
    eid_buf_fini(&signed_bytes);
}

static void test_exchange__says_what_the_text_says(void **state)
{
    const protocol *self = *state;
    eid_message open, accept, entries, done, none, ack;
    eid_id ids[3];

    protocol_decode(self, "open", &open);
    protocol_decode(self, "accept", &accept);
    protocol_decode(self, "entries", &entries);
    protocol_decode(self, "done", &done);
    protocol_decode(self, "done-opener", &none);
    protocol_decode(self, "ack", &ack);
    assert_int_equal(open.tips.count + open.have.count + open.count, 0);
    expect_proof(&open, &open.root, 0x20);
    expect_proof(&accept, &open.root, 0x00);
    assert_true(accept.common);
    assert_int_equal(accept.count, 3);
    assert_int_equal(entries.entry_count, 3);
    for (size_t i = 0; i < 3; i++) ids[i] = eid_id_of_entry(entries.entries[i]);
    assert_true(eid_id_equal(&ids[0], &open.root));
    assert_int_equal(accept.tips.count, 1);
    assert_true(eid_id_equal(&ids[2], &accept.tips.at[0]));
    assert_true(eid_idset_equal(&done.tips, &accept.tips) && done.count == 3);
    assert_int_equal(none.tips.count + none.count, 0);
    assert_true(eid_idset_equal(&ack.tips, &accept.tips) && ack.count == 3);
    eid_message_fini(&open);
    eid_message_fini(&accept);
    eid_message_fini(&entries);
    eid_message_fini(&done);
    eid_message_fini(&none);
    eid_message_fini(&ack);
}

static void test_examples__show_the_control_stream(void **state)
{
    const protocol *self = *state;
    eid_quic_address address;
    eid_message message;
    eid_key device;
    uint8_t seed[32];

    for (unsigned i = 0; i < 32; i++) seed[i] = (uint8_t)i;
    eid_key_from_seed(seed, &device);
    protocol_decode(self, "hello-dialler", &message);
    assert_int_equal(message.addr.len, 0);
    assert_int_equal(message.message_max, EID_SYNC_MESSAGE_MAX);
    assert_int_equal(message.streams_max, EID_STREAMS_PER_CONNECTION);
    eid_message_fini(&message);
    protocol_decode(self, "hello-answer", &message);
    assert_ok(eid_quic_address_parse(message.addr, &address));
    assert_memory_equal(address.node, device.pub.bytes, 32);
    eid_message_fini(&message);
    protocol_decode(self, "observed", &message);
    assert_true(eid_slice_is(message.addr, "192.0.2.2:4433"));
    eid_message_fini(&message);
    protocol_decode(self, "goodbye", &message);
    assert_int_equal(message.code, EID_CODE_SHUTDOWN);
    eid_message_fini(&message);
    protocol_decode(self, "error", &message);
    assert_int_equal(message.code, EID_CODE_UNKNOWN_TYPE);
    assert_int_equal(message.about, 99);
    eid_message_fini(&message);
    protocol_decode(self, "refuse", &message);
    assert_int_equal(message.code, EID_CODE_UNKNOWN);
    eid_message_fini(&message);
}

static void test_examples__show_ranges_over_the_entries_of_the_exchange(void **state)
{
    const protocol *self = *state;
    eid_message entries, sums, ids, want;
    uint8_t sum[32] = {0};
    eid_idset all = EID_IDSET_EMPTY;

    protocol_decode(self, "entries", &entries);
    protocol_decode(self, "ranges-fingerprint", &sums);
    protocol_decode(self, "ranges-ids", &ids);
    protocol_decode(self, "want", &want);
    for (size_t i = 0; i < entries.entry_count; i++) {
        eid_id id = eid_id_of_entry(entries.entries[i]);

        sum_add(sum, &id);
        if (i > 0) assert_ok(eid_idset_add(&all, &id)); /* the part begins after the genesis */
    }
    assert_int_equal(sums.part_count, 1);
    assert_true(sums.parts[0].from.open && sums.parts[0].to.open && !sums.parts[0].has_ids);
    assert_int_equal(sums.parts[0].count, 3);
    assert_memory_equal(sums.parts[0].sum, sum, 32);
    assert_int_equal(ids.part_count, 1);
    assert_true(ids.parts[0].has_ids && ids.parts[0].to.open && !ids.parts[0].from.open);
    assert_int_equal(ids.parts[0].from.item.height, 1);
    assert_true(eid_idset_has(&all, &ids.parts[0].from.item.id));
    assert_int_equal(ids.parts[0].id_count, 2);
    for (size_t i = 0; i < 2; i++) assert_true(eid_id_equal(&ids.parts[0].ids[i], &all.at[i]));
    assert_int_equal(want.ids.count, 1);
    assert_true(eid_idset_has(&all, &want.ids.at[0]));
    eid_idset_fini(&all);
    eid_message_fini(&entries);
    eid_message_fini(&sums);
    eid_message_fini(&ids);
    eid_message_fini(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protocol__names_each_message_in_its_cddl),
        cmocka_unit_test(test_protocol__has_an_example_of_each_message),
        cmocka_unit_test(test_protocol__states_the_limits_of_the_code),
        cmocka_unit_test(test_examples__encode_to_the_same_bytes),
        cmocka_unit_test(test_examples__are_refused_when_cut_off),
        cmocka_unit_test(test_examples__never_mislead_when_a_bit_is_flipped),
        cmocka_unit_test(test_examples__show_the_control_stream),
        cmocka_unit_test(test_examples__show_ranges_over_the_entries_of_the_exchange),
        cmocka_unit_test(test_exchange__is_what_two_engines_say),
        cmocka_unit_test(test_exchange__says_what_the_text_says),
    };

    return cmocka_run_group_tests(tests, protocol_open, protocol_close);
}
