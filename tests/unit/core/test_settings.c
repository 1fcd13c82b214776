/* SPDX-License-Identifier: MIT */
#include "core/settings.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/unit/temp.h"

static const char GOOD[] = "\xEF\xBB\xBF# a comment\r\n"
			   "[one]\n"
			   "  key = some text  \n"
			   "title[fr] = Oui\xC3\xA9\n"
			   "spaced = \\sx\\n\\\\ # kept\n"
			   "\n"
			   "[two words]\n"
			   "number=12\n"
			   "empty =\n";

static void values_lines_and_groups_are_found(void **state)
{
	struct settings *s = NULL;
	struct why why = { 0 };

	assert_int_equal(settings_open(&s, temp_text(state, "s", GOOD), &why), OK);
	assert_string_equal(settings_get(s, "one", "key", NULL), "some text");
	assert_string_equal(settings_get(s, "one", "title", "fr"), "Oui\xC3\xA9");
	assert_null(settings_get(s, "one", "title", "en"));
	assert_null(settings_get(s, "one", "title", NULL));
	assert_string_equal(settings_get(s, "one", "spaced", NULL), " x\n\\ # kept");
	assert_string_equal(settings_get(s, "two words", "number", NULL), "12");
	assert_string_equal(settings_get(s, "two words", "empty", NULL), "");
	assert_int_equal(settings_line(s, "one", "key", NULL), 3);
	assert_int_equal(settings_line(s, "one", "title", "fr"), 4);
	assert_int_equal(settings_line(s, "one", "none", NULL), 2);
	assert_int_equal(settings_line(s, "two words", "number", NULL), 8);
	assert_int_equal(settings_line(s, "three", "number", NULL), 0);
	assert_string_equal(settings_group(s, 0), "one");
	assert_string_equal(settings_group(s, 1), "two words");
	assert_null(settings_group(s, 2));
	assert_int_equal(settings_unknown(s, &why), OK);
	settings_free(s);
}

static void what_no_one_asked_for_is_unknown(void **state)
{
	struct settings *s = NULL;
	struct why why = { 0 };

	assert_int_equal(settings_open(&s, temp_text(state, "s", "[a]\nx=1\ny=2\n[b]\n"), &why),
	                 OK);
	assert_int_equal(settings_unknown(s, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "s:1: [a]: unknown group"));
	settings_get(s, "a", "x", NULL);
	assert_int_equal(settings_unknown(s, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "s:3: [a] y: unknown key"));
	settings_get(s, "a", "y", NULL);
	assert_int_equal(settings_unknown(s, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "s:4: [b]: unknown group"));
	settings_get(s, "b", "nothing there", NULL);
	assert_int_equal(settings_unknown(s, &why), OK);
	settings_free(s);
}

static void a_bad_line_is_named(void **state)
{
	static const struct {
		const char *text, *at;
	} bad[] = {
		{ "[a]\nx=1\nx=2\n", "s:3: x stands on line 2 already" },
		{ "[a]\nx[fr]=1\n\nx[fr]=2\n", "s:4: x[fr] stands on line 2 already" },
		{ "[a]\n[b]\n[a]\n", "s:3: [a] stands on line 1 already" },
		{ "x=1\n", "s:1: a key before the first [group]" },
		{ "[a\nx=1\n", "s:1: a group is written [name]" },
		{ "[]\n", "s:1: a group is written [name]" },
		{ "[a] # no\n", "s:1: a group is written [name]" },
		{ "[a]\nword\n", "s:2: neither [group], key = value nor # comment" },
		{ "[a]\n= 1\n", "s:2: a key is" },
		{ "[a]\nx[] = 1\n", "s:2: a key is" },
		{ "[a]\nx y = 1\n", "s:2: a key is" },
		{ "[a]\nx[fr = 1\n", "s:2: a key is" },
		{ "[a]\nx = \xFF\n", "s:2: not UTF-8" },
		{ "[a]\nx = \x01\n", "s:2: not UTF-8, or a control character" },
		{ "[a]\nx = \xE2\x80\xAE\n", "s:2: not UTF-8, or a control character" },
		{ "[a]\nx = \\q\n", "s:2: [a] x: " },
	};
	struct settings *s = NULL;
	struct why why;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = (struct why){ 0 };
		assert_int_equal(settings_open(&s, temp_text(state, "s", bad[i].text), &why),
		                 ERR_SETTINGS);
		if (!strstr(why.text, bad[i].at))
			fail_msg("'%s' does not hold '%s'", why.text, bad[i].at);
	}
}

static void a_zero_byte_or_a_file_too_large_is_refused(void **state)
{
	static char large[SETTINGS_FILE_MAX + 1];
	struct settings *s = NULL;
	struct why why = { 0 };

	assert_int_equal(settings_open(&s, temp_file(state, "s", "[a]\nx=\0y\n", 9), &why),
	                 ERR_SETTINGS);
	assert_non_null(strstr(why.text, "s:2: "));
	memset(large, '\n', sizeof(large));
	assert_int_equal(settings_open(&s, temp_file(state, "s", large, sizeof(large)), &why),
	                 ERR_TOO_LARGE);
	assert_int_equal(settings_open(&s, temp_path(state, "none"), &why), ERR_NOT_FOUND);
}

static void every_cut_of_a_good_file_is_safe(void **state)
{
	struct settings *s;
	struct why why;
	size_t len;

	for (len = 0; len < sizeof(GOOD); len++) {
		s = NULL;
		if (!settings_open(&s, temp_file(state, "s", GOOD, len), &why))
			settings_free(s);
	}
}

static void fifty_thousand_keys_take_no_time(void **state)
{
	struct settings *s = NULL;
	struct why why = { 0 };
	char line[32], name[16];
	FILE *f = fopen(temp_path(state, "s"), "w");
	int i;

	fputs("[a]\n", f);
	for (i = 0; i < 50000; i++) {
		snprintf(line, sizeof(line), "key%d=%d\n", i, i);
		fputs(line, f);
	}
	fclose(f);
	assert_int_equal(settings_open(&s, temp_path(state, "s"), &why), OK);
	for (i = 0; i < 50000; i++) {
		snprintf(name, sizeof(name), "key%d", i);
		assert_non_null(settings_get(s, "a", name, NULL));
	}
	assert_int_equal(settings_unknown(s, &why), OK);
	settings_free(s);
}

struct relay {
	char *host, *user;
	uint64_t port;
	bool tls;
	unsigned mode;
};

static const char *const modes[] = { "none", "starttls", "implicit", NULL };
static const struct setting table[] = {
	{ "relay", "host", SETTING_TEXT, offsetof(struct relay, host), NULL, 1, 20, NULL },
	{ "relay", "user", SETTING_TEXT, offsetof(struct relay, user), "", 0, 20, NULL },
	{ "relay", "port", SETTING_NUMBER, offsetof(struct relay, port), "25", 1, 65535, NULL },
	{ "relay", "tls", SETTING_BOOL, offsetof(struct relay, tls), "true", 0, 0, NULL },
	{ "relay", "mode", SETTING_CHOICE, offsetof(struct relay, mode), "starttls", 0, 0, modes },
	{ 0 },
};

static void a_table_fills_its_fields(void **state)
{
	struct why why = { 0 };
	struct relay r;

	assert_int_equal(settings_read(&r, table, temp_text(state, "s", "[relay]\nhost=h\n"), &why),
	                 OK);
	assert_string_equal(r.host, "h");
	assert_string_equal(r.user, "");
	assert_int_equal(r.port, 25);
	assert_true(r.tls);
	assert_int_equal(r.mode, 1);
	settings_release_table(&r, table);
	assert_null(r.host);
	assert_int_equal(
		settings_read(&r, table,
	                      temp_text(state, "s",
	                                "[relay]\nhost=h\nport=65535\ntls=no\nmode=implicit\n"),
	                      &why),
		OK);
	assert_int_equal(r.port, 65535);
	assert_false(r.tls);
	assert_int_equal(r.mode, 2);
	settings_release_table(&r, table);
}

static void a_value_out_of_range_names_file_line_and_key(void **state)
{
	static const struct {
		const char *text, *at;
	} bad[] = {
		{ "[relay]\nhost=h\nport=0\n", "s:3: [relay] port: must be a number from 1 to" },
		{ "[relay]\nhost=h\nport=65536\n", "s:3: [relay] port: " },
		{ "[relay]\nhost=h\nport=-1\n", "s:3: [relay] port: " },
		{ "[relay]\nhost=h\nport= 2 5\n", "s:3: [relay] port: " },
		{ "[relay]\nhost=h\nport=\n", "s:3: [relay] port: " },
		{ "[relay]\nhost=\n", "s:2: [relay] host: must have 1 to 20 bytes, has 0" },
		{ "[relay]\nhost=123456789012345678901\n", "s:2: [relay] host: " },
		{ "[relay]\nhost=h\ntls=maybe\n", "s:3: [relay] tls: must be true or false" },
		{ "[relay]\nhost=h\nmode=ssl\n",
		  "s:3: [relay] mode: must be one of: none, starttls, implicit" },
		{ "[relay]\nport=1\n", "s:1: [relay] host: must be given" },
		{ "", "s: [relay] host: must be given" },
		{ "[relay]\nhost=h\nhots=h\n", "s:3: [relay] hots: unknown key" },
		{ "[relay]\nhost=h\n[rely]\n", "s:3: [rely]: unknown group" },
	};
	struct relay r;
	struct why why;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = (struct why){ 0 };
		assert_int_equal(settings_read(&r, table, temp_text(state, "s", bad[i].text), &why),
		                 ERR_SETTINGS);
		assert_null(r.host);
		if (!strstr(why.text, bad[i].at))
			fail_msg("'%s' does not hold '%s'", why.text, bad[i].at);
	}
}

static void a_caller_names_what_is_wrong_in_the_same_way(void **state)
{
	struct settings *s = NULL;
	struct why why = { 0 };

	assert_int_equal(settings_open(&s, temp_text(state, "s", "[a]\nx[fr]=1\n"), &why), OK);
	assert_int_equal(settings_wrong(s, "a", "x", "fr", &why, "too %s", "odd"), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "s:2: [a] x[fr]: too odd"));
	settings_wrong(s, "a", NULL, NULL, &why, "empty");
	assert_non_null(strstr(why.text, "s:1: [a]: empty"));
	settings_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(values_lines_and_groups_are_found),
		TEMP_TEST(what_no_one_asked_for_is_unknown),
		TEMP_TEST(a_bad_line_is_named),
		TEMP_TEST(a_zero_byte_or_a_file_too_large_is_refused),
		TEMP_TEST(every_cut_of_a_good_file_is_safe),
		TEMP_TEST(fifty_thousand_keys_take_no_time),
		TEMP_TEST(a_table_fills_its_fields),
		TEMP_TEST(a_value_out_of_range_names_file_line_and_key),
		TEMP_TEST(a_caller_names_what_is_wrong_in_the_same_way),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
