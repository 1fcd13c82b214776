/* SPDX-License-Identifier: MIT */
#include "core/mail/qp.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define LINE_WIDTH  76
#define QP_LINE_MAX (LINE_WIDTH - 1) /* room for the '=' of a soft break */
#define FROM        "From "          /* begins a mail in a mailbox file */

static bool begins_mail(const char *line)
{
	return *line == 'F' && !strncmp(line, FROM, strlen(FROM));
}

bool qp_needless(const char *text)
{
	size_t column = 0;

	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c >= 0x7f || (c < 0x20 && c != '\n' && c != '\t'))
			return false;
		if (!column && begins_mail(p))
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
		size_t len = (size_t)(strchrnul(text, '\n') - text);

		buf_add(out, text, len);
		buf_add(out, "\r\n", 2);
		text += len + (text[len] == '\n');
	}
}

/* A line on its way out. It is gathered here, so that the buffer is touched once a line. */
struct line {
	struct buf *out;
	const char *end; /* of the whole text that is encoded */
	char text[QP_LINE_MAX];
	size_t len;
};

/* A full line goes out up to its last word, which begins the next one; all of it where it is one
 * word. `next` follows as it stands. */
static void break_line(struct line *l, const char *next)
{
	const char *space = memrchr(l->text, ' ', l->len);
	size_t n = space ? (size_t)(space - l->text) + 1 : l->len;

	buf_add(l->out, l->text, n);
	buf_add(l->out, "=\r\n", 3);
	l->len -= n;
	memmove(l->text, l->text + n, l->len);
	n = l->len; /* of a word: so much of FROM, at most, as has no space */
	if (n && n < strlen(FROM) && !memcmp(l->text, FROM, n) &&
	    !strncmp(next, &FROM[n], strlen(FROM) - n)) {
		memmove(l->text + 3, l->text + 1, n - 1);
		memcpy(l->text, "=46", 3);
		l->len += 2;
	}
}

static void add_encoded(struct line *l, char c)
{
	while (l->len + 3 > QP_LINE_MAX)
		break_line(l, "");
	l->text[l->len++] = '=';
	l->text[l->len++] = "0123456789ABCDEF"[(unsigned char)c >> 4];
	l->text[l->len++] = "0123456789ABCDEF"[c & 15];
}

static void end_line(struct line *l)
{
	buf_add(l->out, l->text, l->len);
	buf_add(l->out, "\r\n", 2);
	l->len = 0;
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
	while (n < len && text[n] >= ' ' && text[n] < 0x7f && text[n] != '=')
		n++;
	return n < len ? n : len;
}

static void add_plain(struct line *l, const char *text, size_t len)
{
	for (;;) {
		size_t room = QP_LINE_MAX - l->len, n = len < room ? len : room;

		memcpy(l->text + l->len, text, n);
		l->len += n;
		text += n;
		len -= n;
		if (!len)
			return;
		break_line(l, text);
		if (!l->len && begins_mail(text)) {
			add_encoded(l, *text++);
			len--;
		}
	}
}

/* What mailbox files and careless relays would change at the edges of a line. */
static bool odd_at_start(const char *line)
{
	return *line == '.' || begins_mail(line);
}

static void add_line(struct line *l, const char *text, size_t len)
{
	size_t last = len && text[len - 1] == ' ' ? len - 1 : len, at = 0;

	if (len && odd_at_start(text))
		add_encoded(l, text[at++]);
	while (at < len) {
		size_t run = at < last ? plain_run(text + at, last - at, l->end) : 0;

		add_plain(l, text + at, run);
		at += run;
		if (at < len)
			add_encoded(l, text[at++]);
	}
	end_line(l);
}

void qp_add(struct buf *out, const char *text)
{
	struct line l = { .out = out, .end = text + strlen(text) };

	while (*text) {
		size_t len = (size_t)(strchrnul(text, '\n') - text);

		add_line(&l, text, len);
		text += len + (text[len] == '\n');
	}
	explicit_bzero(&l, sizeof(l)); /* a token passed through */
}
