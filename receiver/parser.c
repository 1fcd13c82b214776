/* SPDX-License-Identifier: MIT */
#include "receiver/parser.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "core/sandbox.h"
#include "receiver/handoff.h"
#include "receiver/nursery.h"
#include "receiver/origin.h"

#define START_SECONDS 20                       /* for a nursery to load its charsets */
#define WAIT_SECONDS  (PARSER_SECONDS_MAX + 5) /* for a mail, the time in the queue included */

struct parser {
	int control; /* packets, each with one end of a mail's own socket */
	pid_t keeper;
};

enum err parser_start(struct parser **out, struct why *why)
{
	struct parser *p = calloc(1, sizeof(*p));
	int pair[2] = { -1, -1 };
	char ready;
	enum err e;

	*out = NULL;
	if (!p)
		return why_set(why, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		free(p);
		return why_set(why, ERR_IO, "no socket for the parser: %s", strerror(errno));
	}
	p->control = pair[0];
	p->keeper = fork();
	if (p->keeper == 0) {
		close(pair[0]);
		nursery_keep(pair[1]);
	}
	close(pair[1]);
	e = p->keeper < 0 ? ERR_IO
	                  : handoff_receive(p->control, &ready, 1, handoff_in(START_SECONDS));
	if (e) {
		parser_stop(p);
		return why_set(why, ERR_IO, "the parser's process cannot be started");
	}
	*out = p;
	return OK;
}

void parser_stop(struct parser *p)
{
	if (!p)
		return;
	shutdown(p->control, SHUT_RDWR);
	close(p->control);
	if (p->keeper > 0)
		while (waitpid(p->keeper, NULL, 0) < 0 && errno == EINTR)
			;
	free(p);
}

/* The mail goes out in one piece; of one that is too large only what may hold its header. */
static enum err send_mail(int fd, const struct envelope *envelope, const void *raw, size_t len,
                          struct handoff_deadline deadline)
{
	struct handoff_request request;
	enum err e;

	memset(&request, 0, sizeof(request));
	request.size = len;
	request.sent = (uint32_t)(len > MAIL_MAX ? MAIL_HEADER_MAX + 1 : len);
	request.from_known = envelope->from != NULL;
	request.from_null = envelope->from && (!*envelope->from || !strcmp(envelope->from, "<>"));
	request.to_known = envelope->to != NULL;
	e = handoff_send(fd, &request, sizeof(request), deadline);
	return e ? e : handoff_send(fd, raw, request.sent, deadline);
}

static enum err receive_reply(int fd, struct reply *reply, struct handoff_deadline deadline)
{
	unsigned char bytes[sizeof(struct reply)];
	enum err e;

	e = handoff_receive(fd, bytes, sizeof(bytes), deadline);
	if (!e)
		e = handoff_check(reply, bytes);
	sodium_memzero(bytes, sizeof(bytes));
	return e;
}

static enum err receive_sealed(int fd, struct buf *sealed, size_t len,
                               struct handoff_deadline deadline)
{
	void *room = buf_extend(sealed, len);

	if (!room)
		return buf_err(sealed);
	return handoff_receive(fd, room, len, deadline);
}

/* What the child said, as far as it came. */
static enum err receive_all(int fd, struct reply *reply, struct buf *sealed,
                            struct handoff_deadline deadline)
{
	static _Thread_local struct reply whole;
	enum err e;

	e = receive_reply(fd, reply, deadline);
	if (!e)
		e = receive_reply(fd, &whole, deadline);
	if (!e)
		e = receive_sealed(fd, sealed, whole.sealed_len, deadline);
	if (!e)
		*reply = whole;
	reply_wipe(&whole);
	return e;
}

/* The mail alone ended its parser, or holds it beyond its time. What the header said stands. */
static void give_up(struct reply *reply, struct buf *sealed, enum err e)
{
	buf_wipe(sealed);
	reply->unreadable = true;
	snprintf(reply->reason, sizeof(reply->reason), "%s",
	         e == ERR_AGAIN ? "reading it took too long" : "reading it failed");
}

static enum err ask(int fd, const struct envelope *envelope, const void *raw, size_t len,
                    struct reply *reply, struct buf *sealed, struct why *why)
{
	struct handoff_deadline deadline = handoff_in(WAIT_SECONDS);
	char alive;
	enum err e;

	if (handoff_receive(fd, &alive, 1, deadline) || alive != HANDOFF_ALIVE)
		return why_set(why, ERR_AGAIN, "no process could be made to parse a mail");
	e = send_mail(fd, envelope, raw, len, deadline);
	if (!e)
		e = receive_all(fd, reply, sealed, deadline);
	if (e == ERR_MEMORY)
		return why_set(why, e, "%s", err_text(e));
	if (e)
		give_up(reply, sealed, e);
	origin_envelope(reply, envelope);
	return OK;
}

enum err parser_read(struct parser *p, const struct envelope *envelope, const void *raw, size_t len,
                     struct reply *reply, struct buf *sealed, struct why *why)
{
	int pair[2];
	enum err e;

	memset(reply, 0, sizeof(*reply));
	buf_wipe(sealed);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return why_set(why, ERR_AGAIN, "no socket for a parser: %s", strerror(errno));
	e = handoff_send_fd(p->control, pair[1], handoff_in(WAIT_SECONDS));
	close(pair[1]);
	if (e)
		e = why_set(why, ERR_AGAIN,
		            "the process that parses mail has ended: restart the receiver");
	else
		e = ask(pair[0], envelope, raw, len, reply, sealed, why);
	close(pair[0]);
	if (e)
		reply_wipe(reply);
	return e;
}
