/* SPDX-License-Identifier: MIT */
#include "mailer/throttle.h"

#include <string.h>
#include <strings.h>

#include "core/mail/failure.h"
#include "core/phrases.h"

static const char *const rate[] = { "rate limit",     "rate-limit", "too many", "too much",
	                            "throttl",        "slow down",  "[TSS",     "unusual",
	                            "volume",         "reputation", "exceed",   "policy",
	                            "user complaint", NULL };

bool throttle_said(const struct smtp_answer *a)
{
	static const char *const grey[] = { "greylist",  "graylist",   "grey list",
		                            "gray list", "greypolicy", NULL };

	if (a->outcome != SMTP_DEFERRED || !a->considered || phrases_in(a->text, grey))
		return false;
	if (failure_of_mailbox(a->status) ||
	    failure_class(a->code, a->status, a->text) == FAILURE_FULL)
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
