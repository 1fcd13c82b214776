/* SPDX-License-Identifier: MIT */
#include "mailer/sheet.h"

#include <string.h>

#include <jansson.h>

#include "tests/support.h"

static void fill(struct findings *f)
{
	findings_look(f, SECTION_RELAY, "relay", "Relay %s", "mail.test");
	findings_saw(f, "Answers.");
	findings_look(f, SECTION_SENDER, "spf", "SPF of vote.test");
	findings_saw(f, "v=spf1 %s", "\033[31m\"x\"\n\xff -all");
	findings_tell(f, FINDING_STOP, "It is broken.");
	findings_tell(f, FINDING_NOTE, "A little.");
	findings_do(f, "Mend it.");
	findings_look(f, SECTION_SENDER, "dkim", "DKIM");
	findings_tell(f, FINDING_UNSEEN, "No answer.");
}

static void the_worst_level_stays(void **state)
{
	struct findings f = { 0 };

	(void)state;
	fill(&f);
	assert_int_equal(findings_err(&f), OK);
	assert_int_equal(f.n, 3);
	assert_int_equal(f.finding[0].level, FINDING_OK);
	assert_int_equal(f.finding[1].level, FINDING_STOP);
	assert_string_equal(buf_text(&f.finding[1].means), "It is broken. A little.");
	assert_int_equal(findings_count(&f, FINDING_STOP), 1);
	assert_int_equal(findings_count(&f, FINDING_NOTE), 0);
	findings_release(&f);
}

static void the_page_is_in_sections_and_nothing_of_others_reaches_the_terminal(void **state)
{
	struct buf out = BUF_INIT(1 << 16);
	struct findings f = { 0 };
	const char *sender, *relay;

	(void)state;
	fill(&f);
	sheet_text(&out, &f, false);
	assert_int_equal(buf_err(&out), OK);
	assert_null(strchr(out.data, 0x1b));
	sender = strstr(out.data, "The sender's name");
	relay = strstr(out.data, "The relay that");
	assert_true(sender && relay && sender < relay);
	assert_null(strstr(out.data, "The letter\n"));
	assert_non_null(strstr(out.data, "→ Mend it."));
	assert_non_null(strstr(out.data, "1 stop, 1 not seen, 1 well"));
	assert_non_null(strstr(out.data, "✗ SPF of vote.test"));
	buf_clear(&out);
	sheet_text(&out, &f, true);
	assert_null(strstr(out.data, "\033[31m\"x\""));
	buf_free(&out);
	findings_release(&f);
}

/* Characters, not bytes. */
static size_t width(const char *line, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)line[i] & 0xc0) != 0x80;
	return n;
}

static void no_line_is_wider_than_a_terminal(void **state)
{
	struct buf out = BUF_INIT(1 << 16);
	struct findings f = { 0 };
	char word[400];

	(void)state;
	memset(word, 'k', sizeof(word) - 1);
	word[sizeof(word) - 1] = 0;
	findings_look(&f, SECTION_SENDER, "dkim", "DKIM key");
	findings_saw(&f, "p=%s end", word);
	findings_tell(&f, FINDING_WARNING,
	              "é %s é é é é é é é é é é é é é é é é é é é é é é é é é é é é",
	              "é é é é é é é é é é é é é é é é é é é é é é é é é é é");
	sheet_text(&out, &f, false);
	for (const char *at = out.data; *at; at += strcspn(at, "\n") + 1)
		assert_true(width(at, strcspn(at, "\n")) <= 80);
	buf_free(&out);
	findings_release(&f);
}

static void a_program_reads_the_same(void **state)
{
	struct buf out = BUF_INIT(1 << 16);
	struct findings f = { 0 };
	json_t *root, *one;

	(void)state;
	fill(&f);
	sheet_json(&out, &f);
	root = json_loads(buf_text(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	assert_int_equal(json_integer_value(json_object_get(root, "stop")), 1);
	one = json_array_get(json_object_get(root, "findings"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "level")), "stop");
	assert_string_equal(json_string_value(json_object_get(one, "found")),
	                    "v=spf1 ?[31m\"x\"?? -all");
	json_decref(root);
	buf_free(&out);
	findings_release(&f);
}

static void words_beyond_the_cap_are_cut(void **state)
{
	struct findings f = { 0 };

	(void)state;
	findings_look(&f, SECTION_TRIP, "way", "Way");
	for (unsigned i = 0; i < 1000; i++)
		findings_saw(&f, "hop %u", i);
	assert_int_equal(findings_err(&f), OK);
	assert_true(f.finding[0].found.len > 1000);
	findings_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worst_level_stays),
		cmocka_unit_test(
			the_page_is_in_sections_and_nothing_of_others_reaches_the_terminal),
		cmocka_unit_test(no_line_is_wider_than_a_terminal),
		cmocka_unit_test(a_program_reads_the_same),
		cmocka_unit_test(words_beyond_the_cap_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
