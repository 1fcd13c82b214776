/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_FOLD_H
#define VOTEPOST_RECEIVER_PARSER_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

/*
 * fold - text as people and their programs type it, brought to the plain ASCII that the
 * grammar reads; and its lines.
 *
 * Full-width forms, the many spaces, the typographic hyphens and dashes become ASCII; marks
 * that nobody sees (zero width, soft hyphen, byte order) go; lines end with LF. Letters of
 * other scripts stay what they are, however much they look like ours: a Cyrillic A is no A.
 * Letter case stays. The result is never longer than the text.
 */
void fold_text(struct buf *out, const char *text, size_t len);

/* A piece of a text that someone else owns. */
struct span {
	const char *at;
	size_t len;
};

/* A line of folded text: how deep it is quoted, and what stands behind the quote marks
 * without the spaces around it. */
struct fold_line {
	unsigned depth;
	struct span content;
};

/* Take the next line off `rest`; false at the end. */
bool fold_next(struct fold_line *line, struct span *rest);

/* Is the span exactly this text? Starts it with it, ends it with it? ASCII case is ignored. */
bool span_is(struct span s, const char *text);
bool span_starts(struct span s, const char *text);
bool span_ends(struct span s, const char *text);
/* Does the text stand anywhere in it? ASCII case is ignored. */
bool span_holds(struct span s, const char *text);

#endif
