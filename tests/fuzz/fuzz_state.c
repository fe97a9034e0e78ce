/* Payloads of entries in any order against the fold. The input is lines: a byte that is the entry's
 * height and whether it covers what was there, then its payload as a peer would send it. Whatever
 * comes, applying gives the state that merging in order gives, also twice; and what is told to be
 * lost can be found again by its key. */
#include "crdt/fold.h"
#include "crdt/payload.h"
#include "tests/crdt/row_table.h"
#include "tests/fuzz/fuzz.h"

#define ENTRIES_MAX 24u
#define HEIGHT_BITS 0x07u
#define COVERS_BIT 0x08u
#define FAR_BIT 0x10u

typedef struct machine_entry {
    eid_stamp stamp;
    eid_slice json;
    eid_doc *payload;
    bool covers;
} machine_entry;

typedef struct machine {
    machine_entry entries[ENTRIES_MAX];
    size_t count;
    const machine_entry *now; /* the one that is applied */
    row_table table;
    eid_state_rows rows;
    bool disordered; /* a denominator of 0 somewhere: such lists have no order */
} machine;

/* -- the input --------------------------------------------------------------------------------- */

static bool value_is_disordered(const eid_value *value);

static bool doc_is_disordered(const eid_doc *doc)
{
    for (size_t i = 0; i < eid_doc_total(doc); i++) {
        eid_slice name;

        if (value_is_disordered(eid_doc_at(doc, i, &name))) return true;
    }
    return false;
}

static bool value_is_disordered(const eid_value *value)
{
    if (value->type == EID_VALUE_DOC) return doc_is_disordered(value->doc);
    if (value->type != EID_VALUE_LIST) return false;
    for (size_t i = 0; i < eid_list_total(value->list); i++) {
        eid_position position;

        if (value_is_disordered(eid_list_at(value->list, i, &position))) return true;
        if (position.denominator == 0) return true;
    }
    return false;
}

static void machine_take(machine *m, eid_slice line)
{
    machine_entry *entry = &m->entries[m->count];
    uint8_t content[2];

    if (line.len < 2 || m->count == ENTRIES_MAX) return;
    entry->json = eid_slice_of(line.at + 1, line.len - 1);
    if (eid_payload_read_doc(entry->json, &entry->payload) != EID_OK) return;
    content[0] = line.at[0];
    content[1] = (uint8_t)m->count++;
    entry->stamp.id = eid_id_of_entry(eid_slice_of(content, sizeof(content)));
    entry->stamp.height = line.at[0] & HEIGHT_BITS;
    if (line.at[0] & FAR_BIT) entry->stamp.height = UINT64_MAX - entry->stamp.height;
    entry->covers = (line.at[0] & COVERS_BIT) != 0;
    m->disordered = m->disordered || doc_is_disordered(entry->payload);
}

static void machine_read(machine *m, eid_slice input)
{
    size_t from = 0;

    for (size_t i = 0; i <= input.len; i++) {
        if (i < input.len && input.at[i] != '\n') continue;
        machine_take(m, eid_slice_of(input.at + from, i - from));
        from = i + 1;
    }
}

/* -- what is told ------------------------------------------------------------------------------ */

static eid_status on_covers(void *self, bool *out)
{
    *out = ((machine *)self)->now->covers;
    return EID_OK;
}

static const machine_entry *machine_find(const machine *m, const eid_stamp *stamp)
{
    size_t i = 0;

    while (i < m->count && eid_stamp_compare(&m->entries[i].stamp, stamp) != 0) i++;
    fuzz_check(i < m->count); /* somebody wrote it */
    return &m->entries[i];
}

static eid_status on_lost(void *self, eid_slice key, const eid_stamp *loser,
                          const eid_stamp *winner)
{
    const machine *m = self;
    const machine_entry *lost = machine_find(m, loser);
    eid_state_step steps[EID_DOC_DEPTH_MAX];
    const eid_value *value;
    size_t count, span;

    fuzz_check(eid_stamp_compare(loser, winner) < 0);
    (void)machine_find(m, winner);
    fuzz_check(eid_state_key_span(key, &span) == EID_OK && span == key.len);
    if (m->disordered) return EID_OK;
    fuzz_check(eid_state_locate(lost->payload, key, steps, &count, &value) == EID_OK);
    fuzz_check(count > 0 && count <= EID_DOC_DEPTH_MAX);
    return EID_OK;
}

static eid_status on_older(void *self, eid_slice key, const eid_stamp *last)
{
    const machine *m = self;

    fuzz_check(eid_stamp_compare(last, &m->now->stamp) < 0);
    return key.len > 0 ? EID_OK : EID_E_AGAIN;
}

static eid_status on_hides(void *self, eid_slice key, uint8_t space)
{
    machine *m = self;
    eid_buf under;

    eid_buf_init(&under, FUZZ_BYTES_MAX);
    eid_buf_append(&under, key);
    eid_buf_append_byte(&under, space);
    fuzz_check(eid_state_older(&m->rows, eid_buf_slice(&under), EID_SLICE_EMPTY, &m->now->stamp,
                               on_older, m) == EID_OK);
    eid_buf_fini(&under);
    return EID_OK;
}

static eid_status on_leaves(void *self, eid_slice key, eid_slice above, const eid_stamp *loser)
{
    (void)machine_find(self, loser);
    fuzz_check(above.len <= key.len && above.at == key.at);
    return EID_OK;
}

/* -- what is checked --------------------------------------------------------------------------- */

static void machine_apply(machine *m, const machine_entry *entry)
{
    const eid_state_notes notes = {m, on_covers, on_lost, on_hides, on_leaves};

    m->now = entry;
    fuzz_check(eid_state_apply_noting(&m->rows, &entry->stamp, entry->payload, &notes) == EID_OK);
}

/* Merge in order: from the earliest stamp on, each time the next one. */
static eid_doc *machine_fold(const machine *m)
{
    const eid_stamp *last = NULL;
    eid_doc *state = NULL;

    fuzz_check(eid_doc_new(&state) == EID_OK);
    for (size_t done = 0; done < m->count; done++) {
        const machine_entry *next = NULL;

        for (size_t i = 0; i < m->count; i++) {
            const machine_entry *entry = &m->entries[i];

            if (last != NULL && eid_stamp_compare(&entry->stamp, last) <= 0) continue;
            if (next == NULL || eid_stamp_compare(&entry->stamp, &next->stamp) < 0) next = entry;
        }
        fuzz_check(next != NULL && eid_fold_payload(state, next->json) == EID_OK);
        if (next != NULL) last = &next->stamp;
    }
    return state;
}

static void machine_check(const machine *m, const eid_doc *fold)
{
    eid_doc *state = NULL;

    fuzz_check(eid_state_read(&m->rows, &state) == EID_OK);
    fuzz_check(m->disordered || eid_doc_equal(state, fold));
    eid_doc_free(state);
}

/* What every row's key is said to hold now: its last writer wrote there, or somebody hides it. */
static void machine_look(const machine *m)
{
    for (size_t i = 0; i < m->table.count; i++) {
        eid_slice key = eid_slice_of(m->table.rows[i].key, m->table.rows[i].key_len);
        eid_value value;
        eid_stamp who;
        size_t span;
        bool shows;

        fuzz_check(eid_state_key_span(key, &span) == EID_OK);
        if (key.len == 0 || span != key.len) continue; /* the root, or one more write */
        fuzz_check(eid_state_look(&m->rows, key, &who, &shows, &value) == EID_OK);
        (void)machine_find(m, &who);
        eid_value_fini(&value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    machine m = {.count = 0};
    eid_doc *fold;

    m.rows = row_table_rows(&m.table);
    machine_read(&m, eid_slice_of(data, size));
    for (size_t i = 0; i < m.count; i++) machine_apply(&m, &m.entries[i]);
    fold = machine_fold(&m);
    machine_check(&m, fold);
    machine_look(&m);
    for (size_t i = 0; i < m.count; i++) machine_apply(&m, &m.entries[i]);
    machine_check(&m, fold);
    eid_doc_free(fold);
    for (size_t i = 0; i < m.count; i++) eid_doc_free(m.entries[i].payload);
    row_table_fini(&m.table);
    return 0;
}
