/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_WEIGH_H
#define VOTEPOST_MAILER_WEIGH_H

#include <stdint.h>

#include "core/err.h"
#include "core/ledger.h"
#include "core/mail/smtp.h"
#include "mailer/outbox.h"

/*
 * weigh - what became of one letter: does it say that the relay is at fault for all of them?
 */
struct weigh {
	uint64_t sent[SEND_STATES]; /* letters of this run, by what became of them */
	uint64_t denied;            /* those refused for reasons of policy (5.7) */
};

/* Count an outcome. ERR_SETTINGS, with a sentence that says what to do, where no other letter
 * would fare better: the relay cannot be used, or has taken none so far and refuses them all. */
MUST_CHECK enum err weigh_outcome(struct weigh *w, const struct outcome *o,
                                  const struct relay *relay, struct why *why);

#endif
