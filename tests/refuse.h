/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_REFUSE_H
#define VOTEPOST_TESTS_REFUSE_H

#include <stddef.h>

#include "core/err.h"

/*
 * refuse - memory that runs out where a test says so.
 *
 * A program that is linked with votepost_refuse() (tests/CMakeLists.txt) has every allocation
 * of our own code pass here; what libraries allocate for themselves does not.
 */

/* Refuse the allocation number `n` from now on, counted from 0, and with `ever` all that come
 * after it. */
void refuse_at(unsigned long n, int ever);
/* Refuse none any more. Was one refused? */
int refuse_end(void);

/* How many bytes were given since the last refuse_at or refuse_count; frees do not count. */
void refuse_count(void);
size_t refuse_bytes(void);

/* One operation under the sweep: OK, or what it answered. It releases what it made, and asserts
 * for itself that what it answers is right; a half made answer must not look like a whole one. */
typedef enum err refuse_run(void *ctx, struct why *why);

/* Run it with each of its allocations refused once, then with that one and all after it: it
 * answers ERR_MEMORY, naming no broken rule, or rightly. Asserts, and that it makes at least
 * `least` allocations: a sweep over nothing proves nothing. */
void refuse_each(const char *name, refuse_run *run, void *ctx, unsigned long least);

#endif
