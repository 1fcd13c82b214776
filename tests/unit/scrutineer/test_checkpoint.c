/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/file.h"
#include "tests/election.h"
#include "tests/support.h"
#include "tests/unit/audited.h"
#include "tests/unit/temp.h"

static const struct election_shape shape = { 2, 2, { 6, 3 }, 2, true };

static const char *folder(void **state)
{
	const struct temp *t = *state;

	return t->dir;
}

static int setup(void **state)
{
	char keys[128];

	if (temp_setup(state))
		return -1;
	snprintf(keys, sizeof(keys), "%s/keys", folder(state));
	return mkdir(keys, 0700) || setenv("VOTEPOST_KEY_DIR", keys, 1);
}

static void keep(void **state, const char *name)
{
	struct audited t = { 0 };
	struct why why = { 0 };

	audited_run(&t, folder(state));
	assert_int_equal(t.n, 0);
	assert_ok(checkpoint_write(temp_path(state, name), &t.a, &why), &why);
	audit_release(&t.a);
}

static void expect_from(void **state, const char *name, enum stage stage, const char *check)
{
	struct audited t = { 0 };
	struct checkpoint from;
	struct why why = { 0 };

	assert_ok(checkpoint_read(&from, temp_path(state, name), &why), &why);
	t.o.from = &from;
	audited_expect(&t, folder(state), stage, check);
	checkpoint_release(&from);
}

static void half(struct election *e)
{
	election_init(e, &shape);
	election_open(e);
	for (unsigned v = 0; v < 4; v++)
		election_vote(e, v, v % 4);
}

static void the_same_result_from_a_checkpoint_as_from_the_start(void **state)
{
	struct audited t = { 0 };
	struct checkpoint from;
	struct election e;
	struct why why = { 0 };

	half(&e);
	election_write(&e, folder(state), false);
	keep(state, "cp");
	for (unsigned v = 4; v < 9; v++)
		election_vote(&e, v, v % 4);
	election_close(&e);
	election_write(&e, folder(state), true);
	election_write_share(&e, folder(state), 1);
	election_write_share(&e, folder(state), 2);
	election_write_result(&e, folder(state));
	assert_ok(checkpoint_read(&from, temp_path(state, "cp"), &why), &why);
	t.o.from = &from;
	audited_run(&t, folder(state));
	assert_int_equal(t.n, 0);
	assert_int_equal(t.a.stage, STAGE_COUNTED);
	assert_int_equal(t.a.tally.ballots, 9);
	assert_int_equal(t.a.class_ballots[0], 6);
	assert_memory_equal(t.a.counts, e.counts, e.m->cells * sizeof(*e.counts));
	audit_release(&t.a);
	checkpoint_release(&from);
	/* And again from the whole: nothing is new. */
	keep(state, "cp2");
	expect_from(state, "cp2", STAGE_COUNTED, "");
	election_release(&e);
}

static void what_is_new_is_checked(void **state)
{
	struct buf line = BUF_INIT(65536);
	struct election e;

	half(&e);
	election_write(&e, folder(state), false);
	keep(state, "cp");
	election_ballot(&e, &line, 5, 1);
	line.data[200] = line.data[200] == 'A' ? 'B' : 'A';
	election_line(&e, &line);
	election_write(&e, folder(state), false);
	expect_from(state, "cp", STAGE_OPEN, "ballot signature");
	buf_free(&line);
	election_release(&e);
}

/* A second ballot of a credential that voted before the checkpoint. */
static void who_voted_before_is_remembered(void **state)
{
	struct election e;

	half(&e);
	election_write(&e, folder(state), false);
	keep(state, "cp");
	election_vote(&e, 2, 1);
	election_write(&e, folder(state), false);
	expect_from(state, "cp", STAGE_OPEN, "ballot credential");
	election_release(&e);
}

/* Any byte of the part that was verified, a ballot's above all, which is not proven again. */
static void a_board_whose_past_changed_is_refused(void **state)
{
	uint64_t seed = support_seed();
	struct election e;
	size_t first;

	half(&e);
	election_write(&e, folder(state), false);
	keep(state, "cp");
	first = e.m->len + 1;
	for (unsigned i = 0; i < 100; i++) {
		size_t at = first + (size_t)(support_random(&seed) % (e.board.len - first));
		struct audited t = { 0 };
		struct checkpoint from;
		struct why why = { 0 };

		e.board.data[at] ^= 1;
		election_write(&e, folder(state), false);
		assert_ok(checkpoint_read(&from, temp_path(state, "cp"), &why), &why);
		t.o.from = &from;
		audited_run(&t, folder(state));
		if (!t.n)
			fail_msg("byte %zu may change", at);
		audit_release(&t.a);
		checkpoint_release(&from);
		e.board.data[at] ^= 1;
	}
	election_release(&e);
}

static void a_valid_ballot_put_in_the_past_is_refused(void **state)
{
	struct election e;
	size_t before;

	half(&e);
	before = e.board.len;
	election_vote(&e, 4, 1);
	election_write(&e, folder(state), false);
	keep(state, "cp");
	/* The same voter's other ballot, in its place: every line of it would hold. */
	e.board.len = before;
	election_vote(&e, 4, 2);
	election_write(&e, folder(state), false);
	expect_from(state, "cp", STAGE_UNKNOWN, "checkpoint root");
	election_release(&e);
}

static void a_board_that_became_shorter_is_refused(void **state)
{
	struct election e;
	size_t before;

	half(&e);
	before = e.board.len;
	election_vote(&e, 4, 1);
	election_write(&e, folder(state), false);
	keep(state, "cp");
	e.board.len = before;
	election_write(&e, folder(state), false);
	expect_from(state, "cp", STAGE_OPEN, "checkpoint size");
	election_release(&e);
}

static void another_election_is_refused(void **state)
{
	struct election e, other;

	half(&e);
	half(&other);
	election_write(&e, folder(state), false);
	keep(state, "cp");
	election_write(&other, folder(state), false);
	expect_from(state, "cp", STAGE_UNKNOWN, "checkpoint election");
	election_release(&e);
	election_release(&other);
}

static void refuse(void **state, const char *name, const struct buf *text)
{
	struct checkpoint from;
	struct why why = { 0 };
	const char *path = temp_file(state, name, buf_text(text), text->len);

	assert_int_not_equal(checkpoint_read(&from, path, &why), OK);
	checkpoint_release(&from);
}

static void a_changed_checkpoint_is_refused(void **state)
{
	struct buf text = BUF_INIT(65536);
	struct election e;
	struct why why = { 0 };
	char keys[128];

	half(&e);
	election_write(&e, folder(state), false);
	keep(state, "cp");
	assert_ok(file_read(&text, temp_path(state, "cp"), &why), &why);
	for (size_t i = 0; i < text.len; i += 3) {
		text.data[i] ^= 1;
		refuse(state, "changed", &text);
		text.data[i] ^= 1;
	}
	for (size_t len = 0; len < text.len; len += 97) {
		struct buf cut = BUF_INIT(65536);

		buf_add(&cut, text.data, len);
		refuse(state, "changed", &cut);
		buf_free(&cut);
	}
	/* Another user's key: not even the very same bytes. */
	snprintf(keys, sizeof(keys), "%s/other", folder(state));
	assert_int_equal(mkdir(keys, 0700), 0);
	assert_int_equal(setenv("VOTEPOST_KEY_DIR", keys, 1), 0);
	refuse(state, "changed", &text);
	keep(state, "cp3"); /* it makes a key of its own, */
	refuse(state, "changed", &text);
	expect_from(state, "cp3", STAGE_OPEN, "");
	buf_free(&text);
	election_release(&e);
}

static void the_key_is_for_its_owner_alone(void **state)
{
	struct audited t = { 0 };
	struct election e;
	struct stat st;
	struct why why = { 0 };

	half(&e);
	election_write(&e, folder(state), false);
	keep(state, "cp");
	assert_int_equal(stat(temp_path(state, "keys/checkpoint.key"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 32);
	assert_int_equal(chmod(temp_path(state, "keys/checkpoint.key"), 0644), 0);
	audited_run(&t, folder(state));
	assert_int_equal(checkpoint_write(temp_path(state, "cp"), &t.a, &why), ERR_SETTINGS);
	audit_release(&t.a);
	election_release(&e);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, temp_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_result_from_a_checkpoint_as_from_the_start),
		TEST(what_is_new_is_checked),
		TEST(who_voted_before_is_remembered),
		TEST(a_board_whose_past_changed_is_refused),
		TEST(a_valid_ballot_put_in_the_past_is_refused),
		TEST(a_board_that_became_shorter_is_refused),
		TEST(another_election_is_refused),
		TEST(a_changed_checkpoint_is_refused),
		TEST(the_key_is_for_its_owner_alone),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
