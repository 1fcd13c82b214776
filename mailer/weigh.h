/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_WEIGH_H
#define VOTEPOST_MAILER_WEIGH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/mail/smtp.h"
#include "mailer/outbox.h"

/*
 * weigh - what became of one letter: does it say that the relay is at fault for all of them?
 *
 * A list has dead addresses here and there, and a provider that does not want us refuses all of
 * its own. A row of refusals without one letter that is taken, and from several domains, is the
 * relay's word, whatever it says: a limit of ours that is reached, most often. It is no word about
 * those members, who are taken back: planned again, behind all others, so that each run gets
 * further. Whom the relay then calls dead once more is dead, if it ever took a letter.
 */
#define WEIGH_DOMAINS 3

struct weigh {
	unsigned lanes;   /* of this run's letters; where they are few, so many are enough */
	unsigned threads; /* so many letters are under way at once */
	bool worked;      /* the relay has answered for a letter: our settings are right */
	bool accepted;    /* it has taken a letter, in an earlier run or this one */
	bool taken;       /* in this one */
	bool braked;      /* it is the relay's word */
	/* Not 0: the relay has said no of itself, and nothing that left since was taken. */
	unsigned put_off;
	uint32_t *row;           /* members that were refused: as many as may have crossed … */
	unsigned row_n, crossed; /* … with the last letter that was taken, and those since */
	/* Since that letter: */
	unsigned own;                 /* refusals that were about no member, and stand for none */
	unsigned denied;              /* those that are of policy (5.7), or own */
	unsigned domains;             /* of the row, as far as they were counted … */
	uint32_t lane[WEIGH_DOMAINS]; /* … which are these */
};

/* Weigh an outcome; its letter is of this lane. ERR_SETTINGS, with a sentence that says what to
 * do, where no other letter would fare better: the relay cannot be used, or refuses them all.
 * ERR_MEMORY. */
MUST_CHECK enum err weigh_outcome(struct weigh *w, const struct outcome *o, uint32_t lane,
                                  const struct relay *relay, struct why *why);

/* Members whose refusal says nothing of them: where it is the relay's word; and where the run was
 * `cut` short, those of a row in several domains that might have become it. Points into `w`. */
unsigned weigh_doubtful(const struct weigh *w, bool cut, const uint32_t **serial);

void weigh_release(struct weigh *w);

#endif
