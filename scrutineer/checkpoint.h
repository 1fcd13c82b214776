/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_CHECKPOINT_H
#define VOTEPOST_SCRUTINEER_CHECKPOINT_H

#include <stdint.h>

#include "core/err.h"
#include "core/merkle.h"
#include "core/tally.h"
#include "scrutineer/audit.h"

/*
 * checkpoint - what an earlier verify established of a board, so that a later one checks
 * only what is new: how many lines held, their root, and the encrypted sums over them.
 *
 *   {"type":"checkpoint","election":"b64(E)","size":n,"root":"b64","ballots":n,"weight":n,
 *    "sums":["b64(A ‖ B …)",…],"mac":"b64"}
 *
 * The sums are those of core/tally.h, empty where no ballot is in one. The file is trusted, so it
 * is bound by a MAC over everything before "mac" under a key of the user's own,
 * ~/.config/votepost/checkpoint.key (VOTEPOST_KEY_DIR names another folder), made when it is
 * first needed and readable by nobody else. Who is entitled to vote is not in it: that is read
 * again from the board's own lines, which the root has proven to be the same.
 */
struct checkpoint {
	unsigned char election[HASH_BYTES];
	uint64_t size;
	struct node root;
	uint64_t ballots, weight;
	struct buf sum[TALLY_SUMS];
};

/* After an audit whose board is good. The file is replaced whole or not at all. */
MUST_CHECK enum err checkpoint_write(const char *path, const struct audit *a, struct why *why);

/* ERR_INVALID ("checkpoint mac") for a file that this user's verify did not write, or that was
 * changed. checkpoint_release after, also after a failure. */
MUST_CHECK enum err checkpoint_read(struct checkpoint *c, const char *path, struct why *why);
void checkpoint_release(struct checkpoint *c);

/* Add its sums to a tally of the same election. */
MUST_CHECK enum err checkpoint_tally(const struct checkpoint *c, struct tally *tally);

#endif
