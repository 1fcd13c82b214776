/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_CHRONICLE_H
#define VOTEPOST_SCRUTINEER_CHRONICLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/ledger.h"

/*
 * chronicle - what the mailer's journal says was done with the keys, summarised as its lines
 * pass by: each happening with its time, and the sums that reconcile and the minutes need.
 *
 * Lines of the same event and purpose that follow one another are one happening where their
 * counts add up (reissue, address, bounce, unlock). Beyond CHRONICLE_MAX happenings only their
 * number is kept; sums cover all lines. Sums stop at UINT64_MAX instead of wrapping.
 */
#define CHRONICLE_MAX 2000

struct happening {
	struct journal_line line; /* the first; its counts are the sums, or the last's */
	uint64_t until, times;    /* the last's time; how many lines */
};
struct chronicle {
	struct happening *list;
	size_t n;
	uint64_t more;                      /* happenings that are not in the list */
	uint64_t stood[REPLACE_REASONS];    /* replaced lines found on the board, of `stand` */
	uint64_t stood_used;                /* used meanwhile: they stay */
	uint64_t reissued[REPLACE_REASONS]; /* of `reissue` */
	uint64_t rotations, stands, unlocks, addresses;
	uint64_t bounces; /* lines; 0: the journal does not speak of bounces */
	uint64_t hard, full, policy, soft, delayed, bounced_other;
	bool sealed, issued, attended; /* there is such a line; the last one's numbers: */
	uint64_t sealed_members, issued_credentials, voted;
	bool attended_after; /* "after the close" */
	bool forgotten;      /* the token keys were destroyed */
};

/* `c` starts zeroed; chronicle_release after. ERR_INVALID under "journal stand" or "journal
 * reissue" for a reason that is none. */
MUST_CHECK enum err chronicle_take(struct chronicle *c, const struct journal_line *line,
                                   struct why *why);
void chronicle_release(struct chronicle *c);

#endif
