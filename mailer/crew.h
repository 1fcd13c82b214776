/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CREW_H
#define VOTEPOST_MAILER_CREW_H

#include <pthread.h>

#include "mailer/postman.h"
#include "mailer/weigh.h"

/*
 * crew - a run of the sender: its threads, and what they share with the committer. Part of
 * mailer/sender.c.
 */
#define CREW_TROUBLES_MAX 3 /* a thread's, in a row, before it gives up */

struct crew_member {
	struct crew *crew;
	pthread_t thread;
	struct postman postman;
};

/* What the threads and the committer share, under the lock. Claims are on disk as in flight
 * before they stand in `ready`; there is one in hand and at least two ready for each thread, so
 * that no thread waits for the disk. After a crash all of these are uncertain and go out again;
 * those in hand may arrive twice. */
struct crew {
	struct sender *s;
	pthread_mutex_t lock;
	pthread_cond_t work;  /* the threads wait here for a claim, or for the end */
	pthread_cond_t calm;  /* and here after trouble, for a second or two */
	pthread_cond_t asked; /* the committer waits here */
	struct crew_member *worker;
	unsigned workers, opened, started;
	unsigned able, busy;  /* able: those that have not given up */
	struct claim *ready;  /* [depth] */
	struct outcome *done; /* [2 * (workers + depth)] */
	unsigned depth, readies, dones;
	uint64_t first_done_ms; /* when the oldest of `done` came */
	bool ending, over;      /* ending: no more claims; over: the threads go home */
	/* The committer's own */
	bool held;       /* no claims for now */
	uint32_t *place; /* [depth] */
	struct claim *fresh;
	struct outcome *noting;
	uint64_t claimed, started_ms, looked_ms, told_ms, next_trim;
	struct weigh weigh;
	char trouble[256]; /* the last thing a relay that takes no mail has said */
	enum err e;        /* the first failure */
	struct why why;
};

/* Everything made, no thread begun yet; crew_close after, also after a failure. */
MUST_CHECK enum err crew_open(struct crew *r, struct sender *s, struct why *why);
void crew_close(struct crew *r);

/* Begin the threads, and end them once what is under way is done. */
MUST_CHECK enum err crew_start(struct crew *r, struct why *why);
void crew_home(struct crew *r);

/* Claims that may be ready now. */
unsigned crew_depth(const struct crew *r);

/* Remember the first failure, which ends the run; the lock is held. */
void crew_fail(struct crew *r, enum err e, const struct why *why);

#endif
