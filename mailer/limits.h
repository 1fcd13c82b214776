/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_LIMITS_H
#define VOTEPOST_MAILER_LIMITS_H

#include <stdint.h>

/*
 * limits - what big providers say that they take: as receivers, from one sender to their users,
 * and as relays, from one customer. All of it as published in LIMITS_DATE; they change.
 */
#define LIMITS_DATE "November 2026"

/* Who receives so much mail that their rules count. */
struct limit_receiver {
	const char *name;
	uint64_t bulk;     /* letters in 24 hours; whoever sends more must have all in order */
	const char *rules; /* what is asked of them, and what happens else */
};
#define LIMIT_RECEIVERS 3
const struct limit_receiver *limits_receiver(unsigned i);

/* The number of whoever keeps the mailboxes of this domain, in lower case; -1 for anyone else.
 * Organisations whose mail they keep under its own domain cannot be told by that. */
int limits_receiver_of(const char *domain);

/* A relay by its host's name; NULL for one that is not in the table. */
struct limit_relay {
	const char *name;
	uint64_t day;    /* letters a day; 0: not told */
	uint64_t minute; /* letters a minute; 0: not told */
};
const struct limit_relay *limits_relay_of(const char *host);

#endif
