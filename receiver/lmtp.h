/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_LMTP_H
#define VOTEPOST_RECEIVER_LMTP_H

#include "core/err.h"
#include "receiver/intake.h"

/*
 * lmtp - one LMTP conversation (RFC 2033) with our own mail server.
 *
 * A 250 after the data, one for each recipient, says that the mail's verdict is on disk and its
 * answer on its way; everything that is not so yet is a 451, and the mail server brings it
 * again. No content is ever refused for good: a 5xx would bounce a token through the world.
 * Only CR LF . CR LF ends a message. The other side is taken for hostile: every line and every
 * wait has a cap.
 */
#define LMTP_LINE_MAX        2048
#define LMTP_RECIPIENTS_MAX  50
#define LMTP_DATA_MAX        (64u << 20) /* bytes of one message that are read, kept or not */
#define LMTP_ERRORS_MAX      20          /* bad commands before we hang up */
#define LMTP_IDLE_MAX        100         /* commands without a message that comes in whole */
#define LMTP_SESSION_SECONDS 600         /* for `whole`: our mail server simply comes again */

/* What becomes of one mail for one recipient; OK is a 250. */
typedef enum err lmtp_take(void *ctx, const struct intake_mail *mail);

struct lmtp {
	lmtp_take *take;
	void *ctx;
	unsigned seconds; /* for each read and write */
	unsigned whole;   /* seconds for all of its reads; 0: no end */
};

/* Until the other side hangs up, or has to be. `fd` stays the caller's; a shutdown for reading
 * ends the conversation after the message in hand. */
void lmtp_session(const struct lmtp *l, int fd);

#endif
