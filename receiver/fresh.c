/* SPDX-License-Identifier: MIT */
#include "receiver/fresh.h"

#include <string.h>

#include "core/percent.h"

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

void fresh_mailto(struct buf *out, const char *address)
{
	buf_adds(out, "mailto:");
	percent_add(out, address, PERCENT_ADDRESS);
	buf_adds(out, "?subject=Vote&body=");
	percent_add(out, FRESH_LINE, PERCENT_PART);
}
