/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/ballot.h"
#include "hammer.h"
#include "made.h"
#include "made_box.h"
#include "receiver/enter.h"
#include "receiver/http.h"
#include "receiver/lookup.h"

/*
 * bench_http - the web server under load, in a process of its own, with the load beside it on the
 * same processors. Prints one line of JSON.
 *
 *   bench-http posts FOLDER BALLOTS       ballots posted and on disk a second, over 200
 *                                         connections, beside checking them alone
 *   bench-http pages FOLDER REQUESTS      the page, beside a minimal libmicrohttpd program that
 *                                         serves the same bytes
 *   bench-http slow FOLDER CONNECTIONS SECONDS   votes while so many connections trickle a byte
 *                                         a second
 */
#define OPTIONS     4
#define CONNECTIONS 200
#define LINE_CAP    (1u << 20)
#define ROUNDS      3

struct bench {
	struct made e;
	const char *folder;
	struct buf *post; /* [members] whole requests */
	size_t head;      /* bytes of each before its ballot */
	pid_t server;
	unsigned port, threads;
	uint64_t first;
};

static int listen_somewhere(unsigned *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 4096) ||
	    getsockname(fd, (struct sockaddr *)&at, &len))
		abort();
	*port = ntohs(at.sin_port);
	return fd;
}

static void wait_for_the_end(void)
{
	sigset_t set;
	int signal;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigwait(&set, &signal);
}

static void more_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* What `serve` is, without the mail. */
static void serve(struct bench *b, int fd)
{
	struct http_plan plan = {
		.fd = fd, .most = 4000, .per_source = 500, .seconds = 30, .threads = b->threads
	};
	unsigned char secret[SIGN_SECRET_BYTES];
	struct signer signer;
	struct clock clock;
	struct cast *cast;
	struct site site = { 0 };
	struct http *http;
	struct why why = { 0 };

	memcpy(secret, b->e.receiver, sizeof(secret));
	memcpy(signer.secret, secret, sizeof(secret));
	made_must(box_open(&site.box, b->folder, BOX_WRITE, BOX_MAP_MAX, &why), &why);
	made_must(enter_mend(site.box, true, &why), &why);
	made_must(lookup_mend(site.box, &why), &why);
	made_must(clock_open(&clock, b->folder, NULL, NULL, &why), &why);
	made_must(cast_start(&cast, site.box, &clock, made_trouble, NULL, &why), &why);
	site.clock = &clock;
	site.signer = &signer;
	site.record = "";
	made_must(site_init(&site, &why), &why);
	made_must(http_start(&http, &plan, &site, cast, &why), &why);
	wait_for_the_end();
	http_stop(http);
	site_release(&site);
	cast_stop(cast);
	clock_close(&clock);
	box_close(site.box);
	_exit(0);
}

/* The least that serves these bytes. */
static struct MHD_Response *only;

static enum MHD_Result answer(void *ctx, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *bytes,
                              size_t *len, void **seen)
{
	static int mark;

	(void)ctx, (void)url, (void)method, (void)version, (void)bytes, (void)len;
	if (*seen != &mark) {
		*seen = &mark;
		return MHD_YES;
	}
	*seen = NULL;
	return MHD_queue_response(c, 200, only);
}

static void serve_minimal(struct bench *b, int fd, struct front_page *page)
{
	struct MHD_Daemon *d;

	only = MHD_create_response_from_buffer(page->gzip.len, page->gzip.data,
	                                       MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(only, "Content-Type", "text/html; charset=utf-8");
	MHD_add_response_header(only, "Content-Encoding", "gzip");
	d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, NULL,
	                     MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, b->threads,
	                     MHD_OPTION_CONNECTION_LIMIT, 4000u, MHD_OPTION_END);
	if (!d)
		abort();
	wait_for_the_end();
	MHD_stop_daemon(d);
	_exit(0);
}

static void start(struct bench *b, struct front_page *minimal)
{
	int fd = listen_somewhere(&b->port);

	b->server = fork();
	if (b->server == 0 && minimal)
		serve_minimal(b, fd, minimal);
	if (b->server == 0)
		serve(b, fd);
	close(fd);
	usleep(300000);
}

static void stop(struct bench *b)
{
	int status;

	kill(b->server, SIGTERM);
	if (waitpid(b->server, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status)) {
		fputs("bench: the server did not end well\n", stderr);
		exit(70);
	}
}

static void make_post(void *ctx, uint64_t i)
{
	struct bench *b = *(struct bench **)ctx;
	unsigned char cells[CELLS_MAX] = { 0 };
	struct buf line = BUF_INIT(LINE_CAP);
	char head[256];

	cells[i % OPTIONS] = 1;
	made_must(ballot_make(&line, b->e.m, CHANNEL_LINK, &b->e.secret[i], cells), NULL);
	b->head = (size_t)snprintf(head, sizeof(head),
	                           "POST /ballot HTTP/1.1\r\nHost: x\r\n"
	                           "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	                           line.len);
	buf_init(&b->post[i], LINE_CAP);
	buf_add(&b->post[i], head, b->head);
	buf_add(&b->post[i], line.data, line.len);
	made_must(buf_err(&b->post[i]), NULL);
	buf_free(&line);
}

static void make_posts(struct bench *b)
{
	b->post = calloc(b->e.members, sizeof(*b->post));
	make_post(&b, 0);
	made_spread(make_post, &b, 0, b->e.members, b->threads);
}

static void check_one(void *ctx, uint64_t i)
{
	struct bench *b = *(struct bench **)ctx;
	const struct buf *post = &b->post[b->first + i];
	struct ballot ballot;

	made_must(ballot_read(&ballot, b->e.m, post->data + b->head, post->len - b->head, NULL),
	          NULL);
	made_must(ballot_check_signature(&ballot, b->e.m, NULL), NULL);
	made_must(ballot_check_proofs(&ballot, b->e.m, NULL), NULL);
	ballot_release(&ballot);
}

static const char *post_text(void *ctx, uint64_t i, size_t *len)
{
	struct bench *b = ctx;

	*len = b->post[b->first + i].len;
	return b->post[b->first + i].data;
}

static const char *page_text(void *ctx, uint64_t i, size_t *len)
{
	static const char ask[] = "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n";

	(void)ctx, (void)i;
	*len = sizeof(ask) - 1;
	return ask;
}

static void posts(struct bench *b)
{
	uint64_t part = b->e.members / ROUNDS;
	struct hammered out;
	double at, bare;

	make_posts(b);
	start(b, NULL);
	printf("{\"rounds\":[");
	for (unsigned r = 0; r < ROUNDS; r++) {
		b->first = r * part;
		at = made_now();
		made_spread(check_one, &b, 0, part, b->threads);
		bare = (double)part / (made_now() - at);
		hammer(&out, &(struct hammer){ .port = b->port,
		                               .connections = CONNECTIONS,
		                               .requests = part,
		                               .text = post_text,
		                               .ctx = b,
		                               .want = 201 });
		printf("%s{\"bare\":%.1f,\"posts\":%.1f,\"generator\":%.3f,\"slowest\":%.2f}",
		       r ? "," : "", bare, (double)part / out.seconds, out.processor / out.seconds,
		       out.slowest);
	}
	printf("]}\n");
	stop(b);
}

static double pages_of(struct bench *b, struct front_page *minimal, uint64_t requests,
                       struct hammered *out)
{
	start(b, minimal);
	hammer(out, &(struct hammer){ .port = b->port,
	                              .connections = CONNECTIONS,
	                              .requests = requests,
	                              .text = page_text,
	                              .want = 200 });
	stop(b);
	return (double)requests / out->seconds;
}

static void pages(struct bench *b, uint64_t requests)
{
	struct hammered ours, theirs;
	struct front front = { 0 };

	made_must(front_make(&front, b->e.m, NULL), NULL);
	printf("{\"bytes\":%zu,\"rounds\":[", front.vote.gzip.len);
	for (unsigned r = 0; r < ROUNDS; r++) {
		double a = pages_of(b, NULL, requests, &ours);
		double c = pages_of(b, &front.vote, requests, &theirs);

		printf("%s{\"ours\":%.0f,\"minimal\":%.0f,\"generator\":%.3f}", r ? "," : "", a, c,
		       ours.processor / ours.seconds);
	}
	printf("]}\n");
	front_release(&front);
}

/* Each from an address of its own; half in the headers, half in a body. Those who were hung up
 * on come again. */
static void trickle(struct bench *b, int *fd, unsigned n)
{
	static const char head[] = "POST /ballot HTTP/1.1\r\nHost: x\r\nContent-Type: "
				   "application/json\r\nContent-Length: 2000\r\n\r\n";
	uint32_t from = 0x7f010000u + n;

	if (fd[n] >= 0 && send(fd[n], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
		return;
	if (fd[n] >= 0)
		close(fd[n]);
	fd[n] = hammer_connect(b->port, from);
	(void)send(fd[n], head, n % 2 ? sizeof(head) - 1 : 30, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void slow(struct bench *b, unsigned connections, unsigned seconds)
{
	int *fd = malloc(connections * sizeof(*fd));
	double slowest = 0, begun = made_now();
	struct hammered out;
	uint64_t voted = 0;

	more_descriptors();
	make_posts(b);
	start(b, NULL);
	for (unsigned n = 0; n < connections; n++)
		fd[n] = -1;
	while (made_now() - begun < seconds && voted + 4 <= b->e.members) {
		double turn = made_now();

		for (unsigned n = 0; n < connections; n++)
			trickle(b, fd, n);
		b->first = voted;
		hammer(&out, &(struct hammer){ .port = b->port,
		                               .connections = 4,
		                               .requests = 4,
		                               .text = post_text,
		                               .ctx = b,
		                               .want = 201 });
		voted += 4;
		slowest = out.slowest > slowest ? out.slowest : slowest;
		if (made_now() - turn < 1)
			usleep((useconds_t)((1 - (made_now() - turn)) * 1e6));
	}
	printf("{\"connections\":%u,\"seconds\":%.0f,\"votes\":%llu,\"slowest\":%.3f}\n",
	       connections, made_now() - begun, (unsigned long long)voted, slowest);
	for (unsigned n = 0; n < connections; n++)
		if (fd[n] >= 0)
			close(fd[n]);
	free(fd);
	stop(b);
}

int main(int argc, char **argv)
{
	uint64_t n = argc > 3 ? strtoull(argv[3], NULL, 10) : 0, now = (uint64_t)time(NULL);
	struct bench b = { .threads = made_cores() };
	bool slowly = argc > 4 && strcmp(argv[1], "slow") == 0;
	unsigned seconds = slowly ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
	sigset_t set;

	if (!n) {
		fputs("usage: bench-http posts|pages|slow FOLDER N [SECONDS]\n", stderr);
		return 64;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	group_init();
	b.folder = argv[2];
	made_init(&b.e,
	          slowly                     ? 8 + 4 * seconds
	          : strcmp(argv[1], "posts") ? 20
	                                     : n,
	          OPTIONS, now - 60, now + 86400);
	box_close(made_box(b.folder, &b.e));
	if (slowly)
		slow(&b, (unsigned)n, seconds);
	else if (strcmp(argv[1], "posts") == 0)
		posts(&b);
	else
		pages(&b, n);
	return 0;
}
