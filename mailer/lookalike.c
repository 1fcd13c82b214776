/* SPDX-License-Identifier: MIT */
#include "mailer/lookalike.h"

#include <stdbool.h>
#include <string.h>

#include <glib.h>

/* Small letters of other scripts that pass for a Latin one. */
static const char *const latin_looking = "аеорсухіјѕԁһӏԛԝвкмнтοανρυικ";

/* Scripts that are written together belong together. */
static GUnicodeScript family(gunichar c)
{
	GUnicodeScript script = g_unichar_get_script(c);

	switch (script) {
	case G_UNICODE_SCRIPT_HIRAGANA:
	case G_UNICODE_SCRIPT_KATAKANA:
	case G_UNICODE_SCRIPT_HANGUL:
	case G_UNICODE_SCRIPT_BOPOMOFO:
		return G_UNICODE_SCRIPT_HAN;
	case G_UNICODE_SCRIPT_INHERITED:
		return G_UNICODE_SCRIPT_COMMON;
	default:
		return script;
	}
}

static const char *odd_label(const char *label, size_t len)
{
	GUnicodeScript first = G_UNICODE_SCRIPT_COMMON;
	bool imitates = true, letters = false;

	for (const char *p = label; p < label + len; p = g_utf8_next_char(p)) {
		gunichar c = g_unichar_tolower(g_utf8_get_char(p));
		GUnicodeScript script = family(c);

		if (script == G_UNICODE_SCRIPT_COMMON)
			continue;
		if (letters && script != first)
			return "mixes two scripts in one word";
		first = script;
		letters = true;
		if (!g_utf8_strchr(latin_looking, -1, c))
			imitates = false;
	}
	return letters && imitates && first != G_UNICODE_SCRIPT_LATIN
	               ? "is written in letters that look Latin and are not"
	               : NULL;
}

const char *lookalike_domain(const char *domain)
{
	char *unicode = g_hostname_to_unicode(domain);
	const char *odd = NULL;

	for (const char *label = unicode; label && !odd;) {
		const char *dot = strchr(label, '.');

		odd = odd_label(label, dot ? (size_t)(dot - label) : strlen(label));
		label = dot ? dot + 1 : NULL;
	}
	g_free(unicode);
	return odd;
}
