/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_LOOKUP_H
#define VOTEPOST_RECEIVER_LOOKUP_H

#include <stdint.h>

#include "receiver/box.h"

/*
 * lookup - two small indexes over the board: which ballot a tracker names, and how many ballots
 * stood before each `time` line.
 *
 * Both say only what the board says, and change in the transaction that changes it. A box that
 * was made before there were any, or that lost some, gets them anew at start: lookup_mend.
 */
#define TRACKER_BYTES 13 /* of SHA-256(line), the last 4 bits zero: 100 bits */

/* The ballot that was just appended. */
void lookup_ballot(struct box_txn *t, const struct point *credential, const char *line, size_t len);
/* A `time` line that was just appended. */
void lookup_hour(struct box_txn *t, uint64_t at);

/* A tracker as it is written or typed: hyphens and case do not matter. ERR_FORMAT. */
MUST_CHECK enum err lookup_read(unsigned char out[TRACKER_BYTES], const char *text, size_t len);

/* Whose ballot it is. ERR_NOT_FOUND. */
MUST_CHECK enum err lookup_tracker(struct box_txn *t, const unsigned char tracker[TRACKER_BYTES],
                                   struct point *credential);

/* The ballots since each `time` line up to the next one, in order. */
typedef void lookup_each(void *ctx, uint64_t at, uint64_t ballots);
MUST_CHECK enum err lookup_hours(struct box_txn *t, lookup_each *each, void *ctx);

/* For whoever opened the box for writing, after enter_mend. */
MUST_CHECK enum err lookup_mend(struct box *box, struct why *why);

#endif
