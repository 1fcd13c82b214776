/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_BREAKDOWN_H
#define VOTEPOST_MAILER_BREAKDOWN_H

#include <stdint.h>

#include "core/err.h"
#include "mailer/reach.h"
#include "mailer/seen.h"

/*
 * breakdown - members counted by a text that they share: a mail domain, a group, a language.
 *
 * Memory does not grow with the members, only with the texts, up to BREAKDOWN_MAX of them; who
 * brings a further one is counted together under "other". A text that few share is a hint at who
 * they are, so breakdown_end puts those together there, too. The rows and `other` always add up
 * to the members.
 */
#define BREAKDOWN_MAX 100000

struct breakdown_row {
	char *text;
	struct reached reached;
};
struct breakdown {
	struct breakdown_row *row;
	uint32_t rows;
	struct reached other;
	uint32_t others; /* texts that were put together; at least so many where the cap was met */
	struct seen *seen;
	const char *sought;
};

/* breakdown_release after, also after a failure. */
MUST_CHECK enum err breakdown_begin(struct breakdown *b);
MUST_CHECK enum err breakdown_add(struct breakdown *b, const char *text, enum reach reach);
/* Rows of fewer than `least` members go to `other`; the rest in order, the largest first. */
void breakdown_end(struct breakdown *b, uint64_t least);
void breakdown_release(struct breakdown *b);

#endif
