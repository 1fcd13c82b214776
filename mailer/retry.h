/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_RETRY_H
#define VOTEPOST_MAILER_RETRY_H

#include <stdint.h>

/*
 * retry - when a letter that was put off is tried again: after 5, 15, 30, 60 minutes, then every
 * hour, each a little sooner or later by chance, so that what was put off together does not come
 * back together. Greylisting servers take a letter on the second or third of these.
 *
 * It ends in time: who has no letter a while before the close is to be reached in another way.
 */
/* So often is a letter mailed that may have arrived each time; then it stays uncertain. */
#define RETRY_UNCERTAIN_MAX 4

struct retry {
	uint64_t after;  /* seconds until the first: the others are 3, 6 and 12 times that */
	uint64_t last;   /* when the hourly tries end */
	uint64_t closes; /* when all do */
};
#define RETRY_FOREVER UINT64_MAX /* for what no closing time bounds */
#define RETRY_FIRST   3          /* tries again that the closing time alone bounds */

/* For a vote from `opens` to `closes`: the hourly tries end `hours` before the close, or after
 * three quarters of a vote that is too short for that. */
struct retry retry_until(uint64_t after, uint64_t opens, uint64_t closes, uint64_t hours);

/* When the letter is due again whose last of so many attempts was `at`; 0: never. */
uint64_t retry_due(const struct retry *r, unsigned attempts, uint64_t at);

#endif
