/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/text.h"
#include "scrutineer/reconcile.h"
#include "scrutineer/wording.h"
#include "tests/support.h"

static const struct wording *const languages[] = { &wording_en, &wording_fr };

/* Which of {1} … {9} a sentence fills in, a bit each. */
static unsigned filled(const char *text)
{
	unsigned set = 0;

	for (; (text = strchr(text, '{')); text++) {
		if (text[1] >= '1' && text[1] <= '9' && text[2] == '}')
			set |= 1u << (text[1] - '0');
	}
	return set;
}

static void every_language_has_every_word(void **state)
{
	(void)state;
	for (unsigned i = 0; i < WORDS; i++) {
		const char *en = wording_en.word[i];

		assert_non_null(en);
		for (size_t l = 0; l < sizeof(languages) / sizeof(*languages); l++) {
			const char *text = languages[l]->word[i];

			if (!text || !text[0] || !text_clean(text, strlen(text)))
				fail_msg("word %u is missing in %s", i, languages[l]->language);
			if (filled(text) != filled(en))
				fail_msg("%s does not fill in what \"%s\" does",
				         languages[l]->language, en);
		}
	}
}

static void french_is_not_english(void **state)
{
	unsigned same = 0;

	(void)state;
	for (unsigned i = 0; i < WORDS; i++)
		same += !strcmp(wording_en.word[i], wording_fr.word[i]);
	assert_in_range(same, 0, 8); /* "Incidents", "Interventions", "Signatures", … */
}

/* Names that a board's own texts are in stay as they are. */
static void every_sum_has_a_french_name(void **state)
{
	struct accounts a = { .chronicle = { .sealed = true, .issued = true, .attended = true } };
	struct manifest m = { .members = 3 };
	struct sums sums = { 0 };

	(void)state;
	a.m = &m;
	assert_int_equal(reconcile_sums(&sums, &a), OK);
	assert_in_range(sums.n, 15, 30);
	for (unsigned i = 0; i < sums.n; i++) {
		const struct sum *s = &sums.sum[i];

		if (wording_phrase(&wording_fr, s->name) == s->name)
			fail_msg("the sum \"%s\" has no French name", s->name);
		for (unsigned t = 0; t < s->terms; t++) {
			if (wording_phrase(&wording_fr, s->term[t].what) == s->term[t].what)
				fail_msg("\"%s\" has no French name", s->term[t].what);
		}
	}
	sums_release(&sums);
}

static void numbers_rates_and_times_are_written(void **state)
{
	struct buf out = BUF_INIT(256);

	(void)state;
	wording_number(&out, &wording_en, 1234567);
	buf_addc(&out, '|');
	wording_number(&out, &wording_fr, 1234567);
	buf_addc(&out, '|');
	wording_number(&out, &wording_fr, 999);
	buf_addc(&out, '|');
	wording_percent(&out, &wording_fr, 2, 3);
	buf_addc(&out, '|');
	wording_percent(&out, &wording_en, 1, 1);
	buf_addc(&out, '|');
	wording_percent(&out, &wording_en, 1, 0);
	assert_string_equal(out.data, "1,234,567|1\u202f234\u202f567|999|66,7\u00a0%|"
	                              "100.0\u00a0%|–");
	buf_free(&out);
}

static void expect_phrase(const char *text, const char *want)
{
	struct buf out = BUF_INIT(1024);

	wording_add_phrase(&out, &wording_fr, text);
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
}

static void what_stands_between_known_words_is_kept_as_it_is(void **state)
{
	(void)state;
	expect_phrase("send, by officers 1 and 3", "send, par les officiers 1 et 3");
	expect_phrase("ledger, by officers 1, 2 and 3", "ledger, par les officiers 1, 2 et 3");
	expect_phrase("reminder 2 by outcome", "rappel 2, selon leur sort");
	expect_phrase("until 2026-12-03T18:00:00Z", "jusqu’à 2026-12-03T18:00:00Z");
	/* Nothing between, or something else around it: as it stands. */
	expect_phrase("reminder  by outcome", "reminder  by outcome");
	expect_phrase("until ", "until ");
	expect_phrase("a reminder 2 by outcome", "a reminder 2 by outcome");
	expect_phrase("*", "*");
	expect_phrase("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_language_has_every_word),
		cmocka_unit_test(what_stands_between_known_words_is_kept_as_it_is),
		cmocka_unit_test(french_is_not_english),
		cmocka_unit_test(every_sum_has_a_french_name),
		cmocka_unit_test(numbers_rates_and_times_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
