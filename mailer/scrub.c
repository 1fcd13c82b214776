/* SPDX-License-Identifier: MIT */
#include "mailer/scrub.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "core/text.h"

/* Four groups of four. A beginning of 24 of a token's 28 characters is as good as the token; this
 * takes much less, and the price is a queue id here and there. */
#define RUN_MAX 15
#define GONE    "[...]"

static bool is_token_char(char c)
{
	return b32_value(c) >= 0;
}

/* What people, programs and encodings put between the characters of a token. */
static bool is_joint(char c)
{
	return c == '-' || c == '=' || c == '_' || c == '%';
}

/* From `at` on: how long a run of what a token is made of, and how many such characters. */
static size_t run_at(const char *at, size_t *chars)
{
	size_t n = 0, last = 0;

	*chars = 0;
	while (is_token_char(at[n]) || (is_joint(at[n]) && last + 2 >= n) ||
	       (at[n] == ' ' && n && is_joint(at[n - 1]))) { /* a line that goes on */
		if (is_token_char(at[n])) {
			++*chars;
			last = n;
		}
		n++;
	}
	return *chars ? last + 1 : 0;
}

static void take_runs_out(char *text)
{
	char *to = text;

	for (const char *at = text; *at;) {
		size_t chars, n = run_at(at, &chars);

		if (!n) {
			*to++ = *at++;
			continue;
		}
		if (chars > RUN_MAX) {
			memcpy(to, GONE, sizeof(GONE) - 1);
			to += sizeof(GONE) - 1;
		} else {
			memmove(to, at, n);
			to += n;
		}
		at += n;
	}
	*to = '\0';
}

static void clean(char *text)
{
	size_t len = strlen(text), to = 0;

	for (size_t i = 0, n; i < len; i += n) {
		unsigned char c = (unsigned char)text[i];
		uint32_t point;

		n = utf8_next(&point, text + i, len - i);
		if (!n || !text_clean(text + i, n)) {
			n = n ? n : 1;
			c = c == '\n' || c == '\t' || c == '\r' ? ' ' : '?';
			if (c == ' ' && (!to || text[to - 1] == ' '))
				continue;
			text[to++] = (char)c;
			continue;
		}
		if (c == ' ' && (!to || text[to - 1] == ' '))
			continue;
		memmove(text + to, text + i, n);
		to += n;
	}
	text[to] = '\0';
}

void scrub_text(char *text)
{
	clean(text);
	take_runs_out(text);
}
