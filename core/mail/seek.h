/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_SEEK_H
#define VOTEPOST_CORE_MAIL_SEEK_H

#include "core/buf.h"
#include "core/err.h"
#include "core/mail/imap_talk.h"

/*
 * seek - find one mail that has just come into a person's mailbox, by a header, and read it.
 *
 * Nothing is moved, deleted or read but that one mail, which its owner then sees as read. The
 * server searches, among the newest alone: so its answer is short, however much lies there, and
 * never one that libcurl cuts (decision 0019).
 */
#define SEEK_NEWEST 500u /* mails of a folder that are looked among */

/* The newest mail in `folder` whose header holds `value`, into `out`, which is wiped first; both
 * are plain ASCII without quotes. ERR_NOT_FOUND where there is none, or no such folder;
 * ERR_TOO_LARGE over out's cap or IMAP_MESSAGE_MAX; ERR_SETTINGS where the server cannot be used as
 * it is set, ERR_AGAIN for any other trouble. */
MUST_CHECK enum err seek_mail(struct buf *out, struct imap_talk *t, const char *folder,
                              const char *header, const char *value, struct why *why);

#endif
