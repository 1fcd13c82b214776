/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_PARSE_HTML_H
#define VOTEPOST_RECEIVER_PARSER_PARSE_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "receiver/parser/fold.h"

/*
 * parse_html - a mail in HTML to the lines that a person sees, for the parser's process alone.
 *
 * What a program quoted (blockquote, and the marks of Gmail, Outlook and others) comes out
 * behind '>', so that it is never the first line. What is hidden does not come out. Struck
 * text is marked, a paragraph that may stand close to the next is no empty line: doubt
 * never votes. Nothing is loaded from anywhere. libxml2 stays in here.
 */

/* Before the sandbox shuts. */
void parse_html_init(void);

/* The charset that a meta element in the first bytes names; "" where none does. */
#define CHARSET_NAME_MAX 64
void parse_html_charset(char out[CHARSET_NAME_MAX], struct span html);

/* Append the text of UTF-8 HTML. ERR_FORMAT where there is nothing to be made of it. */
MUST_CHECK enum err parse_html_text(struct buf *out, struct span html);

#endif
