/* SPDX-License-Identifier: MIT */
#include "mailer/authres.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define COMMENTS_MAX 8

/* White space and comments, nested or not; false where one does not end. */
static bool skip(const char **at)
{
	unsigned depth = 0;

	for (;; ++*at) {
		char c = **at;

		if (c == '(') {
			if (++depth > COMMENTS_MAX)
				return false;
		} else if (c == ')' && depth) {
			depth--;
		} else if (c == '\\' && depth && (*at)[1]) {
			++*at;
		} else if (!c || (!depth && !strchr(" \t\r\n", c))) {
			return !depth;
		}
	}
}

/* A word up to one of `ends`, or what stands between quotes; what does not fit is cut. False
 * where there is none. */
static bool word(char *out, size_t room, const char **at, const char *ends)
{
	bool quoted = **at == '"';
	size_t len = 0;

	*at += quoted;
	for (; **at && !(quoted ? **at == '"' : strchr(ends, **at) != NULL); ++*at) {
		if (quoted && **at == '\\' && (*at)[1])
			++*at;
		if (len + 1 < room)
			out[len++] = **at < 0x21 || **at > 0x7e ? '?' : **at;
	}
	out[len] = 0;
	if (quoted && **at != '"')
		return false;
	*at += quoted;
	return len || quoted;
}

static void lower(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

static void copy(char *out, size_t room, const char *text)
{
	size_t len = strnlen(text, room - 1);

	memcpy(out, text, len);
	out[len] = 0;
}

/* What a property says of its domain; the better of several stays. */
static void take_property(struct authres_result *r, const char *key, const char *value)
{
	const char *at = strrchr(value, '@');
	bool exact = !strcasecmp(key, "smtp.mailfrom") || !strcasecmp(key, "header.d") ||
	             !strcasecmp(key, "header.from");
	bool near = !strcasecmp(key, "header.i") || !strcasecmp(key, "smtp.helo");

	if (!strcasecmp(key, "header.s"))
		copy(r->selector, sizeof(r->selector), value);
	if (exact || (near && !*r->domain))
		copy(r->domain, sizeof(r->domain), at ? at + 1 : value);
}

/* "reason=…", "ptype.property=value", up to the next semicolon. */
static bool take_properties(struct authres_result *r, const char **at)
{
	for (;;) {
		char key[64], value[DNS_NAME_TEXT];

		if (!skip(at))
			return false;
		if (!**at || **at == ';')
			return true;
		if (!word(key, sizeof(key), at, "=;( \t\r\n\"") || !skip(at))
			return false;
		if (**at != '=')
			return false;
		++*at;
		if (!skip(at))
			return false;
		if (!word(value, sizeof(value), at, ";( \t\r\n"))
			value[0] = 0;
		take_property(r, key, value);
	}
}

/* "method/1 = result properties", or "none". */
static bool take_result(struct authres *a, const char **at)
{
	struct authres_result r = { 0 };
	char version[AUTHRES_WORD];

	if (!word(r.method, sizeof(r.method), at, "=/;( \t\r\n\"") || !skip(at))
		return false;
	lower(r.method);
	if (!strcmp(r.method, "none") && (!**at || **at == ';'))
		return true;
	if (**at == '/') {
		++*at;
		if (!skip(at) || !word(version, sizeof(version), at, "=;( \t\r\n\"") || !skip(at))
			return false;
	}
	if (**at != '=')
		return false;
	++*at;
	if (!skip(at) || !word(r.result, sizeof(r.result), at, ";( \t\r\n\""))
		return false;
	lower(r.result);
	if (!take_properties(&r, at))
		return false;
	if (a->n < AUTHRES_MAX)
		a->result[a->n++] = r;
	return true;
}

enum err authres_read(struct authres *a, const char *text)
{
	char version[AUTHRES_WORD];
	const char *at = text;

	memset(a, 0, sizeof(*a));
	if (strlen(text) > AUTHRES_TEXT_MAX)
		return ERR_TOO_LARGE;
	if (!skip(&at) || !word(a->server, sizeof(a->server), &at, ";=( \t\r\n") || !skip(&at))
		return ERR_FORMAT;
	if (*at && *at != ';' && (!word(version, sizeof(version), &at, ";=( \t\r\n") || !skip(&at)))
		return ERR_FORMAT;
	while (*at == ';') {
		at++;
		if (!skip(&at))
			return ERR_FORMAT;
		if (!*at)
			break;
		if (!take_result(a, &at))
			return ERR_FORMAT;
	}
	return *at || !a->server[0] ? ERR_FORMAT : OK;
}
