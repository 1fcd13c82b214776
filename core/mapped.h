/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAPPED_H
#define VOTEPOST_CORE_MAPPED_H

#include <stddef.h>

/*
 * mapped - a file that a library has mapped into this process, and giving its pages back.
 *
 * LMDB does not tell where its map lies; the system does.
 */
struct mapped {
	void *at; /* NULL where it was not found: nothing is given back then */
	size_t len;
};

/* Where the open file `fd` is mapped. From then on a read maps some pages around it, not the
 * two megabytes that the cache may hold it in. */
void mapped_find(struct mapped *m, int fd);

/* Advice alone: the map is of a file and read only, the pages come back when they are read. */
void mapped_trim(const struct mapped *m);

#endif
