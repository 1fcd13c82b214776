/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_ROUTE_H
#define VOTEPOST_RECEIVER_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/group.h"
#include "receiver/lookup.h"

/*
 * route - what a request asks for, from its method and its target alone.
 *
 * Everything is exact: a path, the names of its parameters and their order have one written form,
 * numbers and keys are read as the protocol writes them. The one exception is the page: a path
 * that a mail program made of the link's fragment ("/%23…") leads there too. Such a path holds
 * most of a token, so nothing of a target outlives this call but what stands in struct route.
 */
enum route_kind {
	ROUTE_NOT_FOUND,
	ROUTE_WRONG,  /* the path is one of ours, its parameters are not */
	ROUTE_METHOD, /* there is such a path, for another method: `post` says for which */
	ROUTE_VOTE,   /* the page */
	ROUTE_CHECK,  /* the board page */
	ROUTE_MANIFEST,
	ROUTE_HEAD,
	ROUTE_BOARD,       /* first: from; second: to, or ROUTE_END */
	ROUTE_INCLUSION,   /* first: index; second: size */
	ROUTE_CONSISTENCY, /* first, second */
	ROUTE_RECEIPT,     /* credential */
	ROUTE_TRACKER,     /* tracker */
	ROUTE_TURNOUT,
	ROUTE_RECORD, /* name */
	ROUTE_BALLOT, /* the one POST */
	ROUTES
};
#define ROUTE_END        UINT64_MAX
#define ROUTE_TARGET_MAX 1024 /* bytes; longer ones are not found */
#define ROUTE_NAME_MAX   16

struct route {
	enum route_kind kind;
	bool head; /* the method is HEAD */
	bool post; /* of ROUTE_METHOD: only POST goes there */
	uint64_t first, second;
	struct point credential;
	unsigned char tracker[TRACKER_BYTES];
	char name[ROUTE_NAME_MAX];
};

/* `target` as it stands in the request line: the path, and the query after a '?'. */
void route_read(struct route *out, const char *method, const char *target);

/* Does an Accept-Encoding take gzip? */
bool route_gzip(const char *accept_encoding);
/* Is a Content-Type JSON, in UTF-8 where it says? */
bool route_json(const char *content_type);

#endif
