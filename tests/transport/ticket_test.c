/* Tickets: our extensions, and how much a pasted text may be damaged. */
#include "tests/support/test.h"

#include <stdlib.h>

#include "dag/alloc.h"
#include "transport/ticket.h"

#define DB "bafyr4idabwljel6xrtguohczfbmvte3fgylazeyi2gymy3apdhehgn2nki"
#define TIP "bafyr4iclz5wetihejclltgfzgfu5ex4w6ama2eunvki6bcfe4og44ullhq"
#define NODE "rkeohxlubhyzl7ks3mwtzos5olfgocn7dwkbeg7toseadnapn5oa"
#define BEGIN "eidetica:?db=" DB

static eid_ticket read_ticket(const char *text)
{
    eid_ticket ticket;
    eid_status status = eid_ticket_parse(eid_slice_text(text), &ticket);

    if (status != EID_OK) print_error("%s: %s\n", text, eid_status_detail(status).text);
    assert_int_equal(status, EID_OK);
    return ticket;
}

static void assert_writes(const eid_ticket *ticket, const char *want)
{
    eid_buf text;
    char *out;

    eid_buf_init(&text, 100000);
    assert_int_equal(eid_ticket_format(ticket, &text), EID_OK);
    out = eid_buf_take_text(&text);
    assert_string_equal(out, want);
    eid_free(out);
    eid_buf_fini(&text);
}

static void test_ticket__our_extensions_are_kept(void **state)
{
    const char *text = BEGIN "&pr=http:a:1&pk=" NODE "&tips=2:" TIP "," DB "&nm=My 50%25 list";
    eid_ticket ticket = read_ticket(text);

    assert_string_equal(ticket.name, "My 50% list");
    assert_int_equal(ticket.tips.count, 2);
    assert_int_equal(ticket.key_count, 1);
    eid_buf out;
    eid_buf_init(&out, 10000);
    assert_int_equal(eid_ticket_format(&ticket, &out), EID_OK);
    eid_ticket again;
    assert_int_equal(eid_ticket_parse(eid_buf_slice(&out), &again), EID_OK);
    assert_true(eid_idset_equal(&ticket.tips, &again.tips));
    assert_string_equal(again.name, ticket.name);
    assert_memory_equal(again.keys, ticket.keys, 32);
    eid_buf_fini(&out);
    eid_ticket_fini(&again);
    eid_ticket_fini(&ticket);
}

static void test_ticket__tips_with_a_wrong_count_are_discarded(void **state)
{
    static const char *const bad[] = {
        BEGIN "&tips=1:" TIP "," DB,
        BEGIN "&tips=3:" TIP "," DB,
        BEGIN "&tips=0:",
        BEGIN "&tips=" TIP,
        BEGIN "&tips=1:nothing",
        BEGIN "&tips=2:" TIP "," TIP,
        BEGIN "&tips=1:",
        BEGIN "&tips=999:" TIP,
        BEGIN "&tips=-1:" TIP,
        BEGIN "&tips=1:" TIP ",",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        eid_ticket ticket = read_ticket(bad[i]);

        if (ticket.tips.count > 0) print_error("%s\n", bad[i]);
        assert_int_equal(ticket.tips.count, 0);
        eid_ticket_fini(&ticket);
    }
}

static void test_ticket__a_name_too_long_is_dropped(void **state)
{
    eid_ticket ticket = read_ticket(
        BEGIN "&nm=0123456789012345678901234567890123456789012345678901234567890123456789");

    assert_null(ticket.name);
    eid_ticket_fini(&ticket);
}

static void test_ticket__broken_utf8_is_replaced_and_zeros_are_skipped(void **state)
{
    eid_ticket ticket = read_ticket(BEGIN "&pr=http:a%FFb%E2%82c%F0%9F%98%80&pr=http:a%00b");

    assert_int_equal(ticket.count, 1);
    assert_string_equal(ticket.at[0].address, "a\xef\xbf\xbd"
                                              "b\xef\xbf\xbd"
                                              "c\xf0\x9f\x98\x80");
    eid_ticket_fini(&ticket);
}

static void test_ticket_quic__gives_the_decodable_hints_in_order(void **state)
{
    eid_ticket ticket = read_ticket(BEGIN "&pr=quic:nonsense&pr=http:h:1&pr=quic:" NODE
                                          "@a.example:1&pr=quic:" NODE "@b.example:2");
    eid_quic_address address;

    assert_int_equal(eid_ticket_quic(&ticket, 0, &address), EID_OK);
    assert_string_equal(address.at[0].host, "a.example");
    assert_int_equal(eid_ticket_quic(&ticket, 1, &address), EID_OK);
    assert_int_equal(address.at[0].port, 2);
    assert_int_equal(eid_ticket_quic(&ticket, 2, &address), EID_E_NOT_FOUND);
    assert_int_equal(ticket.count, 4); /* all are kept */
    eid_ticket_fini(&ticket);
}

static void test_ticket__what_is_none_is_refused_with_a_reason(void **state)
{
    eid_ticket ticket;

    assert_int_equal(eid_ticket_parse(eid_slice_text("http://x"), &ticket), EID_E_MALFORMED);
    assert_int_equal(eid_status_detail(EID_E_MALFORMED).kind, EID_KIND_TICKET);
    assert_int_equal(eid_ticket_parse(eid_slice_text("eidetica:?pr=http:a:1"), &ticket),
                     EID_E_MALFORMED);
    assert_int_equal(eid_ticket_parse(eid_slice_text("eidetica:?db=xyz&pr=http:a:1"), &ticket),
                     EID_E_MALFORMED);
    assert_int_equal(eid_status_detail(EID_E_MALFORMED).kind, EID_KIND_ID_FORMAT);
    assert_null(ticket.at);
}

static void test_ticket__has_bounds(void **state)
{
    eid_ticket ticket;
    eid_buf text;

    eid_buf_init(&text, 1000000);
    eid_buf_append_text(&text, BEGIN);
    for (unsigned i = 0; i < EID_TICKET_ADDRESSES_MAX; i++)
        eid_buf_append_text(&text, "&pr=http:a:1");
    assert_int_equal(eid_ticket_parse(eid_buf_slice(&text), &ticket), EID_OK);
    assert_int_equal(ticket.count, EID_TICKET_ADDRESSES_MAX);
    assert_int_equal(eid_ticket_add(&ticket, "http", "b:1"), EID_E_TOO_BIG);
    eid_ticket_fini(&ticket);
    eid_buf_append_text(&text, "&pr=http:b:1");
    assert_int_equal(eid_ticket_parse(eid_buf_slice(&text), &ticket), EID_E_TOO_BIG);
    while (text.len <= EID_TICKET_BYTES_MAX) eid_buf_append_text(&text, "&x=yyyyyyyyyyyyyyyyyyyyy");
    assert_int_equal(eid_ticket_parse(eid_buf_slice(&text), &ticket), EID_E_TOO_BIG);
    eid_buf_fini(&text);
}

/* Any byte of a ticket turned into any other must not break anything but the reading. */
static void test_ticket__damaged_texts_do_no_harm(void **state)
{
    const char *good = BEGIN "&pr=quic:" NODE "@[::1]:4433,l~1.2.3.4:5&tips=1:" TIP "&nm=a%20b";
    size_t len = strlen(good);
    eid_quic_address address;
    char text[400];

    for (size_t i = 0; i < len; i++) {
        for (int byte = 0; byte < 256; byte += 3) {
            eid_ticket ticket;

            memcpy(text, good, len);
            text[i] = (char)byte;
            if (eid_ticket_parse(eid_slice_of(text, len), &ticket) != EID_OK) continue;
            (void)!eid_ticket_quic(&ticket, 0, &address);
            eid_ticket_fini(&ticket);
        }
        eid_ticket ticket;
        if (eid_ticket_parse(eid_slice_of(good, i), &ticket) == EID_OK) eid_ticket_fini(&ticket);
    }
}

/* The n-th allocation fails, for every n: an error or a whole ticket, and nothing is lost. */
static void test_ticket__survives_want_of_memory(void **state)
{
    const char *text = BEGIN "&pr=http:a:1&pr=http:b:1&tips=1:" TIP "&nm=x";
    eid_status status = EID_E_NO_MEMORY;

    for (uint64_t n = 1; n < 200 && status != EID_OK; n++) {
        eid_ticket ticket;

        (void)eid_alloc_fail_at(n, true);
        status = eid_ticket_parse(eid_slice_text(text), &ticket);
        (void)eid_alloc_fail_at(0, false);
        if (status == EID_OK) {
            assert_int_equal(ticket.count, 2);
            eid_ticket_fini(&ticket);
        } else {
            assert_true(status == EID_E_NO_MEMORY || status == EID_E_MALFORMED);
        }
    }
    assert_int_equal(status, EID_OK);
}

static void test_ticket_format__escapes_five_characters_only(void **state)
{
    eid_ticket ticket = {.database = EID_ID_EMPTY};

    assert_int_equal(eid_ticket_add(&ticket, "t%", "a&b=c#d+e f:g/[h]"), EID_OK);
    assert_writes(&ticket, "eidetica:?db=&pr=t%25:a%26b%3Dc%23d%2Be f:g/[h]");
    eid_ticket_fini(&ticket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ticket__our_extensions_are_kept),
        cmocka_unit_test(test_ticket__tips_with_a_wrong_count_are_discarded),
        cmocka_unit_test(test_ticket__a_name_too_long_is_dropped),
        cmocka_unit_test(test_ticket__broken_utf8_is_replaced_and_zeros_are_skipped),
        cmocka_unit_test(test_ticket_quic__gives_the_decodable_hints_in_order),
        cmocka_unit_test(test_ticket__what_is_none_is_refused_with_a_reason),
        cmocka_unit_test(test_ticket__has_bounds),
        cmocka_unit_test(test_ticket__damaged_texts_do_no_harm),
        cmocka_unit_test(test_ticket__survives_want_of_memory),
        cmocka_unit_test(test_ticket_format__escapes_five_characters_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
