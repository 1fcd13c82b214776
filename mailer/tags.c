/* SPDX-License-Identifier: MIT */
#include "mailer/tags.h"

#include <string.h>

static const char white[] = " \t\r\n";

/* In place: what is before the white space at the end, from the first that is none. */
static char *trim(char *from, char *end)
{
	while (end > from && strchr(white, end[-1]))
		end--;
	*end = 0;
	return from + strspn(from, white);
}

static enum err take(struct tags *t, char *from, char *end)
{
	char *equals = memchr(from, '=', (size_t)(end - from)), *name, *value;

	if (!equals)
		return ERR_FORMAT;
	value = trim(equals + 1, end);
	name = trim(from, equals);
	if (!*name ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] ||
	    tags_get(t, name))
		return ERR_FORMAT;
	if (t->n == TAGS_MAX)
		return ERR_TOO_LARGE;
	t->name[t->n] = name;
	t->value[t->n++] = value;
	return OK;
}

enum err tags_read(struct tags *t, const char *text)
{
	size_t len = strlen(text);
	char *at, *end;
	enum err e = OK;

	t->n = 0;
	if (len > TAGS_TEXT_MAX)
		return ERR_TOO_LARGE;
	memcpy(t->text, text, len + 1);
	for (at = t->text; !e && at; at = end) {
		char *stop = at + strcspn(at, ";");

		end = *stop ? stop + 1 : NULL;
		/* Only after the last semicolon may there be nothing. */
		if (!end && !at[strspn(at, white)] && t->n)
			break;
		e = take(t, at, stop);
	}
	return e;
}

const char *tags_get(const struct tags *t, const char *name)
{
	for (unsigned i = 0; i < t->n; i++)
		if (!strcmp(t->name[i], name))
			return t->value[i];
	return NULL;
}
