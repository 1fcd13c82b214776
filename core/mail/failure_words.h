/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_FAILURE_WORDS_H
#define VOTEPOST_CORE_MAIL_FAILURE_WORDS_H

#include <stdbool.h>

#include "core/mail/failure.h"

/*
 * failure_words - what servers say in words of their own when they do not take a mail.
 */

/* "mailbox unavailable" and its like: that it was rejected, and not why. */
#define FAILURE_REJECTION FAILURES

/* The class of the words, FAILURE_REJECTION where they tell no more than that; false where none of
 * them is known. `of_us`: the status says that it is we who are not wanted, so that only what names
 * a mailbox is HARD. */
bool failure_words(enum failure *out, const char *text, bool of_us);

#endif
