/* The endpoint texts of reference nodes. */
#include "tests/support/test.h"

#include "transport/iroh_address.h"

/* Spec 11 §6: the published value, a relay and 127.0.0.1:1024. */
static void test_iroh_address__the_published_value_reads_and_writes(void **state)
{
    eid_iroh_address address, again;
    eid_buf text;

    memset(&address, 0, sizeof address);
    address.endpoint[0] = 0xae;
    address.count = 2;
    address.at[0].address = (eid_netaddr){.family = 4, .ip = {127, 0, 0, 1}, .port = 1024};
    address.at[1].is_relay = true;
    memcpy(address.at[1].relay, "http://derp.me./", 17);
    eid_buf_init(&text, 4096);
    assert_int_equal(eid_iroh_address_format(&address, &text), EID_OK);
    assert_int_equal(eid_iroh_address_parse(eid_buf_slice(&text), &again), EID_OK);
    assert_int_equal(again.count, 2);
    assert_true(again.at[0].is_relay); /* relays come first */
    assert_string_equal(again.at[0].relay, "http://derp.me./");
    assert_true(eid_netaddr_equal(&again.at[1].address, &address.at[0].address));
    eid_buf_fini(&text);
}

static void test_iroh_address__damaged_texts_are_refused(void **state)
{
    static const char good[] = "endpointadlkyoz75frmz67qiebkan3yncblio43c7bdnkpaiszfwk43bseciaib"
                               "ab7qaaabqaea";
    eid_iroh_address address;

    assert_int_equal(eid_iroh_address_parse(eid_slice_text(good), &address), EID_OK);
    for (size_t len = 0; len < strlen(good); len++) {
        assert_int_not_equal(eid_iroh_address_parse(eid_slice_of(good, len), &address), EID_OK);
        assert_int_equal(address.count, 0);
    }
    assert_int_not_equal(eid_iroh_address_parse(eid_slice_text("nodeaaaa"), &address), EID_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iroh_address__the_published_value_reads_and_writes),
        cmocka_unit_test(test_iroh_address__damaged_texts_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
