/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_WHOSE_H
#define VOTEPOST_MAILER_WHOSE_H

#include <stddef.h>

#include "core/err.h"
#include "core/group.h"
#include "core/manifest.h"

/*
 * whose - which credential a ballot line of the board is from. The ballot itself is not read.
 *
 * A ballot has one written form, and for each channel one length, so its line is read by its
 * places: five times as fast as by its JSON. What the body holds, and the signature, is not
 * looked at.
 */
struct whose {
	const struct manifest *m;
	size_t body_chars;
	size_t longest; /* no ballot's line has more bytes */
};
void whose_init(struct whose *w, const struct manifest *m);

/* Checks "ballot channel", "ballot length", "ballot credential". */
MUST_CHECK enum err whose_read(const struct whose *w, struct point *credential, const char *line,
                               size_t len, struct why *why);

#endif
