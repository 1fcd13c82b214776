/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_SORTER_H
#define VOTEPOST_MAILER_SORTER_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * sorter - any number of records of one size, in byte order, in some megabytes of memory: runs
 * are sorted there, kept in a nameless file, and merged.
 *
 * The file never has a name and holds what is already sorted; it is gone with the process.
 */
struct sorter;

/* `folder` is where the file lies; `size` the bytes of a record. */
MUST_CHECK enum err sorter_new(struct sorter **out, const char *folder, size_t size,
                               struct why *why);
void sorter_free(struct sorter *s);

MUST_CHECK enum err sorter_add(struct sorter *s, const void *record, struct why *why);

/* The least that is left; ERR_NOT_FOUND at the end. After the first call nothing is added. */
MUST_CHECK enum err sorter_next(struct sorter *s, void *record, struct why *why);

#endif
