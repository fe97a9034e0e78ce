/* Addresses as texts: what is read, what is refused, what is written. */
#include "tests/support/test.h"

#include <stdio.h>

#include "transport/address.h"

#define ID "rkeohxlubhyzl7ks3mwtzos5olfgocn7dwkbeg7toseadnapn5oa"
#define VIA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void netaddr_round(const char *text, const char *want)
{
    eid_netaddr addr;
    char out[64];

    assert_int_equal(eid_netaddr_parse(eid_slice_text(text), &addr), EID_OK);
    assert_string_equal(eid_netaddr_format(&addr, out), want);
}

static void test_netaddr_parse__reads_what_format_writes(void **state)
{
    netaddr_round("192.0.2.1:4433", "192.0.2.1:4433");
    netaddr_round("0.0.0.0:0", "0.0.0.0:0");
    netaddr_round("[2001:db8::1]:65535", "[2001:db8::1]:65535");
    netaddr_round("[::]:00080", "[::]:80");
    netaddr_round("[0:0:0:0:0:0:0:1]:1", "[::1]:1");
}

static void test_netaddr_parse__refuses_everything_else(void **state)
{
    static const char *const bad[] = {
        "",
        ":",
        "1.2.3.4",
        "1.2.3.4:",
        "1.2.3.4:65536",
        "1.2.3.4:-1",
        "1.2.3.4:1x",
        "1.2.3:80",
        "1.2.3.256:80",
        "01.2.3.4:80",
        "::1:80",
        "[::1]",
        "[::1:80",
        "[1.2.3.4]:80",
        "[fe80::1%lo]:80",
        "host:80",
        "1.2.3.4:000080",
        " 1.2.3.4:80",
        "[]:80",
        ":80",
    };
    eid_netaddr addr;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (eid_netaddr_parse(eid_slice_text(bad[i]), &addr) == EID_OK) print_error("%s\n", bad[i]);
        assert_int_equal(eid_netaddr_parse(eid_slice_text(bad[i]), &addr), EID_E_MALFORMED);
    }
    assert_int_equal(eid_netaddr_parse(eid_slice_of("1.2.3.4\0:80", 11), &addr), EID_E_MALFORMED);
}

static void test_netaddr__knows_loopback_and_any(void **state)
{
    eid_netaddr addr;

    assert_int_equal(eid_netaddr_parse(eid_slice_text("127.9.9.9:1"), &addr), EID_OK);
    assert_true(eid_netaddr_is_loopback(&addr));
    assert_false(eid_netaddr_is_any(&addr));
    assert_int_equal(eid_netaddr_parse(eid_slice_text("[::1]:1"), &addr), EID_OK);
    assert_true(eid_netaddr_is_loopback(&addr));
    assert_int_equal(eid_netaddr_parse(eid_slice_text("[::]:1"), &addr), EID_OK);
    assert_true(eid_netaddr_is_any(&addr));
    assert_int_equal(eid_netaddr_parse(eid_slice_text("0.0.0.0:1"), &addr), EID_OK);
    assert_true(eid_netaddr_is_any(&addr));
    assert_false(eid_netaddr_is_loopback(&addr));
}

static void test_node_id__is_52_lower_case_characters(void **state)
{
    uint8_t node[EID_NODE_ID_BYTES], zero[EID_NODE_ID_BYTES] = {0};
    char text[EID_NODE_ID_TEXT];

    assert_int_equal(eid_node_id_parse(eid_slice_text(ID), node), EID_OK);
    assert_string_equal(eid_node_id_format(node, text), ID);
    assert_string_equal(eid_node_id_format(zero, text), VIA);
    memset(node, 0xff, sizeof node);
    eid_node_id_format(node, text);
    assert_string_equal(text, "777777777777777777777777777777777777777777777777777q");
    assert_int_equal(eid_node_id_parse(eid_slice_text(text), zero), EID_OK);
    assert_memory_equal(node, zero, sizeof node);

    text[51] = 'r'; /* a spare bit that is not zero */
    assert_int_equal(eid_node_id_parse(eid_slice_text(text), node), EID_E_MALFORMED);
    text[51] = '\0';
    assert_int_equal(eid_node_id_parse(eid_slice_text(text), node), EID_E_MALFORMED);
    assert_int_equal(
        eid_node_id_parse(eid_slice_text("RKEOHXLUBHYZL7KS3MWTZOS5OLFGOCN7DWKBEG7TOSEADNAPN5OA"),
                          node),
        EID_E_MALFORMED);
}

static void address_round(const char *text, const char *want, size_t count)
{
    char out[EID_ADDRESS_TEXT_MAX];
    eid_quic_address address;
    eid_status status = eid_quic_address_parse(eid_slice_text(text), &address);

    if (status != EID_OK) print_error("%s: %s\n", text, eid_status_detail(status).text);
    assert_int_equal(status, EID_OK);
    assert_int_equal(address.count, count);
    assert_int_equal(eid_quic_address_format(&address, out), EID_OK);
    assert_string_equal(out, want);
}

static void test_quic_address__is_read_and_written(void **state)
{
    address_round(ID "@node.example.net:4433", ID "@node.example.net:4433", 1);
    address_round(ID "@d~203.0.113.9:1", ID "@203.0.113.9:1", 1);
    address_round(ID "@[2001:db8::1]:9,l~10.0.0.1:65535", ID "@[2001:db8::1]:9,l~10.0.0.1:65535",
                  2);
    address_round(ID "@l~192.168.1.20:4433,s~203.0.113.9:61234,r~" VIA "@rv.example.net:4433",
                  ID "@l~192.168.1.20:4433,s~203.0.113.9:61234,r~" VIA "@rv.example.net:4433", 3);
    address_round(ID "@z~whatever@it:looks,1.2.3.4:5,future~x", ID "@1.2.3.4:5", 1);
}

static void test_quic_address__refuses_what_is_none(void **state)
{
    static const char *const bad[] = {
        "",
        ID,
        ID "@",
        ID "@host",
        ID "@host:0",
        ID "@host:65536",
        ID "@host:123456",
        ID "@:80",
        ID "@1.2.3.4:5,",
        ID "@,1.2.3.4:5",
        ID "@~1.2.3.4:5",
        ID "@1.2.3.256:5",
        ID "@1.2.3:5",
        ID "@-host:5",
        ID "@host-:5",
        ID "@a..b:5",
        ID "@host.:5",
        ID "@::1:5",
        ID "@[1.2.3.4]:5",
        ID "@[::1]5",
        ID "@ho st:5",
        ID "@ho_st:5",
        ID "@h%41:5",
        ID "@r~rv.example.net:4433",
        ID "@d~" VIA "@host:5",
        ID "@r~" VIA "a@host:5",
        "x@host:5",
        ID "@a:1,a:2,a:3,a:4,a:5,a:6,a:7,a:8,a:9",
    };
    eid_quic_address address;
    char longest[2000];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (eid_quic_address_parse(eid_slice_text(bad[i]), &address) == EID_OK) {
            print_error("%s\n", bad[i]);
        }
        assert_int_equal(eid_quic_address_parse(eid_slice_text(bad[i]), &address), EID_E_MALFORMED);
    }
    memset(longest, 'a', sizeof longest);
    assert_int_equal(eid_quic_address_parse(eid_slice_of(longest, sizeof longest), &address),
                     EID_E_MALFORMED);
    (void)snprintf(longest, sizeof longest, ID "@%0260d.x:1", 0); /* labels of at most 63 */
    assert_int_equal(eid_quic_address_parse(eid_slice_text(longest), &address), EID_E_MALFORMED);
}

static void test_quic_address__without_candidates_has_no_text(void **state)
{
    char out[EID_ADDRESS_TEXT_MAX];
    eid_quic_address address;

    assert_int_equal(eid_quic_address_parse(eid_slice_text(ID "@q~x:1"), &address), EID_OK);
    assert_int_equal(address.count, 0);
    assert_int_equal(eid_quic_address_format(&address, out), EID_E_MALFORMED);
}

static void test_quic_address__too_long_to_write_is_said(void **state)
{
    char out[EID_ADDRESS_TEXT_MAX];
    eid_quic_address address = {.count = EID_CANDIDATES_MAX_PER_NODE};

    for (size_t i = 0; i < address.count; i++) {
        address.at[i] = (eid_candidate_addr){.klass = 'd', .port = 1};
        memset(address.at[i].host, 'a', 200);
    }
    assert_int_equal(eid_quic_address_format(&address, out), EID_E_TOO_BIG);
}

static void test_quic_address_merge__unites_by_class_without_repeats(void **state)
{
    char out[EID_ADDRESS_TEXT_MAX];
    eid_quic_address a, b;

    assert_int_equal(eid_quic_address_parse(eid_slice_text(ID "@s~1.1.1.1:1,l~10.0.0.1:2"), &a),
                     EID_OK);
    assert_int_equal(
        eid_quic_address_parse(eid_slice_text(ID "@l~10.0.0.1:2,host:3,l~10.0.0.2:2"), &b), EID_OK);
    eid_quic_address_merge(&a, &b);
    assert_int_equal(eid_quic_address_format(&a, out), EID_OK);
    assert_string_equal(out, ID "@host:3,l~10.0.0.1:2,l~10.0.0.2:2,s~1.1.1.1:1");
    assert_int_equal(
        eid_quic_address_parse(eid_slice_text(ID "@a:1,b:1,c:1,d:1,e:1,f:1,g:1,h:1"), &b), EID_OK);
    eid_quic_address_merge(&a, &b);
    assert_int_equal(a.count, EID_CANDIDATES_MAX_PER_NODE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_netaddr_parse__reads_what_format_writes),
        cmocka_unit_test(test_netaddr_parse__refuses_everything_else),
        cmocka_unit_test(test_netaddr__knows_loopback_and_any),
        cmocka_unit_test(test_node_id__is_52_lower_case_characters),
        cmocka_unit_test(test_quic_address__is_read_and_written),
        cmocka_unit_test(test_quic_address__refuses_what_is_none),
        cmocka_unit_test(test_quic_address__without_candidates_has_no_text),
        cmocka_unit_test(test_quic_address__too_long_to_write_is_said),
        cmocka_unit_test(test_quic_address_merge__unites_by_class_without_repeats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
