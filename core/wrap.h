/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_WRAP_H
#define VOTEPOST_CORE_WRAP_H

#include <stdbool.h>

#include "core/buf.h"

/*
 * wrap - a plain text in lines that a mail program shows well.
 *
 * A line that is too long is broken between words, or, where a script has no spaces, between two
 * characters that may be parted: not before a full stop, not after an opening bracket. A Chinese
 * character is two columns wide, a combining mark none. What follows is indented as the line was,
 * or, after a list's "  A   ", as its text. No break leaves a line that could be read as a
 * vote ("A", "B,D/0"): such a line would make an invitation vote when it is quoted.
 */
#define WRAP_WIDTH 72

void wrap_text(struct buf *out, const char *text);

#endif
