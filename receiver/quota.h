/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_QUOTA_H
#define VOTEPOST_RECEIVER_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "core/group.h"
#include "core/store.h"

/*
 * quota - how many answers a handle, a token and an address have had today.
 *
 * They are kept as hashes under a key that is drawn for the day and goes, with all of them, on
 * the first answer of the next: two robots that write to each other stop soon, and nothing
 * remains that tells who wrote.
 */
struct quota {
	uint64_t day;                   /* days since 1970 */
	uint64_t most;                  /* answers a day */
	const char *handle, *address;   /* "" for none; borrowed */
	const struct point *credential; /* the token's; NULL for none; borrowed */
};

/* Take one, or say that one of them has had its share. */
bool quota_take(struct txn *t, unsigned table, const struct quota *q);
/* Everything that is not of this day goes. */
void quota_old(struct txn *t, unsigned table, uint64_t day);

#endif
