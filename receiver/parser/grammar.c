/* SPDX-License-Identifier: MIT */
#include "receiver/parser/grammar.h"

#include <string.h>

#include <sodium.h>

#include "core/text.h"

#define GROUP 4 /* characters of a token between two hyphens */

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Upper case, without the spaces round commas and slashes. False for any other space, for a NUL,
 * which would hide what follows it, and for what is too long. */
static bool squeeze(char out[CHOICES_MAX], struct span text)
{
	size_t i, n = 0;
	bool gap = false;
	char c;

	for (i = 0; i < text.len; i++) {
		c = upper(text.at[i]);
		if (c == ' ') {
			gap = n && out[n - 1] != ',' && out[n - 1] != '/';
			continue;
		}
		if (!c || (gap && c != ',' && c != '/') || n + 1 == CHOICES_MAX)
			return false;
		gap = false;
		out[n++] = c;
	}
	out[n] = '\0';
	return n > 0;
}

/* One option: a letter, and a grade from 1 to 99 where one follows. Its length, or 0. */
static size_t option(const char *at)
{
	size_t n = 1;

	if (at[0] < 'A' || at[0] > 'Z' || strchr("ILO", at[0]))
		return 0;
	if (at[1] >= '1' && at[1] <= '9') {
		n = 2;
		if (at[2] >= '0' && at[2] <= '9')
			n = 3;
	}
	return n;
}

/* What is said on one question. Its length, or 0. */
static size_t answer(const char *at)
{
	size_t n, all;

	if (at[0] == '0' || at[0] == '-')
		return 1;
	n = option(at);
	for (all = n; n && at[all] == ','; all += n + 1) {
		n = option(at + all + 1);
		if (n == 0)
			return 0;
	}
	return all;
}

/* BLANK and BLANC are 0, where they are all that is said on a question. */
static void fold_blank(char *text)
{
	char *at = text, *to = text;
	bool start = true;

	while (*at) {
		if (start && (!strncmp(at, "BLANK", 5) || !strncmp(at, "BLANC", 5)) &&
		    (at[5] == '\0' || at[5] == '/')) {
			*to++ = '0';
			at += 5;
			start = false;
			continue;
		}
		start = *at == '/';
		*to++ = *at++;
	}
	memset(to, 0, (size_t)(at - to) + 1);
}

bool grammar_choices(char out[CHOICES_MAX], struct span text)
{
	const char *at = out;
	size_t n;

	if (!squeeze(out, text))
		return false;
	fold_blank(out);
	for (;;) {
		n = answer(at);
		if (n == 0)
			return false;
		at += n;
		if (*at == '\0')
			return true;
		if (*at++ != '/')
			return false;
	}
}

/* What may stand between two characters of a token. */
enum joint { JOINT_NONE, JOINT_HYPHEN, JOINT_SPACE, JOINT_END };

/* Skip a line break with the quote marks of the line that follows. */
static size_t skip_break(struct span s, size_t i)
{
	if (i == s.len || s.at[i] != '\n')
		return i;
	for (i++; i < s.len && (s.at[i] == ' ' || s.at[i] == '>'); i++)
		;
	return i;
}

/* Programs break a line behind a hyphen, seldom before one; nothing else continues. */
static enum joint joint(struct span s, size_t *at)
{
	size_t i = *at, over;

	if (i == s.len)
		return JOINT_END;
	if (s.at[i] == ' ') {
		*at = i + 1;
		return JOINT_SPACE;
	}
	over = skip_break(s, i);
	if (over < s.len && s.at[over] == '-') {
		*at = skip_break(s, over + 1);
		return JOINT_HYPHEN;
	}
	if (over > i)
		return JOINT_END;
	return JOINT_NONE;
}

/* Read 28 characters from `start` on. The place behind them, or 0 where they are not there:
 * hyphens may stand anywhere, spaces only between groups, and not both kinds. */
static size_t collect(char chars[TOKEN_CHARS], struct span s, size_t start)
{
	enum joint kind = JOINT_NONE, here;
	size_t i = start, n;

	for (n = 0; n < TOKEN_CHARS; n++) {
		here = n ? joint(s, &i) : JOINT_NONE;
		if (here == JOINT_END)
			return 0;
		if (here == JOINT_SPACE && n % GROUP)
			return 0;
		if (here != JOINT_NONE) {
			if (kind != JOINT_NONE && kind != here)
				return 0;
			kind = here;
		} else if (kind == JOINT_SPACE && n % GROUP == 0) {
			return 0;
		}
		if (i >= s.len || b32_value(s.at[i]) < 0)
			return 0;
		chars[n] = s.at[i++];
	}
	return i;
}

/* Does something longer go on here, of which the token would be a piece? */
static bool goes_on(struct span s, size_t end)
{
	if (end < s.len && is_alnum(s.at[end]))
		return true;
	return end + 1 < s.len && s.at[end] == '-' && is_alnum(s.at[end + 1]);
}

static bool token_at(struct token *token, struct span s, size_t start, size_t *end)
{
	char chars[TOKEN_CHARS];
	bool good = false;

	*end = collect(chars, s, start);
	if (*end && !goes_on(s, *end))
		good = token_read(token, chars, sizeof(chars)) == OK;
	sodium_memzero(chars, sizeof(chars));
	return good;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (upper(c) >= 'A' && upper(c) <= 'F');
}

/* May a token begin here? Not inside a word, not behind a hyphen that a word leads to. */
static bool may_begin(struct span s, size_t i)
{
	if (i == 0)
		return true;
	if (i >= 3 && s.at[i - 3] == '%' && is_hex(s.at[i - 2]) && is_hex(s.at[i - 1]))
		return true; /* a mailto's "VOTE%20TOKEN" */
	if (is_alnum(s.at[i - 1]))
		return false;
	return s.at[i - 1] != '-' || i == 1 || !is_alnum(s.at[i - 2]);
}

bool grammar_token(struct token *token, struct span text, size_t *at)
{
	size_t i, end;

	for (i = *at; i < text.len; i++) {
		if (!is_alnum(text.at[i]) || !may_begin(text, i))
			continue;
		if (token_at(token, text, i, &end)) {
			*at = end;
			return true;
		}
	}
	*at = text.len;
	return false;
}

bool grammar_vote(struct reply_vote *vote, struct span line)
{
	size_t end;

	memset(vote, 0, sizeof(*vote));
	if (!span_starts(line, "VOTE "))
		return grammar_choices(vote->choices, line);
	line.at += 5;
	line.len -= 5;
	while (line.len && line.at[0] == ' ') {
		line.at++;
		line.len--;
	}
	if (!token_at(&vote->token, line, 0, &end) || end == line.len || line.at[end] != ' ') {
		token_wipe(&vote->token);
		return false;
	}
	vote->with_token = true;
	line.at += end;
	line.len -= end;
	if (grammar_choices(vote->choices, line))
		return true;
	token_wipe(&vote->token);
	return false;
}
