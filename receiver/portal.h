/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PORTAL_H
#define VOTEPOST_RECEIVER_PORTAL_H

#include "core/err.h"
#include "receiver/desk.h"
#include "receiver/http.h"
#include "receiver/options.h"
#include "receiver/site.h"

/*
 * portal - the web server as the settings want it: socket, certificate, pages, limits; opened
 * beside a desk.
 */
struct portal {
	struct site site;
	struct http *http; /* NULL where nothing is served */
	bool open;
};
/* Nothing is opened where `[http] listen` is empty. portal_close after, also after a failure. */
MUST_CHECK enum err portal_open(struct portal *p, const struct options *o, struct desk *desk,
                                unsigned cores, struct why *why);
/* Before the desk. */
void portal_close(struct portal *p);

#endif
