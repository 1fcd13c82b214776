/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_FETCH_H
#define VOTEPOST_CORE_MAIL_FETCH_H

#include <stdint.h>

#include "core/err.h"

/*
 * fetch - one public file from a web server, by GET.
 *
 * Certificates are verified, always; http:// goes to this machine alone. No redirect is followed,
 * no proxy is asked, no cookie kept, and nothing is sent but the path. What comes is a
 * stranger's, and is checked by whoever reads it.
 */
struct fetch {
	const char *url;
	uint64_t max;                               /* bytes */
	unsigned timeout;                           /* seconds for connecting, and without a byte */
	void (*step)(void *context, uint64_t more); /* bytes; may be NULL */
	void *context;
};

/* Into a file, mode 0600, in place of what was there. ERR_AGAIN where the server cannot be
 * reached or does not give it now, ERR_TOO_LARGE, ERR_INVALID for a certificate that is not
 * theirs; the file is gone then. */
MUST_CHECK enum err fetch_file(const char *path, const struct fetch *f, struct why *why);

#endif
