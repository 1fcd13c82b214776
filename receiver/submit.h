/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_SUBMIT_H
#define VOTEPOST_RECEIVER_SUBMIT_H

#include <stdbool.h>

#include "receiver/cast.h"
#include "receiver/served.h"
#include "receiver/site.h"

/*
 * submit - ballots that are posted by the link: taken, checked by a few threads, handed to the
 * writer, and answered once they are on disk, or once it is clear that they will not be.
 *
 * Nobody waits: who brings one is told. The same ballot again gets its receipt again; of two
 * ballots under one credential one is counted, whichever the writer saw first, and the other is
 * told that one's tracker. A 201 or 200 leaves only after the commit.
 */
struct submission;
/* From one of our threads; the submission is the caller's again. Quick, please. */
typedef void submit_told(void *ctx, struct submission *sub);

struct submission {
	/* In */
	const char *line; /* what was posted; borrowed until told */
	size_t len;
	bool later; /* its source asks a lot: after the others', but never never */
	submit_told *told;
	void *ctx;
	/* Out */
	struct served served;
	/* Private */
	struct cast_arrival arrival;
	struct cast_job job;
	bool written;
	struct submission *next;
};

struct submit;
MUST_CHECK enum err submit_start(struct submit **out, struct site *site, struct cast *cast,
                                 unsigned threads, struct why *why);
/* Whoever was taken is told first. No one may submit any more. */
void submit_stop(struct submit *s);

/* The most bytes that a post may have, and whether a ballot of any channel has so many. */
size_t submit_max(const struct manifest *m);

/* False: it is answered already, `served` says how. True: it will be told. */
MUST_CHECK bool submit_take(struct submit *s, struct submission *sub);

#endif
