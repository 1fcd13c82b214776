/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_THROTTLE_H
#define VOTEPOST_MAILER_THROTTLE_H

#include <stdbool.h>

#include "core/mail/smtp.h"

/*
 * throttle - does an answer say that this domain gets too much from us?
 *
 * 421 at a recipient, 4.7.x, and words of rate and reputation do. Greylisting does not, though it
 * often comes as 4.7.1: it wants each letter to come back, not fewer letters.
 */
bool throttle_said(const struct smtp_answer *answer);

#endif
