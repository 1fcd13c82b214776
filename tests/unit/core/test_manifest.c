/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/manifest.h"
#include "core/syntax.h"

static void worked_elections_and_fingerprints(void **state)
{
	static const char *const names[] = { "one-question", "three-questions",
		                             "edges",        "rotated",
		                             "nobody-voted", "one-share-forged-enough-left" };
	unsigned char election[HASH_BYTES];
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct manifest *m = support_manifest(names[i]);
		json_t *secrets;

		snprintf(path, sizeof(path), "vectors/%s/secrets.json", names[i]);
		secrets = support_json(path);
		support_hex(election, sizeof(election), secrets, "election");
		assert_memory_equal(m->id, election, sizeof(election));
		assert_string_equal(m->fingerprint,
		                    json_string_value(json_object_get(secrets, "fingerprint")));
		json_decref(secrets);
		manifest_free(m);
	}
}

/* The bad examples whose defect is in the manifest: each refused under its name. */
static void bad_manifests_are_refused_by_name(void **state)
{
	static const struct {
		const char *name, *check;
	} bad[] = {
		{ "closes-before-opens", "manifest time" },
		{ "manifest-bidi", "manifest text" },
		{ "manifest-escapes", "line not canonical" },
		{ "manifest-link-plain", "manifest link" },
		{ "manifest-title-twice", "json duplicate key" },
		{ "roll-class-small", "manifest roll members" },
		{ "same-question-twice", "question id" },
		{ "second-factor-and-reply", "manifest second factor" },
		{ "threshold-half", "trustees threshold" },
		{ "trustee-proof", "trustee proof" },
		{ "election-key-other", "election key" },
		{ "blank-with-min-0", "question blank" },
	};
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct manifest *m = NULL;
		struct board_text b;
		struct why why = { 0 };

		snprintf(path, sizeof(path), "vectors/bad/%s/board.ndjson", bad[i].name);
		support_board(&b, path);
		assert_int_equal(manifest_read(&m, b.line[0], b.len[0], &why), ERR_INVALID);
		assert_null(m);
		assert_string_equal(why.check, bad[i].check);
		support_board_free(&b);
	}
}

/* Change a member of a good manifest and see it refused under a name. */
static void refuse(const char *name, const char *key, const char *value, const char *check)
{
	struct board_text b;
	struct buf line = BUF_INIT(MANIFEST_MAX);
	struct manifest *m;
	struct why why = { 0 };
	char path[128];
	json_t *root, *member;

	snprintf(path, sizeof(path), "vectors/%s/board.ndjson", name);
	support_board(&b, path);
	root = json_loads(b.line[0], 0, NULL);
	member = json_loads(value, JSON_DECODE_ANY, NULL);
	assert_non_null(member);
	assert_int_equal(json_object_set_new(root, key, member), 0);
	json_add(&line, root);
	if (manifest_read(&m, line.data, line.len, &why) != ERR_INVALID ||
	    strcmp(why.check, check) != 0)
		fail_msg("%s = %s: \"%s\" %s", key, value, why.check, why.text);
	json_decref(root);
	buf_free(&line);
	support_board_free(&b);
}

static void every_rule_has_its_name(void **state)
{
	static const struct {
		const char *key, *value, *check;
	} rows[] = {
		{ "protocol", "\"votepost/2\"", "line type" },
		{ "languages", "[]", "manifest languages" },
		{ "languages", "[\"fr\",\"fr\"]", "manifest languages" },
		{ "languages", "[\"FR\",\"en\"]", "manifest languages" },
		{ "languages", "[\"fr\"]", "json keys" },
		{ "languages", "[\"en\",\"fr\"]", "json keys" },
		{ "title", "{\"fr\":\"a\",\"en\":\" \"}", "manifest text" },
		{ "title", "{\"fr\":\"a\"}", "json keys" },
		{ "organiser", "\"\\u00a0\"", "manifest text" },
		{ "opens", "\"2026-12-01T12:00:00\"", "manifest opens" },
		{ "closes", "\"2026-12-01T12:00:00Z\"", "manifest time" },
		{ "channels", "[]", "manifest channels" },
		{ "channels", "[\"link\",\"reply\"]", "manifest channels" },
		{ "channels", "[\"reply\",\"reply\"]", "manifest channels" },
		{ "channels", "[\"post\"]", "manifest channels" },
		{ "channels", "[\"link\"]", "manifest waiver" },
		{ "reply_to", "\"vote@\"", "manifest reply to" },
		{ "reply_to", "\"vote example.org\"", "manifest reply to" },
		{ "reply_to", "\"a..b@example.org\"", "manifest reply to" },
		{ "link", "\"http://127.0.0.1/\"", "manifest link" },
		{ "link", "\"https://\"", "manifest link" },
		{ "link", "\"https://a.example/#x\"", "manifest link" },
		{ "questions", "[]", "manifest questions" },
		{ "roll", "[]", "manifest roll" },
		{ "roll", "[{\"weight\":0,\"members\":12}]", "manifest roll weight" },
		{ "roll", "[{\"weight\":1001,\"members\":12}]", "manifest roll weight" },
		{ "roll", "[{\"weight\":2,\"members\":12},{\"weight\":1,\"members\":12}]",
		  "manifest roll weight" },
		{ "roll", "[{\"weight\":1000,\"members\":4294968}]", "manifest roll members" },
		{ "min_ballots", "0", "manifest min ballots" },
		{ "min_ballots", "13", "manifest roll members" },
		{ "mailer_key", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"",
		  "manifest mailer key" },
		{ "mailer_key", "\"GSCc4t7BX-PLKCFMtH8MABNr2UAaJ-BOg3P7BNDdv8c\"",
		  "manifest receiver key" },
		{ "election_key", "\"AAAA\"", "manifest election key" },
		{ "second_factor", "0", "manifest second factor" },
		{ "test", "null", "manifest test" },
		{ "extra", "1", "json keys" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		refuse("one-question", rows[i].key, rows[i].value, rows[i].check);
}

static void rows_follow_the_questions(void **state)
{
	struct manifest *m = support_manifest("three-questions");
	unsigned i, cells = 0;

	(void)state;
	for (i = 0; i < m->rows; i++) {
		assert_int_equal(m->row[i].first_cell, cells);
		cells += m->row[i].cells;
	}
	assert_int_equal(m->cells, cells);
	assert_int_equal(m->question[0].first_row, 0);
	manifest_free(m);
}

static void letters_leave_out_what_looks_like_another(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 23; i++) {
		assert_null(strchr("ILO", option_letter(i)));
		assert_int_equal(option_from_letter(option_letter(i)), (int)i);
	}
	assert_int_equal(option_from_letter('O'), -1);
	assert_int_equal(option_from_letter('a'), -1);
	assert_int_equal(option_from_letter('\0'), -1);
}

static void addresses_and_links(void **state)
{
	(void)state;
	assert_true(syntax_address("vote@example.org"));
	assert_true(syntax_address("v.o+te@a-b.example.org"));
	assert_false(syntax_address("vote@exa mple.org"));
	assert_false(syntax_address("vote@a@b"));
	assert_false(syntax_address(".vote@example.org"));
	assert_false(syntax_address("vote.@example.org"));
	assert_false(syntax_address("vote@example.org."));
	assert_false(syntax_address("v\xc3\xb4te@example.org"));
	assert_true(syntax_link("https://vote.example.org/a?b=c", false));
	assert_true(syntax_link("http://127.0.0.1:8080/", true));
	assert_false(syntax_link("http://127.0.0.1.evil.example/", true));
	assert_false(syntax_link("http://127.0.0.1/", false));
	assert_false(syntax_link("https://a b", false));
	assert_true(syntax_language("pt-BR"));
	assert_false(syntax_language("f"));
	assert_false(syntax_language("fr-"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_elections_and_fingerprints),
		cmocka_unit_test(bad_manifests_are_refused_by_name),
		cmocka_unit_test(every_rule_has_its_name),
		cmocka_unit_test(rows_follow_the_questions),
		cmocka_unit_test(letters_leave_out_what_looks_like_another),
		cmocka_unit_test(addresses_and_links),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
