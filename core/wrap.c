/* SPDX-License-Identifier: MIT */
#include "core/wrap.h"

#include <stdint.h>
#include <string.h>

#include <glib.h>

#include "core/text.h"
#include "core/votelike.h"

#define INDENT_MAX 24
#define WORD_MAX   8 /* longer than BLANK and BLANC */

/* The character at `text`; its length. Bytes that are none are one column each. */
static size_t next(uint32_t *c, const char *text, size_t len)
{
	size_t n = 1;

	*c = (unsigned char)*text;
	if (*c >= 0x80) { /* most are not */
		n = utf8_next(c, text, len);
		if (!n)
			*c = '?';
	}
	return n ? n : 1;
}

static size_t width(uint32_t c)
{
	if (c < 0x300)
		return 1;
	return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

static size_t columns(const char *text, size_t len)
{
	size_t n = 0;
	uint32_t c;

	for (size_t i = 0; i < len;) {
		i += next(&c, text + i, len - i);
		n += width(c);
	}
	return n;
}

/* May a line end after `a` and begin with `b`, though no space is between them? Where a script
 * has none, and no punctuation hangs on either (a part of Unicode's rules for lines, UAX 14). */
static bool parts(uint32_t a, uint32_t b)
{
	if (a < 0x300 || b < 0x300 || !g_unichar_iswide(a) || !g_unichar_iswide(b))
		return false;
	switch (g_unichar_break_type(a)) {
	case G_UNICODE_BREAK_OPEN_PUNCTUATION:
	case G_UNICODE_BREAK_QUOTATION:
		return false;
	default:
		break;
	}
	switch (g_unichar_break_type(b)) {
	case G_UNICODE_BREAK_CLOSE_PUNCTUATION:
	case G_UNICODE_BREAK_CLOSE_PARENTHESIS:
	case G_UNICODE_BREAK_NON_STARTER:
	case G_UNICODE_BREAK_EXCLAMATION:
	case G_UNICODE_BREAK_QUOTATION:
	case G_UNICODE_BREAK_INSEPARABLE:
	case G_UNICODE_BREAK_COMBINING_MARK:
		return false;
	default:
		return true;
	}
}

/* How far the lines that follow are indented. */
static size_t hanging(const char *line, size_t len)
{
	size_t lead = strspn(line, " "), word = lead, text;

	while (word < len && line[word] != ' ')
		word++;
	text = word;
	while (text < len && line[text] == ' ')
		text++;
	if (word - lead <= WORD_MAX && text - word >= 2 && text < len)
		lead = text;
	return lead < INDENT_MAX ? lead : INDENT_MAX;
}

/* Where to break: the last place that fits and leaves nothing on either side that looks like a
 * vote; `len` where there is none. */
static size_t break_at(const char *line, size_t len, size_t indent, size_t room)
{
	size_t place[WRAP_WIDTH + 1], places = 0, wide = 0;
	uint32_t before = ' ', c;

	for (size_t i = 0, n; i < len && wide <= room && places <= WRAP_WIDTH; i += n, before = c) {
		n = next(&c, line + i, len - i);
		if (i > indent && (c == ' ' ? before != ' ' : parts(before, c)))
			place[places++] = i;
		wide += width(c);
	}
	while (places--)
		if (!votelike_nearly(line, place[places]) &&
		    !votelike_nearly(line + place[places], len - place[places]))
			return place[places];
	return len;
}

static void wrap_line(struct buf *out, const char *line, size_t len)
{
	size_t indent = hanging(line, len), room = WRAP_WIDTH, skip = strspn(line, " ");

	while (len > room && columns(line, len) > room) {
		size_t at = break_at(line, len, skip, room);

		if (at == len)
			break;
		buf_add(out, line, at);
		buf_addf(out, "\n%*s", (int)indent, "");
		while (at < len && line[at] == ' ')
			at++;
		line += at;
		len -= at;
		skip = 1;
		room = WRAP_WIDTH - indent;
	}
	buf_add(out, line, len);
}

void wrap_text(struct buf *out, const char *text)
{
	while (*text) {
		size_t whole = (size_t)(strchrnul(text, '\n') - text), len = whole;
		bool more = text[whole] == '\n';

		while (len && text[len - 1] == ' ')
			len--;
		wrap_line(out, text, len);
		text += whole + more;
		if (more)
			buf_addc(out, '\n');
	}
}
