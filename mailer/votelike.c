/* SPDX-License-Identifier: MIT */
#include "mailer/votelike.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"
#include "core/token.h"

#define BARE_MAX 1040 /* what is longer, the receiver does not read as choices either */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* As a careless or a foreign keyboard types it: 0 for what is not there, '\x7f' for what no vote
 * holds. */
static char plain(uint32_t c)
{
	if (c >= 0xFF01 && c <= 0xFF5E) /* full-width */
		c -= 0xFF01 - '!';
	if (c <= ' ' || c == 0xA0 || c == 0xAD || c == 0x1680 || (c >= 0x2000 && c <= 0x200F) ||
	    (c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x2069) || c == 0x3000 ||
	    c == 0x61C || c == 0xFEFF)
		return 0;
	if (c == 0x3001 || c == 0xFE50 || c == 0xFE51)
		return ',';
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE58 || c == 0xFE63)
		return '-';
	return c < 0x7f ? (char)c : '\x7f';
}

/* The line without its spaces and quote marks; the length, or BARE_MAX for a line that is longer. */
static size_t bare_line(char bare[BARE_MAX], const char *line, size_t len)
{
	size_t n = 0, i = 0, width;
	uint32_t code;

	for (; i < len; i += width) {
		char c;

		width = utf8_next(&code, line + i, len - i);
		c = width ? plain(code) : '\x7f';
		width += !width;
		if (!c || (!n && strchr(">|", c)))
			continue;
		if (n == BARE_MAX - 1)
			break;
		bare[n++] = c;
	}
	bare[n] = '\0';
	return i < len ? BARE_MAX : n;
}

static bool like_one_choice(const char *word, size_t len, size_t slack)
{
	size_t graded = 1;

	while (graded < len && is_digit(word[graded]))
		graded++;
	if (len <= slack || (graded == len && (is_letter(*word) || strchr("0-", *word))))
		return true;
	return len == 5 && (!strncasecmp(word, "blank", 5) || !strncasecmp(word, "blanc", 5));
}

/* `slack` letters are a choice, whatever they are. */
static bool like_choices(const char *bare, size_t n, size_t slack)
{
	size_t start = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && bare[i] != ',' && bare[i] != '/')
			continue;
		if (!like_one_choice(bare + start, i - start, slack))
			return false;
		start = i + 1;
	}
	return n > 0;
}

static bool like_whole_vote(const char *bare)
{
	struct token token;
	size_t len = 4, chars = 0;
	bool yes;

	if (strncasecmp(bare, "vote", 4))
		return false;
	for (; chars < TOKEN_CHARS &&
	       (is_letter(bare[len]) || is_digit(bare[len]) || bare[len] == '-');
	     len++)
		chars += bare[len] != '-';
	yes = token_read(&token, bare + 4, len - 4) == OK;
	token_wipe(&token);
	return yes;
}

static bool like_vote(const char *line, size_t len, size_t slack)
{
	char bare[BARE_MAX];
	const size_t n = bare_line(bare, line, len);
	bool yes = (n < BARE_MAX && like_choices(bare, n, slack)) || like_whole_vote(bare);

	explicit_bzero(bare, n < BARE_MAX ? n : BARE_MAX); /* a token passed through */
	return yes;
}

bool votelike(const char *line, size_t len)
{
	return like_vote(line, len, 0);
}

bool votelike_nearly(const char *line, size_t len)
{
	return like_vote(line, len, 3);
}
