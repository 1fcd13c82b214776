/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_FUNNEL_H
#define VOTEPOST_CORE_FUNNEL_H

#include <stddef.h>
#include <stdint.h>

#include "core/board.h"
#include "core/err.h"
#include "core/manifest.h"

/*
 * funnel - the receiver's files for others: funnel.json, its signed account of every mail by
 * verdict, and receiver.json, its public key. Protocol section 8.
 */

/* The verdicts of a mail (architecture, "The reply"), and of later a post. */
enum verdict {
	VERDICT_COUNTED,
	VERDICT_USED,
	VERDICT_REPLACED,
	VERDICT_UNKNOWN_TOKEN,
	VERDICT_NO_TOKEN,
	VERDICT_NO_CHOICE,
	VERDICT_AMBIGUOUS,
	VERDICT_INVALID,
	VERDICT_CHANNEL,
	VERDICT_UNREADABLE,
	VERDICT_AUTOMATIC,
	VERDICT_BOUNCE,
	VERDICT_EARLY,
	VERDICT_LATE,
	VERDICT_TOO_LARGE,
	VERDICTS
};
const char *verdict_name(enum verdict v); /* "counted", "unknown token", … */

struct funnel {
	uint64_t size; /* of the board it goes with */
	uint64_t verdict[VERDICTS];
	uint64_t channel[CHANNELS]; /* counted ballots by channel */
};
void funnel_write(struct buf *out, const struct funnel *f, const struct manifest *m,
                  const unsigned char secret[SIGN_SECRET_BYTES]);
MUST_CHECK enum err funnel_read(struct funnel *out, const struct manifest *m, const char *line,
                                size_t len, struct why *why);

/* receiver.json */
void receiver_key_write(struct buf *out, const unsigned char key[32]);
MUST_CHECK enum err receiver_key_read(unsigned char key[32], const char *line, size_t len,
                                      struct why *why);

#endif
