/* SPDX-License-Identifier: MIT */
#include "mailer/report/handover.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void handover_init(struct handover *h, int fd)
{
	h->fd = fd;
	h->at = h->len = h->out_len = 0;
	explicit_bzero(h->in, sizeof(h->in));
	explicit_bzero(h->out, sizeof(h->out));
}

static bool write_all(int fd, const char *at, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

bool handover_flush(struct handover *h)
{
	bool gone = write_all(h->fd, h->out, h->out_len);

	explicit_bzero(h->out, h->out_len);
	h->out_len = 0;
	return gone;
}

bool handover_send(struct handover *h, const void *bytes, size_t len)
{
	if (len > HANDOVER_ROOM - h->out_len && !handover_flush(h))
		return false;
	if (len > HANDOVER_ROOM)
		return write_all(h->fd, bytes, len);
	memcpy(h->out + h->out_len, bytes, len);
	h->out_len += len;
	return true;
}

static bool refill(struct handover *h)
{
	ssize_t n;

	if (!handover_flush(h))
		return false;
	do
		n = read(h->fd, h->in, sizeof(h->in));
	while (n < 0 && errno == EINTR);
	h->at = 0;
	h->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* What was read is wiped: it may quote a token. */
bool handover_receive(struct handover *h, void *bytes, size_t len)
{
	char *to = bytes;

	while (len) {
		size_t n = h->len - h->at < len ? h->len - h->at : len;

		memcpy(to, h->in + h->at, n);
		explicit_bzero(h->in + h->at, n);
		h->at += n;
		to += n;
		len -= n;
		if (len && !refill(h))
			return false;
	}
	return true;
}
