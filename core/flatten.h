/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_FLATTEN_H
#define VOTEPOST_CORE_FLATTEN_H

#include "core/buf.h"

/*
 * flatten - the words of an HTML part in lines, as a careless mail program would quote it: every
 * tag but those within a sentence begins a line, and so does every cell of a table. For looking
 * for what must not stand in a line; it reads our own templates, and shows nothing to anybody.
 */
void flatten_html(struct buf *out, const char *html);

#endif
