/* SPDX-License-Identifier: MIT */
#include "hammer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "made.h"

#define EVENTS   64
#define HEAD_MAX 4096
#define ROOM     65536

/* One connection and its request in flight. */
struct blow {
	int fd;
	bool busy;
	const char *text;
	size_t len, sent;
	char head[HEAD_MAX];
	size_t headed, left; /* of the answer: header bytes, and what its body lacks */
	bool in_body;
	double begun;
};
struct hand {
	const struct hammer *h;
	struct hammered *out;
	struct blow *blows;
	uint64_t next, done;
	int epoll;
};

static void fail(const char *what)
{
	fprintf(stderr, "hammer: %s\n", what);
	exit(70);
}

int hammer_connect(unsigned port, uint32_t from)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		                  .sin_port = htons((uint16_t)port),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(from) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)))
		fail(strerror(errno));
	return fd;
}

static void push(struct blow *b)
{
	ssize_t n;

	while (b->sent < b->len) {
		n = send(b->fd, b->text + b->sent, b->len - b->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0)
			fail("a connection was closed");
		b->sent += (size_t)n;
	}
}

static void strike(struct hand *d, struct blow *b)
{
	b->busy = d->next < d->h->requests;
	if (!b->busy)
		return;
	b->text = d->h->text(d->h->ctx, d->next++, &b->len);
	b->sent = b->headed = 0;
	b->in_body = false;
	b->begun = made_now();
	push(b);
}

/* The end of the headers is there: what follows, and whether it is what was wanted. */
static void read_head(struct hand *d, struct blow *b)
{
	const char *length;
	unsigned status;

	b->head[b->headed] = '\0';
	length = strcasestr(b->head, "\r\nContent-Length: ");
	if (sscanf(b->head, "HTTP/1.1 %u", &status) != 1 || status != d->h->want || !length)
		fail(b->head);
	b->left = strtoul(length + 18, NULL, 10);
	b->in_body = true;
}

static void take(struct hand *d, struct blow *b, const char *bytes, size_t len)
{
	while (!b->in_body && len) {
		if (b->headed == HEAD_MAX - 1)
			fail("endless headers");
		b->head[b->headed++] = *bytes++;
		len--;
		if (b->headed >= 4 && memcmp(b->head + b->headed - 4, "\r\n\r\n", 4) == 0)
			read_head(d, b);
	}
	if (!b->in_body)
		return;
	b->left -= len < b->left ? len : b->left;
	if (b->left)
		return;
	if (made_now() - b->begun > d->out->slowest)
		d->out->slowest = made_now() - b->begun;
	d->done++;
	strike(d, b);
}

static void hear(struct hand *d, struct blow *b)
{
	static char room[ROOM];
	ssize_t n = recv(b->fd, room, sizeof(room), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		fail("a connection was closed");
	d->out->bytes += (uint64_t)n;
	take(d, b, room, (size_t)n);
}

static double processor(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void begin(struct hand *d)
{
	for (unsigned i = 0; i < d->h->connections; i++) {
		struct epoll_event on = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
			                  .data.ptr = &d->blows[i] };

		d->blows[i].fd = hammer_connect(d->h->port, INADDR_LOOPBACK);
		if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, d->blows[i].fd, &on))
			fail("epoll");
	}
}

void hammer(struct hammered *out, const struct hammer *h)
{
	struct hand d = { .h = h, .out = out, .epoll = epoll_create1(EPOLL_CLOEXEC) };
	struct epoll_event event[EVENTS];
	double used, at;
	int n;

	memset(out, 0, sizeof(*out));
	d.blows = calloc(h->connections, sizeof(*d.blows));
	if (!d.blows || d.epoll < 0)
		fail("no memory");
	begin(&d);
	used = processor();
	at = made_now();
	for (unsigned i = 0; i < h->connections; i++)
		strike(&d, &d.blows[i]);
	while (d.done < h->requests) {
		n = epoll_wait(d.epoll, event, EVENTS, 30000);
		if (n <= 0)
			fail("no answer for half a minute");
		for (int i = 0; i < n; i++) {
			struct blow *b = event[i].data.ptr;

			if (b->busy && event[i].events & EPOLLOUT)
				push(b);
			/* All that is there: the edge comes once. */
			for (uint64_t before = UINT64_MAX; b->busy && before != out->bytes;) {
				before = out->bytes;
				hear(&d, b);
			}
		}
	}
	out->seconds = made_now() - at;
	out->processor = processor() - used;
	for (unsigned i = 0; i < h->connections; i++)
		close(d.blows[i].fd);
	close(d.epoll);
	free(d.blows);
}
