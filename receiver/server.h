/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_SERVER_H
#define VOTEPOST_RECEIVER_SERVER_H

#include "core/err.h"

/*
 * server - sockets to accept on, a thread for each conversation up to each socket's cap, and
 * an orderly end: no new ones, those that wait for a command hang up, those with a message in hand finish.
 */
struct server;
/* One conversation; the server closes `fd`. */
typedef void server_talk(void *ctx, int fd);

MUST_CHECK enum err server_new(struct server **out, struct why *why);
/* Takes `fd` over. `most` conversations at a time, whatever happens on the other sockets; `busy`
 * is what one too many is told, or "". */
void server_add(struct server *s, int fd, unsigned most, const char *busy, server_talk *talk,
                void *ctx);

/* Accept until `stop` is readable; `tick` is called every so many milliseconds, however busy the
 * sockets are. */
typedef void server_tick(void *ctx);
void server_run(struct server *s, int stop, unsigned every, server_tick *tick, void *ctx);

/* Ends all conversations, waits for them, frees. */
void server_free(struct server *s);

/* "unix:/path" or "inet:127.0.0.1:2424". ERR_SETTINGS where it is neither. A path is for our own
 * user and `group` alone; "": our own group. */
MUST_CHECK enum err server_listen(int *fd, const char *where, const char *group, struct why *why);

#endif
