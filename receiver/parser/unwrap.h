/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_UNWRAP_H
#define VOTEPOST_RECEIVER_PARSER_UNWRAP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "receiver/parser/fold.h"

/*
 * unwrap - what mail programs put round and into plain text, taken off again: soft line breaks
 * (RFC 3676) and a clear signature (RFC 9580 section 7); and text made a quotation.
 */

/* format=flowed: lines joined where they were broken softly; with delsp the space at the
 * break goes too. Quote marks stay at the start of each line. */
void unwrap_flowed(struct buf *out, struct span text, bool delsp);

/* The text inside a clear signature; what follows it is quoted. All of the text where it
 * bears none. */
void unwrap_signature(struct buf *out, struct span text);

/* Is the first line that is not empty the beginning of an encrypted message? */
bool unwrap_is_encrypted(struct span text);

/* Each line with a quote mark before it. */
void unwrap_quote(struct buf *out, struct span text);

#endif
