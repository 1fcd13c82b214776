/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_SENDER_H
#define VOTEPOST_MAILER_SENDER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/manifest.h"
#include "mailer/amend.h"
#include "mailer/conf.h"
#include "mailer/gather.h"
#include "mailer/keys.h"
#include "mailer/lanes.h"
#include "mailer/letter.h"
#include "mailer/outbox.h"
#include "mailer/retry.h"
#include "mailer/roll.h"
#include "mailer/serials.h"

/*
 * sender - one mailing: mail everyone that it is for and who is not yet served, by some connections
 * to the relay, each with a thread of its own, and one committer, the caller's thread, through
 * which all that they do reaches the outbox.
 *
 * The committer notes what has gathered and claims the next letters in one durable transaction; no
 * letter leaves that the outbox does not know to be in flight. Which letters those are, the lanes
 * say (mailer/lanes.h): they keep the pace of each domain. Each thread has one letter in hand, and
 * more are ready than there are threads, so none waits for the disk (mailer/crew.h); a crash makes
 * all of these uncertain.
 *
 * A token is made in guarded memory, lives in the thread's letter and in its form on the wire, and
 * is wiped with them before the next. Under TLS OpenSSL has it too while it encrypts, in a buffer
 * that nobody can wipe or lock: hence no core dumps, and swap should be encrypted or off.
 *
 * Trouble. The relay says no to one letter: deferred or refused, by its code. A domain gets too
 * much: it alone is left alone for a while. The relay has too much, or enough, from us: all wait
 * for a while, and the letter is given back. It does not answer, or says 421 before it has heard of
 * a letter: the letter is given back, the thread rests, longer each time; when all do for as long
 * as conf says (with `stay`: for ever), the run ends with ERR_AGAIN. It is at fault for everyone
 * (TLS, AUTH), or refuses everyone (mailer/weigh.h): the run ends with ERR_SETTINGS, and what was
 * not sent stays planned. The disk is full: ERR_FULL, and what was in flight will be uncertain.
 */
struct sender {
	const struct conf *conf;
	const struct manifest *m;
	const struct keys *keys;
	const struct letters *letters;
	struct mailing mailing; /* what is mailed */
	struct roll *roll;
	struct amend *amend;               /* each member is mailed as of today */
	struct outbox *outbox;             /* this mailing's */
	const struct serials *only;        /* the members that it is for; NULL: all */
	uint64_t limit;                    /* letters of this run; 0: all */
	bool refused;                      /* try again those that were refused, or given up */
	struct retry retry;                /* zeroed: as conf says, and no end */
	bool stay;                         /* wait for all that was put off */
	uint64_t until;                    /* no letter leaves from then on; 0: no end */
	const volatile sig_atomic_t *stop; /* not 0: end after the letters under way */
	/* Told now and then, and each may be NULL: letters that are done with; how long the rest
	 * takes at this pace, in seconds; the relay is away, and its last words, or NULL: it is
	 * there again; is the run to hold on, without ending? */
	void (*step)(void *context, uint64_t more);
	void (*left)(void *context, uint64_t seconds);
	void (*away)(void *context, const char *words);
	bool (*held)(void *context);
	void *context;
	struct lanes *lanes; /* sender_gather; the run's own */
	/* Results: the letters that sender_gather found, by state: each once, as it is now. */
	uint64_t sent[SEND_STATES];
	bool stopped, over; /* over: `until` has come */
};

/* Find the letters that a run is for, before anything is sent: lanes_letters says how many. The
 * outbox has been recovered. lanes_free after, unless sender_run follows. */
MUST_CHECK enum err sender_gather(struct sender *s, struct why *why);
/* What it was gathered by. */
struct gather sender_orders(const struct sender *s);

/* Gathers where that was not done. */
MUST_CHECK enum err sender_run(struct sender *s, struct why *why);

#endif
