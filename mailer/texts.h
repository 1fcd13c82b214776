/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_TEXTS_H
#define VOTEPOST_MAILER_TEXTS_H

#include "core/buf.h"
#include "core/err.h"
#include "mailer/letter.h"

/*
 * texts - the words of the letters as they were approved: by `seal`, and later by `approve`.
 *
 * texts.approved in the home has a line for each file that letters are made of: its SHA-256, and
 * its language and name; and one for the sender's name, address, contact and timezone in
 * mailer.conf. The SHA-256 over these lines stands in the journal, which goes to the scrutineers: a
 * text that changed after the sealing is mailed by nobody who has not said so.
 */

/* The texts as they were loaded, which may not be what the files hold by now. Under the home's
 * lock. */
MUST_CHECK enum err texts_approve(const char *home, const struct letters *l, struct why *why);

/* A line for each thing that is not as it was approved, or new, or gone; nothing where all is well.
 * ERR_STATE where the list itself is not what the journal says. */
MUST_CHECK enum err texts_differ(struct buf *out, const char *home, const struct letters *l,
                                 struct why *why);

/* ERR_STATE names a file that is not as it was approved, and what to do. */
MUST_CHECK enum err texts_check(const char *home, const struct letters *l, struct why *why);

#endif
