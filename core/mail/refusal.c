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

bool refusal_of_it(const struct smtp_answer *a)
{
	enum failure failure;

	if (a->outcome != SMTP_REFUSED || !a->considered || refusal_of_us(a))
		return false;
	failure = failure_named(a->status, a->text);
	return !a->code || failure == FAILURE_HARD || failure == FAILURE_FULL;
}
