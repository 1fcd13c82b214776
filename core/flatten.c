/* SPDX-License-Identifier: MIT */
#include "core/flatten.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <glib.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool is_one_of(const char *name, size_t len, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == len && !strncasecmp(name, list[i], len))
			return true;
	return false;
}

/* Within a sentence. */
static bool is_inline(const char *name, size_t len)
{
	static const char *const list[] = { "a",   "abbr", "b", "bdi",   "bdo",  "code",
		                            "em",  "font", "i", "small", "span", "strong",
		                            "sub", "sup",  "u", "wbr" };

	return is_one_of(name, len, list, COUNT(list));
}

/* What holds nothing to read, up to its end. */
static bool is_hidden(const char *name, size_t len)
{
	static const char *const list[] = { "style", "script", "head", "title" };

	return is_one_of(name, len, list, COUNT(list));
}

/* Past the end tag of what begins at `name`. */
static const char *skip_hidden(const char *at, const char *name, size_t len)
{
	while ((at = strstr(at, "</"))) {
		at += 2;
		if (!strncasecmp(at, name, len)) {
			at = strchr(at, '>');
			return at ? at + 1 : "";
		}
	}
	return "";
}

/* At `<`; past the tag. */
static const char *take_tag(struct buf *out, const char *at)
{
	const char *name, *end;
	size_t len;
	bool closes = at[1] == '/';

	if (!strncmp(at, "<!--", 4)) {
		end = strstr(at, "-->");
		return end ? end + 3 : "";
	}
	name = at + 1 + closes;
	len = strcspn(name, " \t\n/>");
	end = strchr(name, '>');
	end = end ? end + 1 : "";
	if (!is_inline(name, len))
		buf_addc(out, '\n');
	return !closes && is_hidden(name, len) ? skip_hidden(end, name, len) : end;
}

static void add_number(struct buf *out, unsigned long c)
{
	char utf8[6];
	bool shown = c > ' ' && c <= 0x10FFFF && g_unichar_validate((gunichar)c);
	int n = shown ? g_unichar_to_utf8((gunichar)c, utf8) : 0;

	buf_add(out, n ? utf8 : " ", n ? (size_t)n : 1);
}

/* At `&`; past the entity. What is not known is a letter more: it hides nothing. */
static const char *take_entity(struct buf *out, const char *at)
{
	static const struct {
		const char *name, *text;
	} known[] = {
		{ "&amp;", "&" },        { "&lt;", "<" },         { "&gt;", ">" },
		{ "&quot;", "\"" },      { "&apos;", "'" },       { "&nbsp;", "\u00a0" },
		{ "&zwnj;", "\u200c" },  { "&shy;", "\u00ad" },   { "&ndash;", "\u2013" },
		{ "&mdash;", "\u2014" }, { "&minus;", "\u2212" },
	};
	const char *digits = at + 2;
	char *end;
	bool hex;

	for (size_t i = 0; i < COUNT(known); i++)
		if (!strncmp(at, known[i].name, strlen(known[i].name))) {
			buf_adds(out, known[i].text);
			return at + strlen(known[i].name);
		}
	hex = at[1] == '#' && (*digits == 'x' || *digits == 'X');
	digits += hex;
	if (at[1] != '#' || !(hex ? g_ascii_isxdigit(*digits) : g_ascii_isdigit(*digits))) {
		buf_addc(out, '&');
		return at + 1;
	}
	add_number(out, strtoul(digits, &end, hex ? 16 : 10));
	return *end == ';' ? end + 1 : end;
}

void flatten_html(struct buf *out, const char *html)
{
	while (*html) {
		size_t n = strcspn(html, "<&\n");

		buf_add(out, html, n);
		html += n;
		if (*html == '<') {
			html = take_tag(out, html);
		} else if (*html == '&') {
			html = take_entity(out, html);
		} else if (*html) {
			buf_addc(out, ' ');
			html++;
		}
	}
}
