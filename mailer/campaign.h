/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CAMPAIGN_H
#define VOTEPOST_MAILER_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/manifest.h"
#include "mailer/amend.h"
#include "mailer/keys.h"
#include "mailer/outbox.h"
#include "mailer/pollbook.h"
#include "mailer/roll.h"
#include "mailer/serials.h"

/*
 * campaign - who is to be mailed during the vote, by a board: a reminder, a notice that a ballot
 * stands, a later closing time. And, for the list of attendance, who has voted at all.
 *
 * Each member's credential is computed, about 10,000 a second; where the election has a second
 * factor that takes a fifth of a second each, so what needs no credential is asked first.
 * Everything is decided anew in each run, by the outboxes and the board of that run: a run that
 * was cut short needs no memory of its own.
 */
#define CAMPAIGN_ROUNDS_MAX 9 /* [remind] most */

struct campaign {
	const char *home;
	const struct manifest *m;
	const struct keys *keys;
	const struct pollbook *book;
	struct roll *roll;
	struct amend *amend;
	struct outbox *invitation;
	uint64_t now;
	void (*step)(void *context, uint64_t more); /* members looked at; may be NULL */
	void *context;
	/* Results, for campaign_end to release. due[i] is the set of round i + 1; a mailing that
	 * has no rounds uses the first. */
	struct serials *due[CAMPAIGN_ROUNDS_MAX];
	uint64_t voted;       /* those who were left out since a ballot of theirs stands */
	uint64_t early, soon; /* reminders: too soon for so many; when it is for the first */
};

/* Reminders: to members whose invitation, and then whose last reminder, the relay took at least
 * `hours` ago, for whom no ballot stands and no new token is planned; `most` rounds in all. */
MUST_CHECK enum err campaign_remind(struct campaign *c, unsigned most, uint64_t hours,
                                    struct why *why);
/* Notices: to members for whom a ballot stands, once. */
MUST_CHECK enum err campaign_notify(struct campaign *c, struct why *why);
/* The announcement: to members who have no letter on its way, once. */
MUST_CHECK enum err campaign_announce(struct campaign *c, struct why *why);
/* A later closing time: to members who have their invitation, and no ballot on the board. */
MUST_CHECK enum err campaign_extend(struct campaign *c, uint64_t closes, struct why *why);
/* Members who were given an old address up and are still to be told there. */
MUST_CHECK enum err campaign_moved(struct campaign *c, struct why *why);
void campaign_end(struct campaign *c);

/* Is there a ballot of this member's, whichever token it was cast with? `*hour` is then the
 * board's time before it, and 0 otherwise. `member` as the roll has it. */
MUST_CHECK enum err campaign_voted(const struct campaign *c, const struct member *member,
                                   uint64_t *hour, struct why *why);

#endif
