/* File: a file that appears whole or not at all, and one that is read piece by piece.
 *
 * What is written goes to a new file beside the target, is made durable, and takes the target's
 * name in one step; a crash leaves the old file or none. Reading never loads more than it is asked
 * for. One thread at a time.
 *
 * Not here: the store itself (kv.h), what files hold.
 */
#ifndef EID_STORAGE_FILE_H
#define EID_STORAGE_FILE_H

#include "dag/bytes.h"

typedef struct eid_file_writer eid_file_writer;

/* Begin a file that will be called `path`, mode 0600. New: eid_file_writer_free(), which drops what
 * was not finished. Errors: IO, DISK_FULL, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_file_writer_new(const char *path, eid_file_writer **out);
/* Append. Errors: IO, DISK_FULL. */
EID_MUST_CHECK eid_status eid_file_writer_append(eid_file_writer *writer, eid_slice bytes);
/* Make it durable and give it its name, replacing what had it. Once. Errors: IO, DISK_FULL; then
 * the target is as it was. */
EID_MUST_CHECK eid_status eid_file_writer_finish(eid_file_writer *writer);
void eid_file_writer_free(eid_file_writer *writer);

typedef struct eid_file_reader eid_file_reader;

/* Open a regular file. New: eid_file_reader_free(). Errors: IO, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_file_reader_new(const char *path, eid_file_reader **out);
/* Its size in bytes when it was opened. */
uint64_t eid_file_reader_size(const eid_file_reader *reader);
/* Up to `max` bytes into `out` (cleared first); none at the end. Errors: IO. */
EID_MUST_CHECK eid_status eid_file_reader_next(eid_file_reader *reader, size_t max, eid_buf *out);
void eid_file_reader_free(eid_file_reader *reader);

#endif
