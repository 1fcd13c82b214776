/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_FRONT_H
#define VOTEPOST_RECEIVER_FRONT_H

#include "core/buf.h"
#include "core/err.h"
#include "core/manifest.h"

/*
 * front - the voting page and the board page as they are served: the election's manifest put in,
 * the words of languages that it does not speak left out, compressed, named by their content.
 * Made once, at start; nothing changes afterwards.
 */
struct front_page {
	struct buf plain, gzip;
	char etag[40]; /* in its quotes */
	struct buf policy;
};
struct front {
	struct front_page vote, check;
};

/* front_release after, also after a failure. */
MUST_CHECK enum err front_make(struct front *f, const struct manifest *m, struct why *why);
void front_release(struct front *f);

/* The policy of whatever is not a page: nothing may be loaded, run or framed. */
#define FRONT_POLICY_NONE                                                                          \
	"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

#endif
