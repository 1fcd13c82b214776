/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_GATHER_H
#define VOTEPOST_MAILER_GATHER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "mailer/amend.h"
#include "mailer/conf.h"
#include "mailer/lanes.h"
#include "mailer/mailing.h"
#include "mailer/outbox.h"
#include "mailer/retry.h"
#include "mailer/roll.h"
#include "mailer/serials.h"

/*
 * gather - the letters that one run has to mail, put into lanes: one walk over the roll for the
 * domains, one over the outbox for what was done already.
 *
 * Planned letters are due at once, those that were taken back behind all others, and uncertain ones
 * but for those that may have arrived RETRY_UNCERTAIN_MAX times; deferred ones in their time, and
 * those that were given up (mailer/retry.h) where a later closing time has left time for them.
 */
struct gather {
	const struct conf *conf;
	struct roll *roll;
	struct amend *amend;
	struct outbox *outbox; /* NULL: there is none yet, nobody was served */
	enum mailing_kind kind;
	const struct serials *only; /* the members that it is for; NULL: all */
	bool refused;               /* those that were refused, or given up, too */
	struct retry retry;
	uint64_t now; /* by the calendar; the lanes' own time begins here */
};

/* `state`: these letters by state, as they are now; may be NULL. lanes_free after. */
MUST_CHECK enum err gather_letters(struct lanes **out, uint64_t state[SEND_STATES],
                                   const struct gather *g, struct why *why);

/* The domain of a lane: its group's, or that of one of its letters. "" for a shared one, and
 * where no letter waits in it. */
MUST_CHECK enum err gather_domain(char out[ADDRESS_TEXT], const struct gather *g,
                                  const struct lanes_view *lane, struct why *why);

#endif
