/* SPDX-License-Identifier: MIT */
#include "core/votelike.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/ballot.h"
#include "core/text.h"
#include "core/token.h"

#define BARE_MAX 1040 /* what is longer, the receiver does not read as choices either */

enum { GONE = 0, FOREIGN = 0x7f }; /* FOREIGN stands in no vote */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* What is typed in place of plain characters, and what is not seen at all. */
static const struct {
	uint32_t first, last;
	char plain;
} forms[] = {
	{ 0, ' ', GONE },         { 0xA0, 0xA0, GONE },
	{ 0xAD, 0xAD, GONE },     { 0x61C, 0x61C, GONE },
	{ 0x1680, 0x1680, GONE }, { 0x2000, 0x200F, GONE }, /* spaces, and what has no width */
	{ 0x2010, 0x2015, '-' },  { 0x2028, 0x202F, GONE },
	{ 0x205F, 0x2069, GONE }, { 0x2212, 0x2212, '-' },
	{ 0x3000, 0x3000, GONE }, { 0x3001, 0x3001, ',' },
	{ 0xFE50, 0xFE51, ',' },  { 0xFE58, 0xFE58, '-' },
	{ 0xFE63, 0xFE63, '-' },  { 0xFEFF, 0xFEFF, GONE },
};

static char plain(uint32_t c)
{
	if (c > ' ' && c < FOREIGN)
		return (char)c;
	if (c >= 0xFF01 && c <= 0xFF5E) /* full-width */
		c -= 0xFF01 - '!';
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (c >= forms[i].first && c <= forms[i].last)
			return forms[i].plain;
	return c < FOREIGN ? (char)c : FOREIGN;
}

/* The line without its spaces and quote marks; the length, or BARE_MAX for a line that is longer. */
static size_t bare_line(char bare[BARE_MAX], const char *line, size_t len)
{
	size_t n = 0, i = 0, width;
	uint32_t code;

	for (; i < len; i += width) {
		char c;

		width = utf8_next(&code, line + i, len - i);
		c = width ? plain(code) : FOREIGN;
		width += !width;
		if (c == GONE || (!n && strchr(">|", c)))
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

/* A sealed ballot begins or ends here: whoever quoted it would cast it. `bare` holds all of a line
 * that is not too long for it. */
static bool like_sealed(const char *line, size_t len, const char *bare, size_t n)
{
	if (n == BARE_MAX && (memmem(line, len, ARMOUR_BEGIN, strlen(ARMOUR_BEGIN)) ||
	                      memmem(line, len, ARMOUR_END, strlen(ARMOUR_END))))
		return true;
	return strcasestr(bare, "BEGINVOTEPOSTBALLOT") || strcasestr(bare, "ENDVOTEPOSTBALLOT");
}

static bool like_vote(const char *line, size_t len, size_t slack)
{
	char bare[BARE_MAX];
	const size_t n = bare_line(bare, line, len);
	bool yes = (n < BARE_MAX && like_choices(bare, n, slack)) || like_whole_vote(bare) ||
	           like_sealed(line, len, bare, n);

	explicit_bzero(bare, n < BARE_MAX ? n : BARE_MAX); /* a token passed through */
	return yes;
}

bool votelike(const char *line, size_t len)
{
	return like_vote(line, len, 0);
}

/* How long the first line is. */
static size_t line_length(const char *text, size_t *ending)
{
	static const char *const endings[] = { "\xE2\x80\xA8", "\xE2\x80\xA9" };
	size_t n = strcspn(text, "\n\r\v\f");

	*ending = text[n] != '\0';
	for (size_t i = 0; i < 2; i++) {
		const char *at = memmem(text, n, endings[i], 3);

		if (!at)
			continue;
		n = (size_t)(at - text);
		*ending = 3;
	}
	return n;
}

const char *votelike_find(const char *text, size_t *len)
{
	size_t ending;

	for (; *text; text += *len + ending) {
		*len = line_length(text, &ending);
		if (votelike(text, *len))
			return text;
	}
	return NULL;
}

bool votelike_nearly(const char *line, size_t len)
{
	return like_vote(line, len, 3);
}
