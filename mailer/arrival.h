/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_ARRIVAL_H
#define VOTEPOST_MAILER_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "mailer/authres.h"

/*
 * arrival - the headers of a mail that came, for how it came: what the reader's own server found
 * (the topmost Authentication-Results, and others of the same server), whose signatures it bears,
 * over which servers it went and whether in the clear.
 *
 * Everything in it is a stranger's: sizes are capped, texts printable.
 */
#define ARRIVAL_HEADER_MAX ((size_t)256 << 10)
#define ARRIVAL_SIGNATURES 8
#define ARRIVAL_HOPS       16

struct arrival {
	bool judged; /* `results` is filled */
	struct authres results;
	unsigned signatures; /* DKIM-Signature headers, of which the first so many are kept */
	struct {
		char domain[DNS_NAME_TEXT], selector[64];
	} signature[ARRIVAL_SIGNATURES];
	unsigned hops; /* Received headers, the newest first */
	struct {
		char from[DNS_NAME_TEXT], by[DNS_NAME_TEXT], with[AUTHRES_WORD];
		bool tls; /* beside `with`, in words of the server's own */
	} hop[ARRIVAL_HOPS];
	char subject[200]; /* as it stands, encoded words and all */
	char id[300];      /* without < > */
};

/* ERR_FORMAT for what does not begin with header fields, ERR_TOO_LARGE where they do not end
 * within the cap. */
MUST_CHECK enum err arrival_read(struct arrival *a, const char *raw, size_t len, struct why *why);

/* Was the hop encrypted, or within one machine? */
bool arrival_covered(const struct arrival *a, unsigned hop);

#endif
