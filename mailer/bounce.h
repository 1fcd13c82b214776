/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_BOUNCE_H
#define VOTEPOST_MAILER_BOUNCE_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/manifest.h"
#include "mailer/conf.h"
#include "mailer/returns.h"

/*
 * bounce - mails at the bounce address to what is known of members: each is read
 * (mailer/reader.h), found to be a member's or nobody's (mailer/whom.h), and noted
 * (mailer/returns.h). No key, no token, no lock of the home.
 *
 * Such a mail quotes the token of the letter that came back. Its bytes live in buffers that are
 * wiped; the caller destroys the mail itself once bounce_flush has said OK.
 */
#define BOUNCE_BATCH 1024 /* mails between two bounce_flush, at most */

struct bounce;

/* `program` NULL: the installed reader. */
MUST_CHECK enum err bounce_open(struct bounce **out, const char *home, const struct manifest *m,
                                const struct conf *conf, const char *program, struct why *why);
void bounce_close(struct bounce *b);

/* A mail, when it came, and its envelope's recipient, or NULL. After a failure of this or of a
 * flush all that was put since the last one is forgotten: nothing of it is on disk. */
MUST_CHECK enum err bounce_put(struct bounce *b, const void *raw, size_t len, uint64_t came,
                               const char *recipient, struct why *why);

/* What all mails since the last flush come to is on disk. */
MUST_CHECK enum err bounce_flush(struct bounce *b, struct why *why);

/* What was flushed so far. */
const struct returns_counts *bounce_counts(const struct bounce *b);

#endif
