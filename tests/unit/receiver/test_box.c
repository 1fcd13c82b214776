/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "receiver/box.h"
#include "receiver/enter.h"
#include "tests/poll.h"
#include "tests/support.h"
#include "tests/unit/receiver/boxed.h"

static uint64_t file_size(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (uint64_t)st.st_size;
}

static enum entry vote(struct box *box, const struct poll *e, unsigned member, uint64_t at)
{
	struct buf line = BUF_INIT(1u << 20);
	struct why why = { 0 }, flat_why = { 0 };
	struct box_txn t;
	uint64_t index;
	enum entry entry;

	poll_ballot(&line, e, member, CHANNEL_REPLY, 0);
	box_begin(&t, box);
	entry = enter_ballot(&t, &e->member[member].credential, CHANNEL_REPLY, buf_text(&line),
	                     line.len, at, at, &index);
	assert_ok(box_commit(&t, &why, &flat_why), &why);
	assert_string_equal(flat_why.text, "");
	buf_free(&line);
	return entry;
}

static void a_token_votes_once(void **state)
{
	struct boxed *b = *state;
	uint64_t at = b->e.m->opens + 10;

	assert_int_equal(vote(b->box, &b->e, 1, at), ENTRY_DONE);
	assert_int_equal(vote(b->box, &b->e, 1, at), ENTRY_USED);
	assert_int_equal(vote(b->box, &b->e, 2, at), ENTRY_DONE);
	boxed_verify(b, false);
}

static void nothing_counts_before_the_opening_or_after_the_close(void **state)
{
	struct boxed *b = *state;

	assert_int_equal(vote(b->box, &b->e, 1, b->e.m->opens - 1), ENTRY_EARLY);
	assert_int_equal(vote(b->box, &b->e, 1, b->e.m->closes), ENTRY_LATE);
	assert_int_equal(vote(b->box, &b->e, 1, b->e.m->closes - 1), ENTRY_DONE);
	boxed_verify(b, false);
}

static void an_hour_that_adds_a_line_has_its_time(void **state)
{
	struct boxed *b = *state;
	uint64_t at = b->e.m->opens;
	struct box_txn t;
	uint64_t before;

	assert_int_equal(box_look(&t, b->box), OK);
	before = t.state.lines;
	box_abort(&t);
	vote(b->box, &b->e, 0, at);
	vote(b->box, &b->e, 1, at + 1);
	vote(b->box, &b->e, 2, at + 3600);
	vote(b->box, &b->e, 3, at + 7200);
	assert_int_equal(box_look(&t, b->box), OK);
	assert_int_equal(t.state.lines - before, 4 + 3);
	box_abort(&t);
	boxed_verify(b, false);
}

static enum entry change(struct boxed *b, const struct buf *text, uint64_t at)
{
	struct why why = { 0 }, flat_why = { 0 };
	struct line line;
	struct box_txn t;
	enum entry entry;

	memset(&line, 0, sizeof(line));
	assert_ok(line_read(&line, b->e.m, buf_text(text), text->len, &why), &why);
	assert_ok(line_check_signature(&line, b->e.m, &why), &why);
	box_begin(&t, b->box);
	entry = enter_change(&t, &line, buf_text(text), text->len, at);
	assert_ok(box_commit(&t, &why, &flat_why), &why);
	line_release(&line);
	return entry;
}

static void a_replaced_token_is_dead_and_its_successor_votes(void **state)
{
	struct boxed *b = *state;
	struct buf line = BUF_INIT(4096), again = BUF_INIT(4096);
	struct poll_member old = b->e.member[1];
	uint64_t at = b->e.m->opens + 5;

	poll_reissue(&line, &b->e, 1);
	assert_int_equal(change(b, &line, b->e.m->opens - 100), ENTRY_DONE);
	assert_int_equal(change(b, &line, at), ENTRY_ALREADY);
	b->e.member[2] = old;
	assert_int_equal(vote(b->box, &b->e, 2, at), ENTRY_REPLACED);
	assert_int_equal(vote(b->box, &b->e, 1, at), ENTRY_DONE);
	poll_reissue(&again, &b->e, 1);
	assert_int_equal(change(b, &again, at), ENTRY_USED);
	boxed_verify(b, false);
	buf_free(&line);
	buf_free(&again);
}

static void an_extension_moves_the_close(void **state)
{
	struct boxed *b = *state;
	struct buf line = BUF_INIT(4096);
	uint64_t closes = b->e.m->closes;

	extended_write(&line, b->e.m, closes + 3600, b->e.mailer_secret);
	assert_int_equal(change(b, &line, closes + 1), ENTRY_DONE);
	assert_int_equal(change(b, &line, closes + 1), ENTRY_ALREADY);
	assert_int_equal(vote(b->box, &b->e, 1, closes + 3599), ENTRY_DONE);
	assert_int_equal(vote(b->box, &b->e, 2, closes + 3600), ENTRY_LATE);
	boxed_verify(b, false);
	buf_free(&line);
}

static enum entry close_box(struct boxed *b, uint64_t at)
{
	struct why why = { 0 }, flat_why = { 0 };
	struct box_txn t;
	enum entry entry;

	box_begin(&t, b->box);
	entry = enter_closed(&t, at);
	assert_ok(box_commit(&t, &why, &flat_why), &why);
	return entry;
}

static void a_closed_box_is_closed_for_everything(void **state)
{
	struct boxed *b = *state;
	struct buf line = BUF_INIT(4096);
	uint64_t closes = b->e.m->closes;

	vote(b->box, &b->e, 1, closes - 1);
	assert_int_equal(close_box(b, closes - 1), ENTRY_EARLY);
	assert_int_equal(close_box(b, closes), ENTRY_DONE);
	assert_int_equal(close_box(b, closes + 1), ENTRY_ALREADY);
	assert_int_equal(vote(b->box, &b->e, 2, closes - 1), ENTRY_LATE);
	poll_reissue(&line, &b->e, 3);
	assert_int_equal(change(b, &line, closes + 1), ENTRY_LATE);
	boxed_verify(b, true);
	buf_free(&line);
}

static void a_receipt_proves_its_ballot(void **state)
{
	struct boxed *b = *state;
	struct receipt receipt;
	struct why why = { 0 };
	struct box_txn t;
	struct head head;
	struct span line;

	vote(b->box, &b->e, 1, b->e.m->opens + 1);
	vote(b->box, &b->e, 2, b->e.m->opens + 2);
	assert_int_equal(box_look(&t, b->box), OK);
	box_head(&head, &t, b->e.m->opens + 3, b->e.receiver_secret);
	assert_int_equal(box_receipt(&receipt, &t, &b->e.member[1].credential, &head), OK);
	assert_int_equal(box_line(&t, receipt.index, &line), OK);
	assert_ok(receipt_check(&receipt, b->e.m, line.data, line.len, &why), &why);
	assert_int_equal(box_receipt(&receipt, &t, &b->e.member[3].credential, &head), ERR_STATE);
	box_abort(&t);
}

static void reopen(struct boxed *b, enum err want, const char *text)
{
	struct why why = { 0 };
	enum err e;

	box_close(b->box);
	assert_ok(box_open(&b->box, b->dir, BOX_WRITE, 1u << 26, &why), &why);
	e = enter_mend(b->box, false, &why);
	if (e != want)
		print_message("%s\n", why.text);
	assert_int_equal(e, want);
	if (text)
		assert_non_null(strstr(why.text, text));
}

static void a_tail_missing_in_the_file_is_written(void **state)
{
	struct boxed *b = *state;
	const char *path = boxed_path(b, "board.ndjson");
	uint64_t size;

	vote(b->box, &b->e, 1, b->e.m->opens + 1);
	size = file_size(path);
	for (unsigned cut = 1; cut < 6; cut++) {
		assert_int_equal(truncate(path, (off_t)(size - cut * (size / 6))), 0);
		reopen(b, OK, NULL);
		assert_int_equal(file_size(path), size);
		boxed_verify(b, false);
	}
	assert_int_equal(unlink(path), 0);
	reopen(b, OK, NULL);
	assert_int_equal(file_size(path), size);
	boxed_verify(b, false);
}

/* A box from before some lines that the file has: as after a restored backup. */
static void a_tail_missing_in_the_box_is_entered_again(void **state)
{
	struct boxed *b = *state;
	struct buf board = BUF_INIT(1u << 24), line = BUF_INIT(4096), flat = BUF_INIT(1u << 24);
	struct why why = { 0 };
	struct box_txn t;
	char command[512];

	snprintf(command, sizeof(command), "cp -r %s/box %s/box.kept", b->dir, b->dir);
	assert_int_equal(system(command), 0);
	vote(b->box, &b->e, 1, b->e.m->opens + 1);
	poll_reissue(&line, &b->e, 2);
	assert_int_equal(change(b, &line, b->e.m->opens + 3601), ENTRY_DONE);
	vote(b->box, &b->e, 2, b->e.m->opens + 7201);
	assert_int_equal(close_box(b, b->e.m->closes + 5), ENTRY_DONE);
	assert_ok(file_read(&board, boxed_path(b, "board.ndjson"), &why), &why);
	snprintf(command, sizeof(command), "rm -r %s/box && mv %s/box.kept %s/box", b->dir, b->dir,
	         b->dir);
	assert_int_equal(system(command), 0);
	reopen(b, OK, NULL);
	boxed_verify(b, true);
	assert_int_equal(box_look(&t, b->box), OK);
	box_abort(&t);
	assert_int_equal(t.state.verdict[VERDICT_COUNTED], t.state.ballots);
	assert_ok(file_read(&flat, boxed_path(b, "board.ndjson"), &why), &why);
	assert_int_equal(flat.len, board.len);
	assert_memory_equal(buf_text(&flat), buf_text(&board), board.len);
	assert_int_equal(vote(b->box, &b->e, 1, b->e.m->opens + 9000), ENTRY_USED);
	buf_free(&board);
	buf_free(&flat);
	buf_free(&line);
}

/* Only the box is gone: its board is all that is left of the vote. */
static void a_board_without_its_box_is_never_written_over(void **state)
{
	struct boxed *b = *state;
	const char *path = boxed_path(b, "board.ndjson");
	struct box *fresh = NULL;
	struct why why = { 0 };
	char command[512];
	uint64_t size;

	vote(b->box, &b->e, 1, b->e.m->opens + 1);
	size = file_size(path);
	snprintf(command, sizeof(command), "mv %s/box %s/elsewhere", b->dir, b->dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(draft_begin(&fresh, b->dir, buf_text(&b->e.manifest),
	                             b->e.manifest.len - 1, BOXED_MAP, &why),
	                 ERR_EXISTS);
	box_close(fresh);
	assert_non_null(strstr(why.text, "board.ndjson"));
	assert_int_equal(file_size(path), size);
	/* Nor is anyone told to try. */
	assert_int_equal(box_open(&fresh, b->dir, BOX_READ, BOXED_MAP, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "board.ndjson"));
	assert_null(strstr(why.text, "`open` makes one"));
}

static void a_box_that_was_never_finished_is_begun_again(void **state)
{
	struct boxed *b = *state;
	struct box *box;
	struct why why = { 0 };
	char command[512];

	box_close(b->box);
	snprintf(command, sizeof(command), "rm -r %s/box %s/board.ndjson", b->dir, b->dir);
	assert_int_equal(system(command), 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_ok(draft_begin(&box, b->dir, buf_text(&b->e.manifest), b->e.manifest.len - 1,
		                      BOXED_MAP, &why),
		          &why);
		boxed_fill(b, box);
		if (i)
			assert_ok(draft_finish(box, &why), &why);
		box_close(box);
	}
	assert_ok(box_open(&b->box, b->dir, BOX_WRITE, BOXED_MAP, &why), &why);
	assert_ok(enter_mend(b->box, false, &why), &why);
	boxed_verify(b, false);
}

static void a_changed_line_stops_the_program_and_is_named(void **state)
{
	struct boxed *b = *state;
	const char *path = boxed_path(b, "board.ndjson");
	FILE *f;

	vote(b->box, &b->e, 1, b->e.m->opens + 1);
	f = fopen(path, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, (long)b->e.manifest.len + 30, SEEK_SET), 0);
	fputc('~', f);
	fclose(f);
	reopen(b, ERR_INVALID, "board.ndjson:2:");
}

static void a_strange_line_at_the_end_stops_the_program_and_is_named(void **state)
{
	struct boxed *b = *state;
	struct buf line = BUF_INIT(1u << 20);
	FILE *f;

	vote(b->box, &b->e, 1, b->e.m->opens + 1);
	poll_ballot(&line, &b->e, 1, CHANNEL_REPLY, 1);
	f = fopen(boxed_path(b, "board.ndjson"), "a");
	assert_non_null(f);
	fprintf(f, "%s\n", buf_text(&line));
	fclose(f);
	reopen(b, ERR_INVALID, "board.ndjson:6:");
	buf_free(&line);
}

/* A look that failed must not pass for a box in which nothing has happened. */
static void a_state_that_cannot_be_read_is_an_error(void **state)
{
	struct boxed *b = *state;
	struct why why = { 0 };
	struct box_txn t;
	const unsigned meta = 6;

	box_begin(&t, b->box);
	txn_put(&t.txn, meta, SPAN("state", 5), SPAN("xyz", 3));
	assert_ok(txn_end(&t.txn, &why), &why);
	assert_int_equal(box_look(&t, b->box), ERR_FORMAT);
	box_abort(&t);
	assert_int_equal(enter_mend(b->box, true, &why), ERR_FORMAT);
	assert_int_equal(flat_follow(&b->box->flat, b->box, &why), ERR_FORMAT);
}

static void a_days_share_of_answers_is_forgotten_with_the_day(void **state)
{
	struct boxed *b = *state;
	struct quota q = { .day = 20000, .most = 3, .handle = "h", .address = "a@x.example" };
	struct quota same_address = q;
	struct why why = { 0 }, flat_why;
	struct box_txn t;

	same_address.handle = "other";
	same_address.address = "A@X.example";
	box_begin(&t, b->box);
	for (int i = 0; i < 3; i++)
		assert_true(box_quota(&t, &q));
	assert_false(box_quota(&t, &q));
	assert_false(box_quota(&t, &same_address));
	q.day++;
	assert_true(box_quota(&t, &q));
	assert_true(box_quota(&t, &same_address));
	box_quota_old(&t, q.day + 1);
	assert_true(box_quota(&t, &q));
	assert_ok(box_commit(&t, &why, &flat_why), &why);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, boxed_setup, boxed_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_token_votes_once),
		CASE(nothing_counts_before_the_opening_or_after_the_close),
		CASE(an_hour_that_adds_a_line_has_its_time),
		CASE(a_replaced_token_is_dead_and_its_successor_votes),
		CASE(an_extension_moves_the_close),
		CASE(a_closed_box_is_closed_for_everything),
		CASE(a_receipt_proves_its_ballot),
		CASE(a_tail_missing_in_the_file_is_written),
		CASE(a_tail_missing_in_the_box_is_entered_again),
		CASE(a_board_without_its_box_is_never_written_over),
		CASE(a_box_that_was_never_finished_is_begun_again),
		CASE(a_changed_line_stops_the_program_and_is_named),
		CASE(a_strange_line_at_the_end_stops_the_program_and_is_named),
		CASE(a_state_that_cannot_be_read_is_an_error),
		CASE(a_days_share_of_answers_is_forgotten_with_the_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
