/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_SOURCE_H
#define VOTEPOST_MAILER_SOURCE_H

#include "core/buf.h"

/*
 * source - something that letters are made of, as it was read: where it was, and the SHA-256 of its
 * bytes. What is approved and what is mailed is what was read, whatever the file holds by then.
 */
#define SOURCE_HASH 32

struct source {
	char path[256]; /* for messages; "" where there is none */
	unsigned char sha256[SOURCE_HASH];
};

void source_take(struct source *s, const char *path, const struct buf *bytes);

#endif
