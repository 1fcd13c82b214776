/* SPDX-License-Identifier: MIT */
#include "receiver/parser/nursery.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/sandbox.h"
#include "receiver/parser/handoff.h"
#include "receiver/parser/parse.h"

#define READY             'r'
#define SLEEP_SECONDS_MAX 15 /* longer than the receiver waits */

enum { EXIT_DONE = 0, EXIT_SYSTEM = 1 };

static bool read_all(int fd, void *bytes, size_t len)
{
	char *at = bytes;
	ssize_t n;

	for (; len; at += n, len -= (size_t)n) {
		n = read(fd, at, len);
		if (n <= 0)
			return false;
	}
	return true;
}

static bool write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;
	ssize_t n;

	for (; len; at += n, len -= (size_t)n) {
		n = write(fd, at, len);
		if (n <= 0)
			return false;
	}
	return true;
}

/* One mail: what the header says goes back first, so that it is known even where the rest
 * ends this process. */
static bool parse_one(int fd)
{
	static struct reply reply;
	struct buf sealed = BUF_INIT(SEALED_MAX);
	struct handoff_request request;
	struct envelope envelope = { 0 };
	char *raw;

	if (!read_all(fd, &request, sizeof(request)) || request.sent > MAIL_MAX)
		return false;
	raw = malloc((size_t)request.sent + 1);
	if (!raw || !read_all(fd, raw, request.sent))
		return false;
	raw[request.sent] = '\0';
	if (request.from_known)
		envelope.from = request.from_null ? "" : "known";
	if (request.to_known)
		envelope.to = "known";
	parse_head(&reply, &envelope, raw, request.sent, request.size);
	if (!write_all(fd, &reply, sizeof(reply)))
		return false;
	if (nursery_test_hook)
		nursery_test_hook(raw, request.sent);
	parse_body(&reply, &sealed, raw, request.sent);
	return write_all(fd, &reply, sizeof(reply)) &&
	       write_all(fd, buf_text(&sealed), reply.sealed_len);
}

/* The drop: no descriptor but the one, an end even to a parser that only sleeps, the sandbox;
 * then the first byte of the mail. */
_Noreturn static void child(int control, int fd)
{
	static const char alive = HANDOFF_ALIVE;
	bool done;

	close(control);
	signal(SIGPIPE, SIG_DFL);
	alarm(SLEEP_SECONDS_MAX);
	if (sandbox_enter(SANDBOX_PARSER, NULL) || !write_all(fd, &alive, 1))
		_exit(EXIT_SYSTEM);
	done = parse_one(fd);
	close(fd); /* before its memory goes, which takes longer: the receiver waits for this */
	_exit(done ? EXIT_DONE : EXIT_SYSTEM);
}

/* What reading a mail sets up once, in the libraries and in the linker, is set up before the
 * first fork: else each child would do it anew. */
static void warm_up(void)
{
	static const char mail[] =
		"From: m@example.org\nContent-Type: multipart/alternative; boundary=b\n\n"
		"--b\nContent-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: quoted-printable\n\nA=20\n\n> quoted\n"
		"--b\nContent-Type: text/html; charset=iso-8859-1\n"
		"Content-Transfer-Encoding: base64\n\nPHA+QTwvcD4=\n--b--\n";
	static struct reply reply;
	struct buf sealed = BUF_INIT(SEALED_MAX);

	parse_head(&reply, &(struct envelope){ 0 }, mail, sizeof(mail) - 1, sizeof(mail) - 1);
	parse_body(&reply, &sealed, mail, sizeof(mail) - 1);
	buf_free(&sealed);
	/* What is free now is put together once, or each child does it, on pages of its own. */
	malloc_trim(0);
}

/* Children are not waited for: the receiver sees the end of each on its own socket. */
_Noreturn static void nurse(int control)
{
	static const char ready = READY;
	enum err e;
	int fd;

	prctl(PR_SET_NAME, "votepost-nurse");
	signal(SIGCHLD, SIG_IGN);
	parse_init();
	warm_up();
	send(control, &ready, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sandbox_enter(SANDBOX_NURSERY, NULL))
		_exit(EXIT_SYSTEM);
	for (;;) {
		e = handoff_receive_fd(control, &fd);
		if (e == ERR_NOT_FOUND)
			_exit(EXIT_DONE);
		if (e == ERR_IO)
			_exit(EXIT_SYSTEM);
		if (e)
			continue;
		if (fork() == 0)
			child(control, fd);
		close(fd); /* where the fork failed the receiver sees an end without a sign of life */
	}
}

_Noreturn void nursery_keep(int control)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	int status;
	pid_t pid;

	for (;;) {
		pid = fork();
		if (pid == 0)
			nurse(control);
		if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
		    WEXITSTATUS(status) == EXIT_DONE)
			_exit(EXIT_DONE);
		nanosleep(&pause, NULL);
	}
}
