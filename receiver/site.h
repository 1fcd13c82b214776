/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_SITE_H
#define VOTEPOST_RECEIVER_SITE_H

#include <pthread.h>
#include <stdbool.h>

#include "receiver/box.h"
#include "receiver/clock.h"
#include "receiver/front.h"
#include "receiver/route.h"
#include "receiver/served.h"
#include "receiver/signer.h"

/*
 * site - what anyone may read over HTTP: the pages, and all that the board says and the receiver
 * signs. No sockets here, and nothing that changes the box. Any thread.
 */
struct site {
	struct box *box;
	struct clock *clock;
	const struct signer *signer;
	const char *record; /* folder of the published record, "" for none */
	struct front front;
	pthread_mutex_t lock;
	struct head head; /* the last that was signed; size 0: none */
};
/* `s` has box, clock, signer and record. site_release after, also after a failure. */
MUST_CHECK enum err site_init(struct site *s, struct why *why);
void site_release(struct site *s);

/* Everything but ROUTE_BALLOT. */
void site_ask(struct site *s, const struct route *route, struct served *out);

/* The receipt of the ballot that stands under this credential, with this status. */
void site_receipt(struct site *s, const struct point *credential, unsigned status,
                  struct served *out);
/* 409: another ballot stands, and this is its tracker. */
void site_used(struct site *s, const struct point *credential, struct served *out);

/* Lines of the board, piece by piece, each as it is asked for: a slow reader holds nothing. */
struct site_lines {
	struct box *box;
	uint64_t next, to;
	size_t at; /* bytes of the next line that were given */
};
/* The next bytes, at most `max`; 0 at the end. */
MUST_CHECK enum err site_read(struct site_lines *l, char *out, size_t max, size_t *len);

#endif
