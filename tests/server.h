/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_SERVER_H
#define VOTEPOST_TESTS_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * server - a server of lines on a port of loopback, a thread a connection: what the tests' own mail
 * servers share. Everything asserts but what the other side may do, which is to go at any time.
 */
struct server;
struct caller {
	struct server *server;
	int fd;
};
/* One connection, from its first word to its last. */
typedef void server_serve(struct caller caller, void *context);

struct server {
	unsigned port;
	/* Its own */
	server_serve *serve;
	void *context;
	int listener;
	atomic_bool stop;
	atomic_uint open;
	pthread_t thread;
};

void server_start(struct server *s, server_serve *serve, void *context);
/* Once all connections have ended, which they do where they hear or say something. */
void server_stop(struct server *s);

/* A line without its end; false at the end of the connection or of the test. */
bool server_hear(struct caller c, char *line, size_t room);
/* False: the other side has gone, which is its affair. */
bool server_say(struct caller c, const void *bytes, size_t len);

#endif
