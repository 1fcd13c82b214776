/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_REFUSAL_H
#define VOTEPOST_CORE_MAIL_REFUSAL_H

#include <stdbool.h>

#include "core/mail/smtp.h"

/*
 * refusal - what is a relay's 5xx about? Much of it is neither surely.
 */

/* The relay itself, for good as it says: 5xx before it has heard of a recipient, or a limit of
 * ours in status or words. It says nothing of the recipient. */
bool refusal_of_us(const struct smtp_answer *answer);

/* This recipient, for sure: there is no such mailbox or domain, it is full, or no envelope can
 * hold its address. No later try does better. A code alone is not sure, since a relay says what
 * it thinks of us when it hears the recipient, too. */
bool refusal_of_it(const struct smtp_answer *answer);

#endif
