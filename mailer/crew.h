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
#define CREW_TROUBLES_MAX 3 /* a thread's, in a row: it is worn out, and seldom tries again */

struct crew_member {
	struct crew *crew;
	pthread_t thread;
	struct postman postman;
	unsigned troubles; /* the postman's, for all to see */
	uint64_t left;     /* its letter, as in struct outcome */
};

/* What the threads and the committer share, under the lock. Claims are on disk as in flight
 * before they stand in `ready`; there is one in hand and at least two ready for each thread, so
 * that no thread waits for the disk. After a crash all of these are uncertain and go out again;
 * those in hand, and those done with and not noted yet, may arrive twice. */
struct crew {
	struct sender *s;
	pthread_mutex_t lock;
	pthread_cond_t work;  /* the threads wait here for a claim, or for the end */
	pthread_cond_t calm;  /* and here after trouble: 1, 2, 4 seconds, up to a minute */
	pthread_cond_t asked; /* the committer waits here */
	struct crew_member *worker;
	unsigned workers, opened, started;
	unsigned able, busy;  /* able: those that do not rest after trouble */
	unsigned worn;        /* those that are worn out */
	bool worked;          /* the relay has answered for some letter */
	uint64_t away_ms;     /* since when it has not; 0: all is well */
	struct claim *ready;  /* [depth] */
	struct outcome *done; /* [2 * (workers + depth)] */
	uint64_t heard;       /* letters that are done with, of this run */
	unsigned depth, readies, dones;
	uint64_t first_done_ms; /* when the oldest of `done` came */
	bool ending, over;      /* ending: no more claims; over: the threads go home */
	/* The committer's own */
	bool held;       /* no claims for now */
	bool away;       /* the relay, as was told */
	uint32_t *place; /* [depth] */
	struct claim *fresh;
	struct outcome *noting;
	uint64_t claimed, started_ms, looked_ms, told_ms, next_trim;
	struct weigh weigh;
	bool gave_up;      /* on a relay that was away for too long */
	char trouble[272]; /* the last thing a relay that takes no mail has said */
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

/* Are so many letters done with that they should be noted? */
bool crew_many_done(const struct crew *r);

/* Has the relay been away from all threads for as long as the run may wait? One that was never
 * there is not waited for. */
bool crew_gave_up(const struct crew *r);

/* Remember the first failure, which ends the run; the lock is held. */
void crew_fail(struct crew *r, enum err e, const struct why *why);

#endif
