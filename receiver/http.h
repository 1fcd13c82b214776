/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_HTTP_H
#define VOTEPOST_RECEIVER_HTTP_H

#include <stdbool.h>

#include "core/err.h"
#include "receiver/cast.h"
#include "receiver/site.h"

/*
 * http - the receiver's web server: sockets, headers and limits around route, site and submit.
 *
 * A few threads serve all connections and never wait for a disk or a proof: a post is put aside
 * and taken up again when its answer is there. No route administers anything, GET and HEAD change
 * nothing, and nothing about a request is ever logged.
 */
struct http_plan {
	int fd; /* of a socket that listens; taken over */
	/* PEM, for TLS; NULL: plain, behind a proxy */
	const char *certificate, *key;
	bool forwarded;      /* the proxy's X-Forwarded-For tells the source */
	unsigned most;       /* connections in all */
	unsigned per_source; /* connections from one source */
	unsigned seconds;    /* for a request to come in whole */
	size_t bodies;       /* bytes of all posts that are coming in; 0: a quarter of a GiB */
	unsigned threads;    /* for connections, and as many to check ballots */
};

struct http;
/* The site and the writer outlive it. */
MUST_CHECK enum err http_start(struct http **out, const struct http_plan *plan, struct site *site,
                               struct cast *cast, struct why *why);
/* No new connections; posts in hand are answered first. */
void http_stop(struct http *h);

#endif
