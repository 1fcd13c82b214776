/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "core/file.h"
#include "scrutineer/minutes.h"
#include "tests/election.h"
#include "tests/support.h"
#include "tests/unit/scrutineer/told.h"
#include "tests/unit/temp.h"

static const char *const files[] = { MINUTES_TEXT, MINUTES_HTML, MINUTES_PDF, MINUTES_JSON };

static void write_minutes(void **state, struct told *t, const char *language, const char *name)
{
	struct why why = { 0 };
	struct minutes mi;

	t->source.language = language;
	assert_ok(minutes_gather(&mi, &t->source, &why), &why);
	assert_ok(minutes_write(&mi, TOLD_FONTS, temp_path(state, name), &why), &why);
	minutes_release(&mi);
}

static void read_file(struct buf *out, const char *path)
{
	struct why why = { 0 };

	*out = BUF_INIT(MINUTES_MAX);
	assert_ok(file_read(out, path, &why), &why);
}

static void read_minutes(void **state, struct buf *out, const char *dir, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	read_file(out, temp_path(state, path));
}

/* A file as it was once read and found good. With VOTEPOST_GOLDEN set it is written instead. */
static void expect_golden(void **state, const char *dir, const char *name, const char *golden)
{
	struct buf now, then;
	char path[96];

	read_minutes(state, &now, dir, name);
	snprintf(path, sizeof(path), "unit/scrutineer/golden/%s", golden);
	if (getenv("VOTEPOST_GOLDEN"))
		assert_int_equal(file_write(path, now.data, now.len, 0644, NULL), OK);
	read_file(&then, path);
	if (now.len != then.len || memcmp(now.data, then.data, now.len) != 0)
		fail_msg("%s is not tests/%s: look at both, then run this test with "
		         "VOTEPOST_GOLDEN=1",
		         name, path);
	buf_free(&now);
	buf_free(&then);
}

static void minutes_are_as_they_were_found_good(void **state)
{
	struct told t;

	told_make(state, &t);
	write_minutes(state, &t, "en", "en");
	expect_golden(state, "en", MINUTES_TEXT, "minutes-en.txt");
	expect_golden(state, "en", MINUTES_JSON, "minutes-en.json");
	write_minutes(state, &t, NULL, "fr"); /* the manifest's first language */
	expect_golden(state, "fr", MINUTES_TEXT, "minutes-fr.txt");
	told_release(&t);
}

static void expect_same(void **state, const char *a, const char *b)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct buf x, y;

		read_minutes(state, &x, a, files[i]);
		read_minutes(state, &y, b, files[i]);
		assert_int_equal(x.len, y.len);
		assert_memory_equal(x.data, y.data, x.len);
		buf_free(&x);
		buf_free(&y);
	}
}

/* Made again in another zone and another second they are the same, byte for byte. The flow tests
 * do the same with the program under another locale and a clock that was moved. */
static void made_again_they_are_the_same(void **state)
{
	const struct timespec wait = { 1, 100000000 };
	struct told t;

	told_make(state, &t);
	write_minutes(state, &t, "fr", "one");
	nanosleep(&wait, NULL);
	setenv("TZ", "Pacific/Auckland", 1);
	tzset();
	write_minutes(state, &t, "fr", "two");
	unsetenv("TZ");
	tzset();
	expect_same(state, "one", "two");
	told_release(&t);
}

static void json_is_canonical_and_says_what_happened(void **state)
{
	struct why why = { 0 };
	struct buf line;
	struct told t;
	json_t *root;

	told_make(state, &t);
	write_minutes(state, &t, "en", "en");
	read_minutes(state, &line, "en", MINUTES_JSON);
	assert_ok(json_read(&root, line.data, line.len - 1, &why), &why);
	assert_int_equal(json_integer_value(json_object_get(root, "ballots")), 8);
	assert_string_equal(json_string_value(json_object_get(root, "stage")), "counted");
	assert_int_equal(json_array_size(json_object_get(root, "extensions")), 1);
	assert_true(json_is_true(json_object_get(json_object_get(root, "reconcile"), "good")));
	json_decref(root);
	buf_free(&line);
	told_release(&t);
}

static void html_loads_nothing_and_runs_nothing(void **state)
{
	static const char *const never[] = { "<script", "http:", "https:", "src=",
		                             "@import", "url(",  "<link",  "<presentes>" };
	struct buf html;
	struct told t;

	told_make(state, &t);
	write_minutes(state, &t, "en", "en");
	read_minutes(state, &html, "en", MINUTES_HTML);
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		assert_null(strstr(html.data, never[i]));
	assert_non_null(strstr(html.data, "&lt;presentes&gt; &amp; atentos"));
	assert_non_null(strstr(html.data, "<svg"));
	buf_free(&html);
	told_release(&t);
}

static void expect_text(void **state, const char *dir, const char *words)
{
	struct buf text;

	read_minutes(state, &text, dir, MINUTES_TEXT);
	if (!strstr(text.data, words))
		fail_msg("\"%s\" is missing:\n%s", words, text.data);
	buf_free(&text);
}

static void a_difference_stands_at_their_head(void **state)
{
	struct told t;

	told_make(state, &t);
	t.totals.issued++;
	told_write_ledger(state, &t);
	write_minutes(state, &t, "en", "en");
	expect_text(state, "en", "Sums that must hold and do not: 1.");
	expect_text(state, "en", "  NO\n");
	told_release(&t);
}

static void a_vote_not_yet_counted_has_minutes_without_a_count(void **state)
{
	struct told t;

	told_make(state, &t);
	remove(temp_path(state, "result.json"));
	remove(temp_path(state, "share-1.json"));
	remove(temp_path(state, "share-3.json"));
	write_minutes(state, &t, "en", "en");
	expect_text(state, "en", "The vote is closed and not yet counted.");
	expect_text(state, "en", "There is no count.");
	told_release(&t);
}

/* The same papers of another election, as it stands. */
static void tell_of(void **state, struct told *t, struct election *e)
{
	const struct temp *temp = *state;

	manifest_free(t->m);
	remove(temp_path(state, OPENING_FILE));
	remove(temp_path(state, "result.json"));
	remove(temp_path(state, "share-1.json"));
	remove(temp_path(state, "share-3.json"));
	election_write(e, temp->dir, true);
	t->m = e->m;
	memcpy(t->mailer, e->mailer_secret, sizeof(t->mailer));
	memcpy(t->receiver, e->receiver_secret, sizeof(t->receiver));
	told_write_ledger(state, t);
	told_write_funnel(state, t);
}

static void an_open_vote_and_one_with_too_few_ballots_say_so(void **state)
{
	static const struct election_shape shape = { 1, 1, { 9, 0 }, 5, false };
	static struct election e;
	struct told t;

	told_make(state, &t);
	election_init(&e, &shape);
	election_open(&e);
	for (unsigned v = 0; v < 3; v++)
		election_vote(&e, v, 1);
	tell_of(state, &t, &e);
	write_minutes(state, &t, "en", "en");
	expect_text(state, "en", "The vote is still open.");
	expect_text(state, "en", "There is no count.");
	election_close(&e);
	t.m = NULL;
	tell_of(state, &t, &e);
	write_minutes(state, &t, "en", "en");
	expect_text(state, "en", "Ballots at the close: 3, fewer than the 5");
	expect_text(state, "en", "There is no count.");
	election_release(&e);
}

static void expect_refused(void **state, struct told *t, enum err want, const char *check)
{
	struct why why = { 0 };
	struct minutes mi;
	enum err e = minutes_gather(&mi, &t->source, &why);

	(void)state;
	if (e != want || strcmp(why.check, check) != 0)
		fail_msg("%d %s: %s", e, why.check, why.text);
	minutes_release(&mi);
}

static void a_record_that_fails_gets_none(void **state)
{
	struct told t;

	told_make(state, &t);
	told_copy(state, "share-1.json", "share-3.json");
	expect_refused(state, &t, ERR_INVALID, "record");
	told_copy(state, "share-3.json", "share-3.json");
	temp_text(state, OPENING_FILE, "{}\n");
	expect_refused(state, &t, ERR_INVALID, "json keys");
	told_release(&t);
}

/* A mailer may write what it likes into its journal, within its form. */
static void a_hostile_journal_is_shown_as_it_stands(void **state)
{
	struct buf html;
	struct told t;

	told_make(state, &t);
	strcpy(t.line[4].event, "zzz");
	strcpy(t.line[4].purpose, "<b onclick=x>{1} %s %n");
	t.line[4].count[0].n = UINT64_C(9007199254740991);
	told_write_ledger(state, &t);
	write_minutes(state, &t, "en", "en");
	expect_text(state, "en", "9,007,199,254,740,991");
	read_minutes(state, &html, "en", MINUTES_HTML);
	assert_null(strstr(html.data, "<b onclick"));
	assert_non_null(strstr(html.data, "zzz: &lt;b onclick=x&gt;{1} %s %n"));
	buf_free(&html);
	strcpy(t.line[7].count[0].name, "because");
	told_write_ledger(state, &t);
	expect_refused(state, &t, ERR_INVALID, "journal stand");
	told_release(&t);
}

static void a_character_that_the_typeface_lacks_is_named(void **state)
{
	struct buf pdf, again;
	struct told t;

	told_make(state, &t);
	write_minutes(state, &t, "en", "en");
	read_minutes(state, &pdf, "en", MINUTES_PDF);
	t.source.bureau = temp_text(state, "bureau.conf",
	                            "[bureau]\nplace = \xf0\x9f\x97\xb3 \xe5\xb1\xb1\n"
	                            "[member a]\nname = A\nrole = r\n");
	write_minutes(state, &t, "en", "en");
	read_minutes(state, &again, "en", MINUTES_PDF);
	assert_memory_equal(again.data, "%PDF", 4);
	assert_int_not_equal(pdf.len, again.len);
	expect_text(state, "en", "\xf0\x9f\x97\xb3");
	buf_free(&pdf);
	buf_free(&again);
	told_release(&t);
}

static void without_the_typefaces_nothing_is_written(void **state)
{
	struct why why = { 0 };
	struct minutes mi;
	struct told t;

	told_make(state, &t);
	assert_ok(minutes_gather(&mi, &t.source, &why), &why);
	assert_int_equal(
		minutes_write(&mi, temp_path(state, "none"), temp_path(state, "out"), &why),
		ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "fonts-dejavu-core"));
	assert_false(file_there(temp_path(state, "out")));
	minutes_release(&mi);
	told_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(minutes_are_as_they_were_found_good),
		TEMP_TEST(made_again_they_are_the_same),
		TEMP_TEST(json_is_canonical_and_says_what_happened),
		TEMP_TEST(html_loads_nothing_and_runs_nothing),
		TEMP_TEST(a_difference_stands_at_their_head),
		TEMP_TEST(a_vote_not_yet_counted_has_minutes_without_a_count),
		TEMP_TEST(an_open_vote_and_one_with_too_few_ballots_say_so),
		TEMP_TEST(a_record_that_fails_gets_none),
		TEMP_TEST(a_hostile_journal_is_shown_as_it_stands),
		TEMP_TEST(a_character_that_the_typeface_lacks_is_named),
		TEMP_TEST(without_the_typefaces_nothing_is_written),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
