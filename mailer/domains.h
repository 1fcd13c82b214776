/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_DOMAINS_H
#define VOTEPOST_MAILER_DOMAINS_H

#include <stddef.h>

#include "core/err.h"
#include "core/settings.h"
#include "mailer/pace.h"

/*
 * domains - limits of some receiving domains, from the groups of mailer.conf:
 *
 *   [domain gmail.com googlemail.com]
 *   per_minute = 20
 *   at_once = 4
 *
 * Domains that stand in one group share its limits: they are one provider's.
 */
struct domain_rule {
	char *name; /* the first of them */
	struct limits limits;
};
struct domains;

/* `each`: what counts where a group leaves a limit out. A name that is no domain, or stands in
 * two groups, is an error with its line. */
MUST_CHECK enum err domains_read(struct domains **out, struct settings *s, struct limits each,
                                 struct why *why);
void domains_free(struct domains *d);

/* NULL where no group names this domain, which is in lower case. */
const struct domain_rule *domains_find(const struct domains *d, const char *domain);

#endif
