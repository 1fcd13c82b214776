/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_TEMPLATE_H
#define VOTEPOST_CORE_TEMPLATE_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * template - `{{name}}` in a text, in one pass: what is put in is never read again.
 *
 * An unknown name is an error with the line, so is a name that is never closed. A section
 * `{{#name}}…{{/name}}` stands once for each row of a list (or once, or not at all, for a
 * condition); inside it the row's own names come first.
 */
enum template_escape {
	TEMPLATE_TEXT, /* as it is */
	TEMPLATE_HTML, /* & < > " ' */
};

/* Append `text` so that HTML shows it as it is, between tags and in quoted values. */
void template_html(struct buf *out, const char *text);

struct template_value {
	const char *name;
	const char *text;               /* NULL: it is a section */
	const struct template_row *row; /* [rows] */
	size_t rows;                    /* a condition has one empty row, or none */
};
struct template_row {
	const struct template_value *value; /* ended by a NULL name */
};

/* `source` is for messages: the template's path. */
MUST_CHECK enum err template_fill(struct buf *out, const char *source, const char *text,
                                  enum template_escape escape, const struct template_value *values,
                                  struct why *why);

/* Is every section closed, and each name one of `names` (ended by NULL), also where a condition
 * leaves it out? Whether a name is known at its place, only filling tells. */
MUST_CHECK enum err template_check(const char *source, const char *text, const char *const *names,
                                   struct why *why);

#endif
