/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_CLOCK_H
#define VOTEPOST_RECEIVER_CLOCK_H

#include <pthread.h>
#include <stdint.h>

#include "core/err.h"

/*
 * clock - what time it is, unless the clock cannot be trusted.
 *
 * The wall clock is held against the boot clock, which no one can set. Where they have drifted
 * apart by more than CLOCK_DRIFT_MAX seconds since the administrator last vouched for the time,
 * clock_now answers ERR_AGAIN and everything is handed back for now: a clock that leaps must
 * not open or end a vote. The reference is a small file in the box's folder, so that programs
 * that live for one mail see a leap as well as a server does. After a reboot the boot clock
 * says nothing about before; a wall clock that then stands earlier than the reference has
 * leapt too.
 */
#define CLOCK_DRIFT_MAX 60

struct clock_reading {
	int64_t wall, boot; /* seconds */
	char boot_id[40];   /* of this run of the machine */
};
/* Where readings come from; tests bring their own. */
typedef enum err clock_source(void *ctx, struct clock_reading *out);

struct clock {
	pthread_mutex_t lock;
	clock_source *source;
	void *ctx;
	char *path; /* of the reference */
	struct clock_reading reference;
};

/* Reads the reference in `folder`, or makes it where there is none. `source` NULL: the
 * system's. clock_close after. */
MUST_CHECK enum err clock_open(struct clock *c, const char *folder, clock_source *source, void *ctx,
                               struct why *why);
void clock_close(struct clock *c);

/* Unix seconds; ERR_AGAIN where the clock has leapt. Any thread. */
MUST_CHECK enum err clock_now(struct clock *c, uint64_t *seconds, struct why *why);

/* The administrator says that the time is right: a new reference, durably. */
MUST_CHECK enum err clock_confirm(struct clock *c, struct why *why);

#endif
