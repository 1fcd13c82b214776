/* SPDX-License-Identifier: MIT */
#include "mailer/returns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/temp.h"

#define DAY 86400

static uint64_t marks = 1;

static struct returns *open_returns(void **state)
{
	struct returns *r = NULL;

	assert_int_equal(returns_open(&r, ((struct temp *)*state)->dir, true, NULL), OK);
	return r;
}

static void add(struct returns *r, uint32_t serial, enum failure failure, uint64_t at,
                uint32_t generation)
{
	struct returned report = { .failure = failure, .at = at };

	strcpy(report.status, "5.1.1");
	strcpy(report.system, "mx.example.org");
	strcpy(report.text, "User unknown");
	returns_begin(r);
	returns_add(r, serial, &report, generation, marks++);
	assert_int_equal(returns_commit(r, NULL), OK);
}

static struct returned found(struct returns *r, uint32_t serial)
{
	struct returned out;
	bool is;

	assert_int_equal(returns_find(r, serial, &out, &is, NULL), OK);
	assert_true(is);
	return out;
}

static void none(struct returns *r, uint32_t serial)
{
	struct returned out;
	bool is;

	assert_int_equal(returns_find(r, serial, &out, &is, NULL), OK);
	assert_false(is);
}

static void an_empty_home_says_that_nothing_came_back(void **state)
{
	struct returns_counts counts;
	struct returns *r = NULL;

	assert_int_equal(returns_open(&r, ((struct temp *)*state)->dir, false, NULL), OK);
	none(r, 0);
	assert_int_equal(returns_counts(r, &counts, NULL), OK);
	assert_int_equal(counts.read[FAILURE_HARD], 0);
	returns_close(r);
}

static void what_came_back_is_found_by_the_next_program(void **state)
{
	struct returns *r = open_returns(state);
	struct returned one;

	add(r, 7, FAILURE_HARD, 1000, 1);
	returns_close(r);
	assert_int_equal(returns_open(&r, ((struct temp *)*state)->dir, false, NULL), OK);
	none(r, 6);
	one = found(r, 7);
	assert_int_equal(one.failure, FAILURE_HARD);
	assert_int_equal(one.first, 1000);
	assert_int_equal(one.times, 1);
	assert_string_equal(one.status, "5.1.1");
	assert_string_equal(one.system, "mx.example.org");
	assert_string_equal(one.text, "User unknown");
	assert_true(returns_dead(&one));
	returns_close(r);
}

static void the_gravest_holds(void **state)
{
	struct returns *r = open_returns(state);

	add(r, 1, FAILURE_DELAYED, 10, 1);
	assert_int_equal(found(r, 1).failure, FAILURE_DELAYED);
	add(r, 1, FAILURE_SOFT, 20, 1);
	assert_int_equal(found(r, 1).first, 20);
	add(r, 1, FAILURE_DELAYED, 30, 1);
	assert_int_equal(found(r, 1).failure, FAILURE_SOFT);
	add(r, 1, FAILURE_POLICY, 40, 1);
	assert_int_equal(found(r, 1).failure, FAILURE_POLICY);
	assert_int_equal(found(r, 1).times, 2);
	add(r, 1, FAILURE_HARD, 50, 1);
	add(r, 1, FAILURE_FULL, 60, 1);
	assert_int_equal(found(r, 1).failure, FAILURE_HARD);
	assert_int_equal(found(r, 1).times, 1);
	returns_close(r);
}

static void refused_for_a_day_is_worth_a_look(void **state)
{
	struct returns *r = open_returns(state);
	struct returned one;

	add(r, 1, FAILURE_SOFT, 10, 1);
	one = found(r, 1);
	assert_false(returns_lasting(&one));
	add(r, 1, FAILURE_FULL, 10 + DAY - 1, 1);
	one = found(r, 1);
	assert_false(returns_lasting(&one));
	add(r, 1, FAILURE_SOFT, 10 + DAY, 1);
	one = found(r, 1);
	assert_true(returns_lasting(&one));
	returns_close(r);
}

/* Whatever came between, in a later run too; the same words to another member are another's. */
static void a_message_counts_once(void **state)
{
	struct returns *r = open_returns(state);
	struct returns_counts counts;

	for (unsigned run = 0; run < 2; run++) {
		marks = 100;
		add(r, 1, FAILURE_SOFT, 10, 1);
		add(r, 1, FAILURE_FULL, 20, 1);
		add(r, 1, FAILURE_DELAYED, 30, 1);
		marks = 100;
		add(r, 1, FAILURE_SOFT, 10, 1);
		returns_close(r);
		r = open_returns(state);
	}
	assert_int_equal(found(r, 1).times, 2);
	assert_int_equal(found(r, 1).failure, FAILURE_FULL);
	assert_int_equal(found(r, 1).at, 20);
	assert_int_equal(returns_counts(r, &counts, NULL), OK);
	assert_int_equal(counts.read[FAILURE_SOFT], 1);
	assert_int_equal(counts.read[FAILURE_FULL], 1);
	assert_int_equal(counts.read[FAILURE_DELAYED], 1);
	marks = 100;
	add(r, 2, FAILURE_SOFT, 10, 1);
	assert_int_equal(found(r, 2).times, 1);
	/* Nor does it count anew once the address was mended. */
	assert_int_equal(returns_mended(r, 1, 1, NULL), OK);
	marks = 100;
	add(r, 1, FAILURE_SOFT, 10, 1);
	none(r, 1);
	returns_close(r);
}

static void a_mended_address_is_not_judged_by_the_old_one(void **state)
{
	struct returns *r = open_returns(state);
	struct returns_counts counts;

	add(r, 1, FAILURE_HARD, 10, 1);
	assert_int_equal(returns_mended(r, 1, 2, NULL), OK);
	none(r, 1);
	add(r, 1, FAILURE_HARD, 20, 1);
	none(r, 1);
	assert_int_equal(returns_counts(r, &counts, NULL), OK);
	assert_int_equal(counts.read[FAILURE_HARD], 2);
	add(r, 1, FAILURE_HARD, 30, 2);
	assert_int_equal(found(r, 1).at, 30);
	returns_close(r);
}

static void counts_add_up(void **state)
{
	struct returns *r = open_returns(state);
	const struct returns_counts more = { .complaints = 1, .other = 2, .forged = 3, .kept = 4 };
	struct returns_counts counts;

	for (unsigned i = 0; i < 2; i++) {
		returns_begin(r);
		returns_count(r, &more);
		assert_int_equal(returns_commit(r, NULL), OK);
	}
	for (unsigned i = 0; i < FAILURES; i++)
		add(r, i, (enum failure)i, 10, 1);
	assert_int_equal(returns_counts(r, &counts, NULL), OK);
	assert_int_equal(counts.complaints, 2);
	assert_int_equal(counts.other, 4);
	assert_int_equal(counts.forged, 6);
	assert_int_equal(counts.kept, 8);
	for (unsigned i = 0; i < FAILURES; i++)
		assert_int_equal(counts.read[i], 1);
	returns_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(an_empty_home_says_that_nothing_came_back),
		TEMP_TEST(what_came_back_is_found_by_the_next_program),
		TEMP_TEST(the_gravest_holds),
		TEMP_TEST(refused_for_a_day_is_worth_a_look),
		TEMP_TEST(a_message_counts_once),
		TEMP_TEST(a_mended_address_is_not_judged_by_the_old_one),
		TEMP_TEST(counts_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
