/* SPDX-License-Identifier: MIT */
#include "mailer/definition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

/* A definition with one thing put otherwise, and the sentence that says so. */
static const struct {
	const char *from, *to, *says;
} wrong[] = {
	{ "option2[en] = Text 2, “The course ahead”\n", "",
	  "[question motion] option2[fr]: there is no option2[en] beside it" },
	{ "option2[en] = Text 2, “The course ahead”\n", "option2[en] =\n",
	  "[question motion] option2[en]: is empty" },
	{ "title[en] = Congress 2026\n", "",
	  "[election] title[fr]: there is no title[en] beside it" },
	{ "languages = fr;en", "languages = fr;en;fr", "[election] languages: fr stands twice" },
	{ "languages = fr;en", "languages = french",
	  "[election] languages: \"french\" is not a tag like fr or pt-BR" },
	{ "languages = fr;en", "languages = ;", "[election] languages: is empty" },
	{ "organiser = ", "organizer = ", "[election] organiser: is missing" },
	{ "organiser = ", "unknown = 1\norganiser = ", "[election] unknown: unknown key" },
	{ "organiser = ", "organiser = x\norganiser = ", "stands on line" },
	{ "opens = 2026-12-01T12:00:00Z\n", "opens = 2026-12-01 12:00\n",
	  "[election] opens: must be a time in UTC such as 2026-12-01T12:00:00Z" },
	{ "closes = 2026-12-02T22:00:00Z", "closes = 2026-12-01T12:00:00Z",
	  "[election] closes: must be after opens" },
	{ "channels = reply;sealed-reply;link", "channels = reply;post",
	  "[election] channels: \"post\" is none of reply, sealed-reply, link" },
	{ "channels = reply;sealed-reply;link", "channels = link;link",
	  "[election] channels: link stands twice" },
	{ "channels = reply;sealed-reply;link", "channels = link",
	  "[election] waiver[fr]: stands only where channels holds reply" },
	{ "waiver[en] = ", "waiver[en] = V2027\n#",
	  "[election] waiver[en]: would vote when a mail that holds it is quoted" },
	{ "reply_to = vote@example.org", "reply_to = vote",
	  "[election] reply_to: must be a plain address such as vote@example.org" },
	{ "reply_to = vote@example.org",
	  "reply_to = avotingboxwithanameofmorethanfiftycharactersinallhere@example.org",
	  "[election] reply_to: more than 50 characters before the @" },
	{ "link = https://vote.example.org/", "link = http://vote.example.org/",
	  "[election] link: must be an https:// address without a fragment" },
	{ "min_ballots = 10\n", "min_ballots = 0\n",
	  "[election] min_ballots: must be a number from 1 to 4294967295" },
	{ "min_ballots = 10\n", "min_ballots = ten\n",
	  "[election] min_ballots: must be a number from 1 to 4294967295" },
	{ "second_factor = false", "second_factor = true",
	  "[election] second_factor: cannot go with plain replies" },
	{ "test = false", "test = no", "[election] test: must be true or false" },
	{ "[question motion]", "[question Motion]",
	  "a question's name must match [a-z0-9-]{1,32}" },
	{ "[question motion]", "[motion]", "no [question NAME]" },
	{ "kind = choice", "kind = choose", "[question motion] kind: must be choice or grades" },
	{ "kind = choice", "kind = grades", "[question motion] grade1[fr]: is missing" },
	{ "option2[", "option4[", "there is no option" },
	{ "min = 1\n", "min = 2\n", "[question motion] min: is above max" },
	{ "max = 1\n", "max = 4\n", "[question motion] max: must be a number from 1 to 3" },
	{ "min = 1\n", "min = 0\n",
	  "[question motion] blank: with a blank, min must be 1 or more" },
	{ "blank = true", "blank = true\n[question motion]\nkind = choice", "" },
};

static void every_mistake_names_file_line_and_key(void **state)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char *text = kit_replace(KIT_DEFINITION, wrong[i].from, wrong[i].to);
		const char *path = temp_text(state, "election.conf", text);
		struct definition *d = NULL;
		struct why why = { 0 };

		if (definition_read(&d, path, &why) != ERR_SETTINGS)
			fail_msg("accepted: %s", wrong[i].to);
		if (!strstr(why.text, wrong[i].says) || strncmp(why.text, path, strlen(path)))
			fail_msg("\"%s\" says: %s", wrong[i].to, why.text);
		free(text);
	}
}

static void a_line_number_is_the_line_s(void **state)
{
	char *text = kit_replace(KIT_DEFINITION, "max = 1\n", "max = 9\n");
	const char *path = temp_text(state, "election.conf", text);
	const char *at = strstr(text, "max = 9");
	struct definition *d = NULL;
	struct why why = { 0 };
	unsigned line = 1;
	char want[32];

	for (const char *p = text; p < at; p++)
		line += *p == '\n';
	assert_int_equal(definition_read(&d, path, &why), ERR_SETTINGS);
	snprintf(want, sizeof(want), ":%u: ", line);
	assert_non_null(strstr(why.text, want));
	free(text);
}

static void the_example_is_read_whole(void **state)
{
	struct definition *d = NULL;
	struct why why = { 0 };

	(void)state;
	assert_ok(definition_read(&d, KIT_DEFINITION, &why), &why);
	assert_int_equal(d->languages, 2);
	assert_string_equal(d->language[1], "en");
	assert_string_equal(d->title.in[1], "Congress 2026");
	assert_int_equal(d->questions, 1);
	assert_string_equal(d->question[0].id, "motion");
	assert_int_equal(d->question[0].options, 3);
	assert_true(d->question[0].blank);
	assert_int_equal(d->min_ballots, 10);
	assert_int_equal(definition_language(d, "en"), 1);
	assert_int_equal(definition_language(d, "de"), -1);
	definition_free(d);
}

static void questions_keep_the_file_s_order(void **state)
{
	static const char more[] =
		"blank = true\n"
		"[question budget]\nkind = grades\ntitle[fr] = B\ntitle[en] = B\n"
		"option1[fr] = x\noption1[en] = x\n"
		"grade1[fr] = bon\ngrade1[en] = good\n"
		"grade2[fr] = mauvais\ngrade2[en] = bad\n"
		"[question a-last]\nkind = choice\ntitle[fr] = C\ntitle[en] = C\n"
		"option1[fr] = x\noption1[en] = x\noption2[fr] = y\n"
		"option2[en] = y\nmin = 0\nmax = 2\nblank = false\n";
	char *text = kit_replace(KIT_DEFINITION, "blank = true\n", more);
	struct definition *d = NULL;
	struct why why = { 0 };

	assert_ok(definition_read(&d, temp_text(state, "election.conf", text), &why), &why);
	assert_int_equal(d->questions, 3);
	assert_string_equal(d->question[0].id, "motion");
	assert_string_equal(d->question[1].id, "budget");
	assert_int_equal(d->question[1].kind, QUESTION_GRADES);
	assert_int_equal(d->question[1].grades, 2);
	assert_string_equal(d->question[1].grade[0].in[1], "good");
	assert_string_equal(d->question[2].id, "a-last");
	definition_free(d);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_mistake_names_file_line_and_key, temp_setup,
		                                temp_teardown),
		cmocka_unit_test_setup_teardown(a_line_number_is_the_line_s, temp_setup,
		                                temp_teardown),
		cmocka_unit_test(the_example_is_read_whole),
		cmocka_unit_test_setup_teardown(questions_keep_the_file_s_order, temp_setup,
		                                temp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
