/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_HTTPIN_H
#define VOTEPOST_RECEIVER_HTTPIN_H

#include <sys/socket.h>

/*
 * httpin - what the headers of a request say, and where it comes from. Part of http.c.
 */
struct MHD_Connection;

/* How many lines of this name there are, and the value of the last: a proxy adds its own behind
 * those that the other side wrote. "" where there is none. */
unsigned httpin_count(struct MHD_Connection *c, const char *name);
const char *httpin_last(struct MHD_Connection *c, const char *name);

/* The other end of the connection; NULL where it has no address. */
const struct sockaddr *httpin_source(struct MHD_Connection *c);

#endif
