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
 * further.
 *
 * A letter that is taken ends the row, but only of what was refused before it left: with several
 * under way, the relay may have turned since. And a row that was refused as soon as the recipient
 * was named may be a row of dead addresses after all: the relay is asked whether it would still
 * take letters to members whom it has served (mailer/control.h). If so, the dead are dead.
 */
#define WEIGH_DOMAINS 3
#define WEIGH_ROW     1000 /* of a longer row the last ones are known */
#define WEIGH_SERVED  3

struct refusal {
	uint32_t serial, lane;
	uint64_t heard; /* as in struct outcome */
	bool own;       /* about no member, and stands for none */
	bool denied;    /* of policy (5.7), or own */
	bool named;     /* as in struct smtp_answer */
};

/* Somebody whom the relay has served; NO_LANE where that was in an earlier run. */
struct served {
	uint32_t serial, lane;
};
#define WEIGH_NO_LANE UINT32_MAX

/* What the relay said of those whom it has served. */
enum control { CONTROL_SILENT, CONTROL_TAKES, CONTROL_REFUSES };

struct weigh {
	unsigned lanes;   /* of this run's letters; where they are few, so many are enough */
	unsigned threads; /* so many letters are under way at once */
	bool worked;      /* the relay has answered for a letter: our settings are right */
	bool accepted;    /* it has taken a letter, in an earlier run or this one */
	bool taken;       /* in this one */
	bool doubt;       /* is the row what it says? weigh_control tells */
	bool braked;      /* it is the relay's word */
	/* When it last said no of itself, if nothing that left since was taken; else 0. */
	uint64_t put_off;
	struct served served[WEIGH_SERVED]; /* the last ones, one of a domain */
	unsigned serveds;                   /* … with the next one to make room */
	unsigned oldest;
	struct refusal row[WEIGH_ROW];
	unsigned n;
	/* Of the row: */
	unsigned own, denied, named, domains;
	uint32_t lane[WEIGH_DOMAINS]; /* the domains, as far as they were counted */
	struct smtp_answer answer;    /* of the last refusal */
};

/* Weigh an outcome; its letter is of this lane. ERR_SETTINGS, with a sentence that says what to
 * do, where no other letter would fare better: the relay cannot be used, or refuses them all. */
MUST_CHECK enum err weigh_outcome(struct weigh *w, const struct outcome *o, uint32_t lane,
                                  const struct relay *relay, struct why *why);

/* At the end of a run: fewer refusals are enough. As weigh_outcome. */
MUST_CHECK enum err weigh_end(struct weigh *w, const struct relay *relay, struct why *why);

/* Where there is doubt, what the relay said, with its last `answer`, when `left` letters had been
 * heard of. As weigh_outcome; ERR_AGAIN where it did not say. */
MUST_CHECK enum err weigh_control(struct weigh *w, enum control control,
                                  const struct smtp_answer *answer, uint64_t left,
                                  const struct relay *relay, struct why *why);

/* Members whose refusal says nothing of them: where it is the relay's word; and where the run was
 * `cut` short, or no answer came to a doubt, those of a row in several domains. */
unsigned weigh_doubtful(const struct weigh *w, bool cut, uint32_t serial[WEIGH_ROW]);

#endif
