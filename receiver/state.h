/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_STATE_H
#define VOTEPOST_RECEIVER_STATE_H

#include <stdint.h>

#include "core/funnel.h"
#include "core/merkle.h"

/* state - the box's numbers, kept as one value that changes with every transaction. */
struct state {
	uint64_t lines, bytes; /* of the board; bytes with a line feed each */
	uint64_t closes;       /* the closing time in force */
	uint64_t time;         /* the last `time` line; 0 before the first */
	uint64_t issued, ballots, replaced;
	uint64_t closed; /* 1 once the last line stands */
	uint64_t verdict[VERDICTS];
	uint64_t channel[CHANNELS]; /* counted ballots */
	struct merkle tree;
};

#define STATE_NUMBERS (8 + VERDICTS + CHANNELS + 1)
#define STATE_BYTES   (STATE_NUMBERS * 8 + MERKLE_LEVELS * HASH_BYTES)

void state_write(unsigned char out[STATE_BYTES], const struct state *s);
void state_read(struct state *s, const unsigned char in[STATE_BYTES]);

#endif
