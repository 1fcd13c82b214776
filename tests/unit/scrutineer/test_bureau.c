/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "scrutineer/bureau.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

#define PLACE  "[bureau]\nplace = here\n"
#define MEMBER "[member a]\nname = A\nrole = r\n"

static void the_example_is_read(void **state)
{
	struct why why = { 0 };
	struct bureau b;

	(void)state;
	assert_ok(bureau_read(&b, "../config/bureau.conf", &why), &why);
	assert_int_equal(b.members, 2);
	assert_string_equal(b.member[0].id, "chair");
	assert_true(b.member[0].has_key);
	assert_false(b.member[1].has_key);
	assert_int_equal(b.incidents, 1);
	assert_non_null(b.incident[0].decision);
	bureau_release(&b);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ MEMBER, "[bureau] place: it must be given" },
		{ PLACE, "at least one [member" },
		{ PLACE "colour = red\n" MEMBER, "colour" },
		{ PLACE "[member A]\nname = A\nrole = r\n", "a-z, 0-9" },
		{ PLACE "[member ../x]\nname = A\nrole = r\n", "a-z, 0-9" },
		{ PLACE "[member a]\nrole = r\n", "name: it must be given" },
		{ PLACE "[member a]\nname = A\x1b[2J\nrole = r\n", "control character" },
		{ PLACE "[member a]\nname = A\xe2\x80\xaeZ\nrole = r\n", "control character" },
		{ PLACE "[member a]\nname = A\xff\nrole = r\n", "UTF-8" },
		{ PLACE MEMBER "key = short\n", "public key" },
		{ PLACE MEMBER "key = kMzhhZFBA02rB5IoJlVEco51R78StvmFN9LbCm2_Q-U\n[member b]\n"
		               "name = B\nrole = r\n"
		               "key = kMzhhZFBA02rB5IoJlVEco51R78StvmFN9LbCm2_Q-U\n",
		  "the key of member a too" },
		{ PLACE MEMBER "[incident 2]\nat = x\ntext = y\n", "[incident 1]" },
		{ PLACE MEMBER "[incident 1]\nat = x\n", "text: it must be given" },
		{ PLACE MEMBER "[other]\nat = x\n", "other" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct why why = { 0 };
		struct bureau b;

		assert_int_equal(bureau_read(&b, temp_text(state, "b.conf", bad[i].text), &why),
		                 ERR_SETTINGS);
		if (!strstr(why.text, bad[i].says) || !strstr(why.text, "b.conf"))
			fail_msg("%zu: %s", i, why.text);
		bureau_release(&b);
	}
}

static void texts_and_lists_have_an_end(void **state)
{
	struct buf text = BUF_INIT(1 << 20);
	struct bureau b;

	buf_adds(&text, PLACE "remarks = ");
	for (unsigned i = 0; i < BUREAU_TEXT_MAX; i++)
		buf_addc(&text, 'x');
	buf_adds(&text, "\n");
	for (unsigned i = 0; i < BUREAU_MEMBERS_MAX; i++)
		buf_addf(&text, "[member m%u]\nname = N\nrole = r\n", i);
	for (unsigned i = 0; i < BUREAU_INCIDENTS_MAX; i++)
		buf_addf(&text, "[incident %u]\nat = t\ntext = x\n", i + 1);
	assert_int_equal(bureau_read(&b, temp_text(state, "b", text.data), NULL), OK);
	bureau_release(&b);
	buf_addf(&text, "[incident %u]\nat = t\ntext = x\n", BUREAU_INCIDENTS_MAX + 1);
	assert_int_equal(bureau_read(&b, temp_text(state, "b", text.data), NULL), ERR_SETTINGS);
	bureau_release(&b);
	text.data[strlen(PLACE) + 9] = 'x'; /* "remarks =x…": a byte more */
	assert_int_equal(bureau_read(&b, temp_text(state, "b", text.data), NULL), ERR_SETTINGS);
	bureau_release(&b);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(the_example_is_read),
		TEMP_TEST(what_is_wrong_is_told_with_its_line),
		TEMP_TEST(texts_and_lists_have_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
