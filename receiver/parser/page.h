/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_PAGE_H
#define VOTEPOST_RECEIVER_PARSER_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

/*
 * page - the lines of a page while it is laid out: white space as a browser shows it, empty
 * lines, quote marks. It knows nothing of HTML's elements.
 */
struct page {
	struct buf *out;
	size_t start;     /* the page's first byte in it */
	unsigned depth;   /* of quotation */
	unsigned pre;     /* inside so many elements that keep white space */
	bool rest_quoted; /* all that follows is quoted */
	bool tight;       /* a style sheet may have closed the gaps between paragraphs */
	bool open;        /* a line has begun */
	bool gap;         /* an empty line goes before the next text */
	bool space;       /* so does a space */
};

/* Text as it stands in the source. */
void page_text(struct page *p, const char *text);
void page_char(struct page *p, char c);

/* What follows begins on a line of its own; the same with an empty line before it. */
void page_end_line(struct page *p);
void page_paragraph(struct page *p);

/* One line end, and an empty line where none was begun. */
void page_break(struct page *p);

#endif
