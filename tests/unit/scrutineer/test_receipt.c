/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "scrutineer/cmd.h"
#include "tests/election.h"
#include "tests/support.h"
#include "tests/unit/capture.h"
#include "tests/unit/temp.h"

static const struct election_shape shape = { 1, 1, { 6, 0 }, 1, false };

struct request {
	const char *receipt, *record;
};

static int run(void *arg)
{
	const struct request *r = arg;
	char name[] = "receipt";
	char *words[] = { name, (char *)(uintptr_t)r->receipt, (char *)(uintptr_t)r->record, NULL };

	return cmd_receipt(3, words);
}

static void expect(const char *receipt, const char *record, int status, const char *says)
{
	struct request r = { receipt, record };
	struct capture c;

	capture(&c, run, &r);
	if (c.status != status || (!strstr(c.out, says) && !strstr(c.err, says)))
		fail_msg("%s: status %d: %s%s", says, c.status, c.out, c.err);
}

static void the_worked_receipt_is_in_its_record_and_in_no_other(void **state)
{
	(void)state;
	expect("vectors/receipt.json", "vectors/one-question", 0,
	       "in the record: line 4, tracker KD1EW-WRJX7-ABZ0J-6M28T");
	expect("vectors/receipt.json", "vectors/three-questions", 1, "receipt index");
	expect("vectors/receipt.json", "vectors/rotated", 1, "(");
	expect("vectors/receipt.json", "vectors/no-such-record", 1, "board missing");
	expect("vectors/merkle.json", "vectors/one-question", 65, "");
	expect("vectors/no-such-receipt", "vectors/one-question", 65, "");
}

/* The board's nodes, for a proof: leaf after leaf, kept as merkle_append hands them out. */
#define LEVELS 6
struct kept {
	struct node node[LEVELS][64];
};

static void keep(void *ctx, unsigned level, uint64_t index, const struct node *node)
{
	struct kept *k = ctx;

	assert_true(level < LEVELS && index < 64);
	k->node[level][index] = *node;
}

static enum err get(void *ctx, unsigned level, uint64_t index, struct node *out)
{
	const struct kept *k = ctx;

	*out = k->node[level][index];
	return OK;
}

static void make_receipt(struct receipt *r, const struct election *e, uint64_t index,
                         const char *text, size_t len)
{
	static struct kept kept;
	struct merkle tree = { 0 };
	struct ballot ballot;
	struct why why = { 0 };
	const char *at = e->board.data;

	memset(r, 0, sizeof(*r));
	for (uint64_t i = 0; i < e->tree.size; i++) {
		const char *end = strchr(at, '\n');
		struct node leaf;

		merkle_leaf(&leaf, at, (size_t)(end - at));
		merkle_append(&tree, &leaf, keep, &kept);
		at = end + 1;
	}
	assert_ok(ballot_read(&ballot, e->m, text, len, &why), &why);
	ballot_tracker(r->tracker, text, len);
	r->credential = ballot.credential;
	r->index = index;
	election_head(e, &r->head, ELECTION_OPENS + 60);
	assert_int_equal(merkle_inclusion(&r->proof, index, tree.size, get, &kept), OK);
	ballot_release(&ballot);
}

static void write_receipt(void **state, const struct receipt *r)
{
	struct buf line = BUF_INIT(16384);

	receipt_write(&line, r);
	buf_addc(&line, '\n');
	temp_file(state, "receipt", line.data, line.len);
	buf_free(&line);
}

/* A ballot that was acknowledged and then taken out, or put elsewhere, is noticed. */
static void a_ballot_that_was_dropped_is_missed(void **state)
{
	const struct temp *temp = *state;
	const char *path = temp_path(state, "receipt");
	struct buf mine = BUF_INIT(65536), other = BUF_INIT(65536);
	struct receipt r;
	struct election e;
	struct merkle tree;
	size_t before;

	election_init(&e, &shape);
	election_open(&e);
	tree = e.tree;
	before = e.board.len;
	election_ballot(&e, &mine, 0, 1);
	election_ballot(&e, &other, 1, 1);
	election_line(&e, &mine);
	make_receipt(&r, &e, e.tree.size - 1, mine.data, mine.len);
	write_receipt(state, &r);
	election_line(&e, &other);
	election_write(&e, temp->dir, false);
	expect(path, temp->dir, 0, "in the record");
	/* Without it. */
	e.tree = tree;
	e.board.len = before;
	election_line(&e, &other);
	election_write(&e, temp->dir, false);
	expect(path, temp->dir, 1, "receipt credential");
	/* Nothing at its place. */
	e.tree = tree;
	e.board.len = before;
	election_write(&e, temp->dir, false);
	expect(path, temp->dir, 1, "receipt index");
	/* Another ballot of the same voter. */
	buf_clear(&other);
	election_ballot(&e, &other, 0, 2);
	election_line(&e, &other);
	election_write(&e, temp->dir, false);
	expect(path, temp->dir, 1, "receipt tracker");
	/* There, but not in a board that this head was over. */
	e.tree = tree;
	e.board.len = before;
	election_time(&e, ELECTION_OPENS + 5);
	election_line(&e, &mine);
	election_write(&e, temp->dir, false);
	expect(path, temp->dir, 1, "receipt index");
	buf_free(&mine);
	buf_free(&other);
	election_release(&e);
}

static void a_changed_receipt_is_no_receipt(void **state)
{
	const struct temp *temp = *state;
	const char *path = temp_path(state, "receipt");
	struct buf mine = BUF_INIT(65536);
	struct receipt good, bad;
	struct election e;

	election_init(&e, &shape);
	election_open(&e);
	election_ballot(&e, &mine, 0, 1);
	election_line(&e, &mine);
	make_receipt(&good, &e, e.tree.size - 1, mine.data, mine.len);
	election_write(&e, temp->dir, false);
	bad = good;
	bad.head.time++;
	write_receipt(state, &bad);
	expect(path, temp->dir, 1, "head signature");
	bad = good;
	bad.proof.node[0].bytes[0] ^= 1;
	write_receipt(state, &bad);
	expect(path, temp->dir, 1, "receipt proof");
	bad = good;
	bad.index = 0;
	write_receipt(state, &bad);
	expect(path, temp->dir, 65, "receipt index");
	/* The receiver signed a head over a board that it never published. */
	bad = good;
	bad.head.root.bytes[0] ^= 1;
	head_sign(&bad.head, e.m, e.receiver_secret);
	write_receipt(state, &bad);
	expect(path, temp->dir, 1, "receipt proof");
	write_receipt(state, &good);
	expect(path, temp->dir, 0, "in the record");
	buf_free(&mine);
	election_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_receipt_is_in_its_record_and_in_no_other),
		TEMP_TEST(a_ballot_that_was_dropped_is_missed),
		TEMP_TEST(a_changed_receipt_is_no_receipt),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
