/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_KEPT_H
#define VOTEPOST_MAILER_KEPT_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * kept - mails at the bounce address that name nobody, or that cannot be read: for a person to look
 * at, returns/kept/ in the mailer's home, a file each for its owner alone.
 *
 * Only the mail's own header stays, with whatever could be a token taken out: where it comes from
 * and what it is about. The rest may quote a letter in a form that nobody here can read, and so
 * cannot be trusted to hold no token: it goes with the mail. At most KEPT_MAX; beyond, a mail is
 * counted and nothing of it is kept.
 */
#define KEPT_MAX 1000

/* `mark` names the file: the same mail is kept once. Durable. */
MUST_CHECK enum err kept_add(const char *home, const struct buf *raw, uint64_t mark,
                             struct why *why);

#endif
