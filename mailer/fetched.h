/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_FETCHED_H
#define VOTEPOST_MAILER_FETCHED_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/manifest.h"

/*
 * fetched - a head and the board under it, from the election's own page, in two files of the home
 * for as long as they are read.
 *
 * Nothing that comes is believed: mailer/pollbook.h reads the files.
 */
struct fetched {
	struct buf board, head; /* paths */
};

/* ERR_SETTINGS where the election has no page. fetched_end after, also after a failure: it takes
 * the files away. The home's lock is the caller's. */
MUST_CHECK enum err fetched_get(struct fetched *f, const char *home, const struct manifest *m,
                                void (*step)(void *context, uint64_t more), void *context,
                                struct why *why);
void fetched_end(struct fetched *f);

#endif
