/* Scratch: a folder of a test's own, and what is in it afterwards removed. In memory where the
 * system offers that: RocksDB makes a store with dozens of fsyncs. */
#ifndef EID_TESTS_STORAGE_SCRATCH_H
#define EID_TESTS_STORAGE_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRATCH_SIZE 1024

typedef struct scratch {
    char path[SCRATCH_SIZE];      /* absolute; the folder exists */
    char url[SCRATCH_SIZE + 32];  /* of a store in it that does not exist yet */
    char store[SCRATCH_SIZE + 8]; /* its folder */
} scratch;

static inline void scratch_begin(scratch *self)
{
    char here[SCRATCH_SIZE / 2];

    if (access("/dev/shm", W_OK) == 0) {
        (void)snprintf(here, sizeof here, "/dev/shm");
    } else if (getcwd(here, sizeof here) == NULL) {
        abort();
    }
    (void)snprintf(self->path, sizeof self->path, "%s/eid-XXXXXX", here);
    if (mkdtemp(self->path) == NULL) abort();
    (void)snprintf(self->store, sizeof self->store, "%s/store", self->path);
    (void)snprintf(self->url, sizeof self->url, "rocksdb://%s", self->store);
}

static inline int scratch_remove_one(const char *path, const struct stat *info, int type,
                                     struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    (void)remove(path);
    return 0;
}

static inline void scratch_end(scratch *self)
{
    (void)nftw(self->path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
