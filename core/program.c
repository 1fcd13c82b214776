/* SPDX-License-Identifier: MIT */
#include "core/program.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
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
