/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_PROVIDERS_H
#define VOTEPOST_MAILER_PROVIDERS_H

#include <stdint.h>

/*
 * providers - what big providers are known to allow, by name: facts of 2026, told as hints.
 */
#define PROVIDERS_BULK 5000 /* letters a day that make a bulk sender */
struct provider {
	uint64_t per_day, per_minute; /* letters that a relay takes; 0: not known */
	uint64_t many;    /* letters to a receiver from which the hint is worth a word */
	const char *hint; /* a sentence */
	const char *name;
};

/* By the host of a relay; NULL where nothing is known. */
const struct provider *provider_relay(const char *host);
/* By a member's domain, in lower case. */
const struct provider *provider_receiver(const char *domain);

#endif
