/* conformance [--only SUBSTRING] [-v] [DIR]: every case of every file in DIR and its sub-folders.
 *
 * The folder decides what runs and not a list of ours: files of the same names with other cases can
 * be put in its place, and a file that no suite knows shows as skipped. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/conformance/suite.h"

#define SUITES_MAX 128
#define FILES_MAX 1024
#define PATH_SIZE 1024
#define FOLDER_DEPTH_MAX 4

static struct {
    const char *name;
    eid_suite_fn fn;
} registered[SUITES_MAX];
static size_t registered_count;

static char *files[FILES_MAX]; /* below the folder */
static size_t file_count;

void eid_suite_register(const char *name, eid_suite_fn fn)
{
    if (registered_count == SUITES_MAX) abort();
    registered[registered_count].name = name;
    registered[registered_count].fn = fn;
    registered_count++;
}

static bool name_fits(const char *suite, const char *file)
{
    size_t len = strlen(suite);

    if (len > 0 && suite[len - 1] == '/') return strncmp(suite, file, len) == 0;
    return strcmp(suite, file) == 0;
}

/* The suite of a file; one that names the file wins over one that names its folder. */
static eid_suite_fn suite_find(const char *file)
{
    eid_suite_fn fn = NULL;

    for (size_t i = 0; i < registered_count; i++) {
        if (strcmp(registered[i].name, file) == 0) return registered[i].fn;
        if (name_fits(registered[i].name, file)) fn = registered[i].fn;
    }
    return fn;
}

static bool is_vector_file(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && (strcmp(dot, ".json") == 0 || strcmp(dot, ".jsonl") == 0);
}

static void file_add(const char *name)
{
    if (file_count == FILES_MAX || !is_vector_file(name)) return;
    files[file_count] = strdup(name);
    if (!files[file_count]) abort();
    file_count++;
}

/* Collect the files of folder/below and of what lies in it. */
static void folder_scan(const char *folder, const char *below, unsigned depth)
{
    char path[PATH_SIZE], name[PATH_SIZE];
    struct dirent *item;
    struct stat info;
    DIR *dir;

    (void)snprintf(path, sizeof path, "%s/%s", folder, below);
    dir = opendir(path);
    if (!dir) return;
    while ((item = readdir(dir))) {
        if (item->d_name[0] == '.') continue;
        (void)snprintf(name, sizeof name, "%s%s%s", below, *below ? "/" : "", item->d_name);
        (void)snprintf(path, sizeof path, "%.500s/%.500s", folder, name);
        if (stat(path, &info) != 0) continue;
        if (!S_ISDIR(info.st_mode)) {
            file_add(name);
        } else if (depth < FOLDER_DEPTH_MAX) {
            folder_scan(folder, name, depth + 1);
        }
    }
    (void)closedir(dir);
}

static int text_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void file_run(const char *folder, eid_suite *suite)
{
    eid_suite_fn fn = suite_find(suite->name);
    char path[PATH_SIZE];

    if (fn) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, suite->name);
        fn(path, suite);
    } else if (eid_case_begin(suite, "file")) {
        eid_case_skip(suite, "no suite knows this file");
        eid_case_end(suite);
    }
}

static void suite_print(const eid_suite *suite)
{
    printf("%s: %zu passed, %zu failed, %zu skipped\n", suite->name, suite->passed, suite->failed,
           suite->skipped);
    for (size_t i = 0; i < suite->skip_count; i++) {
        printf("    %zu skipped: %s\n", suite->skips[i].count, suite->skips[i].reason);
    }
}

static int usage(void)
{
    (void)fprintf(stderr, "usage: conformance [--only SUBSTRING] [-v] [DIR]\n");
    return 2;
}

int main(int argc, char **argv)
{
    static eid_suite suites[FILES_MAX];
    eid_run_options options = {NULL, false};
    const char *folder = EID_TESTS_DIR "/vectors";
    eid_suite total = {.name = "total"};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0) {
            options.verbose = true;
        } else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            options.only = argv[++i];
        } else if (argv[i][0] == '-') {
            return usage();
        } else {
            folder = argv[i];
        }
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    folder_scan(folder, "", 0);
    qsort(files, file_count, sizeof files[0], text_order);
    for (size_t i = 0; i < file_count; i++) {
        suites[i] = (eid_suite){.name = files[i], .options = &options};
        file_run(folder, &suites[i]);
    }
    for (size_t i = 0; i < file_count; i++) {
        const eid_suite *suite = &suites[i];

        total.passed += suite->passed;
        total.failed += suite->failed;
        total.skipped += suite->skipped;
        if (suite->passed + suite->failed + suite->skipped > 0) suite_print(suite);
    }
    suite_print(&total);
    for (size_t i = 0; i < file_count; i++) free(files[i]);
    if (file_count == 0) (void)fprintf(stderr, "conformance: no vector files in %s\n", folder);
    return total.failed > 0 || file_count == 0 ? 1 : 0;
}
