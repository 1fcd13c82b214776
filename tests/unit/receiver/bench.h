/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_RECEIVER_BENCH_H
#define VOTEPOST_TESTS_UNIT_RECEIVER_BENCH_H

/* bench - the receiver's commands as people run them, each in a process of its own, in a folder
 * with an election's files. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "receiver/cmd.h"
#include "tests/poll.h"
#include "tests/support.h"
#include "tests/unit/capture.h"

struct bench {
	struct poll p;
	char dir[64];
	struct capture last;
};

/* `closes`: seconds from now. */
static inline int bench_make(void **state, bool real, long closes)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct poll_plan plan = {
		.members = 8, .heavy = 3, .trustees = 3, .threshold = 2, .real = real
	};

	strcpy(b->dir, "/tmp/votepost-cmd-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	plan.opens = (uint64_t)time(NULL) - 3000;
	plan.closes = (uint64_t)(time(NULL) + closes);
	poll_make(&b->p, &plan);
	poll_write(&b->p, b->dir);
	*state = b;
	return 0;
}

static inline int bench_free(void **state)
{
	struct bench *b = *state;
	char command[128];

	poll_free(&b->p);
	snprintf(command, sizeof(command), "rm -rf %s", b->dir);
	assert_int_equal(system(command), 0);
	free(b);
	return 0;
}

struct call {
	const struct bench *b;
	int (*cmd)(int argc, char **argv);
	const struct buf *input;
	char *argv[12];
	int argc;
};

static inline int run_call(void *arg)
{
	struct call *c = arg;
	FILE *in = tmpfile();

	if (chdir(c->b->dir) || !in)
		return 99;
	if (c->input)
		fwrite(buf_text(c->input), 1, c->input->len, in);
	rewind(in);
	dup2(fileno(in), STDIN_FILENO);
	return c->cmd(c->argc, c->argv);
}

/* Words of the command line, in the box's folder. */
static inline int run(struct bench *b, int (*cmd)(int, char **), const struct buf *input,
                      const char *words)
{
	struct call c = { .b = b, .cmd = cmd, .input = input };
	char text[512];

	snprintf(text, sizeof(text), "%s", words);
	for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
		c.argv[c.argc++] = w;
	capture(&b->last, run_call, &c);
	return b->last.status;
}

static inline int open_box(struct bench *b)
{
	return run(b, cmd_open, NULL,
	           "open manifest.json issued.ndjson accepted.ndjson handles.json");
}

static inline void put(const struct bench *b, const char *name, const char *bytes, size_t len)
{
	char path[256];
	struct why why = { 0 };

	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	assert_ok(file_write(path, bytes, len, 0600, &why), &why);
}

/* `more`: other groups of receiver.conf. */
static inline void settings_at(const struct bench *b, unsigned port, const char *more)
{
	char text[1024], here[256];

	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(text, sizeof(text),
	         "[sender]\naddress = box@example.org\n[answers]\nfolder = %s/../config/answers\n"
	         "[relay]\nhost = 127.0.0.1\nport = %u\ntls = none\ntimeout = 2\n%s",
	         here, port, more);
	put(b, "receiver.conf", text, strlen(text));
}

/* No one listens on port 9 of this machine: the relay cannot be reached. */
static inline void settings(const struct bench *b)
{
	settings_at(b, 9, "");
}

#endif
