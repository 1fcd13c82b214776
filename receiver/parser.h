/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_H
#define VOTEPOST_RECEIVER_PARSER_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "receiver/reply.h"

/*
 * parser - raw mail to struct reply, in a process of its own for each mail: it can open no
 * file and no socket, and has a cap on memory and time.
 *
 * parser_start forks a small nursery before any thread, box or secret exists, with the
 * charsets loaded; the nursery forks a child for each mail. A crash or a hang of a child is
 * the verdict unreadable for that mail alone.
 */
#define MAIL_MAX        (1u << 20)
#define MAIL_PARTS_MAX  200
#define MAIL_DEPTH_MAX  32
#define MAIL_HEADER_MAX (64u << 10)

/* What the envelope says, beside the raw message. */
struct envelope {
	const char *from; /* "" for a null sender; NULL: unknown, look at Return-Path */
	const char *to;   /* the recipient with its +handle; NULL: look at Delivered-To */
};

struct parser;
MUST_CHECK enum err parser_start(struct parser **out, struct why *why);
void parser_stop(struct parser *p);

/* Parse one mail; any thread, several at once. `sealed` is wiped and receives a ballot line.
 * ERR_AGAIN where no child could be made now; a broken mail is OK with reply->unreadable. */
MUST_CHECK enum err parser_read(struct parser *p, const struct envelope *envelope, const void *raw,
                                size_t len, struct reply *reply, struct buf *sealed,
                                struct why *why);

#endif
