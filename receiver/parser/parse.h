/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_PARSE_H
#define VOTEPOST_RECEIVER_PARSER_PARSE_H

#include <stddef.h>

#include "core/buf.h"
#include "receiver/parser/reply.h"

/*
 * parse - a raw mail to a struct reply: headers, MIME, charsets, HTML, the lines. For the
 * parser's process alone (receiver/parser.h), which holds nothing else worth having.
 *
 * All text parts are read in their order; of a letter in several forms every form, each as if it
 * were the only one (reply_twin). Forms other than plain and HTML, and what is attached, quoted
 * or forwarded, are read as quoted text. What cannot be read for certain, or what programs read
 * differently, makes the mail unreadable, with the reason; nothing is guessed. GMime stays in
 * here and in receiver/parser/part.h.
 */

/* Once, before the sandbox shuts. */
void parse_init(void);

/* What the envelope and the top header say; `len` may be less than the mail's. `size` is the
 * whole mail's: over MAIL_MAX, or with a header over MAIL_HEADER_MAX, it is too large. */
void parse_head(struct reply *reply, const struct envelope *envelope, const void *raw, size_t len,
                size_t size);

/* The rest, after parse_head: nothing where that says automatic or too large. */
void parse_body(struct reply *reply, struct buf *sealed, const void *raw, size_t len);

#endif
