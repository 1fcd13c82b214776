/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_MAILDIR_H
#define VOTEPOST_MAILER_MAILDIR_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * maildir - the mails of a Maildir, one by one, and their end.
 *
 * new/ and cur/ are read, in no order. What was handed out is destroyed by maildir_destroy, all
 * of it at once, and by nothing else: overwritten, synced, unlinked. A mail that another program
 * has taken meanwhile is passed over. What cannot be read or taken away, and a link, a folder or
 * a pipe, is counted and left where it is: it keeps nobody from the others.
 */
struct maildir;

/* ERR_NOT_FOUND, ERR_FORMAT where it is no Maildir. */
MUST_CHECK enum err maildir_open(struct maildir **out, const char *path, struct why *why);
void maildir_close(struct maildir *m);

/* The next mail, up to the cap of `raw`, which is wiped first, and when it came (Unix seconds).
 * ERR_NOT_FOUND at the end, and where MAILDIR_BATCH mails wait to be destroyed. */
#define MAILDIR_BATCH 1024
MUST_CHECK enum err maildir_next(struct maildir *m, struct buf *raw, uint64_t *came,
                                 struct why *why);
/* How many were handed out since the last maildir_destroy. */
unsigned maildir_pending(const struct maildir *m);
void maildir_destroy(struct maildir *m);

/* Was all of it read and destroyed? ERR_AGAIN says how much was left, and why the first of it. */
MUST_CHECK enum err maildir_left(const struct maildir *m, struct why *why);

#endif
