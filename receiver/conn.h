/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_CONN_H
#define VOTEPOST_RECEIVER_CONN_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * conn - bytes from and to a connection, each wait with an end.
 *
 * What was read may hold a token: conn_release wipes. ERR_AGAIN is too long a wait,
 * ERR_NOT_FOUND that the other side has gone.
 */
#define CONN_ROOM 16384

struct conn {
	int fd;
	unsigned seconds; /* for each wait */
	int64_t ends;     /* in ms of the steady clock; 0: whenever */
	size_t at, have;  /* unread bytes: in[at…have) */
	char in[CONN_ROOM];
};
void conn_init(struct conn *c, int fd, unsigned seconds);
/* However short each wait is: nothing is read after this many seconds from now. 0: no end. */
void conn_end_after(struct conn *c, unsigned seconds);
void conn_release(struct conn *c);
/* Wipe what was consumed, and keep what is still to be read: between two mails. */
void conn_forget(struct conn *c);

/* More bytes. Call only where everything was consumed. */
MUST_CHECK enum err conn_fill(struct conn *c);

/* One line up to its LF, without it and a CR before it. ERR_TOO_LARGE where it is longer than
 * `max`: the rest of it has then been dropped. */
MUST_CHECK enum err conn_line(struct conn *c, char *line, size_t max, size_t *len);

MUST_CHECK enum err conn_read(struct conn *c, void *out, size_t len);
MUST_CHECK enum err conn_write(struct conn *c, const void *bytes, size_t len);

#endif
