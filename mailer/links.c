/* SPDX-License-Identifier: MIT */
#include "mailer/links.h"

#include <string.h>

#include "core/percent.h"

void links_page(struct buf *out, const char *page, const char *token)
{
	buf_addf(out, "%s#", page);
	buf_add(out, token, strlen(token) - LINKS_TAIL);
}

void links_mailto(struct buf *out, const char *mailbox, const char *subject, const char *token)
{
	buf_adds(out, "mailto:");
	percent_add(out, mailbox, PERCENT_ADDRESS);
	buf_adds(out, "?subject=");
	percent_add(out, subject, PERCENT_PART);
	buf_addf(out, "&body=VOTE%%20%s%%20", token);
}
