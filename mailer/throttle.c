/* SPDX-License-Identifier: MIT */
#include "mailer/throttle.h"

#include <string.h>
#include <strings.h>

#include "mailer/failure.h"

static bool says(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcasestr(text, *words))
			return true;
	return false;
}

bool throttle_said(const struct smtp_answer *a)
{
	static const char *const grey[] = { "greylist",  "graylist",   "grey list",
		                            "gray list", "greypolicy", NULL };
	static const char *const rate[] = { "rate limit",     "rate-limit", "too many", "too much",
		                            "throttl",        "slow down",  "[TSS",     "unusual",
		                            "volume",         "reputation", "exceed",   "policy",
		                            "user complaint", NULL };

	if (a->outcome != SMTP_DEFERRED || !a->considered || says(a->text, grey))
		return false;
	/* About one mailbox, such as a full one: X.1.X, X.2.X. */
	if (!strncmp(a->status, "4.1.", 4) || !strncmp(a->status, "4.2.", 4) ||
	    failure_class(a->code, a->status, a->text) == FAILURE_FULL)
		return false;
	return a->code == 421 || !strncmp(a->status, "4.7.", 4) || !strcmp(a->status, "4.3.2") ||
	       !strcmp(a->status, "4.4.5") || says(a->text, rate);
}
