/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_H
#define VOTEPOST_RECEIVER_PARSER_H

#include <limits.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "receiver/parser/reply.h"

/*
 * parser - raw mail to struct reply, in a process of its own for each mail: it can open no
 * file and no socket, and has a cap on memory and time.
 *
 * parser_start starts the program votepost-parser, a small nursery with the charsets loaded that
 * holds nothing of ours and forks a child for each mail. A crash or a hang of a child is the
 * verdict unreadable for that mail alone; a machine that stands still is not.
 */

/* Where votepost-parser is: beside the program that runs, as where both were built, else where it
 * is installed. */
void parser_program(char path[PATH_MAX]);

/* `program` NULL: the one at parser_program. */
struct parser;
MUST_CHECK enum err parser_start(struct parser **out, const char *program, struct why *why);
void parser_stop(struct parser *p);

/* Parse one mail; any thread, several at once. `sealed` is wiped and receives a ballot line.
 * ERR_AGAIN where no child could be made now; a broken mail is OK with reply->unreadable. */
MUST_CHECK enum err parser_read(struct parser *p, const struct envelope *envelope, const void *raw,
                                size_t len, struct reply *reply, struct buf *sealed,
                                struct why *why);

#endif
