/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_FILE_H
#define VOTEPOST_CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * file - read whole, read by lines, replace atomically, append durably.
 *
 * Every reader has a cap. Every writer returns OK only when the bytes are on disk: the file
 * and the folder that names it were synced. Messages name the path.
 */

/* The whole file, appended to `out`, up to out's cap. "-" is standard input. */
MUST_CHECK enum err file_read(struct buf *out, const char *path, struct why *why);

/* The same for a secret: a regular file that nobody but its owner can read or write, else
 * ERR_SETTINGS says how to mend it. One final line feed is dropped. */
MUST_CHECK enum err file_read_secret(struct buf *out, const char *path, struct why *why);

/* One line without its line feed, as the protocol's one-object files are: ERR_FORMAT where the
 * line feed at the end is missing or another follows (check "line not canonical"). */
MUST_CHECK enum err file_read_line(struct buf *out, const char *path, struct why *why);

/* A new file in place of whatever was there, complete or not at all. */
MUST_CHECK enum err file_write(const char *path, const void *bytes, size_t len, unsigned mode,
                               struct why *why);
/* The same, but ERR_EXISTS where there is one already. */
MUST_CHECK enum err file_create(const char *path, const void *bytes, size_t len, unsigned mode,
                                struct why *why);

/* Give a file that is on disk the name of another, in its place, durably. */
MUST_CHECK enum err file_rename(const char *from, const char *to, struct why *why);

/* Add to the end of a file, which is made (mode 0600) where there is none. What could not be
 * written whole is taken back. */
MUST_CHECK enum err file_append(const char *path, const void *bytes, size_t len, struct why *why);

/* "PATH: what the system said", for an errno: ERR_NOT_FOUND, ERR_EXISTS, ERR_FULL, ERR_MEMORY
 * or ERR_IO. */
enum err file_trouble(struct why *why, const char *path, int cause);

/* Is there a file of this name? Takes no memory, so that want of it cannot look like "no". */
bool file_there(const char *path);

/* Is next to nothing left where `path` lives? For errors that do not say so themselves. */
bool file_disk_full(const char *path);

/* A folder, mode 0700, its parents there; ERR_EXISTS where it is there and not empty. */
MUST_CHECK enum err file_make_home(const char *path, struct why *why);

/* A folder to write into: made for its owner alone where it is not there (its parent is). */
MUST_CHECK enum err file_make_folder(const char *path, struct why *why);

/* dir/name into `out`, which is cleared first. Where that fails the answer is a path that every
 * function here refuses with ERR_MEMORY: want of memory never looks like a missing file. */
const char *file_path(struct buf *out, const char *dir, const char *name);

/* An exclusive lock that lives as long as the process (flock on dir/name). ERR_BUSY with
 * `what` in the sentence where another holds it. */
struct file_lock {
	int fd; /* -1 where none is held */
};
MUST_CHECK enum err file_lock(struct file_lock *lock, const char *path, const char *what,
                              struct why *why);
void file_unlock(struct file_lock *lock);

/* Line after line of a file of any size ("-": standard input), each at most `max` bytes. */
struct lines {
	FILE *stream;
	char *path;
	struct buf line;  /* the current one, without its line feed */
	uint64_t number;  /* of the current line, from 1 */
	uint64_t offset;  /* of the byte after the current line */
	bool ended_whole; /* the last line had its line feed */
};
MUST_CHECK enum err lines_open(struct lines *l, const char *path, size_t max, struct why *why);
/* ERR_NOT_FOUND at the end; ERR_TOO_LARGE names the line; a last line without line feed is
 * delivered with ended_whole false. */
MUST_CHECK enum err lines_next(struct lines *l, struct why *why);
void lines_close(struct lines *l);

#endif
