/* SPDX-License-Identifier: MIT */
#include "core/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void program_beside(char path[PATH_MAX], const char *name)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	size_t room;
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash) {
		room = PATH_MAX - (size_t)(slash + 1 - path);
		if ((size_t)snprintf(slash + 1, room, "%s", name) >= room)
			slash = NULL;
	}
	if (!slash || access(path, X_OK))
		snprintf(path, PATH_MAX, "%s/%s", VOTEPOST_LIBEXEC, name);
}

/* All descriptors of ours close at an exec. */
int program_start(pid_t *pid, const char *path, int fd)
{
	char *const argv[] = { (char *)path, NULL };
	posix_spawn_file_actions_t actions;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc)
		return rc;
	rc = posix_spawn_file_actions_adddup2(&actions, fd, PROGRAM_FD);
	if (!rc)
		rc = posix_spawn_file_actions_addclosefrom_np(&actions, PROGRAM_FD + 1);
	if (!rc)
		rc = posix_spawn(pid, path, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

void program_wait(pid_t pid)
{
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static enum err silence(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return ERR_IO;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
#ifndef VOTEPOST_SANITIZED /* whose reports go there */
	dup2(null, STDERR_FILENO);
#endif
	close(null);
	return OK;
}

enum err program_settle(int type)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	const struct rlimit no_core = { 0, 0 };
	socklen_t len = sizeof(int);
	sigset_t none;
	int is = 0;

	if (getsockopt(PROGRAM_FD, SOL_SOCKET, SO_TYPE, &is, &len) || is != type)
		return ERR_USAGE;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	return silence();
}
