/* SPDX-License-Identifier: MIT */
#include "receiver/lookup.h"

#include "receiver/tables.h"
#include "tests/unit/receiver/boxed.h"

static void vote(struct boxed *b, unsigned member, uint64_t at)
{
	struct why why = { 0 }, flat_why = { 0 };
	struct buf line = BUF_INIT(1u << 20);
	struct box_txn t;
	uint64_t index;

	poll_ballot(&line, &b->e, member, CHANNEL_REPLY, member % 3);
	box_begin(&t, b->box);
	assert_int_equal(enter_ballot(&t, &b->e.member[member].credential, CHANNEL_REPLY,
	                              buf_text(&line), line.len, at, at, &index),
	                 ENTRY_DONE);
	assert_ok(box_commit(&t, &why, &flat_why), &why);
	buf_free(&line);
}

struct seen {
	unsigned n;
	uint64_t at[8], ballots[8];
};

static void note(void *ctx, uint64_t at, uint64_t ballots)
{
	struct seen *s = ctx;

	assert_true(s->n < 8);
	s->at[s->n] = at;
	s->ballots[s->n++] = ballots;
}

/* Every ballot of the board is found by its tracker, and the hours add up. */
static void holds(struct boxed *b, unsigned hours)
{
	unsigned char key[TRACKER_BYTES];
	char tracker[TRACKER_TEXT];
	struct box_credential entry;
	struct seen seen = { 0 };
	struct point credential;
	uint64_t ballots = 0;
	struct box_txn t;
	struct span line;

	assert_int_equal(box_look(&t, b->box), OK);
	for (uint64_t i = 1; i < t.state.lines; i++) {
		assert_int_equal(box_line(&t, i, &line), OK);
		ballot_tracker(tracker, line.data, line.len);
		assert_int_equal(lookup_read(key, tracker, strlen(tracker)), OK);
		if (!strstr(line.data, "{\"type\":\"ballot\"") ||
		    memcmp(line.data, "{\"type\":\"ballot\"", 16) != 0) {
			assert_int_equal(lookup_tracker(&t, key, &credential), ERR_NOT_FOUND);
			continue;
		}
		assert_int_equal(lookup_tracker(&t, key, &credential), OK);
		assert_int_equal(box_credential(&t, &credential, &entry), OK);
		assert_int_equal(entry.index, i);
		ballots++;
	}
	assert_int_equal(ballots, t.state.ballots);
	assert_int_equal(lookup_hours(&t, note, &seen), OK);
	assert_int_equal(seen.n, hours);
	for (unsigned i = 0; i < seen.n; i++)
		ballots -= seen.ballots[i];
	assert_int_equal(ballots, 0);
	box_abort(&t);
}

static void vote_in_three_hours(struct boxed *b)
{
	uint64_t opens = b->e.m->opens;

	vote(b, 0, opens + 10);
	vote(b, 1, opens + 20);
	vote(b, 2, opens + 3700);
	vote(b, 3, opens + 7300);
	vote(b, 4, opens + 7400);
	vote(b, 5, opens + 7500);
}

static void ballots_are_found_by_tracker_and_counted_by_hour(void **state)
{
	struct boxed *b = *state;
	struct seen seen = { 0 };
	struct box_txn t;

	assert_int_equal(box_look(&t, b->box), OK);
	assert_int_equal(lookup_hours(&t, note, &seen), OK);
	assert_int_equal(seen.n, 0);
	box_abort(&t);
	vote_in_three_hours(b);
	holds(b, 3);
	assert_int_equal(box_look(&t, b->box), OK);
	assert_int_equal(lookup_hours(&t, note, &seen), OK);
	box_abort(&t);
	assert_int_equal(seen.at[0], b->e.m->opens + 10);
	assert_int_equal(seen.ballots[0], 2);
	assert_int_equal(seen.ballots[1], 1);
	assert_int_equal(seen.ballots[2], 3);
}

/* As a box looks that was made before there were indexes, or lost a part of them. */
static void what_is_missing_is_made_anew_at_start(void **state)
{
	struct boxed *b = *state;
	struct why why = { 0 }, flat_why = { 0 };
	const unsigned tables[] = { TABLE_TRACKERS, TABLE_HOURS };
	struct span key, value;
	struct box_txn t;
	struct walk w;

	vote_in_three_hours(b);
	for (unsigned only_last = 0; only_last < 2; only_last++)
		for (unsigned i = 0; i < 2; i++) {
			box_begin(&t, b->box);
			for (;;) {
				unsigned char copy[64];

				walk_begin(&w, &t.txn, tables[i]);
				if (walk_last(&w, &key, &value))
					break;
				memcpy(copy, key.data, key.len);
				walk_end(&w);
				txn_delete(&t.txn, tables[i], SPAN(copy, key.len));
				if (only_last)
					break;
			}
			walk_end(&w);
			assert_ok(box_commit(&t, &why, &flat_why), &why);
			assert_ok(lookup_mend(b->box, &why), &why);
			holds(b, 3);
		}
}

/* Whole lines that only the flat board has go through the same door. */
static void a_board_that_is_mended_is_indexed_too(void **state)
{
	struct boxed *b = *state;
	struct why why = { 0 };
	char command[512];

	vote(b, 0, b->e.m->opens + 10);
	box_close(b->box);
	snprintf(command, sizeof(command), "cp -r %s/box %s/box.kept", b->dir, b->dir);
	assert_int_equal(system(command), 0);
	assert_ok(box_open(&b->box, b->dir, BOX_WRITE, BOXED_MAP, &why), &why);
	assert_ok(enter_mend(b->box, true, &why), &why);
	vote(b, 1, b->e.m->opens + 3700);
	box_close(b->box);
	snprintf(command, sizeof(command), "rm -r %s/box && mv %s/box.kept %s/box", b->dir, b->dir,
	         b->dir);
	assert_int_equal(system(command), 0);
	assert_ok(box_open(&b->box, b->dir, BOX_WRITE, BOXED_MAP, &why), &why);
	assert_ok(enter_mend(b->box, true, &why), &why);
	assert_ok(lookup_mend(b->box, &why), &why);
	holds(b, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ballots_are_found_by_tracker_and_counted_by_hour,
		                                boxed_setup, boxed_teardown),
		cmocka_unit_test_setup_teardown(what_is_missing_is_made_anew_at_start, boxed_setup,
		                                boxed_teardown),
		cmocka_unit_test_setup_teardown(a_board_that_is_mended_is_indexed_too, boxed_setup,
		                                boxed_teardown),
	};

	group_init();
	return cmocka_run_group_tests_name("lookup", tests, NULL, NULL);
}
