/* SPDX-License-Identifier: MIT */
#include "mailer/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support.h"

static const struct report_marks marks = { "bounce", "vote", "vote.test" };

static struct reader *start(const char *program, unsigned seconds)
{
	struct reader *r = NULL;
	struct why why = { 0 };

	assert_ok(reader_start(&r, program, seconds, &marks, &why), &why);
	return r;
}

static void put(struct reader *r, const char *text)
{
	struct why why = { 0 };

	assert_ok(reader_put(r, text, strlen(text), "bounce+0123456789abc@vote.test", &why), &why);
}

static bool take(struct reader *r, struct report *out, const char *wanted)
{
	const struct buf *raw;
	struct why why = { 0 };
	bool readable;

	assert_ok(reader_take(r, out, &readable, &raw, &why), &why);
	assert_string_equal(buf_text(raw), wanted);
	return readable;
}

static void answers_come_in_order(void **state)
{
	struct reader *r = start(NULL, 0);
	unsigned sent = 0, taken = 0;
	struct report report;
	char mail[64], wanted[64];

	(void)state;
	while (taken < 1000) {
		snprintf(mail, sizeof(mail), "Subject: %u\n\n550 5.1.%u x\n", sent, sent % 900);
		if (sent < 1000 && reader_has_room(r)) {
			put(r, mail);
			sent++;
			continue;
		}
		snprintf(mail, sizeof(mail), "Subject: %u\n\n550 5.1.%u x\n", taken, taken % 900);
		assert_true(take(r, &report, mail));
		snprintf(wanted, sizeof(wanted), "5.1.%u", taken % 900);
		assert_string_equal(report.status, wanted);
		assert_string_equal(report.handle, "0123456789abc");
		taken++;
	}
	assert_true(reader_is_idle(r));
	reader_stop(r);
}

/* Whatever a mail does to the process that reads it, it is unreadable itself, and its neighbours
 * are not. */
static void a_mail_takes_nobody_with_it(void **state)
{
	static const char *const tries[] = {
		"crash", "abort",  "hang",   "sleep",    "file",    "socket",     "exec",
		"fork",  "unlink", "memory", "lie kind", "lie end", "lie handle", "lie status",
	};
	struct report report;

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct reader *r = start(REPORT_TAKEN_OVER, 1);
		char bad[64];

		snprintf(bad, sizeof(bad), "Subject: x\n\nTRY %s\n", tries[i]);
		put(r, "Subject: before\n\n");
		put(r, bad);
		put(r, "Subject: after\n\n");
		assert_true(take(r, &report, "Subject: before\n\n"));
		if (take(r, &report, bad))
			fail_msg("%s is read", tries[i]);
		assert_true(take(r, &report, "Subject: after\n\n"));
		put(r, "Subject: later\n\n");
		assert_true(take(r, &report, "Subject: later\n\n"));
		reader_stop(r);
	}
}

static void a_program_that_is_not_there_is_told(void **state)
{
	struct reader *r = NULL;
	struct why why = { 0 };

	(void)state;
	assert_int_equal(reader_start(&r, "/nowhere/votepost-report", 0, &marks, &why), ERR_IO);
	assert_non_null(strstr(why.text, "/nowhere/votepost-report"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_in_order),
		cmocka_unit_test(a_mail_takes_nobody_with_it),
		cmocka_unit_test(a_program_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
