/* SPDX-License-Identifier: MIT */
#include "receiver/sheet.h"

#include <stdbool.h>
#include <string.h>

#define BAR     "*** "
#define BAR_END " ***"
#define INDENT  "   "

enum shape {
	BANNER,
	HEADING,
	PARAGRAPH,
	LABEL,
	BUTTON,
	MORE_BUTTON,
	OPTION,
	CODE,
	RECEIPT,
	SHAPES
};

static const char *const names[SHAPES] = {
	[BANNER] = "banner", [HEADING] = "heading", [PARAGRAPH] = "paragraph",
	[LABEL] = "label",   [BUTTON] = "button",   [MORE_BUTTON] = "more_button",
	[OPTION] = "option", [CODE] = "code",       [RECEIPT] = "receipt",
};

struct sheet {
	struct values *v;
	const char *at, *heading;
	struct template_row *row; /* [room] */
	size_t rows, room;
	bool button; /* there was one */
};

static bool starts(const char *line, size_t len, const char *with)
{
	return len >= strlen(with) && !memcmp(line, with, strlen(with));
}

static size_t line_len(const char *at)
{
	return strcspn(at, "\n");
}

/* The line after; where there is none, the text's end. */
static const char *after(const char *at)
{
	at += line_len(at);
	return *at ? at + 1 : at;
}

static const char *keep(struct sheet *s, const char *text, size_t len)
{
	char *copy = values_keep(s->v, len + 1);

	if (copy)
		memcpy(copy, text, len);
	return copy ? copy : "";
}

/* One block; what it lacks is "". */
static void add(struct sheet *s, enum shape shape, const char *letter, const char *text,
                const char *url, const struct template_row *lines, size_t n)
{
	struct value_list l = values_list(s->v, SHAPES + 4);

	for (unsigned i = 0; i < SHAPES; i++)
		values_add_when(&l, names[i], i == shape);
	values_add_text(&l, "letter", letter);
	values_add_text(&l, "text", text);
	values_add_text(&l, "url", url);
	values_add_rows(&l, "lines", lines, n);
	if (s->rows == s->room)
		bug("more blocks than lines");
	s->row[s->rows++].value = l.value;
}

static bool is_url(const char *line, size_t len)
{
	bool known = starts(line, len, "mailto:") || starts(line, len, "https://") ||
	             starts(line, len, "http://");

	return known && !memchr(line, ' ', len);
}

/* A label without its colon, ASCII or full width, and the space that stands before it in
 * French. */
static size_t without_colon(const char *line, size_t len)
{
	static const char *const ends[] = { ":", "\xef\xbc\x9a", " ", "\xc2\xa0", "\xe2\x80\xaf" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		if (len > n && !memcmp(line + len - n, ends[i], n))
			len -= n;
	}
	return len;
}

static enum shape shape_of(const struct sheet *s, const char *line, size_t len)
{
	const char *next = after(line);

	if (starts(line, len, BAR) && len > 2 * strlen(BAR))
		return BANNER;
	if (len == strlen(s->heading) && !memcmp(line, s->heading, len))
		return HEADING;
	if (starts(line, len, INDENT "(") && memchr(line, ')', len))
		return OPTION;
	if (starts(line, len, INDENT))
		return CODE;
	if (starts(line, len, "{\""))
		return RECEIPT;
	return is_url(next, line_len(next)) ? BUTTON : PARAGRAPH;
}

static void take_option(struct sheet *s, const char *line, size_t len)
{
	size_t lead = strlen(INDENT);
	size_t close = (size_t)((const char *)memchr(line, ')', len) - line) + 1;
	size_t text = close;

	while (text < len && line[text] == ' ')
		text++;
	add(s, OPTION, keep(s, line + lead, close - lead), keep(s, line + text, len - text), "",
	    NULL, 0);
}

/* Up to an empty one. */
static size_t lines_at(const char *at)
{
	size_t n = 0;

	for (; line_len(at); at = after(at))
		n++;
	return n;
}

/* Lines up to an empty one, or one of another shape. The first is one. */
static void take_paragraph(struct sheet *s)
{
	struct template_row *lines = values_keep(s->v, lines_at(s->at) * sizeof(*lines));
	size_t n = 0, len = line_len(s->at);
	enum shape shape;

	while (len && (n == 0 || shape_of(s, s->at, len) == PARAGRAPH)) {
		struct value_list l = values_list(s->v, 1);

		values_add_text(&l, "line", keep(s, s->at, len));
		if (lines)
			lines[n].value = l.value;
		n++;
		s->at = after(s->at);
		len = line_len(s->at);
	}
	shape = len ? shape_of(s, s->at, len) : PARAGRAPH;
	shape = shape == OPTION || shape == CODE ? LABEL : PARAGRAPH;
	add(s, shape, "", "", "", lines, n);
}

static void take_block(struct sheet *s)
{
	const char *line = s->at, *url = after(line);
	size_t len = line_len(line), bar = strlen(BAR);
	enum shape shape = shape_of(s, line, len);

	if (shape == PARAGRAPH) {
		take_paragraph(s);
		return;
	}
	s->at = url;
	switch (shape) {
	case BANNER:
		len -= starts(line + len - bar, bar, BAR_END) ? bar : 0;
		add(s, shape, "", keep(s, line + bar, len - bar), "", NULL, 0);
		break;
	case BUTTON:
		s->at = after(url);
		shape = s->button ? MORE_BUTTON : BUTTON;
		s->button = true;
		add(s, shape, "", keep(s, line, without_colon(line, len)),
		    keep(s, url, line_len(url)), NULL, 0);
		break;
	case OPTION:
		take_option(s, line, len);
		break;
	case CODE:
		add(s, shape, "", keep(s, line + strlen(INDENT), len - strlen(INDENT)), "", NULL,
		    0);
		break;
	default:
		add(s, shape, "", keep(s, line, len), "", NULL, 0);
	}
}

const struct template_row *sheet_rows(struct values *v, const char *text, const char *heading,
                                      size_t *rows)
{
	struct sheet s = { .v = v, .at = text, .heading = heading, .room = 1 };

	for (const char *p = text; *p; p++)
		s.room += *p == '\n';
	s.row = values_keep(v, s.room * sizeof(*s.row));
	while (s.row && *s.at) {
		if (line_len(s.at))
			take_block(&s);
		else
			s.at++;
	}
	*rows = values_err(v) ? 0 : s.rows;
	return *rows ? s.row : NULL;
}
