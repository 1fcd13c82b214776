/* SPDX-License-Identifier: MIT */
#include "receiver/parser/handoff.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "core/text.h"
#include "receiver/parser/grammar.h"

#define HANDLE_CHARS 13
#define LOOK_MS      100

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct handoff_patience handoff_patience(unsigned seconds)
{
	return (struct handoff_patience){ (int64_t)seconds * 1000000 };
}

/* One short look; whatever the clock says, it took no longer than the look may. */
static int look(struct pollfd *p, struct handoff_patience *patience)
{
	int64_t before = now(), spent;
	int rc = poll(p, 1, LOOK_MS);

	spent = now() - before;
	patience->left -= spent < LOOK_MS * 1000 ? spent : LOOK_MS * 1000;
	return rc;
}

static enum err wait_for(int fd, short events, struct handoff_patience *patience)
{
	struct pollfd p = { .fd = fd, .events = events };
	int rc;

	do {
		if (patience->left <= 0)
			return ERR_AGAIN;
		rc = look(&p, patience);
	} while (rc == 0 || (rc < 0 && errno == EINTR));
	return rc < 0 ? ERR_IO : OK;
}

enum err handoff_send(int fd, const void *bytes, size_t len, struct handoff_patience *patience)
{
	const char *at = bytes;
	enum err e;
	ssize_t n;

	while (len) {
		e = wait_for(fd, POLLOUT, patience);
		if (e)
			return e;
		n = send(fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return ERR_IO;
		at += n;
		len -= (size_t)n;
	}
	return OK;
}

enum err handoff_receive(int fd, void *bytes, size_t len, struct handoff_patience *patience)
{
	char *at = bytes;
	enum err e;
	ssize_t n;

	while (len) {
		e = wait_for(fd, POLLIN, patience);
		if (e)
			return e;
		n = recv(fd, at, len, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return ERR_IO;
		at += n;
		len -= (size_t)n;
	}
	return OK;
}

size_t handoff_push(int fd, const void *bytes, size_t len)
{
	ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	return n > 0 ? (size_t)n : 0;
}

void handoff_settle(int fd, struct handoff_patience *patience)
{
	struct pollfd p = { .fd = fd }; /* no events: an end is told all the same */

	(void)look(&p, patience);
}

/* One byte must go with a descriptor. */
union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

enum err handoff_send_fd(int socket, int fd, struct handoff_patience *patience)
{
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	union control control = { 0 };
	struct msghdr m = { .msg_iov = &iov,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof(control.room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	enum err e;
	ssize_t n;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	do {
		e = wait_for(socket, POLLOUT, patience);
		if (e)
			return e;
		n = sendmsg(socket, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	return n == 1 ? OK : ERR_IO;
}

enum err handoff_receive_fd(int socket, int *fd)
{
	char byte;
	struct iovec iov = { &byte, 1 };
	union control control = { 0 };
	struct msghdr m = { .msg_iov = &iov,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof(control.room) };
	struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return ERR_NOT_FOUND;
	if (n < 0)
		return ERR_IO;
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(*fd)))
		return ERR_FORMAT;
	memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return OK;
}

/* A bool that holds neither 0 nor 1 must not even be read as one. */
static bool good_bool(bool *out, const unsigned char *at)
{
	*out = *at == 1;
	return *at <= 1;
}

/* Text of printable bytes with its end inside the field. */
static bool good_text(char *out, const char *in, size_t room)
{
	size_t n = strnlen(in, room), i;

	if (n == room)
		return false;
	for (i = 0; i < n; i++)
		if ((unsigned char)in[i] < ' ' || in[i] == 0x7F)
			return false;
	memcpy(out, in, n);
	return utf8_valid(in, n);
}

/* The same, without what could end an address or a header early. */
static bool good_address(char *out, const char *in, size_t room)
{
	return good_text(out, in, room) && out[strcspn(out, " <>")] == '\0';
}

static bool good_handle(char *out, const char *in, size_t room)
{
	size_t i;

	if (!good_text(out, in, room) || (out[0] && strlen(out) != HANDLE_CHARS))
		return false;
	for (i = 0; out[i]; i++)
		if (b32_value(out[i]) < 0 || strchr("ilo", out[i]) ||
		    (out[i] >= 'A' && out[i] <= 'Z'))
			return false;
	return true;
}

/* Exactly what the grammar would have written. */
static bool good_choices(char *out, const char *in)
{
	size_t n = strnlen(in, CHOICES_MAX);

	if (n == CHOICES_MAX || !grammar_choices(out, (struct span){ in, n }))
		return false;
	return strlen(out) == n && memcmp(out, in, n) == 0;
}

#define AT(base, type, field) ((base) + offsetof(type, field))

static bool good_vote(struct reply_vote *out, const unsigned char *in)
{
	memcpy(&out->token, AT(in, struct reply_vote, token), sizeof(out->token));
	return good_bool(&out->with_token, AT(in, struct reply_vote, with_token)) &&
	       good_choices(out->choices, (const char *)AT(in, struct reply_vote, choices));
}

static bool good_votes(struct reply *out, const unsigned char *in)
{
	unsigned i;

	memcpy(&out->others, AT(in, struct reply, others), sizeof(out->others));
	memcpy(&out->tokens, AT(in, struct reply, tokens), sizeof(out->tokens));
	if (out->others > REPLY_VOTES_MAX || out->tokens > REPLY_TOKENS_MAX)
		return false;
	memcpy(out->token, AT(in, struct reply, token), sizeof(out->token[0]) * out->tokens);
	for (i = 0; i < out->others; i++)
		if (!good_vote(&out->other[i],
		               AT(in, struct reply, other) + i * sizeof(struct reply_vote)))
			return false;
	return !out->has_vote || good_vote(&out->vote, AT(in, struct reply, vote));
}

static bool good_bools(struct reply *out, const unsigned char *in)
{
	return good_bool(&out->begun, AT(in, struct reply, begun)) &&
	       good_bool(&out->has_vote, AT(in, struct reply, has_vote)) &&
	       good_bool(&out->runs_on, AT(in, struct reply, runs_on)) &&
	       good_bool(&out->too_many, AT(in, struct reply, too_many)) &&
	       good_bool(&out->twins_differ, AT(in, struct reply, twins_differ)) &&
	       good_bool(&out->sealed_conflict, AT(in, struct reply, sealed_conflict)) &&
	       good_bool(&out->sealed_broken, AT(in, struct reply, sealed_broken)) &&
	       good_bool(&out->automatic, AT(in, struct reply, automatic)) &&
	       good_bool(&out->bounce, AT(in, struct reply, bounce)) &&
	       good_bool(&out->unreadable, AT(in, struct reply, unreadable)) &&
	       good_bool(&out->sender_told, AT(in, struct reply, sender_told)) &&
	       good_bool(&out->too_large, AT(in, struct reply, too_large));
}

static bool good_texts(struct reply *out, const unsigned char *bytes)
{
	const char *in = (const char *)bytes;

	return good_text(out->reason, AT(in, struct reply, reason), sizeof(out->reason)) &&
	       good_handle(out->handle, AT(in, struct reply, handle), sizeof(out->handle)) &&
	       good_address(out->from, AT(in, struct reply, from), sizeof(out->from)) &&
	       good_address(out->message_id, AT(in, struct reply, message_id),
	                    sizeof(out->message_id));
}

enum err handoff_check(struct reply *out, const unsigned char bytes[sizeof(struct reply)])
{
	memset(out, 0, sizeof(*out));
	memcpy(&out->sealed_len, AT(bytes, struct reply, sealed_len), sizeof(out->sealed_len));
	if (good_bools(out, bytes) && good_votes(out, bytes) && good_texts(out, bytes) &&
	    out->sealed_len <= SEALED_MAX)
		return OK;
	reply_wipe(out);
	return ERR_FORMAT;
}
