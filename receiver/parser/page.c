/* SPDX-License-Identifier: MIT */
#include "receiver/parser/page.h"

#define MARKS_MAX 50 /* before one line: deeper is as deep, and a page cannot grow by it */

static void begin_line(struct page *p)
{
	unsigned depth = p->depth, i;

	if (p->rest_quoted && depth == 0)
		depth = 1;
	if (depth > MARKS_MAX)
		depth = MARKS_MAX;
	if (p->gap)
		buf_addc(p->out, '\n');
	for (i = 0; i < depth; i++)
		buf_addc(p->out, '>');
	if (depth)
		buf_addc(p->out, ' ');
	p->gap = false;
	p->open = true;
	p->space = false;
}

void page_text(struct page *p, const char *text)
{
	for (; text && *text; text++)
		page_char(p, *text);
}

void page_char(struct page *p, char c)
{
	bool newline = c == '\n' || c == '\r';

	if (p->pre && newline) {
		if (c == '\n')
			page_break(p);
		return;
	}
	if (c == ' ' || c == '\t' || c == '\f' || newline) {
		if (p->pre && p->open)
			buf_addc(p->out, ' ');
		else
			p->space = p->open;
		return;
	}
	if (!p->open)
		begin_line(p);
	if (p->space)
		buf_addc(p->out, ' ');
	p->space = false;
	buf_addc(p->out, c);
}

void page_end_line(struct page *p)
{
	if (p->open)
		buf_addc(p->out, '\n');
	p->open = false;
	p->space = false;
}

void page_paragraph(struct page *p)
{
	page_end_line(p);
	p->gap = p->out->len > p->start;
}

void page_break(struct page *p)
{
	if (!p->open && p->out->len > p->start)
		buf_addc(p->out, '\n');
	page_end_line(p);
}
