/* SPDX-License-Identifier: MIT */
#include "receiver/parser.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

#include "core/monotime.h"
#include "core/program.h"
#include "receiver/parser/handoff.h"
#include "receiver/parser/origin.h"

#define PROGRAM       "votepost-parser"
#define START_SECONDS 20 /* for a nursery to load its charsets */
#define WAIT_SECONDS  10 /* for a mail, the time in the queue included */

struct parser {
	int control; /* packets, each with one end of a mail's own socket */
	pid_t keeper;
};

static enum err start(struct parser *p, const char *program, int control, struct why *why)
{
	struct handoff_patience patience = handoff_patience(START_SECONDS);
	int rc = program_start(&p->keeper, program, control);
	char ready;

	close(control);
	if (rc)
		return why_set(why, ERR_IO, "%s: %s", program, strerror(rc));
	if (handoff_receive(p->control, &ready, 1, &patience))
		return why_set(why, ERR_IO, "%s: it does not start", program);
	return OK;
}

void parser_program(char path[PATH_MAX])
{
	program_beside(path, PROGRAM);
}

enum err parser_start(struct parser **out, const char *program, struct why *why)
{
	struct parser *p = calloc(1, sizeof(*p));
	int pair[2] = { -1, -1 };
	char path[PATH_MAX];
	enum err e;

	*out = NULL;
	if (!p)
		return why_set(why, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		free(p);
		return why_set(why, ERR_IO, "no socket for the parser: %s", strerror(errno));
	}
	if (!program)
		parser_program(path);
	p->control = pair[0];
	e = start(p, program ? program : path, pair[1], why);
	if (e) {
		parser_stop(p);
		return e;
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
	program_wait(p->keeper);
	free(p);
}

/* A mail on its way to a parser: a request, and its bytes; of one that is too large only what
 * may hold its header. */
struct parcel {
	struct handoff_request request;
	const char *raw;
	size_t gone; /* of both */
};

static void wrap(struct parcel *p, const struct envelope *envelope, const void *raw, size_t len)
{
	struct handoff_request *r = &p->request;

	memset(p, 0, sizeof(*p));
	p->raw = raw;
	r->size = len;
	r->sent = (uint32_t)(len > MAIL_MAX ? MAIL_HEADER_MAX + 1 : len);
	r->from_known = envelope->from != NULL;
	r->from_null = envelope->from && (!*envelope->from || !strcmp(envelope->from, "<>"));
	r->to_known = envelope->to != NULL;
}

/* What goes at once, before there is anybody to read it: most mails do, and no one waits. The
 * room is empty, so the request always fits. */
static bool push(int fd, struct parcel *p)
{
	p->gone = handoff_push(fd, &p->request, sizeof(p->request));
	if (p->gone != sizeof(p->request))
		return false;
	p->gone += handoff_push(fd, p->raw, p->request.sent);
	return true;
}

static enum err send_rest(int fd, const struct parcel *p, struct handoff_patience *patience)
{
	size_t at = p->gone - sizeof(p->request);

	return handoff_send(fd, p->raw + at, p->request.sent - at, patience);
}

static enum err receive_reply(int fd, struct reply *reply, struct handoff_patience *patience)
{
	unsigned char bytes[sizeof(struct reply)];
	enum err e;

	e = handoff_receive(fd, bytes, sizeof(bytes), patience);
	if (!e)
		e = handoff_check(reply, bytes);
	sodium_memzero(bytes, sizeof(bytes));
	return e;
}

static enum err receive_sealed(int fd, struct buf *sealed, size_t len,
                               struct handoff_patience *patience)
{
	void *room = buf_extend(sealed, len);

	if (!room)
		return buf_err(sealed);
	return handoff_receive(fd, room, len, patience);
}

/* What the child said, as far as it came. */
static enum err receive_all(int fd, struct reply *reply, struct buf *sealed,
                            struct handoff_patience *patience)
{
	static _Thread_local struct reply whole;
	enum err e;

	e = receive_reply(fd, reply, patience);
	if (!e)
		e = receive_reply(fd, &whole, patience);
	if (!e)
		e = receive_sealed(fd, sealed, whole.sealed_len, patience);
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

static enum err ask(int fd, const struct parcel *parcel, struct reply *reply, struct buf *sealed,
                    struct why *why)
{
	struct handoff_patience patience = handoff_patience(WAIT_SECONDS);
	uint64_t begun = monotime_ms();
	enum err sent = send_rest(fd, parcel, &patience), e;
	char alive;

	handoff_settle(fd, &patience);
	if (handoff_receive(fd, &alive, 1, &patience) || alive != HANDOFF_ALIVE)
		return why_set(why, ERR_AGAIN, "no process could be made to parse a mail");
	e = sent ? sent : receive_all(fd, reply, sealed, &patience);
	if (e == ERR_MEMORY)
		return why_set(why, e, "%s", err_text(e));
	/* More time has gone by than we ever waited: what ended the parser was not the mail. */
	if (e == ERR_IO && monotime_ms() - begun > (WAIT_SECONDS + 1) * 1000)
		return why_set(why, ERR_AGAIN, "the machine stood still");
	if (e)
		give_up(reply, sealed, e);
	return OK;
}

static enum err hand_over(struct parser *p, int pair[2], struct parcel *parcel, struct why *why)
{
	struct handoff_patience patience = handoff_patience(WAIT_SECONDS);
	enum err e;

	if (!push(pair[0], parcel))
		return why_set(why, ERR_AGAIN, "no room for a mail on its way to the parser");
	e = handoff_send_fd(p->control, pair[1], &patience);
	return e ? why_set(why, ERR_AGAIN,
	                   "the process that parses mail has ended: restart the receiver")
	         : OK;
}

enum err parser_read(struct parser *p, const struct envelope *envelope, const void *raw, size_t len,
                     struct reply *reply, struct buf *sealed, struct why *why)
{
	struct parcel parcel;
	int pair[2];
	enum err e;

	memset(reply, 0, sizeof(*reply));
	buf_wipe(sealed);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return why_set(why, ERR_AGAIN, "no socket for a parser: %s", strerror(errno));
	wrap(&parcel, envelope, raw, len);
	e = hand_over(p, pair, &parcel, why);
	close(pair[1]);
	if (!e)
		e = ask(pair[0], &parcel, reply, sealed, why);
	close(pair[0]);
	if (e)
		reply_wipe(reply);
	else
		origin_envelope(reply, envelope);
	return e;
}
