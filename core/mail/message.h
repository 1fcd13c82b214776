/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_MESSAGE_H
#define VOTEPOST_CORE_MAIL_MESSAGE_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * message - build a MIME message: text/plain, with text/html beside it where there is one, in
 * 7-bit lines of at most 76 characters, CR LF, ready for smtp_send.
 *
 * Headers take UTF-8 and are encoded (RFC 2047) and folded; a control character in any is
 * ERR_FORMAT, and so is an address that address_ok refuses. Only what has no place to fold, an
 * address or an id, may make a header line longer than 76. A body line that fits stays in one
 * piece, and a longer one is broken between words: a token on a line of its own is never cut.
 *
 * Everything is written straight into the caller's buffer, by this module alone: no library
 * keeps a copy of a token that nobody can wipe.
 */
struct message {
	const char *from_name; /* may be NULL */
	const char *from;
	const char *to_name; /* may be NULL */
	const char *to;
	const char *reply_to; /* may be NULL */
	const char *subject;
	const char *message_id;     /* without < > */
	const char *in_reply_to;    /* without < >; may be NULL */
	const char *auto_submitted; /* "auto-generated", "auto-replied"; NULL: a person's */
	const char *language;       /* Content-Language; may be NULL */
	unsigned long long date;    /* Unix seconds */
	const char *text;           /* UTF-8, LF */
	const char *html;           /* UTF-8; may be NULL */
};

/* Append the message. `out` may hold a token afterwards: buf_wipe. */
MUST_CHECK enum err message_write(struct buf *out, const struct message *m, struct why *why);

#endif
