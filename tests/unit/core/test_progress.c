/* SPDX-License-Identifier: MIT */
#include "core/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <locale.h>
#include <pthread.h>
#include <pty.h>

#include "tests/unit/capture.h"

static int quick(void *arg)
{
	struct progress *p = progress_start("sending", 300);
	int i;

	(void)arg;
	for (i = 0; i < 300; i++)
		progress_step(p, 1);
	progress_end(p);
	progress_step(NULL, 1);
	progress_end(NULL);
	progress_hide();
	return 0;
}

static int slow(void *arg)
{
	struct progress *p = progress_start("sending", 300);
	int i;

	(void)arg;
	for (i = 0; i < 130; i++) {
		progress_step(p, 2);
		usleep(10000);
	}
	progress_end(p);
	return 0;
}

/* Fast so far, but somebody knows better. */
static int held_back(void *arg)
{
	struct progress *p = progress_start("sending", 300);

	(void)arg;
	progress_step(p, 200);
	usleep(1100000);
	progress_left(p, 7200);
	progress_end(p);
	progress_left(NULL, 1);
	return 0;
}

static void what_is_known_of_the_rest_is_told(void **state)
{
	struct capture c;

	(void)state;
	capture(&c, held_back, NULL);
	assert_non_null(strstr(c.err, "2 h 00 left, done "));
}

/* All but the last, which waits for somebody else. */
static int put_off(void *arg)
{
	struct progress *p = progress_start("sending", 300);

	(void)arg;
	progress_step(p, 299);
	for (int i = 0; i < 45; i++) {
		progress_left(p, 0);
		usleep(100000);
	}
	progress_end(p);
	return 0;
}

static void quick_work_says_nothing(void **state)
{
	struct capture c;

	(void)state;
	capture(&c, quick, NULL);
	assert_string_equal(c.out, "");
	assert_string_equal(c.err, "");
}

static void without_a_terminal_there_are_plain_lines(void **state)
{
	struct capture c;
	const char *at;

	(void)state;
	capture(&c, slow, NULL);
	assert_string_equal(c.out, "");
	assert_null(strchr(c.err, '\r'));
	assert_null(strchr(c.err, '\x1b'));
	assert_memory_equal(c.err, "sending: ", 9);
	assert_non_null(strstr(c.err, " of 300, "));
	assert_non_null(strstr(c.err, " left\n"));
	/* One line on the way and one at the end. */
	at = strchr(c.err, '\n');
	assert_non_null(at);
	assert_memory_equal(at, "\nsending: 260 in 0:0", 20);
}

static size_t on_a_terminal(char *screen, size_t room, const char *codeset,
                            const struct winsize *size, int work(void *))
{
	size_t len = 0;
	int tty, status;
	pid_t child;
	ssize_t n;

	child = forkpty(&tty, NULL, NULL, size);
	assert_true(child >= 0);
	if (child == 0) {
		setenv("TERM", "xterm", 1);
		setlocale(LC_CTYPE, codeset);
		_exit(work(NULL));
	}
	while ((n = read(tty, screen + len, room - len - 1)) > 0)
		len += (size_t)n;
	screen[len] = '\0';
	close(tty);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	return len;
}

/* The widest that a drawn line gets, in characters. */
static size_t widest(const char *screen)
{
	size_t width = 0, most = 0;

	for (; *screen; screen++) {
		if (*screen == '\r' || *screen == '\n')
			width = 0;
		else if (!strncmp(screen, "\x1b[K", 3))
			screen += 2;
		else if (((unsigned char)*screen & 0xC0) != 0x80)
			width++;
		if (width > most)
			most = width;
	}
	return most;
}

static void a_terminal_gets_a_bar_that_fits(void **state)
{
	static const unsigned short columns[] = { 200, 80, 50, 20 };
	struct winsize size = { .ws_row = 24 };
	char screen[65536];
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		size.ws_col = columns[i];
		on_a_terminal(screen, sizeof(screen), i % 2 ? "C" : "C.UTF-8", &size, slow);
		assert_non_null(strstr(screen, "\r\x1b[K"));
		assert_non_null(strstr(screen, "sending: 260 in 0:0"));
		if (columns[i] >= 80)
			assert_non_null(strstr(screen, i % 2 ? "##" : "\xE2\x96\x88\xE2\x96\x88"));
		*strstr(screen, "sending: 260") = '\0';
		assert_true(widest(screen) < columns[i]);
	}
}

/* A rate that fades while nothing moves once promised the end of one letter in nine years. */
static void what_waits_for_others_is_not_reckoned_from_a_rate(void **state)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char screen[65536], *last;

	(void)state;
	on_a_terminal(screen, sizeof(screen), "C", &size, put_off);
	*strstr(screen, "sending: 299") = '\0';
	last = strrchr(screen, 'K');
	*last = '\0';
	last = strrchr(screen, 'K');
	assert_non_null(strstr(last, "299 of 300, 99%, waiting"));
	assert_null(strstr(last, "left"));
}

static void *step_much(void *arg)
{
	int i;

	for (i = 0; i < 10000; i++)
		progress_step(arg, 1);
	return NULL;
}

static int from_threads(void *arg)
{
	struct progress *p = progress_start("counting", 0);
	pthread_t thread[4];
	int i;

	(void)arg;
	usleep(1050000);
	for (i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, step_much, p);
	for (i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	progress_end(p);
	return 0;
}

static void any_thread_may_step_and_none_is_lost(void **state)
{
	struct capture c;

	(void)state;
	capture(&c, from_threads, NULL);
	assert_non_null(strstr(c.err, "counting: 40,000 in 0:01"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_known_of_the_rest_is_told),
		cmocka_unit_test(quick_work_says_nothing),
		cmocka_unit_test(without_a_terminal_there_are_plain_lines),
		cmocka_unit_test(a_terminal_gets_a_bar_that_fits),
		cmocka_unit_test(what_waits_for_others_is_not_reckoned_from_a_rate),
		cmocka_unit_test(any_thread_may_step_and_none_is_lost),
	};

	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
