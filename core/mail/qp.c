/* SPDX-License-Identifier: MIT */
#include "core/mail/qp.h"

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

/* How a byte stands in quoted-printable; `first` of its line, `last` of it. */
static size_t qp_byte(char out[4], const char *p, bool first, bool last)
{
	unsigned char c = (unsigned char)*p;
	bool plain = c > 0x20 && c < 0x7f && c != '=';

	if ((c == ' ' || c == '\t') && !last)
		plain = true;
	/* Mailbox files and careless relays change these. */
	if (first && (!strncmp(p, "From ", 5) || c == '.'))
		plain = false;
	if (plain) {
		out[0] = (char)c;
		return 1;
	}
	out[0] = '=';
	out[1] = "0123456789ABCDEF"[c >> 4];
	out[2] = "0123456789ABCDEF"[c & 15];
	return 3;
}

/* The next `len` bytes of a line, which go together; breaks only what is too long for a line. */
static size_t add_qp_word(struct buf *out, size_t column, const char *line, size_t at, size_t len,
                          size_t line_len)
{
	size_t width = 0;
	char piece[4];

	for (size_t i = at; i < at + len; i++)
		width += qp_byte(piece, line + i, !i, i + 1 == line_len);
	if (column && column + width > QP_LINE_MAX && width <= QP_LINE_MAX) {
		buf_adds(out, "=\r\n");
		column = 0;
	}
	for (size_t i = at; i < at + len; i++) {
		size_t n = qp_byte(piece, line + i, !i, i + 1 == line_len);

		if (column + n > QP_LINE_MAX) {
			buf_adds(out, "=\r\n");
			column = 0;
		}
		buf_add(out, piece, n);
		column += n;
	}
	return column;
}

void qp_add(struct buf *out, const char *text)
{
	while (*text) {
		size_t line_len = strcspn(text, "\n"), column = 0;

		for (size_t at = 0; at < line_len;) {
			size_t len = at;

			while (len < line_len && text[len] != ' ')
				len++;
			len += len < line_len;
			column = add_qp_word(out, column, text, at, len - at, line_len);
			at = len;
		}
		buf_adds(out, "\r\n");
		text += line_len + (text[line_len] == '\n');
	}
}
