/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_SPF_WALK_H
#define VOTEPOST_MAILER_SPF_WALK_H

#include <stdbool.h>

#include "core/err.h"
#include "mailer/dns.h"
#include "mailer/spf.h"

/*
 * spf_walk - an SPF record and all that it refers to: how many questions a receiver has to ask,
 * and what comes out for one machine. Macros are never expanded: a term that has one may match
 * anything.
 */
#define SPF_LOOKUPS_MAX 10 /* more is an error for every receiver */
#define SPF_VOIDS_MAX   2  /* of them that lead to nothing */

enum spf_result { SPF_NEUTRAL, SPF_PASS, SPF_SOFTFAIL, SPF_FAIL };
struct spf_walk {
	struct dns *dns;
	const char *address; /* of a machine that would send; "" to count alone */
	/* Results */
	enum spf_result result;
	unsigned lookups, voids; /* of the whole record */
	bool error; /* a receiver that judges the address meets what is wrong, or too many lookups,
	             * before a term matches: RFC 7208 goes from left to right, and ends there */
	bool macro; /* a term could not be judged */
	bool passable;    /* somebody may pass before what is wrong, or is one lookup too many */
	struct why wrong; /* what makes the whole an error; "" where nothing does */
	bool unseen;      /* the DNS did not answer everything: `missing` says what of */
	char missing[DNS_NAME_TEXT];
	/* Its own */
	unsigned needed; /* lookups of that receiver */
	bool idle;       /* it has ended, or does not look at this term */
};

/* From the record `s` of `domain` on. Fails for want of memory alone. */
MUST_CHECK enum err spf_walk(struct spf_walk *w, const struct spf *s, const char *domain);

#endif
