/* SPDX-License-Identifier: MIT */
#include "receiver/httpin.h"

#include <microhttpd.h>
#include <strings.h>

struct lines {
	const char *name, *last;
	unsigned n;
};

static enum MHD_Result look(void *ctx, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct lines *lines = ctx;

	(void)kind;
	if (strcasecmp(key, lines->name) == 0) {
		lines->n++;
		lines->last = value ? value : "";
	}
	return MHD_YES;
}

static struct lines lines_of(struct MHD_Connection *c, const char *name)
{
	struct lines lines = { .name = name, .last = "" };

	(void)MHD_get_connection_values(c, MHD_HEADER_KIND, look, &lines);
	return lines;
}

unsigned httpin_count(struct MHD_Connection *c, const char *name)
{
	return lines_of(c, name).n;
}

const char *httpin_last(struct MHD_Connection *c, const char *name)
{
	return lines_of(c, name).last;
}

const struct sockaddr *httpin_source(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info ? info->client_addr : NULL;
}
