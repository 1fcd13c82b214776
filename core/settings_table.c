/* SPDX-License-Identifier: MIT */
#include "core/settings.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"

static enum err read_bool(bool *out, const char *value)
{
	if (!strcmp(value, "true") || !strcmp(value, "yes"))
		*out = true;
	else if (!strcmp(value, "false") || !strcmp(value, "no"))
		*out = false;
	else
		return ERR_SETTINGS;
	return OK;
}

static enum err wrong_choice(const struct settings *s, const struct setting *row, struct why *why)
{
	struct buf list = BUF_INIT(WHY_MAX);
	enum err e;
	size_t i;

	for (i = 0; row->choices[i]; i++)
		buf_addf(&list, "%s%s", i ? ", " : "", row->choices[i]);
	e = settings_wrong(s, row->group, row->key, NULL, why, "must be one of: %s",
	                   buf_text(&list));
	buf_free(&list);
	return e;
}

static enum err read_field(char *field, const struct settings *s, const struct setting *row,
                           const char *value, struct why *why)
{
	size_t len = strlen(value);
	uint64_t number;
	unsigned i;

	switch (row->type) {
	case SETTING_TEXT:
		if (len < row->min || len > row->max)
			return settings_wrong(s, row->group, row->key, NULL, why,
			                      "must have %llu to %llu bytes, has %zu",
			                      (unsigned long long)row->min,
			                      (unsigned long long)row->max, len);
		*(char **)(void *)field = strdup(value);
		return *(char **)(void *)field ? OK : ERR_MEMORY;
	case SETTING_NUMBER:
		if (number_read(&number, value, len) || number < row->min || number > row->max)
			return settings_wrong(s, row->group, row->key, NULL, why,
			                      "must be a number from %llu to %llu",
			                      (unsigned long long)row->min,
			                      (unsigned long long)row->max);
		*(uint64_t *)(void *)field = number;
		return OK;
	case SETTING_BOOL:
		if (read_bool((bool *)(void *)field, value))
			return settings_wrong(s, row->group, row->key, NULL, why,
			                      "must be true or false");
		return OK;
	case SETTING_CHOICE:
		for (i = 0; row->choices[i] && strcmp(row->choices[i], value);)
			i++;
		if (!row->choices[i])
			return wrong_choice(s, row, why);
		*(unsigned *)(void *)field = i;
		return OK;
	}
	bug("a setting without a type");
}

/* NULL for a row that is no text. */
static char **text_field(void *fields, const struct setting *row)
{
	return row->type == SETTING_TEXT ? (char **)(void *)((char *)fields + row->offset) : NULL;
}

enum err settings_fill(void *fields, const struct setting *table, struct settings *s,
                       struct why *why)
{
	const struct setting *row;
	const char *value;
	enum err e = OK;

	for (row = table; row->key; row++)
		if (text_field(fields, row))
			*text_field(fields, row) = NULL;
	for (row = table; !e && row->key; row++) {
		value = settings_get(s, row->group, row->key, NULL);
		if (!value)
			value = row->initial;
		if (value)
			e = read_field((char *)fields + row->offset, s, row, value, why);
		else
			e = settings_wrong(s, row->group, row->key, NULL, why,
			                   "must be given; it is missing");
	}
	if (e)
		settings_release_table(fields, table);
	return e;
}

enum err settings_read(void *fields, const struct setting *table, const char *path, struct why *why)
{
	struct settings *s = NULL;
	enum err e = settings_open(&s, path, why);

	if (!e)
		e = settings_fill(fields, table, s, why);
	if (!e && settings_unknown(s, why)) {
		settings_release_table(fields, table);
		e = ERR_SETTINGS;
	}
	settings_free(s);
	return e;
}

void settings_release_table(void *fields, const struct setting *table)
{
	for (const struct setting *row = table; row->key; row++) {
		char **text = text_field(fields, row);

		if (!text)
			continue;
		free(*text);
		*text = NULL;
	}
}
