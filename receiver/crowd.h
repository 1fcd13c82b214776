/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_CROWD_H
#define VOTEPOST_RECEIVER_CROWD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "core/err.h"

/*
 * crowd - who is connected: how many in all and from each source, who has been too slow, and how
 * fast a source may ask.
 *
 * A source is an IPv4 address or an IPv6 /64. No address is kept: it is hashed under a key of
 * this run to one of CROWD_SLOTS counters, which strangers may share. So the limits are generous,
 * and none locks anyone out: a connection too many may come back at once, and who asks too fast
 * waits a second. A university, or a mobile operator, may well be one address.
 *
 * All times are milliseconds of the steady clock. Any thread.
 */
#define CROWD_SLOTS 65536u

struct crowd_plan {
	unsigned most;       /* connections in all */
	unsigned per_source; /* connections from one source */
	unsigned seconds;    /* for a request to come in whole */
	bool behind;         /* a proxy stands before us: every connection is its */
};

/* One connection, from its beginning to its end. */
struct guest;
struct crowd;

MUST_CHECK enum err crowd_new(struct crowd **out, const struct crowd_plan *plan, struct why *why);
void crowd_free(struct crowd *c); /* all have left */

/* May one more come in? */
bool crowd_admits(struct crowd *c, const struct sockaddr *from);
/* It has, as `fd`; NULL where there is no memory. `from` NULL: from nowhere that counts. */
struct guest *crowd_enter(struct crowd *c, int fd, const struct sockaddr *from, int64_t now);
/* Before `fd` is closed. NULL is fine. */
void crowd_leave(struct crowd *c, struct guest *g);

/* What a guest is doing. Asking has a time limit from its beginning on, however the bytes
 * trickle in; being answered has one only where room is short; waiting for us has none. */
enum guest_state { GUEST_ASKS, GUEST_WAITS, GUEST_ANSWERED };
void crowd_set(struct crowd *c, struct guest *g, enum guest_state state, int64_t now);

/* Hang up on those who are too slow: about once a second. */
void crowd_sweep(struct crowd *c, int64_t now);

/* The source of a request: the connection's, or behind a proxy the last address in the proxy's
 * X-Forwarded-For ("": all of those together). */
typedef uint32_t crowd_source;
crowd_source crowd_of(const struct crowd *c, const struct sockaddr *from);
crowd_source crowd_forwarded(const struct crowd *c, const char *header);

/* May this source ask now? Takes one from its bucket where it may. */
#define CROWD_A_SECOND 100
#define CROWD_AT_ONCE  400
bool crowd_may(struct crowd *c, crowd_source source, int64_t now);

#endif
