/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_THROTTLE_H
#define VOTEPOST_MAILER_THROTTLE_H

#include <stdbool.h>

#include "core/mail/smtp.h"

/*
 * throttle - does an answer say that somebody gets too much from us?
 */

/* This domain, at a recipient: 421, 4.7.x, and words of rate and reputation. Greylisting does not,
 * though it often comes as 4.7.1: it wants each letter to come back, not fewer letters. */
bool throttle_said(const struct smtp_answer *answer);

/* The relay itself, for now, before it has heard of a recipient: any 4xx but a 421 about the
 * number of our connections, which is one thread's trouble. */
bool throttle_all(const struct smtp_answer *answer);

#endif
