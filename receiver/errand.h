/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_ERRAND_H
#define VOTEPOST_RECEIVER_ERRAND_H

#include <stdbool.h>

#include "receiver/desk.h"

/*
 * errand - how a short-lived command gets its orders done: by the `serve` that is running,
 * through the socket in the box's folder, or at a desk of its own.
 *
 * Both sides are this program under one user; the socket is for its owner alone.
 */
struct errand {
	int fd; /* -1: at our own desk, opened with the first order */
	struct desk_plan plan;
	struct parser *parser;
	struct desk desk;
	bool at_desk;
};
/* `plan->options` NULL: no mail. What the plan points to stays the caller's, and must stay.
 * errand_end after, also after a failure. */
MUST_CHECK enum err errand_begin(struct errand *e, const struct desk_plan *plan, struct why *why);
void errand_end(struct errand *e);
/* One order after the other. ERR_BUSY in the outcome where someone else keeps the box's lock for
 * longer than the plan's patience. */
void errand_do(struct errand *e, enum order order, const void *payload, size_t len,
               struct outcome *out);

/* The other end: a socket to accept on, and one conversation with whoever came. */
MUST_CHECK enum err errand_listen(int *fd, const char *folder, struct why *why);
void errand_session(struct desk *d, int fd);

#endif
