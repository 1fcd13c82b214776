/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_TIMELINE_H
#define VOTEPOST_MAILER_TIMELINE_H

#include <stdint.h>

/*
 * timeline - how many letters left when, in steps that grow with the time that they cover: a
 * minute at first, then five, an hour, a day. Memory is the same for ten letters and for millions.
 */
#define TIMELINE_MAX 60 /* steps */

struct timeline {
	uint64_t step;  /* seconds; 0: nothing was added */
	uint64_t first; /* time / step of n[0] */
	unsigned used;  /* steps up to the last that holds a letter */
	uint32_t n[TIMELINE_MAX];
};

/* Starts zeroed. `at` is in Unix seconds. */
void timeline_add(struct timeline *t, uint64_t at);
/* When step `i` begins. */
uint64_t timeline_at(const struct timeline *t, unsigned i);

#endif
