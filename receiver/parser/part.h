/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_PART_H
#define VOTEPOST_RECEIVER_PARSER_PART_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * part - one MIME part's text: its transfer encoding, its charset, its wrapping or markup
 * taken off. For receiver/parser/parse.c, in the parser's process alone.
 */
struct _GMimeObject; /* GMime's own name for it; parse.c and part.c alone look into one */

#define PART_TEXT_MAX (4u << 20) /* its text, decoded */

bool part_is(struct _GMimeObject *part, const char *type, const char *subtype);

/* Does its header hold a name or a line end that not every reader of mail takes for one? There
 * one goes on, and the text begins for another. */
bool part_has_odd_header(struct _GMimeObject *part);

/* A parameter of its Content-Type; "" where it has none. */
const char *part_parameter(struct _GMimeObject *part, const char *name);

/* A transfer encoding that nobody knows: its bytes are not the text. */
bool part_is_unknown_encoding(struct _GMimeObject *part);

/* Its text in UTF-8, still as it was wrapped or marked up. ERR_NOT_FOUND for a charset that is
 * not known, ERR_FORMAT for bytes that are not in it, ERR_INVALID for broken base64. */
MUST_CHECK enum err part_decode(struct buf *out, struct _GMimeObject *part);

/* The lines that a person sees in it. NULL, or in words why there are none. */
MUST_CHECK const char *part_lines(struct buf *out, struct _GMimeObject *part);

#endif
