/* SPDX-License-Identifier: MIT */
#include "receiver/conn.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/monotime.h"

#define DROPPED_MAX (1u << 20) /* of a line that is too long */

void conn_init(struct conn *c, int fd, unsigned seconds)
{
	c->fd = fd;
	c->seconds = seconds;
	c->at = c->have = 0;
	c->ends = 0;
}

static int64_t now_ms(void)
{
	return (int64_t)monotime_ms();
}

void conn_end_after(struct conn *c, unsigned seconds)
{
	c->ends = seconds ? now_ms() + (int64_t)seconds * 1000 : 0;
}

void conn_release(struct conn *c)
{
	sodium_memzero(c->in, sizeof(c->in));
	c->at = c->have = 0;
}

void conn_forget(struct conn *c)
{
	sodium_memzero(c->in, c->at);
	sodium_memzero(c->in + c->have, sizeof(c->in) - c->have);
}

static enum err await(const struct conn *c, short events)
{
	struct pollfd p = { .fd = c->fd, .events = events };
	int64_t wait = (int64_t)c->seconds * 1000, left;
	int n;

	/* What has been read is still answered. */
	if (c->ends && events == POLLIN) {
		left = c->ends - now_ms();
		if (left <= 0)
			return ERR_AGAIN;
		wait = left < wait ? left : wait;
	}
	do
		n = poll(&p, 1, (int)wait);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return ERR_AGAIN;
	return n < 0 ? ERR_IO : OK;
}

enum err conn_fill(struct conn *c)
{
	ssize_t n;
	enum err e = await(c, POLLIN);

	if (e)
		return e;
	do
		n = read(c->fd, c->in, sizeof(c->in));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return ERR_IO;
	c->at = 0;
	c->have = (size_t)n;
	return n ? OK : ERR_NOT_FOUND;
}

enum err conn_line(struct conn *c, char *line, size_t max, size_t *len)
{
	size_t n = 0, dropped = 0;
	enum err e;
	char byte;

	for (;;) {
		if (c->at == c->have) {
			e = conn_fill(c);
			if (e)
				return e;
		}
		byte = c->in[c->at++];
		if (byte == '\n')
			break;
		if (n < max)
			line[n++] = byte;
		else if (++dropped > DROPPED_MAX)
			return ERR_IO;
	}
	if (n && line[n - 1] == '\r')
		n--;
	*len = n;
	return dropped ? ERR_TOO_LARGE : OK;
}

enum err conn_read(struct conn *c, void *out, size_t len)
{
	size_t got = 0, n;
	enum err e;

	while (got < len) {
		if (c->at == c->have) {
			e = conn_fill(c);
			if (e)
				return e;
		}
		n = c->have - c->at < len - got ? c->have - c->at : len - got;
		memcpy((char *)out + got, c->in + c->at, n);
		c->at += n;
		got += n;
	}
	return OK;
}

enum err conn_write(struct conn *c, const void *bytes, size_t len)
{
	size_t sent = 0;
	ssize_t n;
	enum err e;

	while (sent < len) {
		n = send(c->fd, (const char *)bytes + sent, len - sent,
		         MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0) {
			sent += (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return ERR_IO;
		e = await(c, POLLOUT);
		if (e)
			return e;
	}
	return OK;
}
