/* SPDX-License-Identifier: MIT */
#include "mailer/report/verp.h"

#include <string.h>
#include <strings.h>

#include "core/text.h"

#define GENERATION_DIGITS 9
#define MOVED             "moved"

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The 13 characters of a handle, in lower case. None of them is an i, l, o or u. */
static bool take_handle(char out[REPORT_HANDLE], const char *at, size_t left)
{
	if (left < HANDLE_CHARS)
		return false;
	for (size_t i = 0; i < HANDLE_CHARS; i++) {
		char c = at[i] >= 'A' && at[i] <= 'Z' ? (char)(at[i] - 'A' + 'a') : at[i];

		if (b32_value(c) < 0 || strchr("ilo", c))
			return false;
		out[i] = c;
	}
	out[HANDLE_CHARS] = '\0';
	return true;
}

/* A generation's digits; how many bytes, 0 where there are none, or too many. */
static size_t take_number(uint32_t *out, const char *at, size_t left)
{
	size_t n = 0;

	*out = 0;
	for (; n < left && at[n] >= '0' && at[n] <= '9'; n++) {
		if (n == GENERATION_DIGITS)
			return 0;
		*out = *out * 10 + (uint32_t)(at[n] - '0');
	}
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
	char handle[REPORT_HANDLE];
	uint32_t generation = 1;
	size_t n = take_plus(at, left), digits;

	if (!n || !take_handle(handle, at + n, left - n))
		return false;
	n += HANDLE_CHARS;
	if (n + 1 < left && at[n] == '-') {
		digits = take_number(&generation, at + n + 1, left - n - 1);
		if (!digits)
			return false;
		n += digits + 1;
	}
	if (n < left && is_word(at[n]))
		return false;
	memcpy(out->handle, handle, sizeof(handle));
	out->generation = generation;
	return true;
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

/* ".HANDLE.GENERATION" before an @; `begin` is where what comes before it begins. */
static bool take_id(struct report *out, const char *text, size_t begin, size_t at)
{
	size_t digits = 0, dot;
	uint32_t generation;

	while (digits <= GENERATION_DIGITS && at - digits > begin && text[at - digits - 1] >= '0' &&
	       text[at - digits - 1] <= '9')
		digits++;
	if (!digits || at - digits < begin + HANDLE_CHARS + 2)
		return false;
	dot = at - digits - 1;
	if (text[dot] != '.' || text[dot - HANDLE_CHARS - 1] != '.' ||
	    !take_handle(out->handle, text + dot - HANDLE_CHARS, HANDLE_CHARS))
		return false;
	(void)take_number(&generation, text + at - digits, digits);
	dot -= HANDLE_CHARS + 1;
	if (dot >= sizeof(MOVED) - 1 && !strncasecmp(text + dot - sizeof(MOVED) + 1, MOVED, 5))
		generation = REPORT_GENERATION_NONE;
	out->generation = generation;
	return true;
}

bool verp_find_id(struct report *out, const char *domain, const char *text, size_t len)
{
	size_t n = strlen(domain);
	const char *at = text, *end = text + len;

	for (; n && at < end && (at = memchr(at, '@', (size_t)(end - at))); at++) {
		if ((size_t)(end - at) <= n || strncasecmp(at + 1, domain, n) ||
		    (at + 1 + n < end && (is_word(at[1 + n]) || at[1 + n] == '.')))
			continue;
		if (take_id(out, text, 0, (size_t)(at - text)))
			return true;
		out->handle[0] = '\0';
	}
	return false;
}
