/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_DMARC_H
#define VOTEPOST_MAILER_DMARC_H

#include <stdbool.h>

#include "core/err.h"

/*
 * dmarc - what a domain asks of those who get mail in its name, as it stands in the DNS at
 * _dmarc.DOMAIN (RFC 7489).
 */
enum dmarc_policy { DMARC_NONE, DMARC_QUARANTINE, DMARC_REJECT };
struct dmarc {
	enum dmarc_policy policy, subdomains; /* p, and sp or p */
	bool strict_spf, strict_dkim;         /* the same domain, not only the same owner's */
	unsigned percent;
	bool reports; /* rua is there */
};

/* ERR_FORMAT for a text that is no policy, with its reason. */
MUST_CHECK enum err dmarc_read(struct dmarc *d, const char *text, struct why *why);

/* Is the text meant as one? Others may stand at that name. */
bool dmarc_claimed(const char *text);

/* "none", "quarantine", "reject" */
const char *dmarc_policy_name(enum dmarc_policy policy);

#endif
