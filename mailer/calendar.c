/* SPDX-License-Identifier: MIT */
#include "mailer/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "core/file.h"
#include "core/settings.h"
#include "core/template.h"

#define MONTHS   12
#define WEEKDAYS 7

struct calendar {
	struct settings *settings;
	const char *date, *first; /* NULL: the first of a month is 1 */
	char *months, *weekdays;  /* the lists, cut into words */
	const char *month[MONTHS], *weekday[WEEKDAYS];
};

static enum err cut(struct calendar *c, const char *key, char **copy, const char **words,
                    unsigned n, struct why *why)
{
	const char *text = settings_get(c->settings, "dates", key, NULL);
	char *rest = NULL, *word;
	unsigned i = 0;

	*copy = text ? strdup(text) : NULL;
	if (text && !*copy)
		return why_set(why, ERR_MEMORY, "out of memory");
	for (word = text ? strtok_r(*copy, ";", &rest) : NULL; word && i < n;
	     word = strtok_r(NULL, ";", &rest))
		words[i++] = word;
	if (i < n || word)
		return settings_wrong(c->settings, "dates", key, NULL, why,
		                      "must be %u words, separated by semicolons", n);
	return OK;
}

enum err calendar_open(struct calendar **out, struct source *from, const char *path,
                       struct why *why)
{
	struct buf text = BUF_INIT(SETTINGS_FILE_MAX);
	struct calendar *c = calloc(1, sizeof(*c));
	enum err e = c ? file_read(&text, path, why) : why_set(why, ERR_MEMORY, "out of memory");

	if (!e)
		e = settings_parse(&c->settings, path, &text, why);
	if (from)
		source_take(from, path, &text);
	buf_free(&text);
	if (!e)
		e = cut(c, "months", &c->months, c->month, MONTHS, why);
	if (!e)
		e = cut(c, "weekdays", &c->weekdays, c->weekday, WEEKDAYS, why);
	if (!e) {
		c->date = settings_get(c->settings, "dates", "date", NULL);
		c->first = settings_get(c->settings, "dates", "first", NULL);
		if (!c->date)
			e = settings_wrong(c->settings, "dates", "date", NULL, why, "is missing");
	}
	if (!e)
		e = settings_unknown(c->settings, why);
	if (e)
		calendar_free(c);
	else
		*out = c;
	return e;
}

void calendar_free(struct calendar *c)
{
	if (!c)
		return;
	settings_free(c->settings);
	free(c->months);
	free(c->weekdays);
	free(c);
}

/* NULL where there is no such zone, or no memory. */
static GDateTime *in_zone(uint64_t seconds, const char *zone)
{
	GTimeZone *tz = zone ? g_time_zone_new_identifier(zone) : g_time_zone_new_utc();
	GDateTime *utc = g_date_time_new_from_unix_utc((gint64)seconds);
	GDateTime *local = tz && utc ? g_date_time_to_timezone(utc, tz) : NULL;

	if (utc)
		g_date_time_unref(utc);
	if (tz)
		g_time_zone_unref(tz);
	return local;
}

enum err calendar_write(struct buf *out, const struct calendar *c, uint64_t seconds,
                        const char *zone, struct why *why)
{
	GDateTime *local = in_zone(seconds, zone);
	char day[16], year[16], time[32];
	enum err e;

	if (!local)
		return ERR_SETTINGS;
	snprintf(day, sizeof(day), "%d", g_date_time_get_day_of_month(local));
	const struct template_value values[] = {
		{ "weekday", c->weekday[g_date_time_get_day_of_week(local) - 1], NULL, 0 },
		{ "day", c->first && !strcmp(day, "1") ? c->first : day, NULL, 0 },
		{ "month", c->month[g_date_time_get_month(local) - 1], NULL, 0 },
		{ "year", year, NULL, 0 },
		{ "time", time, NULL, 0 },
		{ NULL, NULL, NULL, 0 },
	};

	snprintf(year, sizeof(year), "%d", g_date_time_get_year(local));
	snprintf(time, sizeof(time), "%02d:%02d", g_date_time_get_hour(local),
	         g_date_time_get_minute(local));
	e = template_fill(out, settings_path(c->settings), c->date, TEMPLATE_TEXT, values, why);
	g_date_time_unref(local);
	return e;
}

enum err calendar_hour(struct buf *out, uint64_t seconds, const char *zone, struct why *why)
{
	GDateTime *local = in_zone(seconds, zone);

	if (!local)
		return why_set(why, ERR_SETTINGS, "%s: no such time zone", zone ? zone : "UTC");
	buf_addf(out, "%04d-%02d-%02d %02d:%02d", g_date_time_get_year(local),
	         g_date_time_get_month(local), g_date_time_get_day_of_month(local),
	         g_date_time_get_hour(local), g_date_time_get_minute(local));
	g_date_time_unref(local);
	return buf_err(out);
}
