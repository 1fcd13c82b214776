/* SPDX-License-Identifier: MIT */
#include "core/mail/words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void words_text(char *out, size_t room, const char *text)
{
	size_t n = 0;

	while (*text && n + 1 < room) {
		size_t len = strcspn(text, " ");
		bool address = memchr(text, '@', len) != NULL;

		if (address && n + 2 < room)
			out[n++] = '*';
		for (size_t i = 0; !address && i < len && n + 1 < room; i++)
			out[n++] = text[i] > 0x20 && text[i] < 0x7f ? text[i] : '?';
		text += len;
		if (*text && n + 1 < room)
			out[n++] = *text++;
	}
	out[n] = 0;
}

void words_advise(char *text, size_t room, const char *advice)
{
	size_t len = strlen(text), more = advice ? strlen(advice) + 3 : 0;

	if (!more || more > room)
		return;
	if (len > room - more)
		len = room - more;
	snprintf(text + len, room - len, "; %s", advice);
}

void words_status(char *out, size_t room, const char *text)
{
	size_t len = strspn(text, "0123456789.");

	out[0] = 0;
	if (len >= 5 && len < room && strchr("245", text[0]) && text[1] == '.' &&
	    memchr(text + 2, '.', len - 2)) {
		memcpy(out, text, len);
		out[len] = 0;
	}
}

void words_queue_id(char *out, size_t room, const char *text)
{
	const char *at = strstr(text, "queued as ");
	size_t len;

	out[0] = 0;
	if (!at)
		return;
	at += strlen("queued as ");
	len = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
	if (len < room) {
		memcpy(out, at, len);
		out[len] = 0;
	}
}
