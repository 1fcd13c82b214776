/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_RULES_H
#define VOTEPOST_CORE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/board.h"
#include "core/err.h"
#include "core/manifest.h"
#include "core/registry.h"

/*
 * rules - where each line may stand: the order, times, counts and credentials of section 6.
 *
 * One pass over a board's lines in order, without I/O, memory of a few bytes a credential.
 * Signatures and ballot proofs are checked elsewhere (line_check_signature,
 * ballot_check_proofs): they are independent of order and can go to other threads.
 *
 * A line that breaks a rule is answered with the rule's name and the pass goes on as well as
 * it can, so that every failure that can still be told apart is found.
 */
struct rules {
	const struct manifest *m;
	struct registry *registry;
	uint64_t lines;  /* taken so far, the manifest included */
	uint64_t closes; /* the closing time in force */
	uint64_t time;   /* the last time line; 0 before the first */
	bool opened, closed, last_was_time;
	unsigned accepted;                  /* so far, in order */
	uint64_t ballots, replaced, weight; /* weight: of the ballots */
	unsigned class_at;                  /* the roll's class that issued lines are in */
	uint64_t class_members;
	struct point last_credential;
	bool issued_done, accepted_done; /* no more of them; what was missing is told */
	bool not_closed_told, skipped;
};

/* After the manifest line was read. rules_release after. */
MUST_CHECK enum err rules_init(struct rules *r, const struct manifest *m);
void rules_release(struct rules *r);

/* The next line. For a ballot `*weight` is its credential's weight (0 where it has none). */
MUST_CHECK enum err rules_take(struct rules *r, const struct line *line, unsigned *weight,
                               struct why *why);

/* A line that could not be read. From then on nothing is said that this line may have made
 * true: that a credential was never issued, that the roll is short, that the counts differ. */
void rules_skip(struct rules *r);

/* What only the end can tell: the roll is whole, all trustees accepted. Call before the
 * first line that is neither issued nor accepted is taken, and at the end: rules_take does
 * the former. Each failure is told once; call again until OK. `must_close`: a board without
 * `closed` fails ("not closed"). */
MUST_CHECK enum err rules_end(struct rules *r, bool must_close, struct why *why);

#endif
