/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CONTROL_H
#define VOTEPOST_MAILER_CONTROL_H

#include "core/err.h"
#include "mailer/postman.h"
#include "mailer/weigh.h"

/*
 * control - does the relay still take letters to members whom it has served? Then whom it refuses,
 * it refuses for what they are.
 *
 * A few are asked about, over a connection that is there, by the envelope that their letter had, up
 * to where a letter would be sent; none is. Those that were served last in this run come first: a
 * moment ago the answer was yes.
 */

/* Draw from the outbox where this run has served too few: members served in earlier ones. */
MUST_CHECK enum err control_draw(struct weigh *w, struct outbox *outbox, struct why *why);

/* What the relay says of most of them; `answer` is its last. CONTROL_SILENT, too, where a sender's
 * stop cuts it short. */
MUST_CHECK enum err control_ask(enum control *control, struct smtp_answer *answer,
                                const struct weigh *w, struct postman *p, struct why *why);

#endif
