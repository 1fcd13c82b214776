/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

#include "core/program.h"
#include "core/sandbox.h"
#include "mailer/report/handover.h"
#include "mailer/report/report.h"

#define GATHER 8 /* answers that leave at once */

#ifndef VOTEPOST_SANITIZED /* which has an allocator of its own */
void __libc_free(void *p);

/* GMime copies a mail many times, and this program lives through a whole run of them: what a library
 * gives back is wiped, so that only the mail in hand is in memory. */
void free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	__libc_free(p);
}

/* The C library's own would free behind the back of the above. */
void *realloc(void *p, size_t len)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	void *more;

	if (p && len && len <= had)
		return p;
	more = len ? malloc(len) : NULL;
	if (more && p)
		memcpy(more, p, had);
	if (more || !len)
		free(p);
	return more;
}
#endif

/* The libraries' words about a mail must not reach a log. */
static bool silence(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return false;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
#ifndef VOTEPOST_SANITIZED /* whose reports go there */
	dup2(null, STDERR_FILENO);
#endif
	close(null);
	return true;
}

/* One mail after the other, until nobody feeds it any more. */
static int read_all(void)
{
	static char raw[REPORT_RAW_MAX + 1];
	static struct report_marks marks;
	static struct handover h;
	struct handover_order order;
	struct report report;
	unsigned n = 0;

	(void)sodium_mlock(raw, sizeof(raw));
	(void)sodium_mlock(&h, sizeof(h));
	handover_init(&h, PROGRAM_FD);
	if (!handover_receive(&h, &marks, sizeof(marks)))
		return 0;
	while (handover_receive(&h, &order, sizeof(order))) {
		if (order.len > REPORT_RAW_MAX || !handover_receive(&h, raw, order.len))
			return 1;
		raw[order.len] = '\0';
		order.recipient[sizeof(order.recipient) - 1] = '\0';
		if (report_test_hook)
			report_test_hook(raw);
		report_read(&report, &marks, order.recipient, raw, order.len);
		explicit_bzero(raw, order.len);
		if (!handover_send(&h, &report, sizeof(report)) ||
		    (++n % GATHER == 0 && !handover_flush(&h)))
			return 1;
		explicit_bzero(&report, sizeof(report));
	}
	return 0;
}

/*
 * The program that reads what came back, so that votepost-mailer need not. It holds nothing of an
 * election, and can be started only by the mailer.
 */
int main(void)
{
	const struct rlimit no_core = { 0, 0 };
	socklen_t len = sizeof(int);
	int type = 0;

	if (getsockopt(PROGRAM_FD, SOL_SOCKET, SO_TYPE, &type, &len) || type != SOCK_STREAM) {
		fputs("votepost-report: votepost-mailer bounce starts this; there is nothing to do "
		      "by hand\n",
		      stderr);
		return 64;
	}
	signal(SIGINT, SIG_IGN); /* the mailer ends what it began, and closes the socket */
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	report_init();
	if (!silence() || sandbox_enter(SANDBOX_READER, NULL))
		return 1;
	return read_all();
}
