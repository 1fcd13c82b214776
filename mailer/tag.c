/* SPDX-License-Identifier: MIT */
#include "mailer/tag.h"

#include <sodium.h>

#include "core/text.h"

void tag_draw(char tag[TAG_TEXT])
{
	unsigned char bytes[TAG_CHARS * 5 / 8];

	randombytes_buf(bytes, sizeof(bytes));
	b32_write(tag, bytes, sizeof(bytes) * 8);
	for (char *p = tag; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
}
