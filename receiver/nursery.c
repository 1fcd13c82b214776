/* SPDX-License-Identifier: MIT */
#include "receiver/nursery.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/sandbox.h"
#include "receiver/handoff.h"
#include "receiver/parse.h"

#define READY       'r'
#define FIRST_OTHER 3 /* the descriptor behind standard error */

enum { EXIT_DONE = 0, EXIT_SYSTEM = 1 };

/* Every descriptor but the control socket, which becomes the first behind standard error. */
static int shut_others(int control)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || control < 0)
		return -1;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
#ifndef VOTEPOST_SANITIZED /* whose reports go there; libraries' words about a mail must not */
	dup2(null, STDERR_FILENO);
#endif
	if (control != FIRST_OTHER && dup2(control, FIRST_OTHER) < 0)
		return -1;
	close_range(FIRST_OTHER + 1, UINT_MAX, 0);
	return FIRST_OTHER;
}

/* No handler of the receiver's may run here. The signals that stop it let it finish what it
 * began; it then closes the socket. */
static void settle_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	sigset_t none;
	size_t i;
	int n;

	for (n = 1; n < SIGRTMIN; n++)
		signal(n, SIG_DFL);
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

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

/* The drop: no descriptor but the one, a clock that ends it, the sandbox; then the first
 * byte of the mail. */
_Noreturn static void child(int control, int fd)
{
	static const char alive = HANDOFF_ALIVE;

	close(control);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_NAME, "votepost-parse");
	alarm(PARSER_SECONDS_MAX);
	if (sandbox_enter(SANDBOX_PARSER, NULL) || !write_all(fd, &alive, 1))
		_exit(EXIT_SYSTEM);
	_exit(parse_one(fd) ? EXIT_DONE : EXIT_SYSTEM);
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
	if (sandbox_prepare(SANDBOX_PARSER, NULL))
		_exit(EXIT_SYSTEM);
	send(control, &ready, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
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
	const struct rlimit no_core = { 0, 0 };
	int status;
	pid_t pid;

	settle_signals();
	prctl(PR_SET_NAME, "votepost-keeper");
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	control = shut_others(control);
	if (control < 0)
		_exit(EXIT_SYSTEM);
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
