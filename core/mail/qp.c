/* SPDX-License-Identifier: MIT */
#include "core/mail/qp.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define LINE_WIDTH  76
#define QP_LINE_MAX (LINE_WIDTH - 1) /* room for the '=' of a soft break */

bool qp_needless(const char *text)
{
	size_t column = 0;

	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c >= 0x7f || (c < 0x20 && c != '\n' && c != '\t'))
			return false;
		if (!column && !strncmp(p, "From ", 5))
			return false;
		if (c == '\n' && column && (p[-1] == ' ' || p[-1] == '\t'))
			return false;
		column = c == '\n' ? 0 : column + 1;
		if (column > LINE_WIDTH)
			return false;
	}
	return true;
}

void qp_add_plain(struct buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		buf_add(out, text, len);
		buf_adds(out, "\r\n");
		text += len + (text[len] == '\n');
	}
}

/* A line on its way out. It is gathered here, so that the buffer is touched once a line. */
struct line {
	struct buf *out;
	const char *end; /* of the whole text that is encoded */
	char text[LINE_WIDTH + 2];
	size_t len;
};

static void end_line(struct line *l, const char *ending)
{
	buf_add(l->out, l->text, l->len);
	buf_adds(l->out, ending);
	l->len = 0;
}

/* How wide a byte is; what mailbox files and careless relays would change counts as odd. */
static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '=';
}

static bool odd_at_start(const char *line)
{
	return *line == '.' || !strncmp(line, "From ", 5);
}

/* May the byte at `i` of a line stand for itself? */
static bool as_it_is(const char *line, size_t i, size_t len)
{
	if ((!i && odd_at_start(line)) || (i + 1 == len && (line[i] == ' ' || line[i] == '\t')))
		return false;
	return plain((unsigned char)line[i]);
}

static void add_byte(struct line *l, unsigned char c, bool bare)
{
	size_t width = bare ? 1 : 3;

	if (l->len + width > QP_LINE_MAX)
		end_line(l, "=\r\n");
	if (bare) {
		l->text[l->len++] = (char)c;
		return;
	}
	l->text[l->len++] = '=';
	l->text[l->len++] = "0123456789ABCDEF"[c >> 4];
	l->text[l->len++] = "0123456789ABCDEF"[c & 15];
}

/* How many bytes from here on stand for themselves, at most `len`. Eight at a time, as long as the
 * text has eight. */
static size_t plain_run(const char *text, size_t len, const char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
	size_t n = 0;

	while (n < len && (size_t)(end - text) - n >= 8) {
		uint64_t bytes, equals, odd;

		memcpy(&bytes, text + n, sizeof(bytes));
		equals = bytes ^ ones * '=';
		/* From 0x80 on, below the space, 0x7f, and '='. A borrow makes bytes odd only after
		 * one that is. */
		odd = (bytes | (bytes - ones * ' ') | (bytes + ones) | (equals - ones)) & high;
		if (odd) {
			n += (size_t)__builtin_ctzll(le64toh(odd)) / 8;
			return n < len ? n : len;
		}
		n += 8;
	}
	while (n < len && plain((unsigned char)text[n]))
		n++;
	return n < len ? n : len;
}

static size_t width_of(const struct line *l, const char *text, size_t len)
{
	size_t width = len;

	for (size_t i = plain_run(text, len, l->end); i < len; i++)
		width += plain((unsigned char)text[i]) ? 0 : 2;
	return width;
}

/* Bytes that stand for themselves, broken where a line is full. */
static size_t add_run(struct line *l, const char *text, size_t len)
{
	size_t run = plain_run(text, len, l->end);

	for (size_t at = 0, n; at < run; at += n) {
		if (l->len == QP_LINE_MAX)
			end_line(l, "=\r\n");
		n = QP_LINE_MAX - l->len < run - at ? QP_LINE_MAX - l->len : run - at;
		memcpy(l->text + l->len, text + at, n);
		l->len += n;
	}
	return run;
}

/* The bytes from `at` to `end` of a line, which go together where they can. */
static void add_word(struct line *l, const char *line, size_t at, size_t end, size_t line_len)
{
	size_t width = width_of(l, line + at, end - at);

	if (l->len && l->len + width > QP_LINE_MAX && width <= QP_LINE_MAX)
		end_line(l, "=\r\n");
	/* Nearly every word: nothing to encode, and not at an edge of its line. */
	if (width == end - at && width <= QP_LINE_MAX - l->len && at && end < line_len) {
		memcpy(l->text + l->len, line + at, width);
		l->len += width;
		return;
	}
	for (size_t i = at; i < end; i++) {
		/* What stands for itself, but for both edges of the line. */
		if (i)
			i += add_run(l, line + i, end - i - (end == line_len));
		if (i < end)
			add_byte(l, (unsigned char)line[i], as_it_is(line, i, line_len));
	}
}

/* Whole words that need no look, as many as fit on this line of output; not the line's first, nor
 * its last, which may be odd. How many bytes that were. */
static size_t add_plain_words(struct line *l, const char *text, size_t len)
{
	size_t room = QP_LINE_MAX - l->len, run = plain_run(text, len < room ? len : room, l->end);
	const char *space = memrchr(text, ' ', run);
	size_t n = space ? (size_t)(space - text) + 1 : 0;

	if (n == len)
		return 0;
	memcpy(l->text + l->len, text, n);
	l->len += n;
	return n;
}

void qp_add(struct buf *out, const char *text)
{
	struct line l = { .out = out, .end = text + strlen(text) };

	while (*text) {
		size_t line_len = strcspn(text, "\n"), at = 0;

		while (at < line_len) {
			size_t plain_words = at ? add_plain_words(&l, text + at, line_len - at) : 0;
			const char *space;

			at += plain_words;
			space = memchr(text + at, ' ', line_len - at);
			add_word(&l, text, at, space ? (size_t)(space - text) + 1 : line_len,
			         line_len);
			at = space ? (size_t)(space - text) + 1 : line_len;
		}
		end_line(&l, "\r\n");
		text += line_len + (text[line_len] == '\n');
	}
	explicit_bzero(&l, sizeof(l)); /* a token passed through */
}
