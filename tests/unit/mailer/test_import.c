/* SPDX-License-Identifier: MIT */
#include "mailer/import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mailer/lookalike.h"
#include "mailer/seen.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

struct told {
	struct buf text;
};

static void listen_to(void *context, enum import_kind kind, const char *sentence)
{
	struct told *t = context;
	const char *file = strstr(sentence, "m.csv:");

	assert_non_null(file);
	buf_addf(&t->text, "%s %s\n", kind == IMPORT_WRONG ? "wrong" : "odd",
	         file + strlen("m.csv:"));
}

static enum err import(void **state, const char *csv, bool shared, struct told *told,
                       struct roll_summary *summary, struct why *why)
{
	struct import i = { .allow_shared = shared, .tell = listen_to, .context = told };
	struct definition *d = NULL;
	enum err e;

	buf_init(&told->text, (size_t)1 << 20);
	assert_ok(definition_read(&d, KIT_DEFINITION, why), why);
	e = import_roll(&i, ((struct temp *)*state)->dir, temp_text(state, "m.csv", csv), d, why);
	if (summary)
		*summary = i.summary;
	definition_free(d);
	return e;
}

/* Rows under the usual header, and what is told of them, line by line. */
static const struct {
	const char *rows, *told;
} dirty[] = {
	{ "1,a@b.test,,,\n1,c@d.test,,,\n", "wrong 3: id: the same as in line 2\n" },
	{ "1,a@b.test,,,\n2,A@B.test,,,\n",
	  "wrong 3: email: the same as in line 2: a shared mailbox; allow it with "
	  "--allow-shared\n" },
	{ ",a@b.test,,,\n", "wrong 2: id: is empty\n" },
	{ "1,,,,\n", "wrong 2: email: is empty\n" },
	{ "1,\"a@b.test\r\nRCPT TO:<x@y>\",,,\n", "wrong 2: email: holds a line break\n" },
	{ "1,Zoe <a@b.test>,,,\n",
	  "wrong 2: email: holds < or >: the address alone, without a name\n" },
	{ "1,a b@c.test,,,\n", "wrong 2: email: holds a space\n" },
	{ "1,a@b.test;c@d.test,,,\n", "wrong 2: email: holds , or ;: one address a member\n" },
	{ "1,nobody,,,\n", "wrong 2: email: has no @\n" },
	{ "1,a@b@c.test,,,\n", "wrong 2: email: is not an address\n" },
	{ "1,a@-x-.test,,,\n", "wrong 2: email: is not an address\n" },
	{ "1,\"\"\"a b@b.test\",,,\n", "wrong 2: email: is not an address\n" },
	{ "1,\"\"\"a\"\"@b.test\",,,\n2,a@b.test,,,\n",
	  "wrong 3: email: the same as in line 2: a shared mailbox; allow it with "
	  "--allow-shared\n" },
	{ "1,a@b.test,,de,\n", "wrong 2: language: \"de\" is none of the election's\n" },
	{ "1,a@b.test,,,0\n", "wrong 2: weight: must be a whole number from 1 to 1000\n" },
	{ "1,a@b.test,,,1001\n", "wrong 2: weight: must be a whole number from 1 to 1000\n" },
	{ "1,a@b.test,,,1.5\n", "wrong 2: weight: must be a whole number from 1 to 1000\n" },
	{ "1,a@b.test,,,-1\n", "wrong 2: weight: must be a whole number from 1 to 1000\n" },
	{ "1,a@b.test,\"x\ny\",,\n",
	  "wrong 2: name: holds a line break, a control or a direction character\n" },
	{ "1,a@b.test,\xe2\x80\xaex,,\n",
	  "wrong 2: name: holds a line break, a control or a direction character\n" },
	{ "1,a@b.test,,\n", "wrong 2: 4 fields, where the first line has 5\n" },
	/* e + acute, and é: one identifier. */
	{ "e\xcc\x81,a@b.test,,,\n\xc3\xa9,c@d.test,,,\n", "wrong 3: id: the same as in line 2\n" },
	/* Several at once, each with its line. */
	{ ",a@b.test,,,\n2,x,,,\n3,c@d.test,,,0\n",
	  "wrong 2: id: is empty\nwrong 3: email: has no @\n"
	  "wrong 4: weight: must be a whole number from 1 to 1000\n" },
};

static void every_dirty_line_is_named_and_nothing_is_imported(void **state)
{
	for (size_t i = 0; i < sizeof(dirty) / sizeof(dirty[0]); i++) {
		struct buf csv = BUF_INIT(4096);
		struct why why = { 0 };
		struct roll *roll = NULL;
		struct told told;

		buf_adds(&csv, "id,email,name,language,weight\n");
		buf_adds(&csv, dirty[i].rows);
		assert_int_equal(import(state, buf_text(&csv), false, &told, NULL, &why),
		                 ERR_FORMAT);
		assert_string_equal(buf_text(&told.text), dirty[i].told);
		assert_non_null(strstr(why.text, "nothing was imported"));
		assert_int_equal(roll_open(&roll, ((struct temp *)*state)->dir, &why),
		                 ERR_NOT_FOUND);
		buf_free(&told.text);
		buf_free(&csv);
	}
}

static void a_long_name_and_a_long_id_are_refused(void **state)
{
	char csv[2000] = "id,email,name\n1,a@b.test,";
	struct why why = { 0 };
	struct told told;

	memset(csv + strlen(csv), 'x', 500);
	assert_int_equal(import(state, csv, false, &told, NULL, &why), ERR_FORMAT);
	assert_string_equal(buf_text(&told.text), "wrong 2: name: longer than 200 characters\n");
	buf_free(&told.text);
	memset(csv, 0, sizeof(csv));
	strcpy(csv, "email,id\na@b.test,");
	memset(csv + strlen(csv), 'x', 129);
	assert_int_equal(import(state, csv, false, &told, NULL, &why), ERR_FORMAT);
	assert_string_equal(buf_text(&told.text), "wrong 2: id: longer than 128 bytes\n");
	buf_free(&told.text);
}

static void a_file_that_is_no_roll_is_refused(void **state)
{
	static const char *const files[][2] = {
		{ "", "the file is empty" },
		{ "id,email\n", "no members" },
		{ "id,name\n1,x\n", ":1: there is no column email" },
		{ "id,email,phone\n", ":1: unknown column \"phone\"" },
		{ "id,email,id\n", ":1: two columns are named id" },
		{ "id;email\n1;a@b\n", ":1: separated by semicolons; export it with commas" },
		{ "id,email,factor\n", "a column factor stands if and only if" },
		{ "id,email\n1,\xe9@b\n", ":2: not UTF-8" },
		{ "id,email\n1,a@b\n\"2,c@d\n", ":3: a quote that is never closed" },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct why why = { 0 };
		struct told told;

		assert_int_equal(import(state, files[i][0], false, &told, NULL, &why), ERR_FORMAT);
		if (!strstr(why.text, files[i][1]))
			fail_msg("%s", why.text);
		buf_free(&told.text);
	}
}

static void columns_come_in_any_order(void **state)
{
	struct roll_summary summary;
	struct member member;
	struct why why = { 0 };
	struct roll *roll;
	struct told told;

	assert_ok(import(state,
	                 "\xef\xbb\xbfWeight,EMAIL,language,id,name,group\r\n"
	                 "3, Zoe@B\xc3\xbc"
	                 "cher.Example ,en,z1,\"d\xe2\x80\x99"
	                 "Arc, Zo\xc3\xa9\",Berlin\r\n"
	                 ",b@c.test,,z2,,\r\n",
	                 false, &told, &summary, &why),
	          &why);
	assert_int_equal(summary.members, 2);
	assert_int_equal(summary.weight[1], 1);
	assert_int_equal(summary.weight[3], 1);
	assert_int_equal(summary.language[1], 1);
	assert_ok(roll_open(&roll, ((struct temp *)*state)->dir, &why), &why);
	assert_ok(roll_get(roll, 0, &member, &why), &why);
	assert_string_equal(member.id, "z1");
	assert_string_equal(member.email, "Zoe@xn--bcher-kva.example");
	assert_string_equal(member.name, "d’Arc, Zoé");
	assert_string_equal(member.group, "Berlin");
	assert_int_equal(member.line, 2);
	assert_int_equal(member.weight, 3);
	assert_int_equal(member.language, 1);
	assert_ok(roll_find(roll, "z2", &member, &why), &why);
	assert_int_equal(member.serial, 1);
	assert_int_equal(member.weight, 1);
	assert_int_equal(roll_find(roll, "z3", &member, &why), ERR_NOT_FOUND);
	roll_close(roll);
	buf_free(&told.text);
}

static void addresses_out_of_the_ordinary_are_taken(void **state)
{
	static const char *const want[] = { "\"john doe\"@b.test", "a.b@b.test", "\"a..b\"@b.test",
		                            "\xc3\xa9lise@xn--bcher-kva.test", "\".a\"@b.test" };
	struct member member;
	struct why why = { 0 };
	struct roll *roll;
	struct told told;

	assert_ok(import(state,
	                 "id,email\n1,\"\"\"john doe\"\"@b.test\"\n"
	                 "2,\"\"\"a\\.b\"\"@b.test\"\n"
	                 "3,\"\"\"a..b\"\"@b.test\"\n4,\xc3\xa9lise@b\xc3\xbc"
	                 "cher.test\n5,\"\"\"\\.a\"\"@b.test\"\n",
	                 false, &told, NULL, &why),
	          &why);
	assert_string_equal(
		buf_text(&told.text),
		"odd 5: email: letters before the @ that only a relay with SMTPUTF8 takes\n");
	assert_ok(roll_open(&roll, ((struct temp *)*state)->dir, &why), &why);
	for (uint32_t i = 0; i < 5; i++) {
		assert_ok(roll_get(roll, i, &member, &why), &why);
		assert_string_equal(member.email, want[i]);
	}
	roll_close(roll);
	buf_free(&told.text);
}

static void a_shared_mailbox_is_allowed_where_it_is_said(void **state)
{
	struct roll_summary summary;
	struct why why = { 0 };
	struct told told;

	assert_ok(import(state, "id,email\n1,a@b.test\n2,a@b.test\n", true, &told, &summary, &why),
	          &why);
	assert_string_equal(buf_text(&told.text),
	                    "odd 3: email: the same as in line 2: a shared mailbox\n");
	assert_int_equal(summary.members, 2);
	buf_free(&told.text);
}

static void a_failed_import_leaves_the_roll_that_was_there(void **state)
{
	struct why why = { 0 };
	struct roll *roll;
	struct told told;

	assert_ok(import(state, "id,email\n1,a@b.test\n", false, &told, NULL, &why), &why);
	buf_free(&told.text);
	assert_int_equal(import(state, "id,email\n1,\n", false, &told, NULL, &why), ERR_FORMAT);
	buf_free(&told.text);
	assert_ok(roll_open(&roll, ((struct temp *)*state)->dir, &why), &why);
	assert_int_equal(roll_summary(roll)->members, 1);
	roll_close(roll);
}

static void domains_that_look_like_others_are_told(void **state)
{
	struct why why = { 0 };
	struct told told;

	assert_null(lookalike_domain("example.org"));
	assert_null(lookalike_domain("bücher.example"));
	assert_null(lookalike_domain("почта.example"));
	assert_null(lookalike_domain("日本カナ.example"));
	assert_non_null(lookalike_domain("exаmple.org"));        /* one Cyrillic a */
	assert_non_null(lookalike_domain("xn--exmple-4nf.org")); /* the same, as it is sent */
	assert_non_null(lookalike_domain("арро.org"));           /* all Cyrillic, looks Latin */
	assert_ok(import(state, "id,email\n1,a@exаmple.org\n", false, &told, NULL, &why), &why);
	assert_non_null(strstr(buf_text(&told.text), "odd 2: email: the domain mixes two scripts"));
	buf_free(&told.text);
}

static void the_example_roll_is_clean(void **state)
{
	struct buf csv = BUF_INIT((size_t)1 << 20);
	struct roll_summary summary;
	struct why why = { 0 };
	struct told told;

	assert_ok(file_read(&csv, "../config/members.csv", &why), &why);
	assert_ok(import(state, buf_text(&csv), false, &told, &summary, &why), &why);
	assert_int_equal(told.text.len, 0);
	assert_int_equal(summary.members, 24);
	buf_free(&told.text);
	buf_free(&csv);
}

static bool same_number(void *context, uint32_t number)
{
	return *(uint32_t *)context == number;
}

static void what_was_seen_is_found_again(void **state)
{
	uint32_t first, wanted;
	struct seen *s;

	(void)state;
	assert_int_equal(seen_new(&s), OK);
	for (uint32_t i = 0; i < 20000; i++) {
		wanted = UINT32_MAX;
		assert_int_equal(seen_add(s, &i, sizeof(i), i, same_number, &wanted, &first), OK);
	}
	for (uint32_t i = 0; i < 20000; i++) {
		wanted = i;
		assert_int_equal(seen_add(s, &i, sizeof(i), 99999, same_number, &wanted, &first),
		                 ERR_EXISTS);
		assert_int_equal(first, i);
	}
	seen_free(s);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_dirty_line_is_named_and_nothing_is_imported),
		TEST(a_long_name_and_a_long_id_are_refused),
		TEST(a_file_that_is_no_roll_is_refused),
		TEST(columns_come_in_any_order),
		TEST(addresses_out_of_the_ordinary_are_taken),
		TEST(a_shared_mailbox_is_allowed_where_it_is_said),
		TEST(a_failed_import_leaves_the_roll_that_was_there),
		TEST(domains_that_look_like_others_are_told),
		TEST(the_example_roll_is_clean),
		TEST(what_was_seen_is_found_again),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
