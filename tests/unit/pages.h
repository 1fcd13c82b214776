/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_PAGES_H
#define VOTEPOST_TESTS_UNIT_PAGES_H

/* pages - a web server on loopback in a process of its own that gives what it was told, one
 * request a connection. Include after cmocka. Everything asserts. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct page {
	const char *target; /* "/head" */
	const char *status; /* "200 OK"; NULL: says nothing at all */
	const char *file;   /* what stands there at that time */
	const char *header; /* one more, or NULL */
};

struct pages {
	unsigned port;
	int listener;
	pid_t child;
};

static inline void pages_answer(int fd, const struct page *page, unsigned n)
{
	char request[4096] = "", bytes[4096];
	size_t len = 0, got;
	FILE *f;

	while (len < sizeof(request) - 1 && !strstr(request, "\r\n\r\n")) {
		ssize_t more = read(fd, request + len, sizeof(request) - 1 - len);

		if (more <= 0)
			return;
		len += (size_t)more;
		request[len] = 0;
	}
	for (unsigned i = 0; i < n; i++) {
		char want[256];

		snprintf(want, sizeof(want), "GET %s HTTP", page[i].target);
		if (strncmp(request, want, strlen(want)) != 0)
			continue;
		if (!page[i].status)
			return;
		dprintf(fd, "HTTP/1.1 %s\r\nConnection: close\r\n%s\r\n", page[i].status,
		        page[i].header ? page[i].header : "");
		f = page[i].file ? fopen(page[i].file, "r") : NULL;
		while (f && (got = fread(bytes, 1, sizeof(bytes), f)) > 0)
			if (write(fd, bytes, got) < 0)
				break;
		if (f)
			fclose(f);
		return;
	}
	dprintf(fd, "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
}

/* The port is known before there are pages: they may lie in a home that names it. */
static inline void pages_listen(struct pages *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(p->listener >= 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(p->listener, 16), 0);
	assert_int_equal(getsockname(p->listener, (struct sockaddr *)&at, &len), 0);
	p->port = ntohs(at.sin_port);
}

static inline void pages_serve(struct pages *p, const struct page *page, unsigned n)
{
	fflush(NULL);
	p->child = fork();
	assert_true(p->child >= 0);
	if (p->child)
		return;
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = accept(p->listener, NULL, NULL);

		if (fd < 0)
			_exit(0);
		pages_answer(fd, page, n);
		close(fd);
	}
}

static inline void pages_stop(struct pages *p)
{
	if (p->child > 0) {
		kill(p->child, SIGKILL);
		waitpid(p->child, NULL, 0);
	}
	close(p->listener);
}

#endif
