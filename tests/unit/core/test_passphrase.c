/* SPDX-License-Identifier: MIT */
#include "core/passphrase.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>

#include <sodium.h>

#include "core/secret.h"
#include "tests/unit/temp.h"

static void a_file_gives_its_line(void **state)
{
	struct passphrase *p = NULL;
	struct why why = { 0 };

	assert_int_equal(
		passphrase_get(&p, temp_text(state, "p", "caf\xC3\xA9 au lait\n"), "", 0, &why),
		OK);
	assert_int_equal(p->len, 13);
	assert_string_equal(p->text, "caf\xC3\xA9 au lait");
	secret_free(p);
}

static void a_file_that_is_no_passphrase_is_refused(void **state)
{
	static const char *const bad[] = { "",           "\n",     "two\nlines\n",
		                           "return\r\n", "\xFF\n", "tab\there" };
	static char large[PASSPHRASE_MAX + 10];
	struct passphrase *p = NULL;
	struct why why = { 0 };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(passphrase_get(&p, temp_text(state, "p", bad[i]), "", 0, &why),
		                 ERR_SETTINGS);
		assert_non_null(strstr(why.text, "/p: "));
	}
	memset(large, 'x', sizeof(large));
	for (i = PASSPHRASE_MAX - 2; i < sizeof(large); i++) {
		assert_int_equal(passphrase_get(&p, temp_file(state, "p", large, i), "", 0, &why),
		                 i < PASSPHRASE_MAX ? OK : ERR_TOO_LARGE);
		if (i < PASSPHRASE_MAX)
			secret_free(p);
	}
	assert_int_equal(passphrase_get(&p, temp_path(state, "none"), "", 0, &why), ERR_NOT_FOUND);
	chmod(temp_text(state, "p", "word\n"), 0644);
	assert_int_equal(passphrase_get(&p, temp_path(state, "p"), "", 0, &why), ERR_SETTINGS);
}

/* Type `keys` at a terminal of our own; what passphrase_get makes of it, and what stood on
 * the screen. The child exits with the error, or 50 + the length. */
static int typed(const char *keys, int confirm, const char *want, char *screen, size_t room)
{
	struct passphrase *p = NULL;
	struct termios after;
	size_t len = 0;
	int tty, status;
	pid_t child;
	ssize_t n;
	enum err e;

	child = forkpty(&tty, NULL, NULL, NULL);
	assert_true(child >= 0);
	if (child == 0) {
		e = passphrase_get(&p, NULL, "passphrase: ", confirm, NULL);
		if (tcgetattr(0, &after) || !(after.c_lflag & ECHO) || !(after.c_lflag & ICANON))
			_exit(40);
		if (!e && strcmp(p->text, want) != 0)
			_exit(41);
		_exit(e ? (int)e : 50 + (int)p->len);
	}
	/* Wait for each prompt: what is typed before it is thrown away. */
	while ((n = read(tty, screen + len, room - len - 1)) > 0) {
		len += (size_t)n;
		screen[len] = '\0';
		if (*keys && (strstr(screen, ": ") || !len) && screen[len - 1] == ' ') {
			n = (ssize_t)strcspn(keys, "\n");
			n += keys[n] == '\n';
			usleep(20000);
			assert_int_equal(write(tty, keys, (size_t)n), n);
			keys += n;
		}
	}
	close(tty);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_terminal_shows_nothing_and_is_restored(void **state)
{
	char screen[4096] = "";

	(void)state;
	assert_int_equal(typed("hunter2\n", 0, "hunter2", screen, sizeof(screen)), 57);
	assert_non_null(strstr(screen, "passphrase: "));
	assert_null(strstr(screen, "hunter2"));
}

static void keys_of_a_terminal_do_what_people_expect(void **state)
{
	char screen[4096] = "";

	(void)state;
	assert_int_equal(typed("abX\x7F"
	                       "c\n",
	                       0, "abc", screen, sizeof(screen)),
	                 53);
	assert_int_equal(typed("ab\xC3\xA9\x7F"
	                       "c\n",
	                       0, "abc", screen, sizeof(screen)),
	                 53);
	assert_int_equal(typed("wrong\x15right\n", 0, "right", screen, sizeof(screen)), 55);
	assert_int_equal(typed("abc\x03", 0, "", screen, sizeof(screen)), ERR_USAGE);
	assert_int_equal(typed("\x04", 0, "", screen, sizeof(screen)), ERR_USAGE);
	assert_int_equal(typed("\n", 0, "", screen, sizeof(screen)), ERR_SETTINGS);
}

static void a_new_passphrase_is_typed_twice(void **state)
{
	char screen[4096] = "";

	(void)state;
	assert_int_equal(typed("one\none\n", 1, "one", screen, sizeof(screen)), 53);
	assert_int_equal(typed("one\ntwo\nsix\nsix\n", 1, "six", screen, sizeof(screen)), 53);
	assert_non_null(strstr(screen, "the two differ"));
	assert_int_equal(typed("1\n2\n3\n4\n5\n6\n", 1, "", screen, sizeof(screen)), ERR_USAGE);
}

static void without_file_and_terminal_there_is_none(void **state)
{
	struct passphrase *p = NULL;
	struct why why = { 0 };
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		setsid(); /* no terminal from here on */
		if (passphrase_get(&p, NULL, "p: ", 0, &why) != ERR_USAGE)
			_exit(1);
		_exit(strstr(why.text, "--passphrase-file") ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_file_gives_its_line),
		TEMP_TEST(a_file_that_is_no_passphrase_is_refused),
		cmocka_unit_test(a_terminal_shows_nothing_and_is_restored),
		cmocka_unit_test(keys_of_a_terminal_do_what_people_expect),
		cmocka_unit_test(a_new_passphrase_is_typed_twice),
		cmocka_unit_test(without_file_and_terminal_there_is_none),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("passphrase", tests, NULL, NULL);
}
