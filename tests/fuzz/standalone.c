/* Replay of fuzz inputs without libFuzzer, so that every build runs every corpus.
 *
 * Arguments are files, or folders whose files are replayed; the empty input always goes first.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_BYTES_MAX (16u << 20) /* more than any decoder takes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t replayed;

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *input = malloc(INPUT_BYTES_MAX);
    uint8_t *exact = NULL;
    size_t len;

    if (!file || !input) {
        perror(path);
        exit(2);
    }
    len = fread(input, 1, INPUT_BYTES_MAX, file);
    exact = malloc(len ? len : 1); /* of its own size, so that reading past the end is seen */
    if (!exact) abort();
    memcpy(exact, input, len);
    LLVMFuzzerTestOneInput(exact, len);
    replayed++;
    free(exact);
    free(input);
    fclose(file);
}

static void replay(const char *path)
{
    char name[4096];
    struct dirent *entry;
    DIR *folder = opendir(path);

    if (!folder) {
        replay_file(path);
        return;
    }
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.') continue;
        if (snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < (int)sizeof name)
            replay_file(name);
    }
    closedir(folder);
}

int main(int argc, char **argv)
{
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) replay(argv[i]);
    printf("%zu inputs replayed\n", replayed);
    return 0;
}
