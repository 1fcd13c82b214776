/* SPDX-License-Identifier: MIT */
#include "mailer/throttle.h"

#include <string.h>
#include <strings.h>

#include "core/phrases.h"
#include "mailer/failure.h"

static const char *const rate[] = { "rate limit",     "rate-limit", "too many", "too much",
	                            "throttl",        "slow down",  "[TSS",     "unusual",
	                            "volume",         "reputation", "exceed",   "policy",
	                            "user complaint", NULL };

/* About one mailbox, such as a full one: X.1.X, X.2.X. */
static bool of_mailbox(const char *status)
{
	return *status && (!strncmp(status + 1, ".1.", 3) || !strncmp(status + 1, ".2.", 3));
}

bool throttle_said(const struct smtp_answer *a)
{
	static const char *const grey[] = { "greylist",  "graylist",   "grey list",
		                            "gray list", "greypolicy", NULL };

	if (a->outcome != SMTP_DEFERRED || !a->considered || phrases_in(a->text, grey))
		return false;
	if (of_mailbox(a->status) || failure_class(a->code, a->status, a->text) == FAILURE_FULL)
		return false;
	return a->code == 421 || !strncmp(a->status, "4.7.", 4) || !strcmp(a->status, "4.3.2") ||
	       !strcmp(a->status, "4.4.5") || phrases_in(a->text, rate);
}

bool throttle_all(const struct smtp_answer *a)
{
	static const char *const ours[] = { "connection", "session", NULL };

	if (a->outcome != SMTP_DEFERRED || a->considered || !a->code)
		return false;
	return a->code != 421 || (phrases_in(a->text, rate) && !phrases_in(a->text, ours));
}

bool throttle_limit(const struct smtp_answer *a)
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
	static const char *const amount[] = { "limit", "quota", "message", "sending", NULL };
	enum failure failure;

	if (a->outcome != SMTP_REFUSED || !a->code)
		return false;
	if (!a->considered || !strcmp(a->status, "5.4.5"))
		return true;
	failure = failure_class(a->code, a->status, a->text);
	if (of_mailbox(a->status) || failure == FAILURE_HARD)
		return false;
	return (phrases_in(a->text, period) && phrases_in(a->text, amount)) ||
	       (phrases_in(a->text, limit) && failure != FAILURE_FULL);
}
