/* SPDX-License-Identifier: MIT */
#include "core/mail/refusal.h"

#include <string.h>

#include "core/mail/failure.h"
#include "core/phrases.h"

bool refusal_of_us(const struct smtp_answer *a)
{
	static const char *const limit[] = { "sending limit",
		                             "sending quota",
		                             "submission quota",
		                             "rate limit",
		                             "rate-limit",
		                             "too many messages",
		                             NULL };
	/* A host may be called dailymail. */
	static const char *const period[] = { "daily ", "hourly ", "per day", "per hour", NULL };
	static const char *const amount[] = { "limit",  "quota",   "message",  "sending",
		                              "exceed", "maximum", "too many", NULL };
	enum failure failure;

	if (a->outcome != SMTP_REFUSED || !a->code)
		return false;
	if (!a->considered || !strcmp(a->status, "5.4.5"))
		return true;
	failure = failure_class(a->code, a->status, a->text);
	if (failure_of_mailbox(a->status) || failure == FAILURE_HARD)
		return false;
	return (phrases_in(a->text, period) && phrases_in(a->text, amount)) ||
	       (phrases_in(a->text, limit) && failure != FAILURE_FULL);
}

/* Words of what is dead or full that may be said of our own account, host or message as well. */
static bool may_be_ours(const struct smtp_answer *a, enum failure failure)
{
	static const char *const words[] = { "disabled",   "inactive",       "expired",
		                             "is unknown", "not recognized", "not listed",
		                             "no longer",  "not a valid",    NULL };
	static const char *const mailbox[] = { "over quota", "over its quota", "mailbox", "inbox",
		                               NULL };

	if (failure_of_mailbox(a->status))
		return false;
	if (failure == FAILURE_FULL)
		return !phrases_in(a->text, mailbox);
	return a->code < 550 || phrases_in(a->text, words);
}

bool refusal_of_it(const struct smtp_answer *a)
{
	enum failure failure;

	if (a->outcome != SMTP_REFUSED || !a->considered || refusal_of_us(a))
		return false;
	if (!a->code)
		return true;
	failure = failure_named(a->status, a->text);
	return (failure == FAILURE_HARD || failure == FAILURE_FULL) && !may_be_ours(a, failure);
}
