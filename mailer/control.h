/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CONTROL_H
#define VOTEPOST_MAILER_CONTROL_H

#include <stdbool.h>

#include "core/err.h"
#include "mailer/sender.h"
#include "mailer/weigh.h"

/*
 * control - does the relay still take letters to members whom it has served? Then whom it refuses,
 * it refuses for what they are.
 *
 * A few are asked about, by the envelope that their letter had, up to where a letter would be sent;
 * none is. Those that were served last in this run come first: a moment ago the answer was yes.
 */

/* Whether it takes most of them; false where nobody was served, or it does not answer. By the
 * committer, who has the outbox. */
MUST_CHECK enum err control_ask(const struct sender *s, const struct weigh *w, bool *takes,
                                struct why *why);

#endif
