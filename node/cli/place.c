/* Which store is meant. The daemon of a folder is found by its socket there and not by a lock or a
 * list of processes: a socket that answers is a daemon that works. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dag/alloc.h"
#include "node/cli/cli.h"

#define PLACE_PATH_MAX 4096

static char *place_format(const char *first, const char *second, const char *third)
{
    eid_buf text;

    eid_buf_init(&text, (size_t)4 * PLACE_PATH_MAX);
    eid_buf_append_text(&text, first);
    eid_buf_append_text(&text, second);
    eid_buf_append_text(&text, third);
    return eid_buf_take_text(&text);
}

char *eid__cli_path_absolute(const char *path)
{
    char folder[PLACE_PATH_MAX];

    if (path[0] == '/') return place_format(path, "", "");
    if (getcwd(folder, sizeof folder) == NULL) return NULL;
    return place_format(folder, strcmp(folder, "/") == 0 ? "" : "/", path);
}

static int place_data_dir(eid__cli *cli)
{
    const char *given = eid__cli_text(cli, EID__OPT_DATA_DIR, NULL);
    const char *xdg = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");

    if (given != NULL) {
        cli->place.data_dir = eid__cli_path_absolute(given);
    } else if (xdg != NULL && xdg[0] == '/') {
        cli->place.data_dir = place_format(xdg, "/eidetica", "");
    } else if (home != NULL && home[0] == '/') {
        cli->place.data_dir = place_format(home, "/.local/share/eidetica", "");
    } else {
        return eid__cli_refuse(cli, EIDETICA_STATE, "finding the data folder", "give --data-dir",
                               "neither XDG_DATA_HOME nor HOME is set");
    }
    return cli->place.data_dir == NULL ? eid__cli_no_memory(cli) : 0;
}

/* "rocksdb (/folder)" for "rocksdb:///folder", as the reference calls its stores. */
static char *place_label(const char *url)
{
    const char *colon = strstr(url, "://");
    bool path = colon != NULL && colon[3] != 0;
    eid_buf text;

    if (colon == NULL) return place_format(url, "", "");
    eid_buf_init(&text, (size_t)4 * PLACE_PATH_MAX);
    eid_buf_append(&text, eid_slice_of(url, (size_t)(colon - url)));
    if (path) eid_buf_append_format(&text, " (%s)", colon + 3);
    return eid_buf_take_text(&text);
}

int eid__cli_place_find(eid__cli *cli)
{
    const char *url = eid__cli_text(cli, EID__OPT_URL, NULL);
    const char *socket = eid__cli_text(cli, EID__OPT_SOCKET, NULL);
    eid__cli_place *place = &cli->place;
    int code = place_data_dir(cli);

    if (code != 0) return code;
    place->url = url != NULL ? place_format(url, "", "")
                             : place_format("rocksdb://", place->data_dir, "/store");
    if (socket != NULL) {
        place->socket = eid__cli_path_absolute(socket);
    } else {
        place->socket = place_format(place->data_dir, "/daemon.sock", "");
    }
    if (place->url == NULL || place->socket == NULL) return eid__cli_no_memory(cli);
    place->label = place_label(place->url);
    return place->label == NULL ? eid__cli_no_memory(cli) : 0;
}

void eid__cli_place_fini(eid__cli_place *place)
{
    eid_free(place->data_dir);
    eid_free(place->url);
    eid_free(place->socket);
    eid_free(place->label);
    *place = (eid__cli_place){0};
}

int eid__cli_place_make(eid__cli *cli)
{
    char path[PLACE_PATH_MAX];
    size_t len = strlen(cli->place.data_dir);

    if (len >= sizeof path) {
        return eid__cli_refuse(cli, EIDETICA_INVALID, "making the data folder", "choose another",
                               "its path has %zu bytes", len);
    }
    memcpy(path, cli->place.data_dir, len + 1);
    for (size_t at = 1; at <= len; at++) {
        if (path[at] != '/' && path[at] != 0) continue;
        path[at] = 0;
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            return eid__cli_refuse(cli, EIDETICA_IO, "making the data folder",
                                   "choose another --data-dir, or make it writable", "%s: %s", path,
                                   strerror(errno));
        }
        path[at] = at == len ? 0 : '/';
    }
    return 0;
}
