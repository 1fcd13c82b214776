/* SPDX-License-Identifier: MIT */
#include "core/wrap.h"

#include <string.h>

#include "core/text.h"

#define INDENT_MAX 24
#define WORD_MAX   8 /* longer than BLANK and BLANC */

static size_t columns(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

static bool like_one_choice(const char *word, size_t len)
{
	size_t graded = 1;

	while (graded < len && word[graded] >= '0' && word[graded] <= '9')
		graded++;
	if (graded >= len)
		return true;
	if (len == 5 && (!strncasecmp(word, "blank", 5) || !strncasecmp(word, "blanc", 5)))
		return true;
	return len <= 3;
}

/* Does this line look like CHOICES of a plain reply, however generously read? */
static bool like_choices(const char *line, size_t len)
{
	char bare[64];
	size_t n = 0, start = 0;

	for (size_t i = 0; i < len; i++) {
		if (line[i] == ' ' || line[i] == '\t')
			continue;
		if (n == sizeof(bare))
			return false;
		bare[n++] = line[i];
	}
	for (size_t i = 0; i <= n; i++) {
		if (i < n && bare[i] != ',' && bare[i] != '/')
			continue;
		if (!like_one_choice(bare + start, i - start))
			return false;
		start = i + 1;
	}
	return n > 0;
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

/* Where to break: the last space that fits and leaves nothing on either side that looks like a
 * vote; `len` where there is none. */
static size_t break_at(const char *line, size_t len, size_t indent, size_t room)
{
	size_t fit = 0, wide = 0;

	while (fit < len && wide <= room) {
		fit++;
		while (fit < len && ((unsigned char)line[fit] & 0xc0) == 0x80)
			fit++;
		wide++;
	}
	for (size_t i = fit - 1; i > indent; i--)
		if (line[i] == ' ' && line[i - 1] != ' ' && !like_choices(line, i) &&
		    !like_choices(line + i, len - i))
			return i;
	return len;
}

static void wrap_line(struct buf *out, const char *line, size_t len)
{
	size_t indent = hanging(line, len), room = WRAP_WIDTH, skip = strspn(line, " ");

	while (columns(line, len) > room) {
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
		size_t len = strcspn(text, "\n");
		bool more = text[len] == '\n';

		while (len && text[len - 1] == ' ')
			len--;
		wrap_line(out, text, len);
		text += strcspn(text, "\n") + more;
		if (more)
			buf_addc(out, '\n');
	}
}
