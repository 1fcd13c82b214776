/* SPDX-License-Identifier: MIT */
#include "core/aside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "core/file.h"
#include "tests/unit/receiver/faults.h"
#include "tests/unit/temp.h"

#define PIECE ((size_t)64 << 10)

static void expect(const char *path, const char *text)
{
	struct buf b = BUF_INIT((size_t)1 << 20);

	assert_int_equal(file_read(&b, path, NULL), OK);
	assert_int_equal(strncmp(buf_text(&b), text, strlen(text)), 0);
	buf_free(&b);
}

static void the_new_file_takes_the_old_ones_place(void **state)
{
	const char *path = temp_text(state, "out", "old\n");
	struct aside a;
	struct stat st;

	assert_int_equal(aside_begin(&a, path, 0600, NULL), OK);
	aside_add(&a, "new", 3);
	expect(path, "old\n");
	aside_add(&a, "er\n", 3);
	assert_int_equal(aside_end(&a, OK, NULL), OK);
	expect(path, "newer\n");
	assert_int_equal(stat(temp_path(state, "out.new"), &st), -1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void what_fails_leaves_the_old_file(void **state)
{
	const char *path = temp_text(state, "out", "old\n");
	struct aside a;
	struct stat st;

	assert_int_equal(aside_begin(&a, path, 0600, NULL), OK);
	aside_add(&a, "new\n", 4);
	assert_int_equal(aside_end(&a, ERR_FORMAT, NULL), ERR_FORMAT);
	expect(path, "old\n");
	assert_int_equal(stat(temp_path(state, "out.new"), &st), -1);
}

static void a_folder_that_is_not_there_is_said(void **state)
{
	struct why why = { 0 };
	struct aside a;
	enum err e = aside_begin(&a, temp_path(state, "no/out"), 0600, &why);

	assert_int_equal(e, ERR_NOT_FOUND);
	assert_int_equal(aside_end(&a, e, NULL), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "no/out"));
}

static void want_of_memory_for_the_path_is_no_file_name(void **state)
{
	struct aside a;
	enum err e = aside_begin(&a, "", 0600, NULL);

	(void)state;
	assert_int_equal(e, ERR_MEMORY);
	assert_int_equal(aside_end(&a, e, NULL), ERR_MEMORY);
	assert_int_not_equal(access(".new", F_OK), 0);
}

static enum err write_much(const char *path, struct why *why)
{
	char piece[PIECE];
	struct aside a;
	enum err e = aside_begin(&a, path, 0600, why);

	memset(piece, 'n', sizeof(piece));
	for (unsigned i = 0; !e && i < 8; i++)
		aside_add(&a, piece, sizeof(piece));
	return aside_end(&a, e, why);
}

static void a_full_disk_leaves_the_old_file(void **state)
{
	const char *path = temp_text(state, "out", "old\n");
	struct why why;
	enum err e;
	long at = 1;

	for (;; at++) {
		fault_arm(FAULT_FULL, at);
		e = write_much(path, &why);
		fault_arm(FAULT_NONE, 0);
		if (!e)
			break;
		/* The last sync is of the folder, and is told as that. */
		assert_non_null(strstr(why.text, "/tmp/votepost-"));
	}
	assert_true(at > 2);
	expect(path, "nnnn");
}

static void what_cannot_be_written_leaves_the_old_file(void **state)
{
	const char *path = temp_text(state, "out", "old\n");
	struct rlimit before, small;
	struct why why = { 0 };
	enum err e;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 3 * PIECE;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	e = write_much(path, &why);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_not_equal(e, OK);
	assert_non_null(strstr(why.text, "out.new"));
	expect(path, "old\n");
}

static void a_kill_leaves_one_of_the_two_whole(void **state)
{
	const char *path = temp_text(state, "out", "old\n");
	struct stat st;
	int status;

	for (long at = 1;; at++) {
		pid_t pid = fork();

		if (!pid) {
			fault_arm(FAULT_KILL, at);
			_exit(write_much(path, NULL) ? 1 : 0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(stat(path, &st), 0);
		assert_true(st.st_size == 4 || st.st_size == (off_t)(8 * PIECE));
		if (!WIFSIGNALED(status))
			break;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(the_new_file_takes_the_old_ones_place),
		TEMP_TEST(what_fails_leaves_the_old_file),
		TEMP_TEST(a_folder_that_is_not_there_is_said),
		TEMP_TEST(want_of_memory_for_the_path_is_no_file_name),
		TEMP_TEST(a_full_disk_leaves_the_old_file),
		TEMP_TEST(what_cannot_be_written_leaves_the_old_file),
		TEMP_TEST(a_kill_leaves_one_of_the_two_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
