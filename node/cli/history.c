/* Ids become places once, by a sorted list, and drawing works with places only. */
#include "node/cli/history.h"

#include <stdlib.h>
#include <string.h>

#include "dag/alloc.h"

#define HISTORY_STORES_SHOWN 256 /* bytes of the names of stores */

static char *history_copy(const char *text)
{
    return eid_memdup(text, strlen(text));
}

static char *history_parents(const eidetica_entry *entry)
{
    eid_buf ids;

    eid_buf_init(&ids, 16u * 1024u * 1024u);
    for (size_t i = 0; i < entry->parent_count; i++) {
        eid_buf_append(&ids, eid_slice_of(entry->parents[i], strlen(entry->parents[i]) + 1));
    }
    return eid_buf_take_text(&ids);
}

static char *history_stores(const eidetica_entry *entry)
{
    eid_buf names;

    eid_buf_init(&names, 65536);
    for (size_t i = 0; i < entry->store_count; i++) {
        if (names.len > HISTORY_STORES_SHOWN) {
            eid_buf_append_format(&names, ",... %zu in all", entry->store_count);
            break;
        }
        eid_buf_append_format(&names, "%s%s", i > 0 ? "," : "", entry->stores[i]);
    }
    return eid_buf_take_text(&names);
}

static void history_point_fini(eid__cli_point *point)
{
    eid_free(point->id);
    eid_free(point->signer);
    eid_free(point->stores);
    eid_free(point->verdict);
    eid_free(point->parent_ids);
    eid_free(point->edges);
}

static bool history_grow(eid__cli_history *history)
{
    size_t cap = history->cap == 0 ? 256 : history->cap * 2;
    eid__cli_point *points;

    if (history->count < history->cap) return true;
    points = eid_realloc(history->points, cap * sizeof *points);
    if (points == NULL) return false;
    history->points = points;
    history->cap = cap;
    return true;
}

bool eid__cli_history_add(eid__cli_history *history, const eidetica_entry *entry)
{
    eid__cli_point *point;

    if (history->count == history->max) {
        history->cut = true;
        return false;
    }
    history->broken = !history_grow(history);
    if (history->broken) return false;
    point = &history->points[history->count++];
    *point = (eid__cli_point){.height = entry->height,
                              .bytes = entry->bytes,
                              .edge_count = entry->parent_count,
                              .id = history_copy(entry->id),
                              .signer = history_copy(entry->signer),
                              .stores = history_stores(entry),
                              .verdict = history_copy(entry->verdict),
                              .parent_ids = history_parents(entry),
                              .edges = eid_alloc_array(entry->parent_count, sizeof *point->edges),
                              .tip = true};
    history->broken = point->id == NULL || point->signer == NULL || point->stores == NULL ||
                      point->verdict == NULL || point->parent_ids == NULL || point->edges == NULL;
    return !history->broken;
}

static int history_order(const void *a, const void *b)
{
    const eid__cli_point *left = a, *right = b;

    if (left->height != right->height) return left->height > right->height ? -1 : 1;
    return strcmp(right->id, left->id);
}

typedef struct history_name {
    const char *id;
    size_t place;
} history_name;

static int history_name_order(const void *a, const void *b)
{
    return strcmp(((const history_name *)a)->id, ((const history_name *)b)->id);
}

bool eid__cli_history_link(eid__cli_history *history)
{
    history_name *names;

    if (history->count == 0) return true;
    names = eid_alloc_array(history->count, sizeof *names);
    if (names == NULL) return false;
    qsort(history->points, history->count, sizeof *history->points, history_order);
    for (size_t i = 0; i < history->count; i++) {
        names[i] = (history_name){history->points[i].id, i};
    }
    qsort(names, history->count, sizeof *names, history_name_order);
    for (size_t i = 0; i < history->count; i++) {
        eid__cli_point *point = &history->points[i];
        const char *id = point->parent_ids;

        for (size_t k = 0; k < point->edge_count; k++, id += strlen(id) + 1) {
            history_name wanted = {id, 0};
            const history_name *found =
                bsearch(&wanted, names, history->count, sizeof *names, history_name_order);
            /* A parent that stands before its child would be an entry that lies about its height.
             */
            bool good = found != NULL && found->place > i;

            point->edges[k].parent = good ? found->place : EID__CLI_POINT_NONE;
            if (good) history->points[found->place].tip = false;
        }
    }
    eid_free(names);
    return true;
}

static bool history_on_entry(void *self, const eidetica_entry *entry)
{
    return eid__cli_history_add(self, entry);
}

int eid__cli_history_read(eid__cli_history *history, eid__cli *cli, const char *store, uint64_t max)
{
    eidetica_status status;

    *history = (eid__cli_history){.max = max};
    status = eidetica_log(cli->db, store, history_on_entry, history);
    if (status != EIDETICA_OK) return eid__cli_failed(cli, status, "could not read the history");
    if (history->broken || !eid__cli_history_link(history)) return eid__cli_no_memory(cli);
    return 0;
}

void eid__cli_history_fini(eid__cli_history *history)
{
    for (size_t i = 0; i < history->count; i++) history_point_fini(&history->points[i]);
    eid_free(history->points);
    *history = (eid__cli_history){0};
}

void eid__cli_short_name(const char *name, char *out, size_t size)
{
    size_t len = strlen(name);

    snprintf(out, size, "%.*s%s", len > 20 ? 16 : 20, name, len > 20 ? ".." : "");
}
