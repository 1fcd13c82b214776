/* SPDX-License-Identifier: MIT */
#include "tests/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define LOOK_MS 5 /* between two looks whether the test is over */

bool server_say(struct caller c, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t n = send(c.fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

bool server_hear(struct caller c, char *line, size_t room)
{
	size_t n = 0;

	while (n < room - 1 && !c.server->stop) {
		struct pollfd p = { .fd = c.fd, .events = POLLIN };

		if (poll(&p, 1, LOOK_MS) <= 0)
			continue;
		if (recv(c.fd, line + n, 1, 0) != 1)
			return false;
		if (line[n] == '\n') {
			line[n] = 0;
			if (n && line[n - 1] == '\r')
				line[n - 1] = 0;
			return true;
		}
		n++;
	}
	return false;
}

static void *serve(void *context)
{
	struct caller *c = context;
	struct server *s = c->server;

	s->serve(*c, s->context);
	shutdown(c->fd, SHUT_RDWR);
	close(c->fd);
	free(c);
	s->open--;
	return NULL;
}

static void *listen_on(void *context)
{
	struct server *s = context;
	const int one = 1;

	while (!s->stop) {
		struct pollfd at = { .fd = s->listener, .events = POLLIN };
		struct caller *c;
		pthread_t thread;
		int fd;

		if (poll(&at, 1, LOOK_MS) <= 0)
			continue;
		fd = accept(s->listener, NULL, NULL); /* who was there may have gone */
		if (fd < 0)
			continue;
		assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), 0);
		c = malloc(sizeof(*c));
		assert_non_null(c);
		*c = (struct caller){ s, fd };
		s->open++;
		assert_int_equal(pthread_create(&thread, NULL, serve, c), 0);
		pthread_detach(thread);
	}
	return NULL;
}

void server_start(struct server *s, server_serve *how, void *context)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);

	memset(s, 0, sizeof(*s));
	s->serve = how;
	s->context = context;
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(s->listener >= 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(s->listener, 64), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &len), 0);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, listen_on, s), 0);
}

void server_stop(struct server *s)
{
	s->stop = true;
	pthread_join(s->thread, NULL);
	while (s->open)
		usleep(1000);
	close(s->listener);
}
