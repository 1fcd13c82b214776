/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_ESTIMATE_H
#define VOTEPOST_MAILER_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "mailer/gather.h"
#include "mailer/lanes.h"

/*
 * estimate - how long a mailing takes, and which domains decide it.
 *
 * Where no limit is set for all letters together the relay decides. What big providers allow is
 * known (mailer/providers.h); of any other nobody knows its speed, and ESTIMATE_USUAL is taken.
 */
#define ESTIMATE_USUAL 1200 /* letters a minute that a relay takes as a rule */
#define ESTIMATE_TOP   10

struct estimate_domain {
	char name[ADDRESS_TEXT]; /* "": domains beyond LANES_MAX that share a lane */
	uint64_t letters, seconds;
	struct limits limits;
};
struct estimate {
	uint64_t letters, domains, seconds;
	uint64_t relay_seconds; /* what all of them take together, whatever their domains */
	bool assumed;           /* of relay_seconds: by ESTIMATE_USUAL */
	const char *relay;      /* what is known of the relay, where that decides; else NULL */
	struct estimate_domain top[ESTIMATE_TOP]; /* the slowest first */
	unsigned tops;
};

/* Of letters that were just gathered. */
MUST_CHECK enum err estimate_make(struct estimate *e, const struct lanes *lanes,
                                  const struct gather *g, struct why *why);

/* Of all that would be gathered now; what was deferred, whenever it is due. `g` without retry. */
MUST_CHECK enum err estimate_letters(struct estimate *e, const struct gather *g, struct why *why);

/* When it is done by a domain, and not by the relay, that domain; else NULL. */
const struct estimate_domain *estimate_slowest(const struct estimate *e);

#endif
