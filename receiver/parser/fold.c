/* SPDX-License-Identifier: MIT */
#include "receiver/parser/fold.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

enum { GONE = 0x110000 };

static const struct range {
	uint32_t first, last, becomes;
} RANGES[] = {
	{ '\t', '\t', ' ' },      /* tab */
	{ 0x0B, 0x0C, '\n' },     /* vertical tab, form feed */
	{ 0xA0, 0xA0, ' ' },      /* no-break space */
	{ 0xAD, 0xAD, GONE },     /* soft hyphen */
	{ 0x61C, 0x61C, GONE },   /* Arabic letter mark */
	{ 0x1680, 0x1680, ' ' },  /* ogham space */
	{ 0x2000, 0x200A, ' ' },  /* en quad to hair space */
	{ 0x200B, 0x200F, GONE }, /* zero width, direction marks */
	{ 0x2010, 0x2015, '-' },  /* hyphen to horizontal bar */
	{ 0x2028, 0x2029, '\n' }, /* line and paragraph separators */
	{ 0x202A, 0x202C, GONE }, /* embeddings: no letter of ours moves by them */
	{ 0x202F, 0x202F, ' ' },  /* narrow no-break space */
	{ 0x205F, 0x205F, ' ' },  /* mathematical space */
	{ 0x2060, 0x2060, GONE }, /* word joiner */
	{ 0x2066, 0x2069, GONE }, /* isolates */
	{ 0x2212, 0x2212, '-' },  /* minus */
	{ 0x3000, 0x3000, ' ' },  /* ideographic space */
	{ 0x3001, 0x3001, ',' },  /* ideographic comma */
	{ 0xFE50, 0xFE51, ',' },  /* small commas */
	{ 0xFE58, 0xFE58, '-' },  /* small em dash */
	{ 0xFE63, 0xFE63, '-' },  /* small hyphen-minus */
	{ 0xFEFF, 0xFEFF, GONE }, /* byte order mark */
};

static uint32_t fold(uint32_t c)
{
	size_t i;

	if (c >= 0xFF01 && c <= 0xFF5E) /* the full-width forms of ASCII */
		return c - 0xFF01 + '!';
	for (i = 0; i < sizeof(RANGES) / sizeof(RANGES[0]); i++)
		if (c >= RANGES[i].first && c <= RANGES[i].last)
			return RANGES[i].becomes;
	return c;
}

/* CR LF, and CR CR LF as some gateways write it, are one line end; so is each CR alone. */
static size_t carriage(struct buf *out, const char *text, size_t len)
{
	size_t n = 0, i;

	while (n < len && text[n] == '\r')
		n++;
	if (n < len && text[n] == '\n') {
		buf_addc(out, '\n');
		return n + 1;
	}
	for (i = 0; i < n; i++)
		buf_addc(out, '\n');
	return n;
}

static size_t fold_one(struct buf *out, const char *text, size_t len)
{
	unsigned char byte = (unsigned char)text[0];
	uint32_t c, to;
	size_t n;

	if (byte >= 0x20 && byte < 0x7F) {
		buf_addc(out, text[0]);
		return 1;
	}
	n = utf8_next(&c, text, len);
	if (n == 0) { /* not UTF-8: nothing that the grammar knows */
		buf_addc(out, text[0]);
		return 1;
	}
	to = fold(c);
	if (to == c)
		buf_add(out, text, n);
	else if (to != GONE)
		buf_addc(out, (char)to);
	return n;
}

void fold_text(struct buf *out, const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && !out->e) {
		if (text[i] == '\r')
			i += carriage(out, text + i, len - i);
		else
			i += fold_one(out, text + i, len - i);
	}
}

static struct span trim(struct span s)
{
	while (s.len && s.at[0] == ' ') {
		s.at++;
		s.len--;
	}
	while (s.len && s.at[s.len - 1] == ' ')
		s.len--;
	return s;
}

bool fold_next(struct fold_line *line, struct span *rest)
{
	const char *end;
	struct span s;

	if (rest->len == 0)
		return false;
	end = memchr(rest->at, '\n', rest->len);
	s.at = rest->at;
	s.len = end ? (size_t)(end - rest->at) : rest->len;
	rest->at += s.len + (end ? 1 : 0);
	rest->len -= s.len + (end ? 1 : 0);
	line->depth = 0;
	for (s = trim(s); s.len && s.at[0] == '>'; s = trim(s)) {
		line->depth++;
		s.at++;
		s.len--;
	}
	line->content = s;
	return true;
}

bool span_is(struct span s, const char *text)
{
	return s.len == strlen(text) && strncasecmp(s.at, text, s.len) == 0;
}

bool span_starts(struct span s, const char *text)
{
	size_t n = strlen(text);

	return s.len >= n && strncasecmp(s.at, text, n) == 0;
}

bool span_ends(struct span s, const char *text)
{
	size_t n = strlen(text);

	return s.len >= n && strncasecmp(s.at + s.len - n, text, n) == 0;
}

bool span_holds(struct span s, const char *text)
{
	for (; s.len; s.at++, s.len--)
		if (span_starts(s, text))
			return true;
	return false;
}
