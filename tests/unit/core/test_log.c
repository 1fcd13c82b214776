/* SPDX-License-Identifier: MIT */
#include "core/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/capture.h"

static int write_some(void *arg)
{
	char large[3000];

	(void)arg;
	log_open(LOG_LEVEL_INFO, NULL);
	log_error("disk full", "free=%d", 0);
	log_debug("not shown", "x=%d", 1);
	log_info("forged", "text=%s", "a\n2026-01-01T00:00:00Z error b\x1b[2J");
	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	log_warn("long", "text=%s", large);
	log_open(LOG_LEVEL_ERROR, NULL);
	log_warn("silent", "x=%d", 1);
	return 0;
}

static void an_event_is_one_line_whatever_it_quotes(void **state)
{
	struct capture c;
	unsigned lines = 0;
	const char *at;

	(void)state;
	capture(&c, write_some, NULL);
	assert_int_equal(c.status, 0);
	assert_string_equal(c.out, "");
	for (at = c.err; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 3);
	assert_non_null(strstr(c.err, "Z error disk full free=0\n"));
	assert_non_null(strstr(c.err, "Z info  forged text=a?2026"));
	assert_null(strchr(c.err, '\x1b'));
	assert_null(strstr(c.err, "not shown"));
	assert_null(strstr(c.err, "silent"));
	assert_true(strlen(c.err) < 1400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_one_line_whatever_it_quotes),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
