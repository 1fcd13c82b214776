/* SPDX-License-Identifier: MIT */
#include "core/tokenlike.h"

#include <string.h>

#include "core/text.h"
#include "core/token.h"

#define GROUP  4
#define GROUPS (TOKEN_CHARS / GROUP)
#define LINK   24 /* of a token, in a link's fragment */

/* How many letters and digits stand here; 0 where one of them is none of a token's. */
static size_t word_at(const char *at, size_t left, size_t *width)
{
	bool foreign = false;
	size_t n = 0;

	while (n < left && ((at[n] >= '0' && at[n] <= '9') || (at[n] >= 'a' && at[n] <= 'z') ||
	                    (at[n] >= 'A' && at[n] <= 'Z')))
		foreign = b32_value(at[n++]) < 0 || foreign;
	*width = n;
	return foreign ? 0 : n;
}

/* A hyphen, as typed or as programs make of it, or a space; 0 for anything else. */
static size_t joint_at(const char *at, size_t left, bool *hyphen)
{
	uint32_t c;
	size_t n = utf8_next(&c, at, left);

	*hyphen = n && (c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212);
	return *hyphen || (n && (c == ' ' || c == 0xA0)) ? n : 0;
}

static bool whole(const char *chars)
{
	struct token token;
	bool yes = token_read(&token, chars, TOKEN_CHARS) == OK;

	token_wipe(&token);
	return yes;
}

/* Groups of four that follow each other. */
struct groups {
	char last[TOKEN_CHARS]; /* of the last seven */
	size_t n, joined;       /* joined: so many, each behind a hyphen but the first */
};

static bool has_digit(const char *at, size_t len)
{
	while (len && (*at < '0' || *at > '9')) {
		at++;
		len--;
	}
	return len != 0;
}

static bool take_group(struct groups *g, const char *at)
{
	memmove(g->last, g->last + GROUP, TOKEN_CHARS - GROUP);
	memcpy(g->last + TOKEN_CHARS - GROUP, at, GROUP);
	g->n++;
	g->joined++;
	return (g->joined >= LINK / GROUP && has_digit(g->last + TOKEN_CHARS - LINK, LINK)) ||
	       (g->n >= GROUPS && whole(g->last));
}

bool tokenlike(const char *text, size_t len)
{
	struct groups g = { .n = 0 };
	bool yes = false;

	for (size_t i = 0, n; i < len && !yes; i += n) {
		bool hyphen;
		size_t chars = word_at(text + i, len - i, &n);

		if (chars == GROUP)
			yes = take_group(&g, text + i);
		else if (n)
			yes = (chars == TOKEN_CHARS && whole(text + i)) ||
			      (chars == LINK && i && text[i - 1] == '#');
		if (n) {
			if (chars != GROUP)
				g.n = g.joined = 0;
			continue;
		}
		n = joint_at(text + i, len - i, &hyphen);
		if (!hyphen)
			g.joined = 0;
		if (!n) {
			g.n = 0;
			n = 1;
		}
	}
	explicit_bzero(&g, sizeof(g));
	return yes;
}
