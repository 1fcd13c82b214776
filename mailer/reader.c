/* SPDX-License-Identifier: MIT */
#include "mailer/reader.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <sodium.h>

#include "core/program.h"
#include "core/secret.h"
#include "mailer/report/handover.h"
#include "mailer/scrub.h"

#define PROGRAM      "votepost-report"
#define WAIT_SECONDS 10
#define GATHER       16384 /* bytes that wait for more before they are handed over */

/* A mail on its way. */
struct parcel {
	struct buf raw;
	struct handover_order order;
};

struct reader {
	char program[PATH_MAX];
	struct report_marks marks;
	unsigned seconds;
	pid_t pid;
	int fd; /* -1 where none runs */
	struct handover handover;
	unsigned alone; /* so many mails go one by one: one of them has ended a process */
	struct parcel parcel[READER_WINDOW];
	unsigned first, n; /* a ring */
	unsigned sent;     /* of those, have been handed over */
};

static struct parcel *parcel_at(struct reader *r, unsigned i)
{
	return &r->parcel[(r->first + i) % READER_WINDOW];
}

static void end_process(struct reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	r->sent = 0;
	if (r->pid > 0) {
		kill(r->pid, SIGKILL); /* it may hang, and holds nothing */
		program_wait(r->pid);
	}
	r->pid = 0;
}

static enum err start_process(struct reader *r, struct why *why)
{
	const struct timeval patience = { .tv_sec = r->seconds };
	int pair[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return why_set(why, ERR_AGAIN, "no socket for %s: %s", PROGRAM, strerror(errno));
	rc = program_start(&r->pid, r->program, pair[1]);
	close(pair[1]);
	r->fd = pair[0];
	setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(r->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (rc) {
		r->pid = 0;
		end_process(r);
		return why_set(why, ERR_IO, "%s: %s", r->program, strerror(rc));
	}
	handover_init(&r->handover, r->fd);
	if (!handover_send(&r->handover, &r->marks, sizeof(r->marks)) ||
	    !handover_flush(&r->handover))
		return why_set(why, ERR_IO, "%s: it does not start", r->program);
	return OK;
}

enum err reader_start(struct reader **out, const char *program, unsigned seconds,
                      const struct report_marks *marks, struct why *why)
{
	struct reader *r = calloc(1, sizeof(*r));
	enum err e;

	if (!r)
		return why_set(why, ERR_MEMORY, "out of memory");
	r->fd = -1;
	r->marks = *marks;
	(void)sodium_mlock(&r->handover, sizeof(r->handover));
	r->seconds = seconds ? seconds : WAIT_SECONDS;
	for (unsigned i = 0; i < READER_WINDOW; i++) {
		buf_init(&r->parcel[i].raw, REPORT_RAW_MAX);
		secret_lock(&r->parcel[i].raw, REPORT_RAW_MAX);
	}
	if (program)
		snprintf(r->program, sizeof(r->program), "%s", program);
	else
		program_beside(r->program, PROGRAM);
	e = start_process(r, why);
	if (e)
		reader_stop(r);
	else
		*out = r;
	return e;
}

void reader_stop(struct reader *r)
{
	if (!r)
		return;
	end_process(r);
	for (unsigned i = 0; i < READER_WINDOW; i++)
		secret_unlock(&r->parcel[i].raw);
	(void)sodium_munlock(&r->handover, sizeof(r->handover));
	free(r);
}

bool reader_has_room(const struct reader *r)
{
	/* One stays free: the mail of the last answer, which the caller may still read. */
	return r->n < READER_WINDOW - 1;
}

bool reader_is_idle(const struct reader *r)
{
	return !r->n;
}

/* What is not handed over yet; a failure shows when the answer is wanted. */
static void hand_over(struct reader *r)
{
	unsigned most = r->alone ? 1 : r->n;

	for (; r->fd >= 0 && r->sent < most; r->sent++) {
		const struct parcel *p = parcel_at(r, r->sent);

		if (!handover_send(&r->handover, &p->order, sizeof(p->order)) ||
		    !handover_send(&r->handover, p->raw.data, p->raw.len))
			break;
	}
	if (r->fd >= 0 && r->handover.out_len >= GATHER)
		(void)handover_flush(&r->handover);
}

enum err reader_put(struct reader *r, const void *raw, size_t len, const char *recipient,
                    struct why *why)
{
	struct parcel *p = parcel_at(r, r->n);
	enum err e;

	if (!reader_has_room(r))
		bug("more mails for the reader than it has room for");
	len = len < REPORT_RAW_MAX ? len : REPORT_RAW_MAX;
	buf_wipe(&p->raw);
	buf_add(&p->raw, raw, len);
	e = buf_err(&p->raw);
	if (e)
		return why_set(why, e, "a mail: %s", err_text(e));
	p->order = (struct handover_order){ .len = (uint32_t)len };
	if (recipient)
		snprintf(p->order.recipient, sizeof(p->order.recipient), "%s", recipient);
	r->n++;
	hand_over(r);
	return OK;
}

static bool ended(const char *text, size_t room)
{
	return memchr(text, '\0', room) != NULL;
}

/* None, or so many characters. */
static bool good_b32(const char *text, size_t chars)
{
	size_t n = strlen(text);

	return !n || (n == chars && strspn(text, "0123456789abcdefghjkmnpqrstvwxyz") == n);
}

/* The process may have been taken over by a mail: its answer is checked like any stranger's. */
static bool check(struct report *report)
{
	if (report->kind >= REPORT_KINDS || report->code > 599 ||
	    !ended(report->handle, sizeof(report->handle)) ||
	    !good_b32(report->handle, HANDLE_CHARS) || !ended(report->tag, sizeof(report->tag)) ||
	    !good_b32(report->tag, TAG_CHARS) || !ended(report->status, sizeof(report->status)) ||
	    strspn(report->status, "0123456789.") != strlen(report->status) ||
	    !ended(report->system, sizeof(report->system)) ||
	    !ended(report->words, sizeof(report->words)))
		return false;
	scrub_text(report->system);
	scrub_text(report->words);
	return true;
}

/* The first mail's answer, by the process that runs. */
static bool ask(struct reader *r, struct report *out)
{
	hand_over(r);
	return r->fd >= 0 && r->sent && handover_receive(&r->handover, out, sizeof(*out)) &&
	       check(out);
}

enum err reader_take(struct reader *r, struct report *out, bool *readable, const struct buf **raw,
                     struct why *why)
{
	struct parcel *p = parcel_at(r, 0);
	enum err e = OK;

	if (!r->n)
		return why_set(why, ERR_NOT_FOUND, "no mail is on its way");
	*raw = &p->raw;
	*readable = false;
	for (;;) {
		if (r->fd < 0)
			e = start_process(r, why);
		*readable = !e && ask(r, out);
		if (e || *readable)
			break;
		end_process(r);
		if (r->alone) /* it was this one */
			break;
		r->alone = READER_WINDOW;
	}
	if (e)
		return e;
	r->first = (r->first + 1) % READER_WINDOW;
	r->n--;
	r->sent -= r->sent != 0;
	r->alone -= r->alone != 0;
	return OK;
}

void reader_forget(struct reader *r)
{
	buf_wipe(&parcel_at(r, READER_WINDOW - 1)->raw);
}

void reader_drop(struct reader *r)
{
	end_process(r); /* it has some of them */
	for (unsigned i = 0; i < READER_WINDOW; i++)
		buf_wipe(&r->parcel[i].raw);
	r->n = r->alone = 0;
}
