/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_CAST_H
#define VOTEPOST_RECEIVER_CAST_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/board.h"
#include "core/err.h"
#include "receiver/box.h"
#include "receiver/clock.h"
#include "receiver/enter.h"

/*
 * cast - the only writer of ballots.
 *
 * Any thread brings a job that it has checked as far as can be done outside (form, signature,
 * proofs) and waits in cast_submit. One thread takes everything that waits into one durable
 * commit and tells each caller what became of its own: what is acknowledged is on disk. When
 * the commit fails, so does every job of it, and all of it is as if it had never been tried.
 * Who cannot wait uses cast_queue and is told.
 */
enum cast_kind {
	CAST_BALLOT,   /* a ballot, from a mail or (with `mark` NULL) from a post */
	CAST_MAIL,     /* a mail that is no ballot: its verdict is counted, once */
	CAST_ANSWERED, /* cast_answered */
	CAST_CHANGE,   /* a replaced or extended line of the mailer's */
	CAST_CLOSE,
	CAST_HOUSEKEEP, /* what is only due because time passes */
	CAST_COUNTS,    /* cast_flush */
};

struct cast_job;
typedef void cast_told(void *ctx, struct cast_job *job);

struct cast_job {
	enum cast_kind kind;
	uint64_t arrived;          /* when a mail was taken: cast_arrive */
	const unsigned char *mark; /* box_mark of the raw mail; NULL where there is none */
	/* In: the verdict, as far as the caller can tell (a ballot: VERDICT_COUNTED). Out: the one
	 * that was counted, now or, where `already`, when this very mail or post came before. */
	enum verdict verdict;
	bool already;
	/* In: an answer may go out. Out: one is owed. */
	bool answer;
	const struct quota *quota; /* NULL where no limit applies; borrowed */
	const char *line;          /* of a ballot or a change; borrowed */
	size_t len;
	struct point credential; /* of a ballot */
	enum channel channel;
	const struct line *change;
	enum entry entry; /* out, of ballot, change and close */
	uint64_t index;   /* out, of a ballot that stands */
	enum err e;       /* out: as cast_submit returns it */
	struct why why;
	/* Private */
	bool done;
	cast_told *told;
	void *told_ctx;
	unsigned char own_mark[SEEN_BYTES];
	pthread_cond_t finished; /* each caller is woken for its own job alone */
	struct cast_job *next;
};

/* Told from the writer's thread. The box is broken when the store may refuse all further work of
 * this process, as LMDB does after a write that failed at the wrong place: nothing is lost, and
 * the program has to be started again. */
#define CAST_FLAT_LAGS  "flat-board-lags"
#define CAST_BOX_BROKEN "box-broken"
typedef void cast_trouble(void *ctx, const char *event, const struct why *why);

struct cast;
MUST_CHECK enum err cast_start(struct cast **out, struct box *box, struct clock *clock,
                               cast_trouble *trouble, void *ctx, struct why *why);
/* What waits is finished first. No one may submit any more. */
void cast_stop(struct cast *c);

/* Wait until the job is on disk, or why not: ERR_AGAIN, ERR_FULL, ERR_IO: hand it back. */
MUST_CHECK enum err cast_submit(struct cast *c, struct cast_job *job, struct why *why);

/* The same without waiting: `told` is called by the writer's thread when cast_submit would have
 * returned, and the job is the caller's again from then on. It must be quick: no one's ballot
 * goes in meanwhile. Not for CAST_CLOSE. */
void cast_queue(struct cast *c, struct cast_job *job, cast_told *told, void *ctx);

/* A post that came to nothing is counted under its verdict, with the next group: a stranger's
 * posts must not each cost a commit. cast_flush brings that group about, where any were. */
void cast_count(struct cast *c, enum verdict verdict);
MUST_CHECK enum err cast_flush(struct cast *c, struct why *why);

/* The answer to this mail has left. Goes to disk with the next group; no one waits for it: a crash
 * before that means no more than a second answer, should the mail ever come again. */
void cast_answered(struct cast *c, const unsigned char mark[SEEN_BYTES]);

/* A mail has been taken in whole, now. Until cast_depart a close waits for it, if it came before
 * the closing time. `received` is when our mail server took it; 0: not told, it is now.
 * ERR_AGAIN where the clock cannot be trusted. */
struct cast_arrival {
	uint64_t at;  /* when it arrived */
	uint64_t now; /* what time it is here */
	struct cast_arrival *next, *previous;
};
MUST_CHECK enum err cast_arrive(struct cast *c, struct cast_arrival *arrival, uint64_t received,
                                struct why *why);
void cast_depart(struct cast *c, struct cast_arrival *arrival);

#endif
