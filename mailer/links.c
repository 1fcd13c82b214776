/* SPDX-License-Identifier: MIT */
#include "mailer/links.h"

#include <string.h>

/* Everything but letters, digits and "-._~". */
static void add_percent(struct buf *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    strchr("-._~", c))
			buf_addc(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
}

void links_page(struct buf *out, const char *page, const char *token)
{
	buf_addf(out, "%s#", page);
	buf_add(out, token, strlen(token) - LINKS_TAIL);
}

void links_mailto(struct buf *out, const char *mailbox, const char *subject, const char *token)
{
	buf_adds(out, "mailto:");
	for (const char *p = mailbox; *p; p++) {
		const char one[2] = { *p, 0 };

		if (*p == '@')
			buf_addc(out, '@');
		else
			add_percent(out, one);
	}
	buf_adds(out, "?subject=");
	add_percent(out, subject);
	buf_addf(out, "&body=VOTE%%20%s%%20", token);
}
