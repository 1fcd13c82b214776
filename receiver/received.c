/* SPDX-License-Identifier: MIT */
#include "receiver/received.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

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

static int month_of(const char *name)
{
	static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	for (int i = 0; i < 12; i++)
		if (strcasecmp(name, names[i]) == 0)
			return i;
	return -1;
}

static bool within(int n, int least, int most)
{
	return n >= least && n <= most;
}

static bool exists(const struct tm *tm)
{
	return within(tm->tm_year, 1970, 9999) && within(tm->tm_mon, 0, 11) &&
	       within(tm->tm_mday, 1, 31) && within(tm->tm_hour, 0, 23) &&
	       within(tm->tm_min, 0, 59) && within(tm->tm_sec, 0, 60);
}

/* "Mon, 23 Nov 2026 10:00:00 +0100 (CET)", as mail servers write it. */
static bool read_date(uint64_t *seconds, const char *text)
{
	struct tm tm = { 0 };
	char month[4] = "", sign = 0;
	int hours = 0, minutes = 0;
	const char *comma = strchr(text, ',');
	time_t at;

	if (comma)
		text = comma + 1;
	if (sscanf(text, "%2d %3[A-Za-z] %4d %2d:%2d:%2d %c%2d%2d", &tm.tm_mday, month, &tm.tm_year,
	           &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &sign, &hours, &minutes) != 9)
		return false;
	tm.tm_mon = month_of(month);
	if (!exists(&tm) || !strchr("+-", sign) || !within(hours, 0, 14) || !within(minutes, 0, 59))
		return false;
	tm.tm_year -= 1900;
	at = timegm(&tm) - (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	*seconds = (uint64_t)at;
	return at >= 0;
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
	return date && read_date(seconds, date + 1);
}
