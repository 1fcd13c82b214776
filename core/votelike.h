/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_VOTELIKE_H
#define VOTEPOST_CORE_VOTELIKE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * votelike - would this line vote, if a reply began with it? A reading of a plain reply's grammar
 * for whoever writes to members, more generous than the parser's (receiver/parser/grammar.h): no
 * mail of ours may hold such a line, since a mail comes back quoted.
 */

/* CHOICES ("A", "B,D/0", "blanc"), or VOTE and something like a token, behind quote marks or not;
 * full-width and typographic forms count. And the first or last line of a sealed ballot. */
bool votelike(const char *line, size_t len);

/* The first line of a text that would, and its length; NULL where there is none. The line ends that
 * Unicode has besides are some, since the receiver sees them. */
const char *votelike_find(const char *text, size_t *len);

/* The same as votelike, and any line of words so short that little is missing: where a line must
 * not be broken. */
bool votelike_nearly(const char *line, size_t len);

#endif
