/* SPDX-License-Identifier: MIT */
#include "mailer/report/verp.h"

#include <string.h>
#include <strings.h>

#include "core/text.h"

#define GENERATION_DIGITS 10

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* So many characters, in lower case. None of them is an i, l, o or u. */
static bool take_b32(char *out, size_t chars, const char *at, size_t left)
{
	if (left < chars)
		return false;
	for (size_t i = 0; i < chars; i++) {
		char c = at[i] >= 'A' && at[i] <= 'Z' ? (char)(at[i] - 'A' + 'a') : at[i];

		if (b32_value(c) < 0 || strchr("ilo", c))
			return false;
		out[i] = c;
	}
	out[chars] = '\0';
	return true;
}

/* HANDLE or HANDLE-TAG, and no word's character behind it; how many bytes, 0 for anything else. */
static size_t take_tagged(struct report *out, const char *at, size_t left)
{
	char handle[REPORT_HANDLE], tag[TAG_TEXT] = "";
	size_t n = HANDLE_CHARS;

	if (!take_b32(handle, HANDLE_CHARS, at, left))
		return 0;
	if (n + 1 < left && at[n] == '-') {
		if (!take_b32(tag, TAG_CHARS, at + n + 1, left - n - 1))
			return 0;
		n += 1 + TAG_CHARS;
	}
	if (n < left && is_word(at[n]))
		return 0;
	memcpy(out->handle, handle, sizeof(handle));
	memcpy(out->tag, tag, sizeof(tag));
	return n;
}

/* What stands between a local part and its handle; its length, 0 for anything else. */
static size_t take_plus(const char *at, size_t left)
{
	if (left >= 1 && *at == '+')
		return 1;
	return left >= 3 && (!strncasecmp(at, "%2b", 3) || !strncasecmp(at, "=2b", 3)) ? 3 : 0;
}

/* From behind the local part on. */
static bool take_rest(struct report *out, const char *at, size_t left)
{
	size_t n = take_plus(at, left);

	return n && take_tagged(out, at + n, left - n);
}

bool verp_find(struct report *out, const char *local, const char *text, size_t len)
{
	size_t n = strlen(local);

	for (size_t i = 0; n && i + n < len; i++)
		if ((!i || !is_word(text[i - 1])) && !strncasecmp(text + i, local, n) &&
		    take_rest(out, text + i + n, len - i - n))
			return true;
	return false;
}

/* ".HANDLE.GENERATION" or ".HANDLE-TAG.GENERATION" before an @. */
static bool take_id(struct report *out, const char *text, size_t at)
{
	size_t digits = 0, dot, begin;

	while (digits < GENERATION_DIGITS && digits < at && text[at - digits - 1] >= '0' &&
	       text[at - digits - 1] <= '9')
		digits++;
	dot = at - digits - 1;
	if (!digits || digits == at || text[dot] != '.')
		return false;
	begin = dot;
	while (begin && (is_word(text[begin - 1]) || text[begin - 1] == '-'))
		begin--;
	return begin && text[begin - 1] == '.' &&
	       take_tagged(out, text + begin, dot - begin) == dot - begin;
}

bool verp_find_id(struct report *out, const char *domain, const char *text, size_t len)
{
	size_t n = strlen(domain);
	const char *at = text, *end = text + len;

	for (; n && at < end && (at = memchr(at, '@', (size_t)(end - at))); at++) {
		if ((size_t)(end - at) <= n || strncasecmp(at + 1, domain, n) ||
		    (at + 1 + n < end && (is_word(at[1 + n]) || at[1 + n] == '.')))
			continue;
		if (take_id(out, text, (size_t)(at - text)))
			return true;
	}
	return false;
}
