/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_CAPTURE_H
#define VOTEPOST_TESTS_UNIT_CAPTURE_H

/* capture - run something in a child and keep what it writes. Include after cmocka. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct capture {
	char out[32768], err[8192];
	int status; /* the exit status; -1 where a signal ended it */
};

static inline void capture_read(FILE *f, char *text, size_t room)
{
	rewind(f);
	text[fread(text, 1, room - 1, f)] = '\0';
	fclose(f);
}

static inline void capture(struct capture *c, int (*run)(void *), void *arg)
{
	FILE *out = tmpfile(), *err = tmpfile();
	int status;
	pid_t child;

	assert_non_null(out);
	assert_non_null(err);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		dup2(fileno(out), STDOUT_FILENO);
		dup2(fileno(err), STDERR_FILENO);
		status = run(arg);
		fflush(NULL);
		_exit(status);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	capture_read(out, c->out, sizeof(c->out));
	capture_read(err, c->err, sizeof(c->err));
}

#endif
