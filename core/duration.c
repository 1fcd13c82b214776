/* SPDX-License-Identifier: MIT */
#include "core/duration.h"

#include <stdio.h>

#define MINUTE 60
#define HOUR   3600
#define DAY    86400

void duration_write(char out[DURATION_TEXT], uint64_t seconds)
{
	unsigned long long s = seconds;

	if (s < 2 * MINUTE)
		snprintf(out, DURATION_TEXT, "%llu second%s", s, s == 1 ? "" : "s");
	else if (s < 2 * HOUR)
		snprintf(out, DURATION_TEXT, "%llu minutes", s / MINUTE);
	else if (s < 2 * DAY)
		snprintf(out, DURATION_TEXT, "%llu h %02llu", s / HOUR, s % HOUR / MINUTE);
	else
		snprintf(out, DURATION_TEXT, "%llu days %llu h", s / DAY, s % DAY / HOUR);
}
