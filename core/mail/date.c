/* SPDX-License-Identifier: MIT */
#include "core/mail/date.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

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

bool date_read(uint64_t *seconds, const char *text)
{
	struct tm tm = { 0 };
	char month[4] = "", sign = 0;
	int hours = 0, minutes = 0;
	const char *comma = strchr(text, ',');
	time_t at;

	if (comma)
		text = comma + 1;
	if (sscanf(text, "%2d%*1[ -] %3[A-Za-z]%*1[ -] %4d %2d:%2d:%2d %c%2d%2d", &tm.tm_mday,
	           month, &tm.tm_year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &sign, &hours,
	           &minutes) != 9)
		return false;
	tm.tm_mon = month_of(month);
	if (!exists(&tm) || !strchr("+-", sign) || !within(hours, 0, 14) || !within(minutes, 0, 59))
		return false;
	tm.tm_year -= 1900;
	at = timegm(&tm) - (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	*seconds = (uint64_t)at;
	return at >= 0;
}
