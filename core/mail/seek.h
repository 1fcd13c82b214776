/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_SEEK_H
#define VOTEPOST_CORE_MAIL_SEEK_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mail/smtp.h"

/*
 * seek - find one mail in a person's mailbox, by a header, over IMAP, and read it.
 *
 * Nothing is moved, deleted or read but that one mail, which its owner then sees as read. The
 * server searches, so that a mailbox of any size is no trouble; a body is fetched by its URL
 * alone, never by a command of ours, which a mail's content could answer in the server's stead.
 */
struct seek_account {
	char *host;
	unsigned port;
	enum smtp_tls tls; /* verified, always, where there is any */
	char *ca_file;     /* NULL: the system's */
	char *user, *password_file;
	unsigned timeout; /* seconds */
};

struct seek;
/* Nothing is sent yet. ERR_SETTINGS for a host that is none, a password file that others can
 * read, or a password that would cross the network in the clear. */
MUST_CHECK enum err seek_open(struct seek **out, const struct seek_account *a, struct why *why);
void seek_close(struct seek *s);

/* The newest mail in `folder` whose header holds `value`, appended to `out`; both are plain ASCII
 * without quotes. ERR_NOT_FOUND where there is none, or no such folder; ERR_TOO_LARGE over out's
 * cap; ERR_SETTINGS where the server cannot be used as it is set, ERR_AGAIN for any other
 * trouble. */
MUST_CHECK enum err seek_mail(struct buf *out, struct seek *s, const char *folder,
                              const char *header, const char *value, struct why *why);

#endif
