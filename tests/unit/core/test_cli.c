/* SPDX-License-Identifier: MIT */
#include "core/cli.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sysexits.h>

#include "tests/unit/capture.h"

static bool flag;
static const char *text;
static uint64_t number;
static const struct option_row options[] = {
	{ "flag", OPTION_FLAG, &flag, NULL, "a flag", 0, 0 },
	{ "text", OPTION_TEXT, &text, "FILE", "a text", 0, 0 },
	{ "number", OPTION_NUMBER, &number, "N", "a number", 2, 10 },
	{ 0 },
};
static const struct usage usage = { "prog do", "ONE [TWO]", 1, 2, "Do it.\nLike so.", options };

static int cmd_do(int argc, char **argv)
{
	int first = 0, status = cli_options(&usage, argc, argv, &first);

	if (status >= 0)
		return status;
	cli_out("%s|%d|%s|%llu", argv[0], flag, text ? text : "-", (unsigned long long)number);
	for (; first < argc; first++)
		cli_out("|%s", argv[first]);
	cli_out("\n");
	return 0;
}

static int cmd_fail(int argc, char **argv)
{
	struct why why = { 0 };

	(void)argc, (void)argv;
	cli_say("a %s", "remark");
	why_check(&why, "some rule", "line 3 is bad");
	return cli_fail("prog fail", ERR_INVALID, &why);
}

static int cmd_accept(int argc, char **argv)
{
	cli_out("%s %d\n", argv[0], argc);
	return 0;
}

static const struct command commands[] = {
	{ "do", cmd_do, "does it" },
	{ "fail", cmd_fail, "fails" },
	{ "group accept", cmd_accept, "accepts" },
	{ 0 },
};
static const struct program program = { "prog", "For tests.", commands };

static int run_line(void *arg)
{
	char *argv[16], *line = strdup(arg), *save = NULL;
	int argc = 0, status;

	for (argv[0] = strtok_r(line, " ", &save); argv[argc];)
		argv[++argc] = strtok_r(NULL, " ", &save);
	status = cli_main(&program, argc, argv);
	free(line);
	return status;
}

static void line(struct capture *c, const char *words)
{
	capture(c, run_line, (void *)(uintptr_t)words);
}

static void options_and_operands_may_stand_in_any_order(void **state)
{
	static const char *const same[] = {
		"prog do a --flag --text t b --number 10",
		"prog do --text=t --number=10 --flag a b",
		"prog do --text t a b --flag --number 10",
		"prog do --text t --flag --number 10 -- a b",
	};
	struct capture c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		line(&c, same[i]);
		assert_string_equal(c.err, "");
		assert_string_equal(c.out, "do|1|t|10|a|b\n");
		assert_int_equal(c.status, 0);
	}
	line(&c, "prog do -");
	assert_string_equal(c.out, "do|0|-|0|-\n");
	line(&c, "prog do -- --flag");
	assert_string_equal(c.out, "do|0|-|0|--flag\n");
}

static void a_wrong_line_says_what_and_exits_64(void **state)
{
	static const char *const bad[][2] = {
		{ "prog", "which command?" },
		{ "prog undo", "there is no command undo" },
		{ "prog group", "there is no command group" },
		{ "prog group deny", "there is no command group" },
		{ "prog do", "missing: ONE [TWO]" },
		{ "prog do a b c", "too many words; it takes ONE [TWO]" },
		{ "prog do a --nope", "unknown option --nope" },
		{ "prog do a -f", "unknown option -f" },
		{ "prog do a --fla", "unknown option --fla" },
		{ "prog do a --flag=1", "no value goes with --flag" },
		{ "prog do a --text", "a value is missing after --text" },
		{ "prog do a --number 1", "--number: a number from 2 to 10" },
		{ "prog do a --number 11", "--number: a number from 2 to 10" },
		{ "prog do a --number x", "--number: a number from 2 to 10" },
	};
	struct capture c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		line(&c, bad[i][0]);
		assert_int_equal(c.status, EX_USAGE);
		assert_string_equal(c.out, "");
		if (!strstr(c.err, bad[i][1]))
			fail_msg("'%s' does not hold '%s'", c.err, bad[i][1]);
	}
}

static void help_comes_from_the_tables_on_stdout(void **state)
{
	struct capture c;

	(void)state;
	line(&c, "prog --help");
	assert_int_equal(c.status, 0);
	assert_non_null(strstr(c.out, "usage: prog COMMAND"));
	assert_non_null(strstr(c.out, "group accept"));
	assert_non_null(strstr(c.out, "For tests."));
	assert_string_equal(c.err, "");
	line(&c, "prog do --help");
	assert_int_equal(c.status, 0);
	assert_non_null(strstr(c.out, "usage: prog do [OPTION]... ONE [TWO]"));
	assert_non_null(strstr(c.out, "Like so."));
	assert_non_null(strstr(c.out, "--text FILE"));
	line(&c, "prog --version");
	assert_string_equal(c.out, "prog " VOTEPOST_VERSION "\n");
}

static void a_group_is_two_words(void **state)
{
	struct capture c;

	(void)state;
	line(&c, "prog group accept x y");
	assert_string_equal(c.out, "group accept 3\n");
}

static void failure_is_words_on_stderr_with_the_rule(void **state)
{
	struct capture c;

	(void)state;
	line(&c, "prog fail");
	assert_int_equal(c.status, 1);
	assert_string_equal(c.out, "");
	assert_string_equal(c.err, "a remark\nprog fail: line 3 is bad (some rule)\n");
}

static void every_error_has_its_exit_status(void **state)
{
	static const struct {
		enum err e;
		int status;
	} all[] = {
		{ OK, 0 },
		{ ERR_MEMORY, EX_TEMPFAIL },
		{ ERR_IO, EX_IOERR },
		{ ERR_FULL, EX_TEMPFAIL },
		{ ERR_FORMAT, EX_DATAERR },
		{ ERR_TOO_LARGE, EX_DATAERR },
		{ ERR_INVALID, 1 },
		{ ERR_NOT_FOUND, EX_DATAERR },
		{ ERR_EXISTS, EX_DATAERR },
		{ ERR_STATE, EX_DATAERR },
		{ ERR_BUSY, EX_TEMPFAIL },
		{ ERR_AGAIN, EX_TEMPFAIL },
		{ ERR_SETTINGS, EX_CONFIG },
		{ ERR_USAGE, EX_USAGE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_int_equal(cli_status(all[i].e), all[i].status);
}

static int fail_without_words(void *arg)
{
	struct why empty = { 0 };

	(void)arg;
	cli_fail("x", ERR_FULL, NULL);
	return cli_fail("x", ERR_FULL, &empty);
}

static void an_error_without_words_says_what_it_means(void **state)
{
	struct capture c;

	(void)state;
	capture(&c, fail_without_words, NULL);
	assert_string_equal(c.err, "x: the disk or the database is full\n"
	                           "x: the disk or the database is full\n");
}

static int help_to_a_full_disk(void *arg)
{
	char words[] = "prog --help";

	(void)arg;
	dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
	return run_line(words);
}

static int much_to_a_full_disk(void *arg)
{
	struct why why = { 0 };
	int i;

	(void)arg;
	dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
	for (i = 0; i < 100000; i++)
		cli_out("%d\n", i);
	cli_out_bytes("end", 3);
	return cli_fail("x", cli_flush(&why), &why);
}

static void a_full_disk_on_stdout_is_told(void **state)
{
	struct capture c;

	(void)state;
	capture(&c, help_to_a_full_disk, NULL);
	assert_int_equal(c.status, EX_TEMPFAIL);
	assert_non_null(strstr(c.err, "prog: standard output: No space left on device"));
	capture(&c, much_to_a_full_disk, NULL);
	assert_int_equal(c.status, EX_TEMPFAIL);
}

static int confirm_without_terminal(void *arg)
{
	(void)arg;
	setsid();
	return cli_confirm("sure?") ? 1 : 0;
}

static void without_a_terminal_the_answer_is_no(void **state)
{
	struct capture c;

	(void)state;
	capture(&c, confirm_without_terminal, NULL);
	assert_int_equal(c.status, 0);
}

/* Counts its operands, prints them, and fails as it is told. */
static enum err work(void *context, char **operand, struct why *why)
{
	enum err *e = context;

	while (*operand)
		cli_out("%s;", *operand++);
	return *e ? why_set(why, *e, "it went wrong") : OK;
}

static int run_work(void *arg)
{
	char *argv[] = { (char *)"do", (char *)"one", (char *)"--flag", (char *)"two", NULL };

	return cli_run(&usage, 4, argv, work, arg);
}

static int run_without_operands(void *arg)
{
	char *argv[] = { (char *)"do", NULL };

	return cli_run(&usage, 1, argv, work, arg);
}

static void a_whole_command_prints_flushes_and_tells_its_failure(void **state)
{
	enum err e = OK;
	struct capture c;

	(void)state;
	capture(&c, run_work, &e);
	assert_int_equal(c.status, 0);
	assert_string_equal(c.out, "one;two;");
	assert_string_equal(c.err, "");
	e = ERR_BUSY;
	capture(&c, run_work, &e);
	assert_int_equal(c.status, EX_TEMPFAIL);
	assert_string_equal(c.out, "one;two;"); /* what came before is good */
	assert_string_equal(c.err, "prog do: it went wrong\n");
	capture(&c, run_without_operands, &e);
	assert_int_equal(c.status, EX_USAGE);
	assert_string_equal(c.out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_and_operands_may_stand_in_any_order),
		cmocka_unit_test(a_wrong_line_says_what_and_exits_64),
		cmocka_unit_test(help_comes_from_the_tables_on_stdout),
		cmocka_unit_test(a_group_is_two_words),
		cmocka_unit_test(failure_is_words_on_stderr_with_the_rule),
		cmocka_unit_test(every_error_has_its_exit_status),
		cmocka_unit_test(an_error_without_words_says_what_it_means),
		cmocka_unit_test(a_full_disk_on_stdout_is_told),
		cmocka_unit_test(a_whole_command_prints_flushes_and_tells_its_failure),
		cmocka_unit_test(without_a_terminal_the_answer_is_no),
	};

	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
