/* Rows of one store in a sorted array: what the state engine runs on in tests. */
#ifndef EID_TESTS_CRDT_ROW_TABLE_H
#define EID_TESTS_CRDT_ROW_TABLE_H

#include "crdt/state.h"
#include "dag/alloc.h"

typedef struct row_table_row {
    uint8_t *key, *value; /* owned */
    size_t key_len, value_len;
} row_table_row;

typedef struct row_table {
    row_table_row *rows;
    size_t count, cap;
    size_t get_count, put_count; /* calls since they were last set to 0 */
} row_table;

static inline size_t row_table_find(const row_table *table, eid_slice key, bool *found)
{
    size_t low = 0, high = table->count;

    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const row_table_row *row = &table->rows[middle];
        int order = eid_slice_compare(eid_slice_of(row->key, row->key_len), key);

        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static inline eid_status row_table_get(void *self, eid_slice key, eid_buf *out)
{
    row_table *table = self;
    bool found;
    size_t at = row_table_find(table, key, &found);

    table->get_count++;
    if (!found) return EID_E_NOT_FOUND;
    eid_buf_append(out, eid_slice_of(table->rows[at].value, table->rows[at].value_len));
    return eid_buf_status(out);
}

static inline eid_status row_table_put(void *self, eid_slice key, eid_slice value)
{
    row_table *table = self;
    bool found;
    size_t at = row_table_find(table, key, &found);
    row_table_row row = {NULL, eid_memdup(value.at, value.len), key.len, value.len};

    table->put_count++;
    if (row.value != NULL && !found) row.key = eid_memdup(key.at, key.len);
    if (row.value != NULL && row.key != NULL && table->count == table->cap) {
        size_t cap = table->cap * 2 + 8;
        row_table_row *rows = eid_realloc(table->rows, cap * sizeof(row_table_row));

        if (rows != NULL) table->rows = rows;
        if (rows != NULL) table->cap = cap;
    }
    if (row.value == NULL || (!found && (row.key == NULL || table->count == table->cap))) {
        eid_free(row.key);
        eid_free(row.value);
        return EID_FAIL(EID_KIND_NO_MEMORY, "row of the test");
    }
    if (found) {
        eid_free(table->rows[at].value);
        table->rows[at].value = row.value;
        table->rows[at].value_len = row.value_len;
        return EID_OK;
    }
    memmove(&table->rows[at + 1], &table->rows[at], (table->count - at) * sizeof(row));
    table->rows[at] = row;
    table->count++;
    return EID_OK;
}

static inline eid_status row_table_scan(void *self, eid_slice prefix, eid_slice from,
                                        eid_status (*fn)(void *arg, eid_slice key, eid_slice value),
                                        void *arg)
{
    row_table *table = self;
    eid_slice begin = eid_slice_compare(from, prefix) > 0 ? from : prefix;
    bool found;
    eid_status status = EID_OK;

    for (size_t i = row_table_find(table, begin, &found); i < table->count; i++) {
        const row_table_row *row = &table->rows[i];
        eid_slice key = eid_slice_of(row->key, row->key_len);

        if (!eid_slice_has_prefix(key, prefix)) break;
        status = fn(arg, key, eid_slice_of(row->value, row->value_len));
        if (status != EID_OK) break;
    }
    return status;
}

static inline eid_state_rows row_table_rows(row_table *table)
{
    return (eid_state_rows){table, row_table_get, row_table_put, row_table_scan};
}

static inline void row_table_fini(row_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        eid_free(table->rows[i].key);
        eid_free(table->rows[i].value);
    }
    eid_free(table->rows);
    *table = (row_table){0};
}

#endif
