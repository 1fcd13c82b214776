/* SPDX-License-Identifier: MIT */
#include "receiver/received.h"

#include <string.h>
#include <strings.h>

#include "core/mail/date.h"

#define FIELD_MAX 2048

/* The field at `*at`, unfolded, without its line end; `*at` moves behind it. */
static bool next_field(char out[FIELD_MAX], const char **at, const char *end)
{
	size_t n = 0;

	for (; *at < end; (*at)++) {
		char c = **at;

		if (c == '\n' && (*at + 1 == end || ((*at)[1] != ' ' && (*at)[1] != '\t'))) {
			(*at)++;
			out[n] = '\0';
			return n > 0;
		}
		if (c == '\0' || n == FIELD_MAX - 1)
			return false;
		if (c != '\r' && c != '\n')
			out[n++] = c == '\t' ? ' ' : c;
	}
	return false;
}

/* What delivery writes above the mail server's own line. */
static bool of_delivery(const char *field)
{
	static const char *const names[] = { "Return-Path:", "Delivered-To:", "X-Original-To:",
		                             "Envelope-To:", "Delivery-date:" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncasecmp(field, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* The word after the first "by" outside of comments is the host that wrote the line. */
static bool written_by(const char *field, const char *host)
{
	size_t len = strlen(host), depth = 0;

	for (const char *c = field; *c && *c != ';'; c++) {
		if (*c == '(')
			depth++;
		else if (*c == ')' && depth)
			depth--;
		else if (!depth && strncasecmp(c, " by ", 4) == 0)
			return strncasecmp(c + 4, host, len) == 0 &&
			       (c[4 + len] == ' ' || c[4 + len] == ';');
	}
	return false;
}

bool received_time(uint64_t *seconds, const char *raw, size_t len, const char *host)
{
	const char *at = raw, *end = raw + len, *date;
	char field[FIELD_MAX];

	do {
		if (!next_field(field, &at, end))
			return false;
	} while (of_delivery(field));
	if (strncasecmp(field, "Received:", 9) != 0 || !written_by(field, host))
		return false;
	date = strrchr(field, ';');
	return date && date_read(seconds, date + 1);
}
