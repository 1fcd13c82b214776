/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_BENCH_MADE_H
#define VOTEPOST_TESTS_BENCH_MADE_H

#include <stdint.h>

#include "core/board.h"
#include "core/buf.h"
#include "core/manifest.h"
#include "core/token.h"

/*
 * made - an election made in memory for measuring: one trustee, one question of some options
 * of which one is chosen, `members` credentials whose secrets are all here. Bench programs
 * only: nothing here is careful with secrets, and whatever fails ends the program.
 */
struct made {
	struct manifest *m;
	struct token *token;      /* [members], in the order of the credentials */
	struct scalar *secret;    /* [members] */
	struct point *credential; /* [members], ascending */
	uint64_t members;
	unsigned char mailer[SIGN_SECRET_BYTES], receiver[SIGN_SECRET_BYTES];
	struct buf accepted; /* the trustee's line */
	uint64_t opens, closes;
};

void made_init(struct made *e, uint64_t members, unsigned options, uint64_t opens, uint64_t closes);
void made_release(struct made *e);
/* The issued line from credential `first` on; returns how many stand on it. */
unsigned made_issued(struct buf *line, const struct made *e, uint64_t first);
/* Member i's ballot for option `choice`. */
void made_ballot(struct buf *line, const struct made *e, uint64_t i, unsigned choice);

/* Run `step` for every i below `n` on `threads` threads, each with its own `ctx + t * size`. */
typedef void made_step(void *ctx, uint64_t i);
void made_spread(made_step *step, void *ctx, size_t size, uint64_t n, unsigned threads);

double made_now(void); /* seconds of the monotonic clock */
void made_must(enum err e, const struct why *why);
unsigned made_cores(void);

#endif
