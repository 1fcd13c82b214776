/* SPDX-License-Identifier: MIT */
#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static void fill(struct why *why, const char *check,
                                                       const char *format, va_list args)
{
	if (!why)
		return;
	snprintf(why->check, sizeof(why->check), "%s", check);
	vsnprintf(why->text, sizeof(why->text), format, args);
}

enum err why_set(struct why *why, enum err e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(why, "", format, args);
	va_end(args);
	return e;
}

enum err why_check(struct why *why, const char *check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(why, check, format, args);
	va_end(args);
	return ERR_INVALID;
}

void why_prefix(struct why *why, const char *format, ...)
{
	char was[WHY_MAX];
	va_list args;
	size_t n;

	if (!why || !why->text[0])
		return;
	memcpy(was, why->text, sizeof(was));
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	n = strlen(why->text);
	snprintf(why->text + n, sizeof(why->text) - n, ": %.*s", (int)(WHY_MAX - 3), was);
}

const char *err_text(enum err e)
{
	switch (e) {
	case OK:
		return "done";
	case ERR_MEMORY:
		return "out of memory";
	case ERR_IO:
		return "the system refused to read or write";
	case ERR_FULL:
		return "the disk or the database is full";
	case ERR_FORMAT:
		return "not in the form it must have";
	case ERR_TOO_LARGE:
		return "too large";
	case ERR_INVALID:
		return "a check failed";
	case ERR_NOT_FOUND:
		return "not found";
	case ERR_EXISTS:
		return "there already";
	case ERR_STATE:
		return "not possible in this state";
	case ERR_BUSY:
		return "in use by another process";
	case ERR_AGAIN:
		return "not now; try again later";
	case ERR_SETTINGS:
		return "a setting is wrong";
	case ERR_USAGE:
		return "the command line is wrong";
	}
	return "unknown trouble";
}
