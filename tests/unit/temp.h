/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_TEMP_H
#define VOTEPOST_TESTS_UNIT_TEMP_H

/* temp - a folder for one test, gone after it. Include after cmocka. */

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct temp {
	char dir[64];
	char *path[64]; /* what temp_path gave, in turn */
	unsigned next;
};

static inline int temp_setup(void **state)
{
	struct temp *t = calloc(1, sizeof(*t));

	strcpy(t->dir, "/tmp/votepost-XXXXXX");
	*state = t;
	return mkdtemp(t->dir) ? 0 : -1;
}

static inline int temp_drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline int temp_teardown(void **state)
{
	struct temp *t = *state;

	nftw(t->dir, temp_drop, 16, FTW_DEPTH | FTW_PHYS);
	for (t->next = 0; t->next < 64; t->next++)
		free(t->path[t->next]);
	free(t);
	return 0;
}

/* The path of `name` in the folder; good for the next 64 calls. */
static inline const char *temp_path(void **state, const char *name)
{
	struct temp *t = *state;
	char **out = &t->path[t->next++ % 64];

	free(*out);
	assert_true(asprintf(out, "%s/%s", t->dir, name) > 0);
	return *out;
}

/* A file with these bytes, mode 0600. */
static inline const char *temp_file(void **state, const char *name, const void *bytes, size_t len)
{
	const char *path = temp_path(state, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
	return path;
}

static inline const char *temp_text(void **state, const char *name, const char *text)
{
	return temp_file(state, name, text, strlen(text));
}

#define TEMP_TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

#endif
