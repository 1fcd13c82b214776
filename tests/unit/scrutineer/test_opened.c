/* SPDX-License-Identifier: MIT */
#include "scrutineer/opened.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "core/merkle.h"
#include "scrutineer/record.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

#define RECORD "vectors/one-question"

/* A statement over the first `size` lines of the worked example. */
static struct opening over(uint64_t size)
{
	struct opening o = { .head.size = size };
	struct manifest *m = NULL;
	struct merkle tree = { 0 };
	struct lines lines = { 0 };
	struct node leaf;
	enum err e = record_board(&lines, &m, RECORD, NULL);

	while (!e && tree.size < size) {
		merkle_leaf(&leaf, lines.line.data, lines.line.len);
		merkle_append(&tree, &leaf, NULL, NULL);
		e = record_next(&lines, NULL);
	}
	merkle_root(&o.head.root, &tree);
	lines_close(&lines);
	manifest_free(m);
	return o;
}

/* How many lines stand before the first ballot, and in all. */
static uint64_t lines_before(const char *what)
{
	struct manifest *m = NULL;
	struct lines lines = { 0 };
	uint64_t n = 0;
	enum err e = record_board(&lines, &m, RECORD, NULL);

	while (!e && !(what && strstr(buf_text(&lines.line), what))) {
		n++;
		e = record_next(&lines, NULL);
	}
	lines_close(&lines);
	manifest_free(m);
	return n;
}

static void expect(const struct openings *o, const char *check, const char *words)
{
	struct why why = { 0 };

	assert_int_equal(opened_check(o, RECORD, &why), ERR_INVALID);
	assert_string_equal(why.check, check);
	if (!strstr(why.text, words))
		fail_msg("\"%s\" does not say \"%s\"", why.text, words);
}

static void statements_of_this_board_hold(void **state)
{
	const uint64_t empty = lines_before("\"type\":\"time\""), all = lines_before(NULL);
	struct openings o = { .n = 1, .line[0] = over(empty) };

	(void)state;
	assert_int_equal(opened_check(&o, RECORD, NULL), OK);
	o.n = 3;
	o.line[1] = over(empty);
	o.line[2] = over(all);
	assert_int_equal(opened_check(&o, RECORD, NULL), OK);
}

/* The file was taken away in the middle of the vote, and another one written. */
static void a_first_statement_over_ballots_is_found(void **state)
{
	struct openings o = { .n = 1, .line[0] = over(lines_before("\"type\":\"ballot\"") + 1) };

	(void)state;
	expect(&o, "opening ballots", "opening.json:1: 1 ballots stood already");
}

static void a_statement_over_another_board_is_found(void **state)
{
	const uint64_t empty = lines_before("\"type\":\"time\"");
	struct openings o = { .n = 2, .line = { over(empty), over(empty + 2) } };

	(void)state;
	o.line[1].head.root.bytes[7] ^= 1;
	expect(&o, "opening root", "opening.json:2");
	o.line[0].head.root.bytes[31] ^= 1;
	expect(&o, "opening root", "opening.json:1");
}

static void a_statement_over_more_than_there_is_is_found(void **state)
{
	struct openings o = { .n = 1, .line[0] = over(3) };

	(void)state;
	o.line[0].head.size = lines_before(NULL) + 1;
	expect(&o, "opening size", "opening.json:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_of_this_board_hold),
		cmocka_unit_test(a_first_statement_over_ballots_is_found),
		cmocka_unit_test(a_statement_over_another_board_is_found),
		cmocka_unit_test(a_statement_over_more_than_there_is_is_found),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
