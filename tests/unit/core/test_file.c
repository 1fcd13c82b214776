/* SPDX-License-Identifier: MIT */
#include "core/file.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/unit/temp.h"

static void expect_content(const char *path, const char *want)
{
	struct buf b = BUF_INIT(1000);
	struct why why = { 0 };

	assert_int_equal(file_read(&b, path, &why), OK);
	assert_string_equal(buf_text(&b), want);
	buf_free(&b);
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 0777;
}

/* How many names a folder holds. */
static unsigned names_in(const char *dir)
{
	char command[200];
	FILE *list;
	unsigned n = 0;
	int c;

	snprintf(command, sizeof(command), "ls -A '%s'", dir);
	list = popen(command, "r");
	assert_non_null(list);
	while ((c = getc(list)) != EOF)
		n += c == '\n';
	pclose(list);
	return n;
}

static void reading_keeps_to_the_cap(void **state)
{
	const char *path = temp_text(state, "f", "12345");
	struct buf exact = BUF_INIT(5), less = BUF_INIT(4);
	struct why why = { 0 };

	assert_int_equal(file_read(&exact, path, &why), OK);
	assert_string_equal(buf_text(&exact), "12345");
	assert_int_equal(file_read(&less, path, &why), ERR_TOO_LARGE);
	assert_non_null(strstr(why.text, path));
	assert_non_null(strstr(why.text, "4 bytes"));
	buf_free(&exact);
	buf_free(&less);
}

static void what_is_not_there_is_named(void **state)
{
	struct buf b = BUF_INIT(10);
	struct why why = { 0 };
	const char *path = temp_path(state, "none");

	assert_int_equal(file_read(&b, path, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, path));
	assert_int_equal(file_read(&b, ((struct temp *)*state)->dir, &why), ERR_IO);
	assert_int_equal(file_read_secret(&b, path, &why), ERR_NOT_FOUND);
	buf_free(&b);
}

static void a_secret_that_others_can_read_is_refused(void **state)
{
	static const mode_t open_modes[] = { 0640, 0620, 0604, 0602, 0610, 0601, 0666 };
	const char *path = temp_text(state, "secret", "word\n");
	struct buf b = BUF_INIT(100);
	struct why why = { 0 };
	size_t i;

	assert_int_equal(file_read_secret(&b, path, &why), OK);
	assert_string_equal(buf_text(&b), "word");
	for (i = 0; i < sizeof(open_modes) / sizeof(open_modes[0]); i++) {
		buf_clear(&b);
		chmod(path, open_modes[i]);
		assert_int_equal(file_read_secret(&b, path, &why), ERR_SETTINGS);
		assert_int_equal(b.len, 0);
		assert_non_null(strstr(why.text, "chmod 600"));
	}
	buf_free(&b);
}

static void a_secret_is_a_regular_file_and_loses_one_line_feed(void **state)
{
	struct buf b = BUF_INIT(100);
	struct why why = { 0 };
	const char *pipe = temp_path(state, "pipe");

	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(file_read_secret(&b, pipe, &why), ERR_SETTINGS);
	assert_int_equal(file_read_secret(&b, temp_text(state, "two", "a\n\n"), &why), OK);
	assert_string_equal(buf_text(&b), "a\n");
	buf_clear(&b);
	assert_int_equal(file_read_secret(&b, temp_text(state, "empty", ""), &why), OK);
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

static void one_line_is_one_line(void **state)
{
	static const char *const bad[] = { "", "a", "a\nb", "a\nb\n", "a\n\n", "\na" };
	struct buf b = BUF_INIT(100);
	struct why why;
	size_t i;

	assert_int_equal(file_read_line(&b, temp_text(state, "l", "{}\n"), &why), OK);
	assert_string_equal(buf_text(&b), "{}");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_clear(&b);
		why = (struct why){ 0 };
		assert_int_equal(file_read_line(&b, temp_text(state, "l", bad[i]), &why),
		                 ERR_FORMAT);
		assert_string_equal(why.check, "line not canonical");
	}
	buf_free(&b);
}

static void writing_replaces_whole_and_creating_never_does(void **state)
{
	const char *path = temp_path(state, "f");
	struct why why = { 0 };

	umask(077);
	assert_int_equal(file_create(path, "one", 3, 0644, &why), OK);
	assert_int_equal(mode_of(path), 0644);
	assert_int_equal(file_create(path, "two", 3, 0600, &why), ERR_EXISTS);
	assert_non_null(strstr(why.text, path));
	expect_content(path, "one");
	assert_int_equal(file_write(path, "three", 5, 0600, &why), OK);
	assert_int_equal(mode_of(path), 0600);
	expect_content(path, "three");
	assert_int_equal(names_in(((struct temp *)*state)->dir), 1);
}

static void a_device_or_link_is_never_replaced(void **state)
{
	const char *path = temp_path(state, "link"), *other = temp_text(state, "other", "kept");
	struct why why = { 0 };

	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(file_write(path, "x", 1, 0600, &why), ERR_STATE);
	assert_int_equal(file_create(path, "x", 1, 0600, &why), ERR_EXISTS);
	assert_int_equal(file_write(((struct temp *)*state)->dir, "x", 1, 0600, &why), ERR_STATE);
	expect_content(other, "kept");
}

/* In a child whose files may not grow past `most`: what the call returns. */
static int on_a_full_disk(const char *path, bool append, rlim_t most)
{
	static char bytes[8192];
	struct rlimit limit = { most, most };
	struct why why = { 0 };
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(append ? (int)file_append(path, bytes, sizeof(bytes), &why)
		             : (int)file_write(path, bytes, sizeof(bytes), 0600, &why));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_full_disk_leaves_the_old_file(void **state)
{
	const char *path = temp_text(state, "f", "old");

	assert_int_equal(on_a_full_disk(path, false, 4096), ERR_FULL);
	expect_content(path, "old");
	assert_int_equal(names_in(((struct temp *)*state)->dir), 1);
}

static void a_full_disk_takes_back_what_was_appended(void **state)
{
	const char *path = temp_text(state, "f", "line\n");

	assert_int_equal(on_a_full_disk(path, true, 4096), ERR_FULL);
	expect_content(path, "line\n");
}

static void appending_makes_the_file_and_adds(void **state)
{
	const char *path = temp_path(state, "f");
	struct why why = { 0 };

	assert_int_equal(file_append(path, "a\n", 2, &why), OK);
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(file_append(path, "b\n", 2, &why), OK);
	expect_content(path, "a\nb\n");
	assert_int_equal(file_append(temp_path(state, "no/f"), "b\n", 2, &why), ERR_NOT_FOUND);
}

static void a_home_is_new_or_empty(void **state)
{
	const char *home = temp_path(state, "home"), *deep = temp_path(state, "x/y");
	struct why why = { 0 };

	assert_int_equal(file_make_home(home, &why), OK);
	assert_int_equal(mode_of(home), 0700);
	chmod(home, 0755);
	assert_int_equal(file_make_home(home, &why), OK);
	assert_int_equal(mode_of(home), 0700);
	temp_text(state, "home/file", "");
	assert_int_equal(file_make_home(home, &why), ERR_EXISTS);
	assert_int_equal(file_make_home(deep, &why), ERR_NOT_FOUND);
	assert_int_equal(file_make_home(temp_text(state, "file", ""), &why), ERR_EXISTS);
}

static void a_path_has_one_slash(void **state)
{
	struct buf b = BUF_INIT(8);

	(void)state;
	assert_string_equal(file_path(&b, "a", "b"), "a/b");
	assert_string_equal(file_path(&b, "a/", "b"), "a/b");
	assert_string_equal(file_path(&b, "", "b"), "b");
	assert_string_equal(file_path(&b, "longer than", "b"), "");
	assert_int_equal(buf_err(&b), ERR_TOO_LARGE);
	assert_string_equal(file_path(&b, "a", "b"), "a/b");
	buf_free(&b);
}

static void a_lock_is_held_once(void **state)
{
	const char *path = temp_path(state, "lock");
	struct file_lock one, two;
	struct why why = { 0 };

	assert_int_equal(file_lock(&one, path, "the outbox", &why), OK);
	assert_int_equal(file_lock(&two, path, "the outbox", &why), ERR_BUSY);
	assert_int_equal(two.fd, -1);
	assert_non_null(strstr(why.text, "the outbox"));
	file_unlock(&two);
	file_unlock(&one);
	assert_int_equal(file_lock(&two, path, "the outbox", &why), OK);
	file_unlock(&two);
	assert_int_equal(file_lock(&two, temp_path(state, "no/lock"), "it", &why), ERR_NOT_FOUND);
}

static void lines_come_one_by_one_with_number_and_offset(void **state)
{
	struct why why = { 0 };
	struct lines l;

	assert_int_equal(lines_open(&l, temp_text(state, "f", "a\n\nbc\nend"), 3, &why), OK);
	assert_int_equal(lines_next(&l, &why), OK);
	assert_string_equal(buf_text(&l.line), "a");
	assert_int_equal(l.number, 1);
	assert_int_equal(l.offset, 2);
	assert_int_equal(lines_next(&l, &why), OK);
	assert_string_equal(buf_text(&l.line), "");
	assert_int_equal(lines_next(&l, &why), OK);
	assert_true(l.ended_whole);
	assert_int_equal(lines_next(&l, &why), OK);
	assert_string_equal(buf_text(&l.line), "end");
	assert_int_equal(l.number, 4);
	assert_int_equal(l.offset, 9);
	assert_false(l.ended_whole);
	assert_int_equal(lines_next(&l, &why), ERR_NOT_FOUND);
	assert_string_equal(why.text, "");
	lines_close(&l);
	lines_close(&l);
}

static void a_line_over_the_cap_is_named(void **state)
{
	static char text[20000];
	struct why why = { 0 };
	struct lines l;

	memset(text, 'x', sizeof(text));
	memcpy(text, "ok\n", 3);
	assert_int_equal(lines_open(&l, temp_file(state, "f", text, sizeof(text)), 9000, &why), OK);
	assert_int_equal(lines_next(&l, &why), OK);
	assert_int_equal(lines_next(&l, &why), ERR_TOO_LARGE);
	assert_non_null(strstr(why.text, "f:2: "));
	lines_close(&l);
}

static void a_long_line_and_any_byte_arrive_whole(void **state)
{
	static char text[10001];
	struct why why = { 0 };
	struct lines l;
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)(i % 251 == '\n' ? 0 : i % 251);
	text[10000] = '\n';
	assert_int_equal(lines_open(&l, temp_file(state, "f", text, sizeof(text)), 10000, &why),
	                 OK);
	assert_int_equal(lines_next(&l, &why), OK);
	assert_int_equal(l.line.len, 10000);
	assert_memory_equal(l.line.data, text, 10000);
	lines_close(&l);
	assert_int_equal(lines_open(&l, temp_path(state, "none"), 10, &why), ERR_NOT_FOUND);
	lines_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(reading_keeps_to_the_cap),
		TEMP_TEST(what_is_not_there_is_named),
		TEMP_TEST(a_secret_that_others_can_read_is_refused),
		TEMP_TEST(a_secret_is_a_regular_file_and_loses_one_line_feed),
		TEMP_TEST(one_line_is_one_line),
		TEMP_TEST(writing_replaces_whole_and_creating_never_does),
		TEMP_TEST(a_device_or_link_is_never_replaced),
		TEMP_TEST(a_full_disk_leaves_the_old_file),
		TEMP_TEST(a_full_disk_takes_back_what_was_appended),
		TEMP_TEST(appending_makes_the_file_and_adds),
		TEMP_TEST(a_home_is_new_or_empty),
		TEMP_TEST(a_path_has_one_slash),
		TEMP_TEST(a_lock_is_held_once),
		TEMP_TEST(lines_come_one_by_one_with_number_and_offset),
		TEMP_TEST(a_line_over_the_cap_is_named),
		TEMP_TEST(a_long_line_and_any_byte_arrive_whole),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
