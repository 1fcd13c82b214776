/* SPDX-License-Identifier: MIT */
#include "core/command.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/monotime.h"

static enum err run(const char *line, struct buf *out, struct why *why)
{
	memset(why, 0, sizeof(*why));
	buf_clear(out);
	return command_line(out, line, 5, why);
}

static void the_first_line_is_the_answer(void **state)
{
	static const char *const lines[][2] = {
		{ "/bin/echo token", "token" },
		{ "/bin/echo 'two words'  three", "two words three" },
		{ "/bin/echo $HOME `id` ; id", "$HOME `id` ; id" }, /* no shell */
		{ "/bin/sh -c \"printf 'a\\r\\nb\\nc'\"", "a" },
		{ "/bin/sh -c \"printf token\"", "token" },
		{ "/bin/sh -c \"cat; echo end\"", "end" }, /* nothing to read */
	};
	struct buf out = BUF_INIT(100);
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(run(lines[i][0], &out, &why), OK);
		assert_string_equal(buf_text(&out), lines[i][1]);
	}
	buf_free(&out);
}

static void what_goes_wrong_is_told(void **state)
{
	static const struct {
		const char *line;
		enum err e;
		const char *words;
	} cases[] = {
		{ "/nowhere/program", ERR_SETTINGS, "/nowhere/program: No such file" },
		{ "echo token", ERR_SETTINGS, "whole path" },
		{ "/bin/echo \"a", ERR_SETTINGS, "quote" },
		{ "", ERR_SETTINGS, "program's path" },
		{ "/bin/sh -c 'echo token; exit 3'", ERR_SETTINGS, "exit status 3" },
		{ "/bin/sh -c 'echo token; kill -9 $$'", ERR_SETTINGS, "failed" },
		{ "/bin/true", ERR_FORMAT, "says nothing" },
		{ "/bin/echo", ERR_FORMAT, "says nothing" },
		{ "/usr/bin/head -c 100000 /dev/zero", ERR_TOO_LARGE, "too long" },
	};
	struct buf out = BUF_INIT(100);
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(run(cases[i].line, &out, &why), cases[i].e);
		assert_non_null(strstr(why.text, cases[i].words));
	}
	buf_free(&out);
}

/* Also where a child of its own holds its output, or it goes on without it. */
static void its_time_is_bounded(void **state)
{
	static const char *const lines[] = {
		"/bin/sleep 60",
		"/bin/sh -c 'echo token; sleep 60'",
		"/bin/sh -c 'sleep 60 & echo token'",
		"/bin/sh -c 'echo token; exec >&-; sleep 60'",
	};
	struct buf out = BUF_INIT(100);

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		uint64_t start = monotime_ms();
		struct why why = { 0 };

		assert_int_equal(command_line(&out, lines[i], 1, &why), ERR_AGAIN);
		assert_non_null(strstr(why.text, "too long"));
		assert_true(monotime_ms() - start < 10000);
	}
	buf_free(&out);
}

static void it_gets_nothing_of_ours(void **state)
{
	int fd = open("/dev/null", O_RDONLY); /* that is not closed by itself */
	struct buf out = BUF_INIT(1000);
	sigset_t all, before;
	struct why why;

	(void)state;
	assert_true(fd >= 0);
	sigfillset(&all);
	assert_int_equal(sigprocmask(SIG_BLOCK, &all, &before), 0);
	assert_int_equal(run("/bin/sh -c 'echo /proc/self/fd/*'", &out, &why), OK);
	assert_null(strstr(buf_text(&out), "/proc/self/fd/4"));
	assert_int_equal(run("/bin/grep SigBlk /proc/self/status", &out, &why), OK);
	assert_string_equal(buf_text(&out), "SigBlk:\t0000000000000000");
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
	close(fd);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_line_is_the_answer),
		cmocka_unit_test(what_goes_wrong_is_told),
		cmocka_unit_test(its_time_is_bounded),
		cmocka_unit_test(it_gets_nothing_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
