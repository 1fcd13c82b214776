/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_RECEIVER_SERVED_H
#define VOTEPOST_TESTS_UNIT_RECEIVER_SERVED_H

/* served - a ballot box behind its web server on loopback, and a client that says what it likes. */

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receiver/http.h"
#include "tests/unit/receiver/boxed.h"

#define SERVED_REPLY (4u << 20)

struct served_hands {
	_Atomic int64_t wall, boot;
};

static inline enum err served_time(void *ctx, struct clock_reading *out)
{
	struct served_hands *h = ctx;

	out->wall = h->wall;
	out->boot = h->boot;
	strcpy(out->boot_id, "a-test");
	return OK;
}

struct served_box {
	struct boxed b;
	struct served_hands hands;
	struct clock clock;
	struct signer signer;
	struct cast *cast;
	struct site site;
	struct http_plan plan;
	struct http *http;
	unsigned port;
	_Atomic unsigned troubles;
};

static inline void served_trouble(void *ctx, const char *event, const struct why *why)
{
	struct served_box *s = ctx;

	(void)event;
	(void)why;
	s->troubles++;
}

static inline void served_listen(struct served_box *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 1024), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	s->port = ntohs(at.sin_port);
	s->plan.fd = fd;
}

static inline void served_start(struct served_box *s)
{
	struct why why = { 0 };

	assert_ok(clock_open(&s->clock, s->b.dir, served_time, &s->hands, &why), &why);
	assert_ok(cast_start(&s->cast, s->b.box, &s->clock, served_trouble, s, &why), &why);
	s->site = (struct site){ .box = s->b.box,
		                 .clock = &s->clock,
		                 .signer = &s->signer,
		                 .record = s->site.record ? s->site.record : "" };
	assert_ok(site_init(&s->site, &why), &why);
	served_listen(s);
	assert_ok(http_start(&s->http, &s->plan, &s->site, s->cast, &why), &why);
}

static inline void served_stop(struct served_box *s)
{
	http_stop(s->http);
	site_release(&s->site);
	cast_stop(s->cast);
	clock_close(&s->clock);
	s->http = NULL;
}

static inline void served_open(struct served_box *s, const struct poll_plan *plan)
{
	memset(s, 0, sizeof(*s));
	boxed_open(&s->b, plan);
	s->hands.boot = 1000;
	s->hands.wall = (int64_t)s->b.e.m->opens + 100;
	memcpy(s->signer.secret, s->b.e.receiver_secret, sizeof(s->signer.secret));
	s->plan = (struct http_plan){ .most = 200, .per_source = 150, .seconds = 5, .threads = 2 };
	served_start(s);
}

static inline void served_close(struct served_box *s)
{
	if (s->http)
		served_stop(s);
	boxed_close(&s->b);
}

/* From 127.0.0.LAST. */
static inline int served_connect(struct served_box *s, unsigned last)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		                  .sin_port = htons((uint16_t)s->port),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in from = { .sin_family = AF_INET,
		                    .sin_addr.s_addr = htonl(0x7f000000u + last) };
	struct timeval patience = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static inline bool served_say(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;
	ssize_t n;

	for (; len; at += n, len -= (size_t)n) {
		n = send(fd, at, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
	}
	return true;
}

static inline bool served_text(int fd, const char *text)
{
	return served_say(fd, text, strlen(text));
}

/* One answer: headers and body as they come; `status` 0 where the other side hung up first. */
struct served_answer {
	unsigned status;
	struct buf head, body;
};

static inline void served_answer_free(struct served_answer *a)
{
	buf_free(&a->head);
	buf_free(&a->body);
}

static inline const char *served_header(const struct served_answer *a, const char *name)
{
	static _Thread_local char value[4][512];
	static _Thread_local unsigned next;
	char *out = value[next++ % 4], start[64];
	const char *at;

	snprintf(start, sizeof(start), "\r\n%s: ", name);
	at = strcasestr(buf_text(&a->head), start);
	out[0] = '\0';
	if (at)
		snprintf(out, 512, "%.*s", (int)strcspn(at + strlen(start), "\r"),
		         at + strlen(start));
	return out;
}

static inline int served_byte(int fd)
{
	unsigned char c;

	return recv(fd, &c, 1, 0) == 1 ? c : -1;
}

static inline bool served_more(int fd, struct buf *out, size_t len)
{
	ssize_t n;
	char *at;

	while (len) {
		size_t piece = len < 65536 ? len : 65536;

		at = buf_extend(out, piece);
		assert_non_null(at);
		n = recv(fd, at, piece, 0);
		if (n <= 0)
			n = 0;
		out->len -= piece - (size_t)n;
		if (!n)
			return false;
		len -= (size_t)n;
	}
	return true;
}

static inline void served_chunks(int fd, struct buf *out)
{
	char line[32], rest[2];
	unsigned long size;
	size_t n;
	int c;

	do {
		for (n = 0; n < sizeof(line) - 1 && (c = served_byte(fd)) > 0 && c != '\n';)
			line[n++] = (char)c;
		line[n] = '\0';
		size = strtoul(line, NULL, 16);
		if (!served_more(fd, out, size))
			return;
		for (n = 0; n < 2; n++)
			rest[n] = (char)served_byte(fd);
	} while (size && rest[1] == '\n');
}

static inline void served_hear(int fd, struct served_answer *a, bool head_only)
{
	int c;

	memset(a, 0, sizeof(*a));
	buf_init(&a->head, 1u << 16);
	buf_init(&a->body, SERVED_REPLY);
	while ((c = served_byte(fd)) >= 0) {
		buf_addc(&a->head, (char)c);
		if (a->head.len >= 4 && memcmp(a->head.data + a->head.len - 4, "\r\n\r\n", 4) == 0)
			break;
	}
	if (c < 0 || sscanf(buf_text(&a->head), "HTTP/1.1 %u", &a->status) != 1) {
		a->status = 0;
		return;
	}
	if (a->status == 100) {
		served_answer_free(a);
		served_hear(fd, a, head_only);
		return;
	}
	if (head_only || a->status == 304)
		return;
	if (strcasestr(buf_text(&a->head), "Transfer-Encoding: chunked"))
		served_chunks(fd, &a->body);
	else
		(void)served_more(fd, &a->body,
		                  strtoul(served_header(a, "Content-Length"), NULL, 10));
}

/* A whole exchange on a connection of its own. */
static inline void served_exchange(struct served_box *s, const void *bytes, size_t len,
                                   struct served_answer *a)
{
	int fd = served_connect(s, 1);

	(void)served_say(fd, bytes, len);
	served_hear(fd, a, len > 4 && memcmp(bytes, "HEAD", 4) == 0);
	close(fd);
}

static inline void served_ask(struct served_box *s, const char *method, const char *target,
                              const char *headers, struct served_answer *a)
{
	struct buf request = BUF_INIT(1u << 20);

	buf_addf(&request, "%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n", method, target, headers);
	served_exchange(s, buf_text(&request), request.len, a);
	buf_free(&request);
}

static inline void served_post_text(struct buf *request, const char *line, size_t len)
{
	buf_addf(request,
	         "POST /ballot HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	         "Content-Length: %zu\r\n\r\n",
	         len);
	buf_add(request, line, len);
}

static inline void served_post(struct served_box *s, const char *line, size_t len,
                               struct served_answer *a)
{
	struct buf request = BUF_INIT(1u << 22);

	served_post_text(&request, line, len);
	served_exchange(s, buf_text(&request), request.len, a);
	buf_free(&request);
}

#endif
