/* SPDX-License-Identifier: MIT */
#include "mailer/scrub.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "core/text.h"

/* Four groups of four. A beginning of 24 of a token's 28 characters is as good as the token; this
 * takes much less, and the price is a queue id here and there. What is encoded (base64, hex) is
 * longer. */
#define RUN_MAX     15
#define ENCODED_MAX 23
#define GROUP       4
#define GAP_MAX     16 /* bytes between two groups */
#define MARKUP_MAX  12
#define GONE        "[...]"

static bool is_token_char(char c)
{
	return b32_value(c) >= 0;
}

/* What programs and encodings put between the characters of a token. */
static bool is_joint(char c)
{
	return c == '-' || c == '=' || c == '_' || c == '%';
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A tag or an entity of HTML, "<wbr>" or "&#8209;"; 0 where there is none. */
static size_t markup_at(const char *at)
{
	char end = *at == '<' ? '>' : *at == '&' ? ';' : '\0';

	for (size_t n = 1; end && at[n] && n < MARKUP_MAX; n++)
		if (at[n] == end)
			return n + 1;
	return 0;
}

/* How much stands here that is neither letter nor digit: dots, hyphens of any kind, markup. */
static size_t gap_at(const char *at)
{
	size_t n = 0;

	while (at[n] && n < GAP_MAX) {
		size_t markup = markup_at(at + n);

		if (!markup && is_letter_or_digit(at[n]))
			break;
		n += markup ? markup : 1;
	}
	return n;
}

/* What stands between two groups of a token, however it was written. */
static size_t gap_within(const char *at, size_t n, size_t group)
{
	size_t gap = gap_at(at + n), next = 0;

	while (next <= GROUP && is_token_char(at[n + gap + next]))
		next++;
	return group == GROUP && next == GROUP ? gap : 0;
}

/* From `at` on: how long a run of what a token is made of, and how many such characters. */
static size_t run_at(const char *at, size_t *chars)
{
	size_t n = 0, last = 0, group = 0, gap;

	*chars = 0;
	for (;; n++) {
		if (is_token_char(at[n])) {
			++*chars;
			group++;
			last = n;
			continue;
		}
		gap = *chars ? gap_within(at, n, group) : 0;
		/* A space behind a joint: a line that goes on. */
		if (!gap && !(is_joint(at[n]) && last + 2 >= n) &&
		    !(at[n] == ' ' && n && is_joint(at[n - 1])))
			break;
		n += gap ? gap - 1 : 0;
		group = 0;
	}
	return *chars ? last + 1 : 0;
}

static size_t encoded_at(const char *at)
{
	size_t n = 0;

	while (is_letter_or_digit(at[n]) || at[n] == '+' || at[n] == '/')
		n++;
	return n;
}

static void take_runs_out(char *text)
{
	char *to = text;

	for (const char *at = text; *at;) {
		size_t chars, n = run_at(at, &chars), encoded = encoded_at(at);

		bool gone = chars > RUN_MAX || encoded > ENCODED_MAX;

		n = encoded > n ? encoded : n;
		if (!n) {
			*to++ = *at++;
			continue;
		}
		if (gone) {
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
