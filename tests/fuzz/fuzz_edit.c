/* Documents and lists under arbitrary edits on two replicas that merge now and then. The input is a
 * program of such edits; whatever it does, what is inserted is where it was asked for, what is
 * written reads the same, and merging twice changes nothing. */
#include "crdt/payload.h"
#include "tests/fuzz/fuzz.h"

typedef struct machine {
    const uint8_t *at, *end; /* the program */
    eid_doc *docs[2];
    eid_random_seeded seeded;
    eid_random random;
    bool disordered; /* a denominator of 0 was put somewhere: such lists have no order */
} machine;

static uint8_t machine_byte(machine *m)
{
    return m->at < m->end ? *m->at++ : 0;
}

static eid_slice machine_path(machine *m)
{
    static const char *const paths[] = {"a",   "b",   "a.b", "a.b.c", "b.a",   "l",   "a.l",
                                        "l.0", "l.x", "",    "..",    ".a..b", "l.+1"};

    return eid_slice_text(paths[machine_byte(m) % (sizeof(paths) / sizeof(paths[0]))]);
}

static eid_value machine_value(machine *m)
{
    uint8_t choice = machine_byte(m);
    eid_value value = eid_value_of_int(choice);
    eid_list *list = NULL;
    eid_doc *doc = NULL;

    switch (choice % 6) {
    case 0:
        return EID_VALUE_NULL_INIT;
    case 1:
        fuzz_check(eid_list_new(&list) == EID_OK);
        return eid_value_of_list_take(&list);
    case 2:
        fuzz_check(eid_doc_new(&doc) == EID_OK);
        eid_doc_set_atomic(doc, (choice & 64) != 0);
        return eid_value_of_doc_take(&doc);
    case 3:
        fuzz_check(eid_value_set_text(&value, eid_slice_of(m->at, (size_t)(m->end - m->at) % 9)) ==
                   EID_OK);
        if (!eid_slice_is_utf8(eid_value_text(&value))) eid_value_fini(&value);
        return value;
    default:
        return value;
    }
}

static eid_list *machine_list(machine *m, eid_doc *doc)
{
    eid_value *value = eid_doc_get_mutable(doc, machine_path(m));

    return value != NULL && value->type == EID_VALUE_LIST ? value->list : NULL;
}

static void check_order(const machine *m, const eid_list *list)
{
    for (size_t i = 1; !m->disordered && i < eid_list_total(list); i++) {
        eid_position left, right;

        (void)eid_list_at(list, i - 1, &left);
        (void)eid_list_at(list, i, &right);
        fuzz_check(eid_position_compare(&left, &right) < 0);
    }
}

static void list_edit(machine *m, eid_list *list, uint8_t choice)
{
    size_t index = machine_byte(m) % 8, live = eid_list_live(list);
    eid_value value = machine_value(m);
    eid_position position = {.numerator = (int8_t)machine_byte(m), .denominator = choice / 8};
    eid_status status = EID_OK;

    switch (choice % 6) {
    case 0:
    case 1:
        if (choice % 6 == 0) index = live;
        status = choice % 6 == 0 ? eid_list_push_take(list, &value, &m->random, &position)
                                 : eid_list_insert_take(list, index, &value, &m->random, &position);
        if (status != EID_OK) break;
        fuzz_check(eid_list_live(list) == live + 1);
        fuzz_check(m->disordered ||
                   eid_list_get(list, index) == eid_list_find(list, &position, NULL));
        break;
    case 2:
        status = eid_list_set_take(list, index, &value, NULL);
        fuzz_check((status == EID_OK) == (index < live));
        break;
    case 3:
        status = eid_list_remove(list, index, NULL);
        fuzz_check((status == EID_OK) == (index < live));
        break;
    case 4: /* as a peer may: wide, not in lowest terms, of denominator 0 */
        if (choice > 200) position.numerator *= (int64_t)1 << 55;
        if (choice > 220) position.denominator <<= 58;
        memset(position.unique, machine_byte(m) % 3 * 127, sizeof(position.unique));
        m->disordered |= position.denominator == 0;
        status = eid_list_put_take(list, &position, &value);
        break;
    default:
        (void)eid_list_drop(list, &position);
        break;
    }
    check_order(m, list);
    eid_value_fini(&value);
}

static void doc_edit(machine *m, eid_doc *doc, uint8_t choice)
{
    eid_slice path = machine_path(m);
    eid_value value = machine_value(m), old = EID_VALUE_NULL_INIT, *there;
    int64_t sum;

    switch (choice % 5) {
    case 0:
        if (eid_doc_set_take(doc, path, &value) == EID_OK)
            fuzz_check(path.len != 1 || eid_doc_get(doc, path) != NULL);
        break;
    case 1:
        (void)!eid_doc_exchange_take(doc, path, &value, &old);
        break;
    case 2:
        if (eid_doc_remove(doc, path, NULL) == EID_OK) fuzz_check(!eid_doc_get_mutable(doc, path));
        break;
    case 3:
        if (eid_doc_add_int(doc, path, (int64_t)choice << 54, &sum) == EID_OK)
            fuzz_check(eid_value_is_int(eid_doc_get(doc, path), sum));
        break;
    default:
        if (eid_doc_get_or_insert_take(doc, path, &value, &there) == EID_OK)
            fuzz_check(there == eid_doc_get(doc, path));
        break;
    }
    eid_value_fini(&value);
    eid_value_fini(&old);
}

/* What is written reads the same; merging with itself, or twice with another, changes nothing. */
static void check_doc(const machine *m, const eid_doc *doc, const eid_doc *other)
{
    eid_doc *again = NULL, *once = NULL;
    eid_buf text;

    eid_buf_init(&text, FUZZ_BYTES_MAX);
    if (m->disordered || eid_payload_write_doc(doc, &text) != EID_OK) goto done;
    fuzz_check(eid_payload_read_doc(eid_buf_slice(&text), &again) == EID_OK);
    fuzz_check(eid_doc_equal(doc, again));
    fuzz_check(eid_doc_merge(again, doc) == EID_OK);
    fuzz_check(eid_doc_equal(doc, again));
    fuzz_check(eid_doc_merge(again, other) == EID_OK);
    fuzz_check(eid_doc_copy(again, &once) == EID_OK);
    fuzz_check(eid_doc_merge(again, other) == EID_OK);
    fuzz_check(eid_doc_equal(once, again));

done:
    eid_doc_free(again);
    eid_doc_free(once);
    eid_buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    machine m = {.at = data, .end = size > 0 ? data + size : data};

    m.random = eid_random_of_seeded(&m.seeded);
    fuzz_check(eid_doc_new(&m.docs[0]) == EID_OK && eid_doc_new(&m.docs[1]) == EID_OK);
    while (m.at < m.end) {
        uint8_t choice = machine_byte(&m);
        eid_doc *doc = m.docs[choice & 1], *other = m.docs[~choice & 1];
        eid_list *list = choice & 2 ? machine_list(&m, doc) : NULL;

        if (choice > 240)
            fuzz_check(eid_doc_merge(doc, other) == EID_OK);
        else if (list != NULL)
            list_edit(&m, list, machine_byte(&m));
        else
            doc_edit(&m, doc, machine_byte(&m));
    }
    check_doc(&m, m.docs[0], m.docs[1]);
    check_doc(&m, m.docs[1], m.docs[0]);
    eid_doc_free(m.docs[0]);
    eid_doc_free(m.docs[1]);
    return 0;
}
