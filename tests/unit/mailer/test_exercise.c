/* SPDX-License-Identifier: MIT */
#include "mailer/exercise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

/* The definition of the rehearsal of this one: a test, and otherwise the same. */
static void rehearsed(void **state, const char *text)
{
	const char *path = temp_text(state, "election.conf", text);
	struct buf out = BUF_INIT(2 * SETTINGS_FILE_MAX), kept = BUF_INIT(SETTINGS_FILE_MAX);
	struct definition *real = NULL, *test = NULL;
	struct why why = { 0 };

	assert_ok(exercise_text(&out, path, &why), &why);
	assert_int_equal(file_read(&kept, path, NULL), OK);
	assert_string_equal(buf_text(&kept), text);
	assert_ok(definition_read(&real, path, &why), &why);
	assert_ok(definition_read(&test, temp_text(state, "test.conf", buf_text(&out)), &why),
	          &why);
	assert_true(test->test);
	assert_int_equal(test->questions, real->questions);
	assert_string_equal(test->question[0].id, real->question[0].id);
	assert_string_equal(test->title.in[1], real->title.in[1]);
	assert_string_equal(test->organiser, real->organiser);
	assert_int_equal(test->min_ballots, real->min_ballots);
	assert_int_equal(test->closes, real->closes);
	definition_free(real);
	definition_free(test);
	buf_free(&out);
	buf_free(&kept);
}

static void a_rehearsal_is_the_same_but_a_test(void **state)
{
	static const char *const was[] = { "test = false\n",   "test=false\n",
		                           "test = true\n",    "",
		                           "  test = false\n", "# test = true\n" };

	for (size_t i = 0; i < sizeof(was) / sizeof(*was); i++) {
		char *text = kit_replace(KIT_DEFINITION, "test = false\n", was[i]);

		rehearsed(state, text);
		free(text);
	}
}

static void a_test_may_stand_on_the_last_line(void **state)
{
	char *text = kit_replace(KIT_DEFINITION, "test = false\n", ""), *end;
	char *election, *whole;

	/* [election] after the question, its last line without a line feed. */
	election = strstr(text, "[election]");
	end = strstr(text, "[question motion]");
	assert_true(election && end);
	assert_true(asprintf(&whole, "%s\n%.*stest = false", end, (int)(end - election), election) >
	            0);
	rehearsed(state, whole);
	free(whole);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_rehearsal_is_the_same_but_a_test),
		TEMP_TEST(a_test_may_stand_on_the_last_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
