/* SPDX-License-Identifier: MIT */
#include "core/percent.h"

#include <stdbool.h>
#include <string.h>

static bool letter_or_digit(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

void percent_add(struct buf *out, const char *text, const char *plain)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (letter_or_digit(c) || strchr(plain, c))
			buf_addc(out, (char)c);
		else
			buf_add(out, (const char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
	}
}
