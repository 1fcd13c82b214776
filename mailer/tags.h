/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_TAGS_H
#define VOTEPOST_MAILER_TAGS_H

#include "core/err.h"

/*
 * tags - `v=DKIM1; k=rsa; p=MIIB…`: the list of tags that DKIM keys, DKIM signatures and DMARC
 * records are (RFC 6376 section 3.2).
 */
#define TAGS_MAX      32
#define TAGS_TEXT_MAX 4096

struct tags {
	unsigned n;
	const char *name[TAGS_MAX], *value[TAGS_MAX]; /* into `text` */
	char text[TAGS_TEXT_MAX + 1];
};

/* ERR_FORMAT for what is no such list, or names a tag twice; ERR_TOO_LARGE over the caps. */
MUST_CHECK enum err tags_read(struct tags *t, const char *text);

/* A tag's value, white space around it gone; NULL where it is not there. */
const char *tags_get(const struct tags *t, const char *name);

#endif
