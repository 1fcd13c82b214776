/* SPDX-License-Identifier: MIT */
#include "core/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "core/monotime.h"

extern char **environ;

#define BLOCK 512

/* A group of its own, so that what it starts can be killed with it. */
static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setpgroup(attributes, 0);
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
	                                                    POSIX_SPAWN_SETPGROUP);
}

static int set_actions(posix_spawn_file_actions_t *actions, int out)
{
	int rc = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

	if (!rc)
		rc = posix_spawn_file_actions_adddup2(actions, out, 1);
	if (!rc)
		rc = posix_spawn_file_actions_addclosefrom_np(actions, 3);
	return rc;
}

static int spawn(pid_t *pid, char **argv, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc)
		return rc;
	rc = posix_spawnattr_init(&attributes);
	if (!rc) {
		rc = set_attributes(&attributes);
		if (!rc)
			rc = set_actions(&actions, out);
		if (!rc)
			rc = posix_spawn(pid, argv[0], &actions, &attributes, argv, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

/* Its whole output is read, so that it can end; the first line is kept. */
static enum err hear(struct buf *out, int fd, uint64_t until, const char *program, struct why *why)
{
	char block[BLOCK];
	bool whole = false;
	ssize_t n = 1;

	while (n > 0) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		uint64_t now = monotime_ms();
		char *end;

		if (now >= until || poll(&p, 1, (int)(until - now)) == 0)
			return why_set(why, ERR_AGAIN, "%s: it takes too long", program);
		n = read(fd, block, sizeof(block));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			n = 1;
		else if (n > 0 && !whole) {
			end = memchr(block, '\n', (size_t)n);
			whole = end != NULL;
			buf_add(out, block, end ? (size_t)(end - block) : (size_t)n);
		}
		explicit_bzero(block, sizeof(block));
	}
	return OK;
}

/* It has closed its output; it may still take a moment to end. */
static bool ended(pid_t pid, uint64_t until, int *status)
{
	for (;;) {
		pid_t got = waitpid(pid, status, WNOHANG);

		if (got == pid)
			return true;
		if ((got < 0 && errno != EINTR) || monotime_ms() >= until)
			return false;
		usleep(2000);
	}
}

static enum err run(struct buf *out, char **argv, unsigned seconds, struct why *why)
{
	uint64_t until = monotime_ms() + (uint64_t)seconds * 1000;
	size_t before = out->len;
	int ends[2], rc, status = 0;
	pid_t pid;
	enum err e;

	if (pipe2(ends, O_CLOEXEC))
		return why_set(why, ERR_AGAIN, "%s: %s", argv[0], strerror(errno));
	rc = spawn(&pid, argv, ends[1]);
	close(ends[1]);
	if (rc) {
		close(ends[0]);
		return why_set(why, rc == ENOMEM ? ERR_MEMORY : ERR_SETTINGS, "%s: %s", argv[0],
		               strerror(rc));
	}
	e = hear(out, ends[0], until, argv[0], why);
	close(ends[0]);
	if (e || !ended(pid, until, &status)) {
		kill(-pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
		return e ? e : why_set(why, ERR_AGAIN, "%s: it takes too long", argv[0]);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return why_set(why, ERR_SETTINGS, "%s: it failed (exit status %d)", argv[0],
		               WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	if (!buf_err(out) && out->len > before && out->data[out->len - 1] == '\r')
		out->data[--out->len] = '\0';
	if (buf_err(out))
		return why_set(why, buf_err(out), "%s: its first line is too long", argv[0]);
	return out->len > before ? OK : why_set(why, ERR_FORMAT, "%s: it says nothing", argv[0]);
}

enum err command_line(struct buf *out, const char *line, unsigned seconds, struct why *why)
{
	char **argv = NULL;
	enum err e;

	if (!g_shell_parse_argv(line, NULL, &argv, NULL))
		return why_set(
			why, ERR_SETTINGS,
			"\"%s\": not a program's path and its arguments; is a quote left open?",
			line);
	if (argv[0][0] != '/')
		e = why_set(why, ERR_SETTINGS, "%s: give the program's whole path", argv[0]);
	else
		e = run(out, argv, seconds, why);
	g_strfreev(argv);
	return e;
}
