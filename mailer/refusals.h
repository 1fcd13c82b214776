/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_REFUSALS_H
#define VOTEPOST_MAILER_REFUSALS_H

#include <stdint.h>

#include "core/err.h"
#include "mailer/amend.h"
#include "mailer/mailing.h"

/*
 * refusals - what the relay has refused for good at once, taken over into what came back
 * (mailer/returns.h): an address that an announcement found dead gets no letter with a token.
 *
 * Only of addresses that are still the roll's; one that was mended since is another. Nothing
 * changes where it is done again.
 */

struct refusals {
	uint64_t dead;     /* addresses that nobody has */
	uint64_t unwanted; /* refused for another reason: what the mail is, whence it comes */
};

/* How many there are; none where nothing was mailed of this mailing yet. */
MUST_CHECK enum err refusals_take(struct refusals *out, const char *home, struct mailing mailing,
                                  uint64_t members, struct amend *amend, struct why *why);

#endif
