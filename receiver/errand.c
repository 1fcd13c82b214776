/* SPDX-License-Identifier: MIT */
#include "receiver/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/key.h"
#include "receiver/conn.h"

/*
 * An order is one byte, its payload's length in four, the payload. The answer is a byte for
 * the error, one for the entry, two for the length of what is told, and that.
 */
#define SOCKET_NAME     "socket"
#define ORDER_HEADER    5
#define OUTCOME_HEADER  4
#define SESSION_SECONDS 60
#define ANSWER_SECONDS  600 /* a close waits for what is in hand, a mail for the relay */

/* The socket's address: a folder's path may be longer than an address can be. */
static enum err address(struct sockaddr_un *out, int *folder_fd, const char *folder,
                        struct why *why)
{
	memset(out, 0, sizeof(*out));
	out->sun_family = AF_UNIX;
	*folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*folder_fd < 0)
		return file_trouble(why, folder, errno);
	snprintf(out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d/" SOCKET_NAME, *folder_fd);
	return OK;
}

/* -1 where no one is there. */
static enum err reach(int *fd, const char *folder, struct why *why)
{
	struct sockaddr_un to;
	int folder_fd;
	enum err e;

	*fd = -1;
	e = address(&to, &folder_fd, folder, why);
	if (e)
		return e;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd >= 0 && connect(*fd, (struct sockaddr *)&to, sizeof(to))) {
		close(*fd);
		*fd = -1;
	}
	close(folder_fd);
	return OK;
}

enum err errand_begin(struct errand *e, const struct desk_plan *plan, struct why *why)
{
	enum err err;

	memset(e, 0, sizeof(*e));
	e->plan = *plan;
	err = reach(&e->fd, plan->folder, why);
	/* Before any thread, box or secret exists, and before the mail is read. */
	if (!err && e->fd < 0 && plan->options)
		err = parser_start(&e->parser, NULL, why);
	e->plan.parser = e->parser;
	return err;
}

void errand_end(struct errand *e)
{
	if (e->fd >= 0)
		close(e->fd);
	if (e->at_desk)
		desk_close(&e->desk);
	if (e->parser)
		parser_stop(e->parser);
	memset(e, 0, sizeof(*e));
	e->fd = -1;
}

static enum err hand_over(struct conn *c, enum order order, const void *payload, size_t len,
                          struct outcome *out)
{
	unsigned char header[ORDER_HEADER], answer[OUTCOME_HEADER];
	size_t told;
	enum err e;

	header[0] = (unsigned char)order;
	key_u32(header + 1, (uint32_t)len);
	e = conn_write(c, header, sizeof(header));
	if (!e)
		e = conn_write(c, payload, len);
	if (!e)
		e = conn_read(c, answer, sizeof(answer));
	if (e)
		return e;
	told = (size_t)answer[2] << 8 | answer[3];
	if (answer[0] > ERR_USAGE || answer[1] >= ENTRIES || told >= sizeof(out->why.text))
		return ERR_FORMAT;
	out->e = answer[0];
	out->entry = answer[1];
	return conn_read(c, out->why.text, told);
}

static void do_here(struct errand *e, enum order order, const void *payload, size_t len,
                    struct outcome *out)
{
	memset(out, 0, sizeof(*out));
	if (!e->at_desk) {
		e->at_desk = true;
		out->e = desk_open(&e->desk, &e->plan, &out->why);
		if (out->e)
			return;
	}
	desk_do(&e->desk, order, payload, len, out);
}

static void do_there(struct errand *e, enum order order, const void *payload, size_t len,
                     struct outcome *out)
{
	struct conn *c = malloc(sizeof(*c));

	memset(out, 0, sizeof(*out));
	if (!c) {
		out->e = ERR_MEMORY;
		return;
	}
	conn_init(c, e->fd, ANSWER_SECONDS);
	if (hand_over(c, order, payload, len, out))
		out->e = why_set(&out->why, ERR_AGAIN,
		                 "the running receiver did not answer; whether it was done is not "
		                 "known: ask it again");
	conn_release(c);
	free(c);
}

void errand_do(struct errand *e, enum order order, const void *payload, size_t len,
               struct outcome *out)
{
	if (e->fd < 0)
		do_here(e, order, payload, len, out);
	else
		do_there(e, order, payload, len, out);
}

enum err errand_listen(int *fd, const char *folder, struct why *why)
{
	struct sockaddr_un at;
	int folder_fd;
	enum err e;

	*fd = -1;
	e = address(&at, &folder_fd, folder, why);
	if (e)
		return e;
	/* Whoever left one here is gone: we hold the lock. */
	(void)unlinkat(folder_fd, SOCKET_NAME, 0);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0 || bind(*fd, (struct sockaddr *)&at, sizeof(at)) ||
	    fchmodat(folder_fd, SOCKET_NAME, 0600, 0) || listen(*fd, 64)) {
		e = file_trouble(why, folder, errno);
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
	}
	close(folder_fd);
	return e;
}

static bool same_user(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

static enum err answer(struct conn *c, const struct outcome *out)
{
	unsigned char header[OUTCOME_HEADER];
	size_t told = strlen(out->why.text);
	enum err e;

	header[0] = (unsigned char)out->e;
	header[1] = (unsigned char)out->entry;
	header[2] = (unsigned char)(told >> 8);
	header[3] = (unsigned char)told;
	e = conn_write(c, header, sizeof(header));
	return e ? e : conn_write(c, out->why.text, told);
}

/* One order. ERR_NOT_FOUND where the other side has gone, as it should after its last. */
static enum err one_order(struct desk *d, struct conn *c, struct buf *payload)
{
	unsigned char header[ORDER_HEADER];
	struct outcome out;
	size_t len;
	void *room;
	enum err e;

	e = conn_read(c, header, sizeof(header));
	if (e)
		return e;
	len = key_read_u32(header + 1);
	if (len > ORDER_MAX || header[0] >= ORDERS)
		return ERR_FORMAT;
	buf_wipe(payload);
	room = len ? buf_extend(payload, len) : NULL;
	if (len && !room)
		return ERR_MEMORY;
	e = len ? conn_read(c, room, len) : OK;
	if (e)
		return e;
	desk_do(d, header[0], buf_text(payload), len, &out);
	return answer(c, &out);
}

void errand_session(struct desk *d, int fd)
{
	struct buf payload = BUF_INIT(ORDER_MAX);
	struct conn *c = malloc(sizeof(*c));

	if (!c)
		return;
	conn_init(c, fd, SESSION_SECONDS);
	if (same_user(fd))
		while (one_order(d, c, &payload) == OK)
			;
	conn_release(c);
	free(c);
	buf_free(&payload);
}
