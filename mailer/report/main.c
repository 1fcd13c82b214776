/* SPDX-License-Identifier: MIT */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <sodium.h>

#include "core/program.h"
#include "core/sandbox.h"
#include "mailer/report/handover.h"
#include "mailer/report/report.h"

#define GATHER 8 /* answers that leave at once */

#ifndef VOTEPOST_SANITIZED /* which has an allocator of its own */
void __libc_free(void *p);

/* GMime copies a mail many times, and this program lives through a whole run of them: what a
 * library gives back is wiped, so that only the mail in hand is in memory. */
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
	enum err e = program_settle(SOCK_STREAM);

	if (e == ERR_USAGE) {
		fputs("votepost-report: votepost-mailer bounce starts this; there is nothing to do "
		      "by hand\n",
		      stderr);
		return 64;
	}
	report_init();
	if (e || sandbox_enter(SANDBOX_READER, NULL))
		return 1;
	return read_all();
}
