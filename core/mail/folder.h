/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_FOLDER_H
#define VOTEPOST_CORE_MAIL_FOLDER_H

#include "core/buf.h"
#include "core/err.h"

/*
 * folder - the name of a mailbox's folder, as a person writes it and as IMAP wants it.
 *
 * A line feed in a name would be a second command, a quote would end it: neither passes here.
 */
#define FOLDER_MAX 255 /* bytes, as written */

/* Into modified UTF-7 (RFC 3501 section 5.1.3), appended to `out`. ERR_SETTINGS for a name that is
 * empty, too long, not UTF-8, or holds a control character or one of " \ % *. */
MUST_CHECK enum err folder_write(struct buf *out, const char *name, struct why *why);

/* The same as a part of a URL. */
MUST_CHECK enum err folder_url(struct buf *out, const char *name, struct why *why);

#endif
