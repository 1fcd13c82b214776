/* SPDX-License-Identifier: MIT */
#include "mailer/amend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/support.h"
#include "tests/unit/receiver/faults.h"
#include "tests/unit/temp.h"

static const char *home(void **state)
{
	return ((struct temp *)*state)->dir;
}

static struct amend *open_it(void **state)
{
	struct amend *a = NULL;
	struct why why = { 0 };

	assert_ok(amend_open(&a, home(state), true, &why), &why);
	return a;
}

static struct amended get(struct amend *a, uint32_t serial)
{
	struct amended out;

	assert_int_equal(amend_get(a, serial, &out, NULL), OK);
	return out;
}

static void plan(struct amend *a, uint32_t serial, enum replace_reason reason, uint32_t epoch)
{
	amend_begin(a);
	amend_plan(a, serial, reason, epoch);
	assert_int_equal(amend_commit(a, NULL), OK);
}

static void settle(struct amend *a, uint32_t serial, bool stood)
{
	amend_begin(a);
	amend_settle(a, serial, stood, !stood);
	assert_int_equal(amend_commit(a, NULL), OK);
}

static void a_home_without_amendments_has_everyone_as_the_roll_has_them(void **state)
{
	struct member member = { .serial = 3, .generation = 1, .email = "a@v.test" };
	struct amend *a = NULL;

	assert_int_equal(amend_open(&a, home(state), false, NULL), OK);
	assert_int_equal(get(a, 7).generation, 1);
	assert_int_equal(amend_member(a, &member, NULL), OK);
	assert_int_equal(member.generation, 1);
	assert_int_equal(member.epoch, 0);
	assert_string_equal(member.email, "a@v.test");
	amend_close(a);
}

static void a_plan_is_in_force_only_once_it_stands(void **state)
{
	struct amend *a = open_it(state);
	struct member member = { .serial = 5, .generation = 1 };

	plan(a, 5, REPLACE_LOST, 0);
	assert_true(get(a, 5).plans);
	assert_int_equal(amend_member(a, &member, NULL), OK);
	assert_int_equal(member.generation, 1);
	settle(a, 5, true);
	amend_close(a);
	a = open_it(state);
	assert_false(get(a, 5).plans);
	assert_int_equal(amend_member(a, &member, NULL), OK);
	assert_int_equal(member.generation, 2);
	assert_int_equal(amend_counts(a).standing[REPLACE_LOST], 1);
	assert_int_equal(amend_counts(a).planned, 0);
	amend_close(a);
}

/* Whoever saw a letter of before knows nothing of those to come. */
static void each_new_token_or_address_draws_a_tag(void **state)
{
	struct amend *a = open_it(state);
	char seen[3][TAG_TEXT];

	assert_string_equal(get(a, 5).tag, "");
	plan(a, 5, REPLACE_LOST, 0);
	memcpy(seen[0], get(a, 5).tag, TAG_TEXT);
	settle(a, 5, true);
	assert_string_equal(get(a, 5).tag, seen[0]);
	amend_begin(a);
	amend_address(a, 5, "new@v.test", "old@v.test");
	amend_address(a, 6, "six@v.test", "old@v.test");
	assert_int_equal(amend_commit(a, NULL), OK);
	amend_close(a);
	a = open_it(state);
	memcpy(seen[1], get(a, 5).tag, TAG_TEXT);
	memcpy(seen[2], get(a, 6).tag, TAG_TEXT);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(strlen(seen[i]), TAG_CHARS);
		assert_string_not_equal(seen[i], seen[(i + 1) % 3]);
	}
	assert_string_equal(get(a, 7).tag, "");
	amend_close(a);
}

static void a_rotation_takes_the_epoch_with_it(void **state)
{
	struct amend *a = open_it(state);

	plan(a, 5, REPLACE_ROTATION, 1);
	assert_int_equal(get(a, 5).epoch, 0);
	assert_int_equal(amend_counts(a).epoch, 1);
	settle(a, 5, true);
	assert_int_equal(get(a, 5).epoch, 1);
	plan(a, 5, REPLACE_STOLEN, 1);
	settle(a, 5, true);
	assert_int_equal(get(a, 5).generation, 3);
	assert_int_equal(amend_counts(a).standing[REPLACE_ROTATION], 1);
	assert_int_equal(amend_counts(a).standing[REPLACE_STOLEN], 1);
	amend_close(a);
}

static void a_token_that_was_used_stays(void **state)
{
	struct amend *a = open_it(state);

	plan(a, 5, REPLACE_ROTATION, 1);
	settle(a, 5, false);
	assert_int_equal(get(a, 5).generation, 1);
	assert_int_equal(get(a, 5).epoch, 0);
	assert_int_equal(amend_counts(a).used, 1);
	assert_int_equal(amend_counts(a).standing[REPLACE_ROTATION], 0);
	amend_close(a);
}

static void what_makes_no_sense_changes_nothing(void **state)
{
	struct amend *a = open_it(state);

	plan(a, 5, REPLACE_LOST, 0);
	amend_begin(a);
	amend_plan(a, 6, REPLACE_LOST, 0);
	for (unsigned i = 0; i < AMEND_PLANS_MAX; i++) /* with the one that is there: too many */
		amend_plan(a, 5, REPLACE_LOST, 0);
	assert_int_equal(amend_commit(a, NULL), ERR_STATE);
	assert_false(get(a, 6).plans);
	amend_begin(a);
	amend_settle(a, 5, 2, false); /* the second of one plan */
	assert_int_equal(amend_commit(a, NULL), ERR_STATE);
	amend_begin(a);
	amend_settle(a, 6, 1, false); /* never planned */
	assert_int_equal(amend_commit(a, NULL), ERR_STATE);
	assert_int_equal(get(a, 6).generation, 1);
	assert_int_equal(amend_counts(a).planned, 1);
	amend_close(a);
}

/* A plan that is superseded on its way may stand all the same: by another order of the same
 * lines, or of an older file. */
static void a_superseded_plan_may_stand_on_the_way(void **state)
{
	struct amend *a = open_it(state);

	plan(a, 5, REPLACE_LOST, 0);
	plan(a, 5, REPLACE_ROTATION, 1);
	plan(a, 5, REPLACE_ROTATION, 2);
	assert_int_equal(amend_counts(a).planned, 1);
	assert_int_equal(amend_counts(a).plans, 3);
	amend_begin(a);
	amend_settle(a, 5, 1, false); /* the first stands, and the last does not yet */
	assert_int_equal(amend_commit(a, NULL), OK);
	assert_int_equal(get(a, 5).generation, 2);
	assert_int_equal(get(a, 5).epoch, 0);
	assert_int_equal(get(a, 5).plans, 2);
	assert_int_equal(amend_counts(a).planned, 1);
	amend_close(a);
	a = open_it(state);
	amend_begin(a);
	amend_settle(a, 5, 2, false); /* the last, and not the one between */
	assert_int_equal(amend_commit(a, NULL), OK);
	assert_int_equal(get(a, 5).generation, 4);
	assert_int_equal(get(a, 5).epoch, 2);
	assert_int_equal(get(a, 5).plans, 0);
	assert_int_equal(amend_counts(a).planned, 0);
	assert_int_equal(amend_counts(a).plans, 0);
	assert_int_equal(amend_counts(a).standing[REPLACE_LOST], 1);
	assert_int_equal(amend_counts(a).standing[REPLACE_ROTATION], 1);
	amend_close(a);
}

static void a_superseded_plan_that_was_used_ends_the_others(void **state)
{
	struct amend *a = open_it(state);

	plan(a, 5, REPLACE_LOST, 0);
	plan(a, 5, REPLACE_ROTATION, 1);
	amend_begin(a);
	amend_settle(a, 5, 1, true);
	assert_int_equal(amend_commit(a, NULL), OK);
	assert_int_equal(get(a, 5).generation, 2);
	assert_int_equal(get(a, 5).plans, 0);
	assert_int_equal(amend_counts(a).used, 1);
	assert_int_equal(amend_counts(a).standing[REPLACE_LOST], 1);
	amend_close(a);
}

static void every_address_that_was_given_up_is_told(void **state)
{
	struct amend *a = open_it(state);
	struct member member = { .serial = 5, .generation = 1, .email = "old@v.test" };

	amend_begin(a);
	amend_address(a, 5, "new@v.test", "old@v.test");
	assert_int_equal(amend_commit(a, NULL), OK);
	amend_begin(a);
	amend_address(a, 5, "newer@v.test", "new@v.test");
	amend_address(a, 5, "newest@v.test", "new@v.test"); /* once is enough */
	assert_int_equal(amend_commit(a, NULL), OK);
	assert_int_equal(amend_counts(a).untold, 1);
	assert_int_equal(get(a, 5).olds, 2);
	assert_string_equal(get(a, 5).old[0], "old@v.test");
	assert_string_equal(get(a, 5).old[1], "new@v.test");
	assert_int_equal(amend_member(a, &member, NULL), OK);
	assert_string_equal(member.email, "newest@v.test");
	amend_begin(a);
	amend_told(a, 5);
	assert_int_equal(amend_commit(a, NULL), OK);
	assert_int_equal(amend_counts(a).untold, 1);
	assert_string_equal(get(a, 5).old[0], "new@v.test");
	amend_begin(a);
	amend_told(a, 5);
	amend_told(a, 5);
	assert_int_equal(amend_commit(a, NULL), OK);
	assert_int_equal(amend_counts(a).untold, 0);
	assert_int_equal(get(a, 5).olds, 0);
	assert_string_equal(get(a, 5).email, "newest@v.test");
	amend_close(a);
}

static void more_addresses_than_can_be_told_are_refused(void **state)
{
	static const char *const old[] = { "a@v.test", "b@v.test", "c@v.test", "d@v.test" };
	struct amend *a = open_it(state);

	amend_begin(a);
	for (unsigned i = 0; i < AMEND_OLD_MAX + 1; i++)
		amend_address(a, 5, "new@v.test", old[i]);
	assert_int_equal(amend_commit(a, NULL), ERR_STATE);
	assert_int_equal(get(a, 5).olds, 0);
	amend_close(a);
}

static void a_later_closing_time_is_in_force_once_it_stands(void **state)
{
	struct amend *a = open_it(state);

	amend_begin(a);
	amend_plan_closes(a, 9000);
	assert_int_equal(amend_commit(a, NULL), OK);
	assert_int_equal(amend_counts(a).closes, 0);
	assert_int_equal(amend_counts(a).next_closes, 9000);
	/* An earlier one is seen to stand: this one still waits. */
	amend_begin(a);
	amend_settle_closes(a, 8000);
	assert_int_equal(amend_commit(a, NULL), OK);
	assert_int_equal(amend_counts(a).closes, 8000);
	assert_int_equal(amend_counts(a).next_closes, 9000);
	amend_begin(a);
	amend_settle_closes(a, 9000);
	assert_int_equal(amend_commit(a, NULL), OK);
	amend_close(a);
	a = open_it(state);
	assert_int_equal(amend_counts(a).closes, 9000);
	assert_int_equal(amend_counts(a).next_closes, 0);
	amend_close(a);
}

static enum err see(void *context, uint32_t serial, const struct amended *amended, struct why *why)
{
	uint64_t *seen = context;

	(void)why;
	assert_true(serial < 1000 || serial > 4000000000u);
	assert_int_equal(amended->plans, 1);
	(*seen)++;
	return OK;
}

static void each_is_visited_once_to_the_last_serial(void **state)
{
	struct amend *a = open_it(state);
	uint64_t seen = 0;

	amend_begin(a);
	for (uint32_t i = 0; i < 1000; i++)
		amend_plan(a, i, REPLACE_ROTATION, 1);
	amend_plan(a, UINT32_MAX, REPLACE_ROTATION, 1);
	assert_int_equal(amend_commit(a, NULL), OK);
	assert_int_equal(amend_each(a, see, &seen, NULL), OK);
	assert_int_equal(seen, 1001);
	amend_close(a);
}

/* A random life of some members, held against a plain model. */
static void random_changes_agree_with_a_model(void **state)
{
	struct amended model[8];
	uint64_t seed = support_seed(), planned = 0;
	struct amend *a = open_it(state);

	for (unsigned i = 0; i < 8; i++)
		model[i] = (struct amended){ .generation = 1 };
	for (unsigned n = 0; n < 400; n++) {
		uint32_t serial = (uint32_t)(support_random(&seed) % 8);
		struct amended *m = &model[serial];
		uint32_t epoch = (uint32_t)(support_random(&seed) % 3);
		bool stood = support_random(&seed) % 2;

		if (!m->plans) {
			plan(a, serial, REPLACE_LOST, epoch);
			m->plan[m->plans++].epoch = epoch;
		} else {
			settle(a, serial, stood);
			m->plans = 0;
			m->generation += stood;
			m->epoch = stood ? m->plan[0].epoch : m->epoch;
		}
		if (n % 50 == 49) {
			amend_close(a);
			a = open_it(state);
		}
	}
	for (uint32_t i = 0; i < 8; i++) {
		assert_int_equal(get(a, i).generation, model[i].generation);
		assert_int_equal(get(a, i).epoch, model[i].epoch);
		assert_int_equal(get(a, i).plans, model[i].plans);
		planned += model[i].plans;
	}
	assert_int_equal(amend_counts(a).planned, planned);
	amend_close(a);
}

static void change_many(void **state)
{
	struct amend *a = open_it(state);

	for (uint32_t i = 0; i < 20; i++)
		plan(a, i, REPLACE_LOST, 0);
	amend_close(a);
	_exit(0);
}

static void a_kill_at_any_moment_leaves_counts_and_members_in_step(void **state)
{
	for (long at = 1;; at += 3) {
		struct amend *a;
		uint64_t planned = 0;
		int status;
		pid_t pid = fork();

		if (!pid) {
			fault_arm(FAULT_KILL, at);
			change_many(state);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		a = open_it(state);
		for (uint32_t i = 0; i < 20; i++)
			planned += get(a, i).plans;
		assert_int_equal(amend_counts(a).planned, planned);
		amend_begin(a);
		for (uint32_t i = 0; i < 20; i++)
			if (get(a, i).plans)
				amend_settle(a, i, 0, true);
		assert_int_equal(amend_commit(a, NULL), OK);
		amend_close(a);
		if (!WIFSIGNALED(status)) {
			assert_true(at > 20);
			return;
		}
	}
}

static void a_damaged_record_is_said(void **state)
{
	struct amend *a = open_it(state);
	struct why why = { 0 };
	struct amended out;
	char path[128];
	FILE *f;

	plan(a, 5, REPLACE_LOST, 0);
	amend_close(a);
	snprintf(path, sizeof(path), "%s/amend/data.mdb", home(state));
	f = fopen(path, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	for (long at = 0, end = ftell(f); at + 20 < end; at++) {
		static const unsigned char record[] = { 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0 };
		unsigned char found[sizeof(record)];

		assert_int_equal(fseek(f, at, SEEK_SET), 0);
		assert_int_equal(fread(found, 1, sizeof(found), f), sizeof(found));
		if (memcmp(found, record, sizeof(record)) != 0)
			continue;
		assert_int_equal(fseek(f, at + 8, SEEK_SET), 0);
		assert_int_equal(fputc(7, f), 7);
	}
	assert_int_equal(fclose(f), 0);
	a = open_it(state);
	assert_int_equal(amend_get(a, 5, &out, &why), ERR_FORMAT);
	assert_non_null(strstr(why.text, "damaged"));
	amend_close(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_home_without_amendments_has_everyone_as_the_roll_has_them),
		TEMP_TEST(a_plan_is_in_force_only_once_it_stands),
		TEMP_TEST(each_new_token_or_address_draws_a_tag),
		TEMP_TEST(a_rotation_takes_the_epoch_with_it),
		TEMP_TEST(a_token_that_was_used_stays),
		TEMP_TEST(what_makes_no_sense_changes_nothing),
		TEMP_TEST(a_superseded_plan_may_stand_on_the_way),
		TEMP_TEST(a_superseded_plan_that_was_used_ends_the_others),
		TEMP_TEST(every_address_that_was_given_up_is_told),
		TEMP_TEST(more_addresses_than_can_be_told_are_refused),
		TEMP_TEST(a_later_closing_time_is_in_force_once_it_stands),
		TEMP_TEST(each_is_visited_once_to_the_last_serial),
		TEMP_TEST(random_changes_agree_with_a_model),
		TEMP_TEST(a_kill_at_any_moment_leaves_counts_and_members_in_step),
		TEMP_TEST(a_damaged_record_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
