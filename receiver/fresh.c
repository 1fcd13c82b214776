/* SPDX-License-Identifier: MIT */
#include "receiver/fresh.h"

#include <string.h>

void fresh_address(struct buf *out, const struct manifest *m, const char *handle)
{
	const char *at = strrchr(m->reply_to, '@');

	if (!handle[0] || !at) {
		buf_adds(out, m->reply_to);
		return;
	}
	buf_add(out, m->reply_to, (size_t)(at - m->reply_to));
	buf_addf(out, "+%s%s", handle, at);
}

/* What is not plain is percent-encoded. */
static void add_percent(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._@",
		           *text))
			buf_addc(out, *text);
		else
			buf_addf(out, "%%%02X", (unsigned char)*text);
	}
}

void fresh_mailto(struct buf *out, const char *address)
{
	buf_adds(out, "mailto:");
	add_percent(out, address);
	buf_adds(out, "?subject=Vote&body=");
	add_percent(out, FRESH_LINE);
}
