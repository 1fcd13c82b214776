/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_AUTHRES_H
#define VOTEPOST_MAILER_AUTHRES_H

#include "core/err.h"
#include "mailer/dns.h"

/*
 * authres - the value of an Authentication-Results header: what a mail server found when it
 * checked a mail's SPF, DKIM and DMARC (RFC 8601).
 *
 * Anyone can write such a header. It is worth what the server is worth that is named in it, and
 * only where that server, the reader's own, takes foreign ones of its name out.
 */
#define AUTHRES_MAX      16
#define AUTHRES_TEXT_MAX 4096
#define AUTHRES_WORD     24

struct authres_result {
	char method[AUTHRES_WORD], result[AUTHRES_WORD]; /* in lower case: "spf", "pass" */
	char domain[DNS_NAME_TEXT]; /* smtp.mailfrom's, header.d, header.from; "" where not told */
	char selector[64];          /* header.s */
};
struct authres {
	char server[DNS_NAME_TEXT]; /* authserv-id */
	unsigned n;
	struct authres_result result[AUTHRES_MAX]; /* the first so many */
};

/* The header's value, unfolded or not. ERR_FORMAT for what is none, ERR_TOO_LARGE over the cap. */
MUST_CHECK enum err authres_read(struct authres *a, const char *text);

#endif
