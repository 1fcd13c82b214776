/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include "core/log.h"

void cmd_trouble(void *ctx, const char *event, const struct why *why)
{
	(void)ctx;
	log_warn(event, "why=\"%s\"", why->text);
}
